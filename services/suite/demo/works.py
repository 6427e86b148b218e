"""Chapter 2 (合同、拨付、验收、结算): the processing base is built, paid in stages, accepted and settled to the fen."""

from typing import Any

from services.suite.demo import papers
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.people import COUNTY, VILLAGE
from shared.kernel.money import parse_yuan

_AMOUNT = "18880000.00"
_ADVANCE = "5664000.00"
_CERTIFIED = "9440000.00"
_RECOUPED = "2832000.00"
_PROGRESS = "4720000.00"
_SETTLED = "18702345.67"
RETAINED = "561070.37"
_BALANCE = "3037275.30"
_PAID = "18141275.30"
_NOTICE_DAYS = 10
_LIMITS = ("LM03", "LM05", "LM06", "LM07", "LM08", "LM11", "FW32", "F-3.2.3", "F-3.2.6")


async def tell(cast: Cast) -> None:
    """From the award to the settlement."""
    cast.teller.chapter("二、合同、拨付、验收、结算", "2. Contract, payments, acceptance, settlement")
    await _contract(cast)
    await _advance(cast)
    await _progress(cast)
    await _acceptance(cast)
    await _settlement(cast)


async def _contract(cast: Cast) -> None:
    await cast.on(2023, 2, 20)
    policy = {f"rule.{limit}.mode": "block" for limit in _LIMITS} | {"payment.mode": "INSTRUCT"}
    await cast.adopt("funds", policy, "同财发〔2023〕5号", "2023-02-21")
    cast.ids["builder"] = await payee(cast, "大庆市同建建筑工程有限公司", "91230606MA1B2C3D4R", "2306060012345678901")
    await cast.on(2023, 3, 6)
    contract = await draft(cast, papers.BASE, cast.ids["builder"], "同建合〔2023〕3号", _AMOUNT, "2023-03-06")
    cast.ids["contract"] = contract
    await start_work(cast, contract)
    cast.teller.step(
        "中标 1888 万元，签订合同并登记占用额度",
        "award of 18 880 000 yuan; the contract binds the quota of two documents in proportion",
    )


async def payee(cast: Cast, name: str, credit_code: str, account: str) -> str:
    """A payee, entered by one person and confirmed by another."""
    body = {
        "area_code": str(COUNTY),
        "name": name,
        "kind": "company",
        "credit_code": credit_code,
        "bank_name": "大同区农村信用联社",
        "account": account,
    }
    made = await cast.client.post("unit", "/funds/v1/payees", body)
    await cast.client.post("sector_clerk", f"/funds/v1/payees/{made['id']}/confirmation", {})
    return str(made["id"])


async def draft(cast: Cast, project: str, builder: str, number: str, amount: str, signed_on: str) -> str:
    """A contract on paper."""
    body = {
        "project_id": cast.ids[project],
        "payee_id": builder,
        "number": number,
        "title": f"{project}施工合同",
        "kind": "works",
        "procurement": "open_tender",
        "award_notice": f"中标通知〔{signed_on[:4]}〕{number[-2]}号",
        "award": amount,
        "award_on": signed_on,
        "signed_on": signed_on,
        "amount": amount,
        "defect_months": 24,
    }
    return str((await cast.client.post("unit", "/funds/v1/contracts", body))["id"])


async def start_work(cast: Cast, contract: str) -> None:
    """From the paper to work under way."""
    await cast.take("unit", "funds/contracts", contract, "submit", "contract")
    await cast.take("sector_clerk", "funds/contracts", contract, "register")
    await cast.take("unit", "funds/contracts", contract, "begin")


async def ask(cast: Cast, contract: str, stage: str, amount: str, *kinds: str, **more: Any) -> str:
    """A payment request with its papers."""
    documents = await cast.client.evidence("unit", "funds", str(COUNTY), *kinds)
    today = cast.client.today.isoformat()
    serial = f"{cast.client.counts.commands:04d}"
    invoices = [{"number": f"23230606{serial}", "amount": amount, "issued_on": today}] if "invoice" in kinds else []
    body = {
        "contract_id": contract,
        "stage": stage,
        "amount": amount,
        "reference": f"DT-{serial}",
        "applied_on": today,
        "documents": documents,
        "invoices": invoices,
        **more,
    }
    return str((await cast.client.post("unit", "/funds/v1/payments", body))["id"])


async def review(cast: Cast, payment: str) -> None:
    """From the application to the approval: four persons."""
    await cast.take("unit", "funds/payments", payment, "submit", "payment_application")
    await cast.take("sector_clerk", "funds/payments", payment, "review_sector")
    await cast.take("finance_reviewer", "funds/payments", payment, "review_finance")
    rank = {"rank": "director", "countersignature": "同政签〔2023〕1号"}
    await cast.take("finance_leader", "funds/payments", payment, "approve", form=rank)


async def pay(cast: Cast, payment: str, amount: str) -> None:
    """Instruct, confirm by the bank's slip, reconcile by its statement."""
    await cast.take("treasury", "funds/payments", payment, "instruct")
    slip = {
        "bank_reference": f"BK-{cast.client.counts.commands:04d}",
        "amount": amount,
        "on": cast.client.today.isoformat(),
    }
    await cast.take("treasury", "funds/payments", payment, "confirm_paid", form=slip)
    statement = {**slip, "statement_no": f"对账单〔{cast.client.today.year}〕{cast.client.today.month}号"}
    await cast.take("finance_clerk", "funds/payments", payment, "reconcile", form=statement)


async def _advance(cast: Cast) -> None:
    await cast.on(2023, 3, 13)
    await _one_fen_too_much(cast)
    payment = await ask(cast, cast.ids["contract"], "advance", _ADVANCE, "invoice")
    await review(cast, payment)
    await pay(cast, payment, _ADVANCE)
    cast.teller.step(
        "预付款 30 %：566.4 万元，五人经手，两个来源按余额分摊",
        "advance of 30 %, through five hands, split over both documents by what they still hold",
    )


async def _one_fen_too_much(cast: Cast) -> None:
    payment = await ask(cast, cast.ids["contract"], "advance", "5664000.01", "invoice")
    papers_of = await cast.client.evidence("unit", "funds", str(COUNTY), "payment_application")
    refusal = await cast.client.step_refused("unit", "funds/v1/payments", payment, "submit", "LM03", evidence=papers_of)
    await cast.take("unit", "funds/payments", payment, "cancel", reason="超出预付款上限一分，作废")
    cast.teller.aside(f"预付款多一分被拒：{refusal.get('code')}（{refusal.get('rule')}） / one fen more is refused")


async def _progress(cast: Cast) -> None:
    for month, day, number in ((5, 22, 1), (7, 24, 2)):
        await cast.on(2023, month, day)
        valuation = {
            "amount": _CERTIFIED,
            "certified_on": cast.client.today.isoformat(),
            "document_no": f"同建计量〔2023〕{number}号",
            "supervisor": "大庆市诚信监理有限公司",
        }
        await cast.client.post("unit", f"/funds/v1/contracts/{cast.ids['contract']}/valuations", valuation)
        await cast.later(3)
        proofs = ("valuation_sheet", "site_photo", "invoice", "wage_proof")
        payment = await ask(cast, cast.ids["contract"], "progress", _PROGRESS, *proofs, recoup=_RECOUPED)
        await review(cast, payment)
        await pay(cast, payment, _PROGRESS)
    cast.teller.step(
        "两次计量各 944 万元，按 80 % 拨付进度款并抵扣预付款",
        "two valuations, 80 % paid each time, the advance recouped",
    )


async def _acceptance(cast: Cast) -> None:
    await cast.on(2023, 9, 1)
    done = {"completed_on": "2023-09-01"}
    await cast.take("unit", "funds/contracts", cast.ids["contract"], "complete", "completion_report", form=done)
    project = cast.ids[papers.BASE]
    shown = await cast.take("unit", "funds/projects", project, "report_completion", "completion_report")
    await cast.hang("village_committee", "funds", [shown["case_id"]], _NOTICE_DAYS)
    accepted = await cast.client.post("sector_clerk", f"/funds/v1/projects/{project}/acceptances", _accepted(cast))
    form = {"acceptance_id": accepted["id"]}
    for persona in ("sector_leader", "finance_reviewer", "township_leader", "village_committee"):
        await cast.take(persona, "funds/projects", project, "accept", "acceptance_report", "site_photo", form=form)
    cast.teller.step(
        "完工公示 10 天，行业、财政、乡镇、村四方验收",
        "completion published for ten days; sector, finance, township and village accept together",
    )


def _accepted(cast: Cast) -> dict[str, Any]:
    organisations = ("区农业农村局", "区财政局", "大同镇人民政府")
    people = ("00000000-0000-7000-8000-00000000000" + str(place) for place in range(1, 4))
    return {
        "accepted_on": cast.client.today.isoformat(),
        "passed": True,
        "members": [
            {"organisation": organisation, "person_id": person, "chairs": organisation == organisations[0]}
            for organisation, person in zip(organisations, people, strict=True)
        ],
        "deliverables": _assets("18880000.00"),
    }


def _assets(cost: str) -> list[dict[str, Any]]:
    return [
        {
            "line": 1,
            "label": papers.BASE,
            "asset_class": "operating",
            "form": "fixed",
            "quantity": "1",
            "unit": "座",
            "direct_cost": cost,
            "village": str(VILLAGE),
        }
    ]


async def _settlement(cast: Cast) -> None:
    await cast.on(2023, 10, 16)
    contract = cast.ids["contract"]
    await cast.take(
        "review_centre",
        "funds/contracts",
        contract,
        "review_settlement",
        "settlement_review",
        form={"settlement": _SETTLED},
    )
    paper = {"retention": RETAINED, "approval_document": "同财审〔2023〕21号"}
    await cast.take("finance_reviewer", "funds/contracts", contract, "settle", form=paper)
    await cast.later(2)
    payment = await ask(cast, contract, "balance", _BALANCE, "acceptance_report", "settlement_review", "invoice")
    await review(cast, payment)
    await pay(cast, payment, _BALANCE)
    form = {
        "settled_on": cast.client.today.isoformat(),
        "approval_document": "同财审〔2023〕21号",
        "asset_list": _assets(_SETTLED),
        "owners": [{"owner_kind": "village_collective", "owner_area": str(VILLAGE), "share_ppm": 1_000_000}],
    }
    await cast.take(
        "review_centre", "funds/projects", cast.ids[papers.BASE], "settle", "settlement_approval", form=form
    )
    await _adds_up(cast)
    cast.teller.step(
        "结算 18 702 345.67 元：已付 18 141 275.30，质保金 561 070.37（3 % 向下取整）",
        "settled at 18 702 345.67 yuan; 3 % retention rounds down to 561 070.37",
    )


async def _adds_up(cast: Cast) -> None:
    """Every fen paid so far is followed from its document to its payee and back."""
    traced = await cast.client.get("auditor", "/funds/v1/reports/traceability")
    if traced["traced"] != traced["paid"] or parse_yuan(traced["paid"]) < parse_yuan(_PAID):  # a second run: more
        raise StoryBroken(f"not every fen can be followed: {traced}")

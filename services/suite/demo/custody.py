"""Chapters 3 and 5 (资产、租金、分配): an asset that registers itself, is handed over and leased, and feeds households."""

from typing import Any

from services.suite.demo import papers
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.demo.safety import neighbours
from services.suite.people import VILLAGE
from shared.kernel.money import PPM

_NOTICE_DAYS = 10
_RENT = "2805000.00"
_FIRST_RENT = "935000.00"
_LIMITS = ("F-1.5-2", "F-7.8-term", "AR15")


async def tell_asset(cast: Cast) -> None:
    """From the settlement to the signed lease."""
    cast.teller.chapter("三、资产确权、移交、租赁", "3. The asset: right, hand-over, lease")
    await cast.on(2023, 10, 20)
    found = await cast.client.until("auditor", "/assets/v1/assets", _valued, project_id=cast.ids[papers.BASE])
    asset = found["items"][0]
    cast.ids["asset"] = asset["id"]
    shown = await cast.client.get("auditor", f"/assets/v1/assets/{asset['id']}")
    shares = [source["share_ppm"] for source in shown["sources"]]
    if sum(shares) != PPM:
        raise StoryBroken(f"source shares make {sum(shares)} ppm")
    cast.teller.step(
        f"资产自动登记：原值 {shown['value']} 元，来源占比 {' + '.join(map(str, shares))} = 1 000 000 ppm",
        "the asset registers itself from events, with value and shares per source",
    )
    await cast.adopt(
        "assets", {f"rule.{limit}.mode": "block" for limit in _LIMITS}, "同农组发〔2023〕12号", "2023-10-21"
    )
    await _right(cast, asset["id"])
    await _hand_over(cast, asset["id"])
    await _lease(cast, asset["id"])


def _valued(page: Any) -> bool:
    return bool(page["items"]) and not page["items"][0]["is_provisional"]


async def _right(cast: Cast, asset: str) -> None:
    await cast.on(2023, 10, 23)
    await cast.take("township_clerk", "assets/rights", asset, "propose", "right_proposal", form={"owners": []})
    posted = await cast.take("village_collective", "assets/rights", asset, "post", "owner_decision")
    refusal = await cast.client.step_refused(
        "township_leader",
        "assets/v1/rights",
        asset,
        "confirm",
        "PUBLICITY_RUNNING",
        form={"document_no": "同政确〔2023〕1号"},
    )
    await cast.hang("village_committee", "assets", [posted["case_id"]], _NOTICE_DAYS)
    await cast.take(
        "township_leader",
        "assets/rights",
        asset,
        "confirm",
        "right_document",
        form={"document_no": "同政确〔2023〕1号"},
    )
    cast.teller.step(
        f"村集体确权：提前确权被拒（{refusal.get('code')}），公示 10 天后确认",
        "the village collective's right is confirmed after ten days of notice, not a day earlier",
    )


async def _hand_over(cast: Cast, asset: str) -> None:
    listed = {"list_no": "同交〔2023〕1号"}
    await cast.take("unit", "assets/handovers", asset, "hand_over", "handover_list", form=listed)
    await cast.take("village_collective", "assets/handovers", asset, "hand_over", "handover_list", form=listed)
    booked = {"entry_no": "记-2023-118", "booked_on": cast.client.today.isoformat()}
    await cast.take("village_collective", "assets/handovers", asset, "book", form=booked)
    custody = {
        "custody_kind": "village",
        "body": "太安村集体经济组织",
        "person": "管护员甲",
        "phone": "13900000000",
        "money_source": "经营收益",
    }
    await cast.take("village_collective", "assets/custodies", asset, "assign", "custody_agreement", form=custody)
    cast.teller.step(
        "双方签字移交，入账，落实管护人", "handed over with both signatures, booked, and given a custodian"
    )


async def _lease(cast: Cast, asset: str) -> None:
    await cast.on(2023, 11, 20)
    body = {
        "asset_id": asset,
        "contract_no": "太安租〔2023〕1号",
        "mode": "lease",
        "lessor_kind": "village_collective",
        "lessor_area": str(VILLAGE),
        "operator_code": "91230606MA1B2C3D5W",
        "operator_name": "大庆市甜糯食品有限公司",
        "starts_on": "2024-01-01",
        "ends_on": "2026-12-31",
        "rent_total": _RENT,
        "calendar": [{"due_on": day} for day in ("2024-06-30", "2025-06-30", "2026-06-30")],
    }
    contract = (await cast.client.post("village_collective", "/assets/v1/contracts", body))["contract_id"]
    agreed = {"agreed_by": [str(VILLAGE)]}
    await cast.take(
        "village_collective", "assets/contracts", contract, "decide", "owner_decision", "draft_contract", form=agreed
    )
    posted = await cast.take("village_collective", "assets/contracts", contract, "post")
    await cast.hang("village_committee", "assets", [posted["case_id"]], _NOTICE_DAYS)
    await cast.take("township_leader", "assets/contracts", contract, "approve")
    await cast.take("village_collective", "assets/contracts", contract, "sign", "signed_contract")
    await cast.on(2024, 1, 2)
    await cast.take("village_collective", "assets/contracts", contract, "begin")
    cast.ids["lease"] = contract
    cast.teller.step(
        "民主决策、公示、乡镇审核后出租三年，租金 280.5 万元",
        "leased for three years by the owners' decision, a notice and the township's approval",
    )


async def tell_rent(cast: Cast) -> None:
    """From the first rent to the households."""
    cast.teller.chapter("六、租金到账与收益分配", "6. Rent and its distribution")
    await cast.on(2024, 7, 1)
    await _rule(cast)
    receipt = {
        "asset_id": cast.ids["asset"],
        "contract_id": cast.ids["lease"],
        "kind": "rent",
        "period": "2024",
        "bank_serial": "SN-20240628-0001",
        "amount": _FIRST_RENT,
        "received_on": "2024-06-28",
    }
    received = (await cast.client.post("village_collective", "/assets/v1/receipts", receipt))["receipt_id"]
    cast.teller.step(
        "第一年租金 93.5 万元到账，只有到账的钱才能分配",
        "the first year's rent arrives; only money that arrived may be distributed",
    )
    plan = await _plan(cast, received)
    await _pay_out(cast, plan)


async def _rule(cast: Cast) -> None:
    parts = [("collective", 450_000), ("household", 550_000)]
    body = {
        "area_code": str(VILLAGE),
        "valid_from": "2024-01-01",
        "document_no": "太安村决〔2024〕1号",
        "parts": [{"part": part, "min_ppm": ppm, "max_ppm": ppm} for part, ppm in parts],
    }
    await cast.client.post("township_leader", "/assets/v1/distribution-rules", body)


async def _plan(cast: Cast, receipt: str) -> str:
    households = await neighbours(cast)
    body = {
        "area_code": str(VILLAGE),
        "period": "2024",
        "receipt_ids": [receipt],
        "parts": [{"part": "collective", "share_ppm": 450_000}, {"part": "household", "share_ppm": 550_000}],
        "recipients": [
            {"household_id": household, "basis": "days_worked", "weight": 12 + place * 7 % 25}
            for place, household in enumerate(households)
        ],
    }
    drafted = await cast.client.post("village_collective", "/assets/v1/distributions", body)
    plan: str = drafted["plan_id"]
    vote = {"entitled": 17, "present": 13, "in_favour": 12}
    await cast.take("village_collective", "assets/distributions", plan, "resolve", "resolution_minutes", form=vote)
    posted = await cast.take("village_collective", "assets/distributions", plan, "post_plan")
    await cast.hang("village_committee", "assets", [posted["case_id"]], _NOTICE_DAYS)
    await cast.take("township_leader", "assets/distributions", plan, "review_township")
    await cast.take("bureau_clerk", "assets/distributions", plan, "file_county")
    cast.teller.step(
        f"分配方案：提留管护费后集体 45 %、{len(households)} 户按出工天数 55 %，公示并备案",
        f"the plan: upkeep first, then 45 % to the collective and 55 % to {len(households)} households by days worked",
    )
    return plan


async def _pay_out(cast: Cast, plan: str) -> None:
    await cast.take("village_collective", "assets/distributions", plan, "pay")
    paid = {"paid_on": cast.client.today.isoformat(), "bank_serial": "PAY-2024-0001", "failed": []}
    await cast.client.post("township_clerk", f"/assets/v1/distributions/{plan}/payouts", paid)
    await cast.take("township_clerk", "assets/distributions", plan, "finish_payment", "bank_receipt")
    await cast.take("village_collective", "assets/distributions", plan, "post_result")
    household = cast.ids["household"]
    income = await cast.client.until(
        "bureau_clerk",
        f"/monitoring/v1/households/{household}/income-entries",
        lambda shown: [entry for entry in shown["entries"]["items"] if entry["kind"] == "property"],
        **{"from": "2024-07-01", "to": "2024-12-31"},
    )
    entry = next(entry for entry in income["entries"]["items"] if entry["kind"] == "property")
    cast.teller.step(
        f"收益入户：监测系统中该户 {entry['month']} 财产性收入 {entry['amount']} 元，来源可查",
        "the money is in the household's income in monitoring, with its source",
    )

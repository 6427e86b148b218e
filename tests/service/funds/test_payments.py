"""Contracts and payments on real PostgreSQL, scenario by scenario (domain-funds-assets §9, 25–43)."""

import pytest

from services.funds.commands.payees import ChangePayeeAccount, ConfirmPayee, DeclareRelation
from services.funds.commands.refunds import ReleaseRefund
from shared.cases.commands import TakeStep
from shared.kernel.errors import Conflict, Forbidden, NotFound, Refused
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import (
    bureau_head,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    sector,
    unit,
)
from tests.service.funds.works import Works, refused, rules, second_clerk, second_unit, stranger, treasury

pytestmark = pytest.mark.asyncio


# ── contract ────────────────────────────────────────────────────────────────


async def test_25_a_contract_one_fen_beyond_the_quota_is_not_registered(works: Works) -> None:
    contract = await works.draft("1000000.01")
    before = await works.balances()
    problem = await refused(works.register(contract))
    assert (problem.code, rules(problem)) == ("INSUFFICIENT", ["LM02"])
    assert await works.balances() == before
    assert await works.county.state(works.project) == "FUNDED"


async def test_41_a_variation_of_ten_percent_is_signed_one_fen_more_is_not(works: Works) -> None:
    contract = await works.contract("900000.00")
    await works.vary(contract, "90000.00")
    assert await works.county.balance("1300", contract_id=contract) == 99_000_000
    problem = await refused(works.vary(contract, "0.01"))
    assert rules(problem) == ["LM08"]
    await works.all_is_well()


async def test_a_smaller_contract_gives_its_difference_back_to_quota(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.vary(contract, "-60000.00")
    assert await works.by_source("1300") == (54_000_000, 36_000_000)
    assert await works.by_source("1200") == (6_000_000, 4_000_000)
    await works.all_is_well()


async def test_only_a_project_with_money_binds_it(works: Works) -> None:
    """A suspended project registers no contract and pays nothing (F-1.5-s)."""
    contract = await works.contract("500000.00")
    second = await works.draft("100000.00", await works.payee("91230606MA9Z8Y7X6W"))
    advance = await works.request(contract, "advance", "100000.00")
    await works.county.take(bureau_head, "project", works.project, "suspend", reason="群众举报核查")
    assert (await refused(works.register(second))).code == "PROJECT_SUSPENDED"
    assert (await refused(works.submit(advance))).code == "PROJECT_SUSPENDED"
    await works.county.take(bureau_head, "project", works.project, "resume", reason="查无此事")
    await works.submit(advance)


async def test_fw32_a_large_contract_needs_its_tender(works: Works) -> None:
    await works.county.adopt({"tender.works": "400000.00"})
    contract = await works.draft("500000.00")
    problem = await refused(works.county.take(unit, "contract", contract, "submit", "contract"))
    assert problem.code == "TENDER_REQUIRED"


# ── stages ──────────────────────────────────────────────────────────────────


async def test_26_an_advance_of_thirty_percent_and_one_fen_more(works: Works) -> None:
    contract = await works.contract("960000.00")
    problem = await refused(works.submit(await works.request(contract, "advance", "288000.01")))
    assert (problem.code, rules(problem)) == ("STAGE_LIMIT", ["LM03"])
    await works.submit(await works.request(contract, "advance", "288000.00"))


async def test_a_limit_that_nobody_adopted_warns_and_says_so(works: Works) -> None:
    """Architecture §6: what is not verified is told as 未核实 and blocks nothing."""
    await works.mode("LM03", "warn")
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "288000.01")
    files = await works.county.bench.evidence(unit, "230606000000", "payment_application")
    step = TakeStep(workflow="funds.payment", subject_id=payment, step="submit", evidence=files)
    outcome = await works.county.run(step, unit)
    assert outcome.result["state"] == "SUBMITTED"
    (warning,) = outcome.warnings
    assert warning["rule"] == "LM03"
    assert warning["zh"].startswith("未核实")


async def test_31_work_is_paid_to_97_percent_and_not_one_fen_further(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.certify(contract, "480000.00")
    problem = await refused(works.submit(await works.request(contract, "progress", "465600.01")))
    assert rules(problem) == ["LM05"]
    await works.pay(contract, "progress", "465600.00")
    assert await works.county.balance("1600", contract_id=contract) == 46_560_000


async def test_d12_nothing_is_paid_beyond_the_certified_value(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.mode("LM05", "off")
    await works.certify(contract, "480000.00")
    problem = await refused(works.submit(await works.request(contract, "progress", "480000.01")))
    assert rules(problem) == ["D12"]
    problem = await refused(works.certify(contract, "480000.01"))
    assert problem.code == "CERTIFIED_BEYOND_CONTRACT"


async def test_42_a_balance_asked_for_one_day_before_acceptance(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.certify(contract, "960000.00")
    early = works.today
    await works.complete(contract)
    await works.review(contract, "960000.00")
    await works.settle(contract, "0.00")
    payment = await works.request(contract, "balance", "960000.00", applied_on=early)
    assert (await refused(works.submit(payment))).code == "DATE_ORDER"


async def test_a_stage_without_its_papers_is_sent_home(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00", documents=[], invoices=[])
    problem = await refused(works.submit(payment))
    assert problem.code == "DOCUMENTS_MISSING"


async def test_39_an_invoice_is_paid_once_in_any_county(works: Works) -> None:
    contract = await works.contract("960000.00")
    invoice = [{"number": "23232000000012345678", "amount": "1000.00", "issued_on": works.today}]
    first = await works.request(contract, "advance", "1000.00", invoices=invoice)
    again = await works.request(contract, "advance", "1000.00", invoices=invoice)
    await works.submit(first)
    assert (await refused(works.submit(again))).code == "INVOICE_USED"
    await works.county.take(unit, "payment", first, "cancel", reason="填错")
    await works.submit(again)


async def test_39_the_row_of_another_county_is_not_seen_but_its_invoice_is_taken(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.claim_elsewhere("23232000000012345678")
    invoice = [{"number": "23232000000012345678", "amount": "1000.00", "issued_on": works.today}]
    payment = await works.request(contract, "advance", "1000.00", invoices=invoice)
    assert (await refused(works.submit(payment))).code == "INVOICE_USED"
    assert await works.county.state(payment) == "DRAFT"


async def test_lm12_another_payee_is_not_the_party(works: Works) -> None:
    contract = await works.contract("960000.00")
    other = await works.payee("91230606MA9Z8Y7X6W")
    payment = await works.request(contract, "advance", "1000.00", payee_id=other)
    assert (await refused(works.submit(payment))).code == "PAYEE_NOT_PARTY"


# ── persons ─────────────────────────────────────────────────────────────────


async def test_35_who_asked_does_not_approve_and_adjacent_desks_differ(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    await works.submit(payment)
    everywhere = person("unit", "230606000000", Role.IMPLEMENTING_UNIT, Role.SECTOR_CLERK, Role.FINANCE_LEADER)
    take = works.county.take
    assert (await refused(take(everywhere, "payment", payment, "review_sector"))).code == "SEPARATION_OF_DUTIES"
    await take(sector, "payment", payment, "review_sector")
    both = person("sector", "230606000000", Role.SECTOR_CLERK, Role.FINANCE_REVIEWER)
    assert (await refused(take(both, "payment", payment, "review_finance"))).code == "SEPARATION_OF_DUTIES"
    await take(finance_reviewer, "payment", payment, "review_finance")
    form = {"rank": "director"}
    assert (await refused(take(everywhere, "payment", payment, "approve", form=form))).code == "SEPARATION_OF_DUTIES"
    with pytest.raises(Forbidden):
        await take(second_clerk, "payment", payment, "approve", form=form)


async def test_3_2_5_who_is_related_to_the_payee_does_not_approve(works: Works) -> None:
    payee = await works.payee()
    contract = await works.contract("960000.00", payee)
    payment = await works.request(contract, "advance", "1000.00")
    await works.county.run(DeclareRelation(payee_id=payee), finance_leader)
    assert (await refused(works.approve(payment))).code == "PAYEE_RELATED"


async def test_3_2_6_amounts_go_up_to_the_desk_that_may_approve_them(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "50000.01")
    await works.submit(payment)
    take = works.county.take
    await take(sector, "payment", payment, "review_sector")
    await take(finance_reviewer, "payment", payment, "review_finance")
    form = {"rank": "section_head"}
    assert (await refused(take(finance_leader, "payment", payment, "approve", form=form))).code == "APPROVAL_TIER"
    await take(finance_leader, "payment", payment, "approve", form={"rank": "deputy_director"})


async def test_36_a_changed_account_rests_until_the_fourth_working_day(works: Works) -> None:
    payee = await works.payee()
    contract = await works.contract("960000.00", payee)
    payment = await works.request(contract, "advance", "1000.00")
    await works.approve(payment)
    changed = ChangePayeeAccount(payee_id=payee, bank_name="建设银行大同支行", account="6217000000000000002")
    await works.county.run(changed, finance_clerk)
    assert (await refused(works.instruct(payment))).code == "PAYEE_NOT_CONFIRMED"
    problem = await refused(works.county.run(ConfirmPayee(payee_id=payee), finance_clerk))
    assert problem.code == "SEPARATION_OF_DUTIES"
    await works.county.run(ConfirmPayee(payee_id=payee), finance_reviewer)

    calendar = works.county.bench.assembled.pipeline.resources.calendar
    worked = 0
    while worked < 3:
        problem = await refused(works.instruct(payment))
        assert (problem.code, rules(problem)) == ("PAYEE_FROZEN", ["F-3.2.3"])
        works.county.bench.clock.forward(days=1)
        worked += calendar.is_workday(works.today)
    assert (await refused(works.instruct(payment))).code == "PAYEE_FROZEN"
    works.county.bench.clock.forward(days=1)
    assert (await works.instruct(payment)).state == "INSTRUCTED"


async def test_a_stranger_sees_no_payment(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    with pytest.raises(NotFound):
        await works.county.take(stranger, "payment", payment, "submit", "payment_application")


# ── the bank ────────────────────────────────────────────────────────────────


async def test_37_a_returned_payment_lies_committed_and_goes_out_once_more(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "288000.00")
    await works.approve(payment)
    await works.instruct(payment)
    assert await works.by_source("1400") == (17_280_000, 11_520_000)
    returned = works.slip("288000.00") | {"fail_code": "wrong_number"}
    take = works.county.take
    await take(treasury, "payment", payment, "confirm_failed", form=returned, reason="账号有误")
    assert await works.by_source("1300") == (57_600_000, 38_400_000)
    assert await works.county.balance("1500", contract_id=contract) == 0
    await works.all_is_well()

    await take(treasury, "payment", payment, "instruct_again", reason="账号已核对")
    await works.confirm(payment, "288000.00")
    assert (await refused(works.confirm(payment, "288000.00"))).code == "STEP_NOT_IN_STATE"
    assert await works.by_source("1500") == (17_280_000, 11_520_000)
    (back,) = await works.county.events("funds.payment.returned")
    (paid,) = await works.county.events("funds.payment.disbursed")
    assert (back["reason"], back["amount"], paid["amount"]) == ("wrong_number", "288000.00", "288000.00")
    await works.all_is_well()


async def test_a_slip_of_another_amount_or_serial_is_not_taken(works: Works) -> None:
    contract = await works.contract("960000.00")
    first = await works.request(contract, "advance", "1000.00")
    second = await works.request(contract, "advance", "1000.00")
    for payment in (first, second):
        await works.approve(payment)
        await works.instruct(payment)
    assert (await refused(works.confirm(first, "1000.01"))).code == "BANK_SLIP_MISMATCH"
    await works.confirm(first, "1000.00", "BK-2023-000001")
    problem = await refused(works.confirm(second, "1000.00", "BK-2023-000001"))
    assert problem.code == "BANK_SLIP_MISMATCH"
    await works.confirm(second, "1000.00", "BK-2023-000002")
    statement = {**works.slip("1000.00", "BK-2023-000002"), "statement_no": "对账单2023年第2号"}
    problem = await refused(works.county.take(finance_clerk, "payment", first, "reconcile", form=statement))
    assert problem.code == "BANK_SLIP_MISMATCH"
    assert (
        await works.county.take(finance_clerk, "payment", second, "reconcile", form=statement)
    ).state == "RECONCILED"


async def test_33_a_double_submit_has_one_effect_and_another_body_is_a_conflict(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    await works.approve(payment)
    await works.instruct(payment)
    step = TakeStep(
        workflow="funds.payment", subject_id=payment, step="confirm_paid", form=works.slip("1000.00", "BK-33-1")
    )
    first = await works.county.run(step, treasury, key="slip-33")
    again = await works.county.run(step, treasury, key="slip-33")
    assert (first.result, first.replayed, again.replayed) == (again.result, False, True)
    entries = await works.county.look("SELECT id FROM ledger_entry WHERE template = 'P08'")
    assert len(entries) == 1
    other = step.model_copy(update={"form": works.slip("999.00", "BK-33-1")})
    with pytest.raises(Conflict):
        await works.county.run(other, treasury, key="slip-33")


async def test_a_reference_pays_once(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.request(contract, "advance", "1000.00", reference="YK-2023-0001")
    problem = await refused(works.request(contract, "advance", "1000.00", reference="YK-2023-0001"))
    assert problem.code == "REFERENCE_USED"


async def test_a_request_that_is_sent_back_takes_nothing_and_comes_again(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "288000.00")
    await works.submit(payment)
    full = await works.request(contract, "advance", "0.01")
    assert rules(await refused(works.submit(full))) == ["LM03"]
    take = works.county.take
    await take(sector, "payment", payment, "send_back", reason="金额过大")
    await works.submit(full)
    await take(unit, "payment", payment, "revise", form={"amount": "287999.99"})
    await works.submit(payment)
    with pytest.raises(Refused):
        await take(second_unit, "payment", payment, "submit", "payment_application")


async def test_a_refused_step_leaves_every_balance_as_it_was(works: Works) -> None:
    """Peers #16: an answer other than success moves no money."""
    contract = await works.contract("960000.00")
    await works.certify(contract, "480000.00")
    payment = await works.request(contract, "progress", "240000.00")
    await works.approve(payment)
    await works.instruct(payment)
    before = await works.balances()
    for attempt in (
        works.confirm(payment, "240000.01"),
        works.instruct(payment),
        works.submit(await works.request(contract, "progress", "240000.00")),
        works.county.run(ReleaseRefund(refund_id=new_id()), finance_leader),
    ):
        await refused(attempt)
    assert await works.balances() == before

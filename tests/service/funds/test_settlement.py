"""Settlements on real PostgreSQL, scenario by scenario (domain-funds-assets §9, 28–32, 43)."""

import pytest

from services.funds.commands.refunds import ReceiveRefund, ReleaseRefund
from services.funds.commands.settlements import AdjustSettlement
from tests.service.funds.county import finance_clerk, finance_leader, finance_reviewer, sector
from tests.service.funds.works import Works, refused, rules, treasury

pytestmark = pytest.mark.asyncio


async def test_28_the_retention_is_a_floor(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.complete(contract)
    await works.review(contract, "951234.57")
    problem = await refused(works.settle(contract, "28537.04"))
    assert rules(problem) == ["LM09"]
    await works.settle(contract, "28537.03")
    assert await works.county.balance("1310", contract_id=contract) == 2_853_703
    await works.all_is_well()


async def test_29_a_contract_of_2016_has_the_cap_of_its_day(works: Works) -> None:
    contract = await works.contract("960000.00", signed_on="2016-05-10")
    await works.complete(contract)
    await works.review(contract, "951234.57")
    assert rules(await refused(works.settle(contract, "47561.73"))) == ["LM09"]
    await works.settle(contract, "47561.72")


async def test_30_a_guarantee_lets_the_balance_include_the_retention(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.complete(contract)
    await works.review(contract, "951234.57")
    guarantee = "农银保函〔2023〕8号"
    assert rules(await refused(works.settle(contract, "0.01", bank_guarantee=guarantee))) == ["LM09"]
    await works.settle(contract, "0.00", bank_guarantee=guarantee)
    await works.pay(contract, "balance", "951234.57")
    assert await works.county.state(contract) == "CLOSED"
    await works.all_is_well()


async def test_32_what_was_paid_too_much_is_claimed_and_has_to_come_back(works: Works) -> None:
    county = works.county
    contract = await works.contract("960000.00")
    await works.certify(contract, "960000.00")
    payment = await works.pay(contract, "progress", "768000.00")
    await works.complete(contract)
    await works.review(contract, "750000.00")
    assert (await refused(works.settle(contract, "0.00"))).code == "OVERPAID"
    assert rules(await refused(works.settle(contract, "0.01", "settle_with_claim"))) == ["LM09"]
    taken = await works.settle(contract, "0.00", "settle_with_claim")
    assert taken.state == "SETTLED_WITH_CLAIM"
    assert await county.balance("1300", contract_id=contract) == 0
    await works.all_is_well()

    assert (await refused(county.take(finance_clerk, "contract", contract, "close"))).code == "CLAIM_OPEN"
    refund = {
        "contract_id": contract,
        "payment_id": payment,
        "amount": "18000.01",
        "reason": "overpaid",
        "bank_reference": "BK-REFUND-1",
        "received_on": works.today,
    }
    problem = await refused(county.run(ReceiveRefund.model_validate(refund), treasury))
    assert problem.code == "REFUND_BEYOND_CLAIM"
    booked = await county.run(ReceiveRefund.model_validate(refund | {"amount": "18000.00"}), treasury)
    assert booked.result["claim"] == "0.00"
    assert await works.by_source("1700") == (1_080_000, 720_000)
    assert await works.by_source("1600") == (45_000_000, 30_000_000)
    await works.all_is_well()

    await county.run(ReleaseRefund(refund_id=booked.result["id"]), finance_reviewer)
    assert await works.by_source("1200") == (15_000_000, 10_000_000)
    assert (await county.take(finance_clerk, "contract", contract, "close")).state == "CLOSED"
    (told,) = await county.events("funds.payment.refunded")
    assert (told["amount"], told["payment_id"]) == ("18000.00", str(payment))
    await works.all_is_well()


async def test_43_an_audit_cut_is_refunded_by_the_larger_fraction(works: Works) -> None:
    county = works.county
    contract = await works.contract("960000.00")
    await works.certify(contract, "960000.00")
    payment = await works.pay(contract, "progress", "768000.00")
    await works.complete(contract)
    await works.review(contract, "960000.00")
    await works.settle(contract, "0.00")
    await works.pay(contract, "balance", "192000.00")
    form = {"settled_on": works.today.isoformat(), "approval_document": "同财评〔2023〕15号"}
    await county.take(finance_leader, "project", works.project, "settle", "settlement_approval", form=form)
    cut = AdjustSettlement(
        contract_id=contract, cut=100_001, adjusted_on=works.today, approval_document="同审报〔2024〕3号"
    )
    adjusted = await county.run(cut, finance_leader)
    assert (adjusted.result["settlement"], adjusted.result["claim"]) == ("958999.99", "1000.01")
    (told,) = await county.events("funds.project.settlement_adjusted")
    assert (told["delta"], [source["amount"] for source in told["sources"]]) == ("-1000.01", ["-600.01", "-400.00"])
    await works.all_is_well()

    refund = ReceiveRefund(
        contract_id=contract,
        payment_id=payment,
        amount=100_001,
        reason="audit",
        bank_reference="BK-AUDIT-1",
        received_on=works.today,
    )
    await county.run(refund, treasury)
    assert await works.by_source("1700") == (60_001, 40_000)
    await works.all_is_well()


async def test_a_terminated_contract_settles_what_was_done(works: Works) -> None:
    county = works.county
    contract = await works.contract("960000.00")
    await works.certify(contract, "200000.00")
    await works.pay(contract, "advance", "288000.00")
    await works.pay(contract, "progress", "50000.00", "100000.00")
    await county.take(sector, "contract", contract, "terminate", "termination_agreement", reason="施工方无力履行")
    await works.review(contract, "200000.00")
    taken = await works.settle(contract, "0.00", "settle_with_claim")
    assert taken.state == "SETTLED_WITH_CLAIM"
    assert await county.balance("1500", contract_id=contract) == 0
    assert await county.balance("1600", contract_id=contract) == 33_800_000
    await works.all_is_well()


async def test_a_contract_with_a_payment_under_way_is_not_settled(works: Works) -> None:
    contract = await works.contract("960000.00")
    await works.certify(contract, "480000.00")
    await works.submit(await works.request(contract, "progress", "100000.00"))
    await works.complete(contract)
    await works.review(contract, "951234.57")
    assert (await refused(works.settle(contract, "0.00"))).code == "PAYMENT_IN_FLIGHT"

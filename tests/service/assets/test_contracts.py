"""Operating contracts and rent on a real database: domain-funds-assets §7.8, scenarios 73, 74, 75."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.assets.commands.rent_sweep import sweep_rent
from services.assets.commands.standing import refuse
from services.assets.domain.rights import not_disposed
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.ids import new_id
from tests.service.assets.village import HERE, TOWN, Village, codes, collective, leader


@pytest.mark.asyncio
async def test_scenario_73_no_contract_before_the_right_is_confirmed(village: Village) -> None:
    asset, *_ = await village.form_assets()
    contract = (await village.draft_contract(asset)).contract_id
    assert await codes(village.decide_contract(contract)) == {"RIGHT_NOT_CONFIRMED", "NOT_THE_HOLDER"}
    await village.confirm_right(asset)
    await village.decide_contract(contract)
    assert await village.state("operation", contract) == "DECIDED"


@pytest.mark.asyncio
async def test_scenario_73_a_second_lease_of_more_than_is_left_is_refused(village: Village) -> None:
    asset, *_ = await village.form_assets()  # 100 greenhouses
    await village.confirm_right(asset)
    first = (await village.draft_contract(asset, quantity="60")).contract_id
    await village.sign_contract(first)
    too_many = (await village.draft_contract(asset, contract_no="同租2023-002", quantity="41")).contract_id
    assert await codes(village.decide_contract(too_many)) == {"LEASE_OVERLAP"}
    fits = (await village.draft_contract(asset, contract_no="同租2023-003", quantity="40")).contract_id
    await village.sign_contract(fits)
    assert await village.state("operation", fits) == "SIGNED"


@pytest.mark.asyncio
async def test_two_contracts_signed_at_once_take_the_asset_once(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contracts = [(await village.draft_contract(asset, contract_no=f"同租2023-{n}")).contract_id for n in range(2)]
    bench = village.bench
    for contract in contracts:
        await village.decide_contract(contract)
        await bench.step(collective, "assets.operation", contract, "post")
        await bench.run_notice(leader, await village.case("operation", contract), HERE, last_day_in=10)
        await bench.step(leader, "assets.operation", contract, "approve")
    papers = [await bench.evidence(collective, HERE, "signed_contract") for _ in contracts]
    results = await asyncio.gather(
        *(
            bench.step(collective, "assets.operation", contract, "sign", evidence=paper)
            for contract, paper in zip(contracts, papers, strict=True)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, Refused)]
    assert [refusal.code for refusal in refused] == ["LEASE_OVERLAP"]
    assert sorted([await village.state("operation", contract) for contract in contracts]) == ["APPROVED", "SIGNED"]


@pytest.mark.asyncio
async def test_a_contract_is_told_when_it_is_signed(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = await village.lease(asset)
    (told,) = await village.told("assets.contract.signed")
    assert (told["contract_id"], told["rent_total"], told["mode"]) == (str(contract), "50000.00", "lease")
    content = await village.value("SELECT content FROM case_notice WHERE level = 'village' AND content ? 'operator'")
    assert content["quantity"] == "100座"
    assert "operator_code" not in content


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changed, code",
    [
        pytest.param({"lessor_kind": "township", "lessor_area": TOWN}, "NOT_THE_HOLDER", id="AR08: not the holder"),
        pytest.param(
            {"calendar": [{"due_on": "2024-06-30", "amount": "49999.99"}]},
            "RENT_CALENDAR_SUM",
            id="a fen is missing",
        ),
    ],
)
async def test_a_contract_that_does_not_fit_is_not_decided(
    village: Village, changed: dict[str, Any], code: str
) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = (await village.draft_contract(asset, **changed)).contract_id
    assert await codes(village.decide_contract(contract)) == {code}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "changed, code",
    [
        pytest.param({"ends_on": "2023-12-31"}, "CONTRACT_TERM", id="ends before it begins"),
        pytest.param({"calendar": [{"due_on": "2027-01-01"}]}, "CONTRACT_TERM", id="rent after the end"),
        pytest.param(
            {"calendar": [{"due_on": "2024-06-30", "amount": "1.00"}, {"due_on": "2025-06-30"}]},
            "RENT_CALENDAR",
            id="half a calendar",
        ),
        pytest.param({"rent_total": "0.01"}, "", id="three instalments of one fen"),
    ],
)
async def test_a_draft_with_a_wrong_calendar_is_refused(village: Village, changed: dict[str, Any], code: str) -> None:
    asset, *_ = await village.form_assets()
    if code:
        assert await codes(village.draft_contract(asset, **changed)) == {code}
    else:
        drafted = await village.draft_contract(asset, **changed)
        assert [each.amount for each in drafted.calendar] == [0, 0, 1]


@pytest.mark.asyncio
async def test_a_long_term_warns_until_the_county_adopts_the_limit(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = (await village.draft_contract(asset, ends_on="2044-01-01")).contract_id
    await village.adopt({"rule.F-7.8-term.mode": "block"})
    assert await codes(village.decide_contract(contract)) == {"TERM_TOO_LONG"}


async def paid(village: Village, contract: UUID) -> list[tuple[int, int]]:
    query = "SELECT no, paid_fen FROM rent_instalment WHERE contract_id = $1 ORDER BY no"
    return await village.rows(query, contract)


@pytest.mark.asyncio
async def test_scenario_74_a_receipt_pays_the_oldest_instalment_first(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = await village.lease(asset)
    recorded = await village.receive(asset, "20000.00", contract_id=contract)
    assert [(each.no, each.amount) for each in recorded.instalments] == [(1, 16_666_67), (2, 3_333_33)]
    assert await paid(village, contract) == [(1, 16_666_67), (2, 3_333_33), (3, 0)]
    rest = await village.receive(asset, "30000.01", contract_id=contract)
    assert (rest.late_fee, rest.unallocated) == (0, 1)
    assert await paid(village, contract) == [(1, 16_666_67), (2, 16_666_67), (3, 16_666_66)]
    told = await village.told("assets.income.received")
    assert [event["amount"] for event in told] == ["20000.00", "30000.01"]
    assert "assets-receipt-went" not in await village.findings()


@pytest.mark.asyncio
async def test_scenario_75_arrears_are_told_and_cleared_when_paid(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = await village.lease(asset)
    bench = village.bench
    assert await codes(bench.step(collective, "assets.operation", contract, "begin")) == {"TERM_NOT_BEGUN"}
    bench.clock.set(datetime(2024, 6, 30, 2, tzinfo=UTC))
    await bench.step(collective, "assets.operation", contract, "begin")
    pipeline = bench.assembled.pipeline
    assert await sweep_rent(pipeline, village.today) == 0
    bench.clock.forward(days=1)
    assert await sweep_rent(pipeline, village.today) == 1
    assert await sweep_rent(pipeline, village.today) == 0
    (told,) = await village.told("assets.contract.overdue")
    assert (told["due_on"], told["unpaid"], told["days"]) == ("2024-06-30", "16666.67", 1)
    bench.clock.set(datetime(2024, 9, 29, 2, tzinfo=UTC))
    await village.receive(asset, "16666.66", contract_id=contract)
    assert await village.state("operation", contract) == "OVERDUE"
    assert await codes(bench.step(collective, "assets.operation", contract, "clear_overdue")) == {"ARREARS_LEFT"}
    await village.receive(asset, "0.01", contract_id=contract)
    assert await village.state("operation", contract) == "ACTIVE"
    taker = "SELECT actor FROM case_step WHERE step = 'clear_overdue'"
    assert await village.value(taker) == SYSTEM.id
    assert await village.value("SELECT count(*) FROM case_step WHERE step = 'mark_overdue'") == 1


@pytest.mark.asyncio
async def test_a_bank_serial_is_recorded_once(village: Village) -> None:
    asset, other, *_ = await village.form_assets()
    await village.receive(asset, "100.00", bank_serial="A-0001")
    attempts = [village.receive(each, "100.00", bank_serial="A-0002") for each in (asset, other, asset, other)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert await codes(village.receive(asset, "1.00", bank_serial="A-0001")) == {"BANK_SERIAL_USED"}
    assert await village.value("SELECT sum(amount_fen)::bigint FROM income_receipt") == 200_00
    assert len(await village.told("assets.income.received")) == 2


@pytest.mark.asyncio
async def test_only_money_that_arrived_on_a_contract_in_force_is_recorded(village: Village) -> None:
    asset, other, *_ = await village.form_assets()
    contract = (await village.draft_contract(asset)).contract_id
    assert await codes(village.receive(asset, "1.00", contract_id=contract)) == {"CONTRACT_NOT_IN_FORCE"}
    assert await codes(village.receive(other, "1.00", contract_id=contract)) == {"CONTRACT_NOT_IN_FORCE"}
    tomorrow = village.today + timedelta(days=1)
    assert await codes(village.receive(asset, "1.00", received_on=tomorrow)) == {"RECEIPT_IN_FUTURE"}
    with pytest.raises(NotFound):
        await village.receive(new_id(), "1.00")
    assert await village.told("assets.income.received") == []


def test_refuse_tells_all_that_is_broken_and_lets_the_rest_pass() -> None:
    refuse(None, not_disposed(None))
    with pytest.raises(Refused) as caught:
        refuse(None, not_disposed(date(2024, 1, 1)), not_disposed(date(2024, 1, 2)))
    assert len(caught.value.violations) == 2

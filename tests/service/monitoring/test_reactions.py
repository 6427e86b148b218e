"""What events of funds and assets do to households: income of the month, proof of measures, clues; each exactly once."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.monitoring.service import SERVICE
from shared.commands.command import Command
from shared.contracts import assets, funds, funds_project
from shared.contracts.event import Event
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import NotFound, Refused
from shared.kernel.ids import new_id
from shared.testing.services import Bench
from tests.service.monitoring.people import COUNTY, VILLAGE, member, name, number
from tests.service.monitoring.verbs import events, fetch, household, one
from tests.service.monitoring.ways import Home, at_home

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def home(monitoring: Bench) -> AsyncIterator[Home]:
    yield await at_home(monitoring)


async def deliver(it: Bench, event: Event, event_id: UUID | None = None) -> None:
    """What dispatch does with an event: each reaction's command, keyed by the event."""
    cause = event_id or new_id()
    for reaction in SERVICE.reactions[type(event)]:
        command: Command | None = reaction(type(event).model_validate(event.model_dump(mode="json")))
        if command is not None:
            key = f"{cause}:{reaction.__name__}"
            await it.assembled.pipeline.run(command, actor=SYSTEM, scope="event:monitoring", key=key, cause=cause)


def subsidy(home: Home, **changed: Any) -> dict[str, Any]:
    return {
        "area_code": VILLAGE,
        "line_id": new_id(),
        "batch_id": new_id(),
        "project_id": new_id(),
        "household_id": home.household_id,
        "policy": "transport",
        "period": "2024-05",
        "amount": "800.00",
        **changed,
    }


def share(home: Home, **changed: Any) -> dict[str, Any]:
    return {
        "area_code": VILLAGE,
        "plan_id": new_id(),
        "line_id": new_id(),
        "asset_id": new_id(),
        "household_id": home.household_id,
        "period": "2024",
        "amount": "256.40",
        "income_kind": "property",
        **changed,
    }


async def income(it: Bench, kind: str) -> int:
    query = "SELECT coalesce(sum(amount_fen), 0)::bigint FROM income_entry WHERE kind = $1 AND month = '2024-05-01'"
    return int(await one(it, query, kind))


async def test_a_subsidy_is_transfer_income_of_its_month_once(monitoring: Bench, home: Home) -> None:
    paid = funds.HouseholdSubsidyDisbursed.model_validate(subsidy(home, paid_on="2024-05-17"))
    again = new_id()
    await deliver(monitoring, paid, again)
    await deliver(monitoring, paid, again)
    await deliver(monitoring, paid)  # another event of the same line brings nothing either
    assert await income(monitoring, "transfer") == 80_000
    (row,) = await fetch(monitoring, "SELECT * FROM household_receipt")
    assert (row["event_type"], row["project_id"], row["measure_id"]) == (
        "funds.household_subsidy.disbursed.v1",
        paid.project_id,
        None,
    )


async def test_what_a_household_earns_by_a_sale_is_business_income_once(monitoring: Bench, home: Home) -> None:
    fields = {"area_code": COUNTY, "line_id": new_id(), "sale_id": new_id(), "household_id": home.household_id}
    earned = funds.ConsumptionEarned.model_validate({**fields, "amount": "500.00", "sold_on": "2024-05-17"})
    await deliver(monitoring, earned)
    await deliver(monitoring, earned)  # another event of the same line
    assert await income(monitoring, "business") == 50_000
    assert await one(monitoring, "SELECT document_id FROM household_receipt") == earned.sale_id


async def test_what_comes_back_is_taken_off_in_parts(monitoring: Bench, home: Home) -> None:
    stated = subsidy(home)
    await deliver(monitoring, funds.HouseholdSubsidyDisbursed.model_validate({**stated, "paid_on": "2024-05-17"}))
    back = {**stated, "reason": "not_eligible", "recovered_on": "2024-06-03"}
    part = funds.HouseholdSubsidyRecovered.model_validate({**back, "amount": "300.00"})
    twice = new_id()
    await deliver(monitoring, part, twice)
    await deliver(monitoring, part, twice)
    assert await income(monitoring, "transfer") == 50_000
    with pytest.raises(Refused):
        await deliver(monitoring, funds.HouseholdSubsidyRecovered.model_validate({**back, "amount": "500.01"}))
    await deliver(monitoring, funds.HouseholdSubsidyRecovered.model_validate({**back, "amount": "500.00"}))
    assert await income(monitoring, "transfer") == 0
    assert await one(monitoring, "SELECT returned_fen FROM household_receipt") == 80_000


async def test_a_refused_line_brought_nothing_and_a_paid_one_that_fails_goes_off(monitoring: Bench, home: Home) -> None:
    failed = subsidy(home, reason="account_closed", failed_on="2024-05-18")
    await deliver(monitoring, funds.HouseholdSubsidyFailed.model_validate(failed))
    assert await income(monitoring, "transfer") == 0
    await deliver(monitoring, funds.HouseholdSubsidyDisbursed.model_validate({**failed, "paid_on": "2024-05-17"}))
    await deliver(monitoring, funds.HouseholdSubsidyFailed.model_validate(failed))
    assert await income(monitoring, "transfer") == 0


async def test_rent_is_property_income_and_a_reversal_takes_it_off(monitoring: Bench, home: Home) -> None:
    stated = share(home)
    await deliver(monitoring, assets.IncomeDistributedToHousehold.model_validate({**stated, "paid_on": "2024-05-17"}))
    assert await income(monitoring, "property") == 25_640
    undone = {**stated, "reason": "wrong_line", "reversed_on": "2024-05-18"}
    await deliver(monitoring, assets.IncomeDistributionReversed.model_validate(undone))
    assert await income(monitoring, "property") == 0


async def test_an_unknown_household_is_refused_so_that_the_event_waits(monitoring: Bench, home: Home) -> None:
    stranger = subsidy(home, household_id=new_id(), paid_on="2024-05-17")
    with pytest.raises(NotFound):
        await deliver(monitoring, funds.HouseholdSubsidyDisbursed.model_validate(stranger))
    recovered = subsidy(home, reason="x", recovered_on="2024-06-03")
    with pytest.raises(NotFound):
        await deliver(monitoring, funds.HouseholdSubsidyRecovered.model_validate(recovered))
    assert await one(monitoring, "SELECT count(*) FROM household_receipt") == 0


async def test_the_payment_delivers_the_measure_and_ends_the_case(monitoring: Bench, home: Home) -> None:  # M-AST-08
    await home.enrolled()
    project = new_id()
    plan = [{"kind": "medical_relief"}, {"kind": "industry", "project_id": str(project)}]
    await home.planned(plan)
    stated = subsidy(home, project_id=project, paid_on="2024-05-27")
    await deliver(monitoring, funds.HouseholdSubsidyDisbursed.model_validate(stated))
    (told,) = await events(monitoring, "monitoring.measure.delivered")
    assert (told["amount"], told["measure_kind"]) == ("800.00", "industry")
    state = "SELECT state FROM case_file WHERE subject_id = $1"
    assert await one(monitoring, state, UUID(told["measure_id"])) == "DELIVERED"
    assert await one(monitoring, state, home.identification_id) == "ASSISTED"
    next_month = subsidy(home, project_id=project, paid_on="2024-06-27")
    await deliver(monitoring, funds.HouseholdSubsidyDisbursed.model_validate(next_month))
    linked = await fetch(monitoring, "SELECT DISTINCT measure_id FROM household_receipt")
    assert [row["measure_id"] for row in linked] == [UUID(told["measure_id"])]
    assert len(await events(monitoring, "monitoring.measure.delivered")) == 1


async def test_a_project_that_answers_a_request_will_deliver_it(monitoring: Bench, home: Home) -> None:
    await home.enrolled()
    first, _ = await home.planned()
    entered = funds_project.ProjectEnteredLibrary.model_validate(
        {
            "area_code": COUNTY,
            "project_id": new_id(),
            "title": "养殖补助",
            "category": "010102",
            "plan_year": 2024,
            "villages": [VILLAGE],
            "planned_total": "100000.00",
            "households": 10,
            "persons": 30,
            "asset_forming": False,
            "measure_ids": [str(first)],
        },
    )
    await deliver(monitoring, entered)
    assert await one(monitoring, "SELECT project_id FROM measure WHERE id = $1", first) == entered.project_id


async def test_an_asset_at_risk_is_a_clue_for_each_household_on_its_income(monitoring: Bench) -> None:  # AR25
    homes = [await household(monitoring, member(serial)) for serial in (31, 32)]
    risk = {
        "area_code": COUNTY,
        "asset_id": new_id(),
        "risk_id": new_id(),
        "rule_id": "AR25",
        "severity": "red",
        "household_ids": [home.household_id for home in homes],
        "detected_on": "2024-05-18",
    }
    event = assets.AssetRiskDetected.model_validate(risk)
    await deliver(monitoring, event)
    await deliver(monitoring, event)  # the same month: one clue each
    rows = await fetch(monitoring, "SELECT item, rule_id, source FROM clue")
    assert [tuple(row) for row in rows] == [("income_fall", "AR25", "DEPT")] * 2
    assert len(await events(monitoring, "monitoring.risk.detected")) == 2
    with pytest.raises(NotFound):
        await deliver(monitoring, event.model_copy(update={"household_ids": (new_id(),)}))


async def test_reactions_leave_nothing_personal(monitoring: Bench, home: Home) -> None:
    paid = funds.HouseholdSubsidyDisbursed.model_validate(subsidy(home, paid_on="2024-05-17"))
    await deliver(monitoring, paid)
    noted = await one(monitoring, "SELECT string_agg(row_to_json(journal)::text, '') FROM journal")
    assert name(1) not in noted
    assert number(1) not in noted

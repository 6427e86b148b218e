"""Income sheets and monitoring lines on a real database; A01–A03, A06–A12, M-INC-02…05, M-LINE-05…11."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.monitoring.commands.clues import ReportClue
from services.monitoring.commands.income import (
    Classified,
    ClassifyHousehold,
    DeclareIncome,
    add_income,
    reverse_income,
)
from services.monitoring.commands.lines import AdoptLine, ProposeLine, monitoring_line
from services.monitoring.commands.members import RemoveMember
from services.monitoring.domain.income import IncomeKind
from services.monitoring.queries.income import identification_income, lines
from shared.commands.command import Command, Context, Write
from shared.commands.pipeline import Pipeline
from shared.commands.policy import AdoptParameter, ProposeParameter
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Unknown
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.testing.services import Bench, person
from tests.service.monitoring.people import COUNTY, VILLAGE, bureau, committee, leader, member
from tests.service.monitoring.verbs import events, household, one, refusal, refused

pytestmark = pytest.mark.asyncio

PROVINCE = "230000000000"
province_clerk = person("province clerk", PROVINCE, Role.BUREAU_CLERK)
province_leader = person("province leader", PROVINCE, Role.BUREAU_LEADER)


async def adopt(
    it: Bench,
    amount: str,
    effective_from: str,
    area: str = COUNTY,
    people: tuple[Actor, Actor] = (bureau, leader),
    **more: str,
) -> None:
    proposal = {
        "area_code": area,
        "effective_from": effective_from,
        "amount": amount,
        "basis": "flat",
        "document": "示例发〔2023〕1号",
    }
    await it.run(ProposeLine.model_validate(proposal | more), people[0])
    await it.run(AdoptLine.model_validate({"area_code": area, "effective_from": effective_from}), people[1])


async def line(it: Bench, on: date, area: str = VILLAGE) -> int:
    async with it.database.read(SYSTEM) as session:
        parameters = Parameters(session.raw, it.assembled.pipeline.resources.parameters)
        return await monitoring_line(parameters, AreaCode.parse(area), on)


@pytest.fixture
def early(monitoring: Bench) -> Bench:
    monitoring.clock.set(datetime(2022, 12, 1, 2, tzinfo=UTC))
    return monitoring


async def test_a07_the_line_of_the_province_holds_where_nobody_below_set_one(early: Bench) -> None:
    await adopt(early, "8700.00", "2024-01-01", PROVINCE, (province_clerk, province_leader))
    assert await line(early, date(2024, 6, 1)) == 8_700_00


async def test_a08_the_line_of_the_county_holds_in_its_villages(early: Bench) -> None:
    await adopt(early, "19560.00", "2024-03-06")
    assert await line(early, date(2024, 6, 1)) == 19_560_00


async def test_a09_a_line_takes_effect_on_its_day_and_is_told(early: Bench) -> None:
    await adopt(early, "7500.00", "2023-01-01")
    await adopt(early, "8800.00", "2024-03-14")
    assert await line(early, date(2024, 3, 13)) == 7_500_00
    assert await line(early, date(2024, 3, 14)) == 8_800_00
    told = await events(early, "monitoring.line.changed")
    assert [(event["line"], event["effective_on"]) for event in told] == [
        ("7500.00", "2023-01-01"),
        ("8800.00", "2024-03-14"),
    ]
    async with early.database.read(committee) as session:
        seen = await lines(session, AreaCode.parse(VILLAGE), date(2024, 3, 13))
    assert [(each.amount, each.in_force, each.basis) for each in seen] == [
        (8_800_00, False, "flat"),
        (7_500_00, True, "flat"),
    ]


async def test_a10_without_a_line_nothing_is_classified_and_nothing_stored(monitoring: Bench) -> None:
    made = await household(monitoring, member(1))
    problem = await refusal(monitoring.run(ClassifyHousehold(household_id=made.household_id), committee))
    assert isinstance(problem, Unknown)
    assert (problem.code, problem.violations[0].rule) == ("NO_LINE_CONFIGURED", "M-LINE-06")
    assert await one(monitoring, "SELECT count(*) FROM income_classification") == 0


async def test_a11_a_county_line_below_the_province_needs_a_reason(early: Bench) -> None:
    await adopt(early, "6500.00", "2023-01-01", PROVINCE, (province_clerk, province_leader))
    proposal = {
        "area_code": COUNTY,
        "effective_from": "2023-02-01",
        "amount": "6000.00",
        "basis": "flat",
        "document": "示例发〔2023〕2号",
    }
    command = ProposeLine.model_validate(proposal)
    assert await refused(early, command, bureau) == ("LINE_BELOW_HIGHER_LEVEL", "M-LINE-10", "/amount")
    await adopt(early, "6000.00", "2023-02-01", override_reason="省级批复同意")
    assert await line(early, date(2023, 3, 1)) == 6_000_00


async def test_a_line_takes_two_persons_and_its_own_form(early: Bench) -> None:
    both = person("both", COUNTY, Role.BUREAU_CLERK, Role.BUREAU_LEADER)
    day = {"area_code": COUNTY, "effective_from": "2023-01-01"}
    proposal = day | {"amount": "6500.00", "basis": "flat", "document": "示例发〔2023〕1号"}
    await early.run(ProposeLine.model_validate(proposal), both)
    adoption = AdoptLine.model_validate(day)
    assert (await refused(early, adoption, both))[0] == "SEPARATION_OF_DUTIES"
    with pytest.raises(Unknown):
        await line(early, date(2023, 6, 1))
    await early.run(adoption, leader)
    await early.run(adoption, leader)
    assert len(await events(early, "monitoring.line.changed")) == 1
    plain = {"name": "monitoring.line", "area_code": COUNTY, "effective_from": "2024-01-01"}
    by_the_side = ProposeParameter.model_validate(plain | {"value": "1.00", "document": "示例"})
    assert (await refused(early, by_the_side, bureau))[0] == "LINE_HAS_ITS_OWN_FORM"
    assert (await refused(early, AdoptParameter.model_validate(plain), leader))[0] == "LINE_HAS_ITS_OWN_FORM"


SHEET = (
    ("2023-06", "wage", "18000.00"),
    ("2023-07", "business", "9600.00"),
    ("2023-07", "business_expense", "3100.00"),
    ("2024-01", "property", "800.00"),
    ("2024-05", "transfer", "2940.00"),
    ("2023-09", "claims", "1000.00"),
    ("2023-09", "self_paid", "4000.00"),
    ("2023-05", "wage", "99999.00"),  # the month before the window
    ("2024-06", "wage", "99999.00"),  # the month of the identification
)


async def example(it: Bench, household_type: str = "ORDINARY") -> UUID:
    """The household of M-INC-13, on 10 June 2024."""
    await adopt(it, "6500.00", "2023-01-01")
    it.clock.set(datetime(2024, 6, 10, 2, tzinfo=UTC))
    members = (member(1), member(2, "SPOUSE"), member(3, "SON"), member(4, "DAUGHTER"))
    made = await household(it, *members, member(5, "FATHER") | {"shares_budget": False}, household_type=household_type)
    sheet = [{"month": month, "kind": kind, "amount": amount} for month, kind, amount in SHEET]
    await it.run(DeclareIncome.model_validate({"household_id": made.household_id, "lines": sheet}), committee)
    return made.household_id


async def classified(it: Bench, household_id: UUID, **more: Any) -> Classified:
    outcome = await it.run(ClassifyHousehold(household_id=household_id, **more), committee)
    return Classified.model_validate(outcome.result)


async def test_a01_a12_the_example_household_by_net_income(early: Bench) -> None:
    found = await classified(early, await example(early))
    assert (found.window_first, found.window_last) == (date(2023, 6, 1), date(2024, 5, 31))
    assert (found.persons, found.net, found.per_capita_net, found.per_capita_monitoring) == (
        4,
        28_240_00,
        7_060_00,
        6_310_00,
    )
    assert (found.line_test, found.position, found.proposed_kind) == ("net", "above", None)
    assert await one(early, "SELECT count(*) FROM income_classification WHERE line_fen = 650000") == 1


@pytest.mark.parametrize(("household_type", "kind"), [("ORDINARY", "EDGE"), ("POVERTY_LIFTED", "UNSTABLE")])
async def test_a02_the_same_household_by_net_minus_rigid_spending(early: Bench, household_type: str, kind: str) -> None:
    household_id = await example(early, household_type)
    policy = {"name": "monitoring.line_test.net_minus_rigid", "area_code": COUNTY, "effective_from": "2024-06-11"}
    await early.run(ProposeParameter.model_validate(policy | {"value": "on", "document": "示例发〔2024〕3号"}), bureau)
    await early.run(AdoptParameter.model_validate(policy), leader)
    early.clock.forward(days=1)
    found = await classified(early, household_id)
    assert (found.line_test, found.position, found.proposed_kind) == ("net_minus_rigid", "below", None)
    # Income alone proposes nobody (1.5.2): the kind follows once a risk is open.
    clue = {"area_code": VILLAGE, "source": "CADRE", "item": "serious_illness", "event_on": "2024-06-01"}
    await early.run(ReportClue.model_validate(clue | {"household_id": household_id}), committee)
    found = await classified(early, household_id)
    assert (found.position, found.proposed_kind) == ("below", kind)


async def test_a_line_declared_again_replaces_the_former_amount(early: Bench) -> None:
    household_id = await example(early)
    lower = {"month": "2023-06", "kind": "wage", "amount": "17000.00"}
    same = {"month": "2023-07", "kind": "business", "amount": "9600.00"}
    command = DeclareIncome.model_validate({"household_id": household_id, "lines": [lower, same]})
    assert (await early.run(command, committee)).result["changed"] == 1
    async with early.database.read(committee) as session:
        seen = await identification_income(session, household_id, date(2024, 6, 10))
    assert (seen.amounts[IncomeKind.WAGE], seen.net) == (17_000_00, 27_240_00)


@pytest.mark.parametrize(
    ("lines_stated", "code"),
    [
        ([("2024-07", "wage", "1.00")], "MONTH_FUTURE"),
        ([("2024-05", "wage", "1.00"), ("2024-05", "wage", "2.00")], "LINE_TWICE"),
    ],
)
async def test_wrong_lines_are_clear_problems(
    early: Bench,
    lines_stated: list[tuple[str, str, str]],
    code: str,
) -> None:
    household_id = await example(early)
    stated = [{"month": month, "kind": kind, "amount": amount} for month, kind, amount in lines_stated]
    command = DeclareIncome.model_validate({"household_id": household_id, "lines": stated})
    assert (await refused(early, command, committee))[0] == code


async def test_a06_when_everybody_is_gone_there_is_no_figure(early: Bench) -> None:
    await adopt(early, "6500.00", "2023-01-01")
    early.clock.set(datetime(2024, 6, 10, 2, tzinfo=UTC))
    made = await household(early, member(1))
    leaving = {"member_id": made.member_ids[0], "reason": "DEATH", "left_on": "2024-05-03"}
    await early.run(RemoveMember.model_validate(leaving), committee)
    found = await classified(early, made.household_id)
    assert (found.persons, found.per_capita_net, found.position, found.proposed_kind) == (0, None, None, None)
    assert await one(early, "SELECT closed_on FROM household") == date(2024, 5, 3)


class Pay(Command):
    """Stands for a reaction that adds income or takes it off again."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    household_id: UUID
    line_id: UUID
    amount: int
    back: bool = False


class Paid(BaseModel):
    """Whether anything was booked."""

    booked: bool


async def pay(tx: Write, command: Pay, ctx: Context) -> Paid:
    if command.back:
        return Paid(booked=await reverse_income(tx, ctx, command.line_id, command.amount))
    on = date(2024, 5, 7)
    booked = await add_income(tx, ctx, command.household_id, IncomeKind.TRANSFER, on, command.amount, command.line_id)
    return Paid(booked=booked)


async def test_income_of_an_event_counts_once_and_is_taken_off_again(early: Bench) -> None:
    household_id = await example(early)
    pipeline = Pipeline(early.database, {Pay: pay}, early.assembled.pipeline.resources)
    line_id = new_id()

    async def run(command: Pay, cause: UUID | None = None) -> bool:
        outcome = await pipeline.run(command, actor=SYSTEM, key=str(new_id()), cause=cause)
        return bool(outcome.result["booked"])

    paid = Pay(household_id=household_id, line_id=line_id, amount=1_000_00)

    async def transfer() -> int:
        async with early.database.read(SYSTEM) as session:
            return (await identification_income(session, household_id, date(2024, 6, 10))).amounts[IncomeKind.TRANSFER]

    assert await run(paid)
    assert not await run(paid)  # the same line under another key
    assert await transfer() == 3_940_00
    cause = new_id()
    back = Pay(household_id=household_id, line_id=line_id, amount=400_00, back=True)
    assert await run(back, cause)
    assert not await run(back, cause)  # the same event twice
    assert await transfer() == 3_540_00
    too_much = Pay(household_id=household_id, line_id=line_id, amount=601_00, back=True)
    assert (await refusal(run(too_much))).code == "REVERSAL_EXCEEDS_INCOME"
    assert await run(Pay(household_id=household_id, line_id=line_id, amount=600_00, back=True))
    assert await transfer() == 2_940_00
    unknown = Pay(household_id=household_id, line_id=new_id(), amount=1, back=True)
    assert (await refusal(run(unknown))).code == "NOT_FOUND"

"""Allocations on real PostgreSQL: not one fen more than there is, also in parallel; back only while unspent."""

import asyncio
from collections.abc import Awaitable
from uuid import UUID

import pytest

from shared.kernel.errors import NotFound, Problem, Refused
from shared.kernel.ids import new_id
from tests.service.funds.county import (
    County,
    bureau_head,
    entry,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    group,
    second_leader,
)

pytestmark = pytest.mark.asyncio


async def refused(attempt: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


async def several(county: County, indicator: UUID, amounts: list[str]) -> tuple[list[UUID], int]:
    """Approved allocations of these amounts, posted all at once; the refusals, and how many succeeded."""
    project = await county.planned()
    drafts = [await county.draft((project, indicator, amount)) for amount in amounts]
    for allocation in drafts:
        await county.approve(allocation)
    outcomes = await asyncio.gather(
        *(county.take(finance_leader, "allocation", allocation, "post") for allocation in drafts),
        return_exceptions=True,
    )
    for outcome in outcomes:
        assert not isinstance(outcome, BaseException) or isinstance(outcome, Refused), repr(outcome)
        assert not isinstance(outcome, Refused) or (outcome.code, outcome.violations[0].rule) == (
            "INSUFFICIENT",
            "LM01",
        )
    return drafts, sum(not isinstance(outcome, BaseException) for outcome in outcomes)


async def test_quota_goes_to_the_project_and_the_project_is_funded(county: County) -> None:
    """P03: 1100 → 1200 by indicator and project; each project is told what each document bears."""
    central = await county.indicator("300000.00")
    second = await county.indicator("200000.00", document_no="黑财指(农)〔2023〕35号")
    project = await county.planned()
    allocation = await county.allocate((project, central, "300000.00"), (project, second, "200000.00"))

    assert await county.balance("1100") == 0
    assert await county.balance("1200", project_id=project) == 50_000_000
    assert await county.balance("1200", project_id=project, indicator_id=second) == 20_000_000
    assert await county.state(project) == "FUNDED"
    (told,) = await county.events("funds.allocation.posted")
    assert (told["allocation_id"], told["amount"]) == (str(allocation), "500000.00")
    assert [part["amount"] for part in told["split"]] == ["300000.00", "200000.00"]
    moved = await county.events("funds.project.status_changed")
    assert [(each["old"], each["new"]) for each in moved] == [("IN_LIBRARY", "PLANNED"), ("PLANNED", "FUNDED")]


async def test_one_fen_too_much_is_refused(county: County) -> None:
    """LM01: nothing is half done after it."""
    indicator = await county.indicator("500000.00")
    await county.indicator("0.01", document_no="黑财指(农)〔2023〕36号")  # what the second plan counts on
    project = await county.planned()
    other = await county.planned_too(project, "0.01")
    allocation = await county.draft((project, indicator, "500000.00"), (other, indicator, "0.01"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))

    assert (wrong.code, wrong.violations[0].rule) == ("INSUFFICIENT", "LM01")
    assert wrong.violations[0].facts["available"] == "500000.00"
    assert wrong.violations[0].facts["asked"] == "500000.01"
    assert await county.state(allocation) == "DRAFT"
    assert await county.balance("1200") == 0


async def test_of_two_allocations_at_once_one_succeeds(county: County) -> None:
    """Scenario 16: 100 000.00 unallocated, two of 60 000.00, 40 000.00 left."""
    indicator = await county.indicator("100000.00")
    await county.indicator("400000.00", document_no="黑财指(农)〔2023〕36号")  # what the rest of the plan counts on
    _, succeeded = await several(county, indicator, ["60000.00", "60000.00"])
    assert succeeded == 1
    assert await county.balance("1100", indicator_id=indicator) == 4_000_000


async def test_three_allocations_at_once_leave_a_fen(county: County) -> None:
    """Scenario 17: three of 33 333.33 from 100 000.00."""
    indicator = await county.indicator("100000.00")
    await county.indicator("400000.00", document_no="黑财指(农)〔2023〕36号")
    _, succeeded = await several(county, indicator, ["33333.33"] * 3)
    assert succeeded == 3
    assert await county.balance("1100", indicator_id=indicator) == 1


async def test_fifty_at_once_never_overdraw_by_a_fen(county: County) -> None:
    """LM01 under load: fifty of 10 000.00 from 299 999.99, twenty-nine succeed."""
    indicator = await county.indicator("299999.99")
    await county.indicator("200000.01", document_no="黑财指(农)〔2023〕36号")
    _, succeeded = await several(county, indicator, ["10000.00"] * 50)
    assert succeeded == 29
    assert await county.balance("1100", indicator_id=indicator) == 999_999
    entries = await county.look("SELECT count(*) AS n FROM ledger_entry WHERE template = 'P03'")
    assert entries[0]["n"] == 29
    assert len(await county.events("funds.allocation.posted")) == 29


async def test_no_money_for_what_is_not_in_the_library_or_not_planned(county: County) -> None:
    """§1.8 at the second gate: the plan's check is not trusted."""
    indicator = await county.indicator("500000.00")
    draft_only = await county.enter(entry("大同镇八井子村草稿项目"))
    allocation = await county.draft((draft_only, indicator, "1.00"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert (wrong.code, wrong.violations[0].rule) == ("NOT_IN_LIBRARY", "NL18")

    unplanned = await county.in_library()
    allocation = await county.draft((unplanned, indicator, "1.00"))
    assert (await refused(county.take(finance_clerk, "allocation", allocation, "submit"))).code == "NOT_IN_PLAN"


async def test_a_project_gets_no_more_than_its_plan_gives(county: County) -> None:
    indicator = await county.indicator("600000.00")
    project = await county.planned()
    allocation = await county.draft((project, indicator, "500000.01"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert wrong.code == "ALLOCATION_BEYOND_PLAN"
    assert wrong.violations[0].facts["beyond"] == {str(project): "0.01"}


async def test_a_suspended_project_gets_nothing(county: County) -> None:
    indicator = await county.indicator("500000.00")
    project = await county.planned()
    allocation = await county.draft((project, indicator, "500000.00"))
    await county.approve(allocation)
    await county.take(bureau_head, "project", project, "suspend", reason="核查")
    wrong = await refused(county.take(finance_leader, "allocation", allocation, "post"))
    assert wrong.code == "PROJECT_SUSPENDED"

    await county.take(bureau_head, "project", project, "resume", reason="核查完毕")
    await county.take(finance_leader, "allocation", allocation, "post")
    assert await county.state(project) == "FUNDED"


async def test_linkage_money_pays_no_clinic_where_the_rule_is_adopted(county: County) -> None:
    """NL12 at the allocation: what is in the library is not therefore eligible for this fund (§1.3)."""
    indicator = await county.indicator("500000.00")
    clinic = entry("大同镇八井子村卫生室", category="030302")
    project = await county.enter(clinic)
    await county.to_county(project)
    await county.review_in_county(project, accepted_warnings={"NL12": "省定例外"})
    await county.decide(project)
    await county.hang(bureau_head, project)
    await county.take(bureau_head, "project", project, "enter_library")
    await county.adopt({"industry.min_share": "0"})
    await county.publish(await county.plan({project: [("central", "500000.00")]}))
    ready = {"design_ready": True, "land_ready": True}
    await county.take(bureau_head, "project", project, "plan", form=ready)

    allocation = await county.draft((project, indicator, "500000.00"))
    await county.adopt_rules("NL12")
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert (wrong.code, wrong.violations[0].rule) == ("CATEGORY_NOT_ALLOWED", "NL12")


async def test_an_allocation_is_reversed_while_it_is_unspent(county: County) -> None:
    """P04: the money is unallocated again, and the project waits for it again; a second reversal finds nothing."""
    indicator = await county.indicator("500000.00")
    project = await county.planned()
    allocation = await county.allocate((project, indicator, "500000.00"))
    same = await refused(county.take(finance_leader, "allocation", allocation, "reverse", reason="误下达"))
    assert same.code == "SEPARATION_OF_DUTIES"

    await county.take(second_leader, "allocation", allocation, "reverse", reason="误下达")
    assert await county.balance("1100", indicator_id=indicator) == 50_000_000
    assert await county.balance("1200") == 0
    assert await county.state(project) == "PLANNED"
    assert await county.state(allocation) == "REVERSED"

    await county.allocate((project, indicator, "500000.00"))
    assert await county.state(project) == "FUNDED"


async def test_committed_quota_is_not_reversed(county: County) -> None:
    """§3.3: one fen that a contract has bound, and the allocation stays."""
    indicator = await county.indicator("500000.00")
    project = await county.planned()
    allocation = await county.allocate((project, indicator, "500000.00"))
    await county.bind(project, indicator, 1)
    wrong = await refused(county.take(second_leader, "allocation", allocation, "reverse", reason="误下达"))
    assert wrong.code == "QUOTA_SPENT"
    assert wrong.violations[0].facts["available"] == "499999.99"


async def test_quota_moves_between_projects_of_the_library(county: County) -> None:
    """§3.6: P04 and P03 of the same indicator; more than is left is refused."""
    indicator = await county.indicator("600000.00")
    project = await county.planned()
    other = await county.planned_too(project, "100000.00")
    allocation = await county.allocate((project, indicator, "500000.00"))
    move = {"from_project_id": str(project), "to_project_id": str(other), "indicator_id": str(indicator)}
    too_much = move | {"amount": "500000.01"}
    wrong = await refused(
        county.take(finance_leader, "allocation", allocation, "adjust", "meeting_minutes", form=too_much, reason="调整")
    )
    assert wrong.code == "QUOTA_SPENT"

    right = move | {"amount": "100000.00"}
    await county.take(finance_leader, "allocation", allocation, "adjust", "meeting_minutes", form=right, reason="调整")
    assert await county.balance("1200", project_id=project) == 40_000_000
    assert await county.balance("1200", project_id=other) == 10_000_000
    assert await county.state(other) == "FUNDED"


async def test_an_allocation_is_closed_when_nothing_waits(county: County) -> None:
    indicator = await county.indicator("500000.00")
    project = await county.planned()
    allocation = await county.allocate((project, indicator, "500000.00"))
    wrong = await refused(county.take(finance_reviewer, "allocation", allocation, "close"))
    assert wrong.code == "QUOTA_LEFT"


async def test_an_unknown_project_or_indicator_is_not_found(county: County) -> None:
    indicator = await county.indicator("500000.00")
    assert isinstance(await refused(county.draft((new_id(), indicator, "1.00"))), NotFound)
    assert isinstance(await refused(county.draft((await county.enter(), new_id(), "1.00"))), NotFound)


async def test_the_drafter_does_not_approve(county: County) -> None:
    indicator = await county.indicator("500000.00")
    project = await county.planned()
    allocation = await county.draft((project, indicator, "500000.00"))
    await county.take(finance_clerk, "allocation", allocation, "submit")
    attempt = county.take(finance_leader, "allocation", allocation, "approve", "meeting_minutes")
    assert (await refused(attempt)).code == "ROLE_REQUIRED"
    assert group.id != finance_clerk.id

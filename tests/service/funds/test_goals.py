"""Goals on real PostgreSQL: the four marks with the budget, dual monitoring, suspended payments, checks (§5)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.funds.checks.performance import PERFORMANCE_CHECKS
from services.funds.commands.goals import EnterGoals
from shared.cases.commands import TakeStep
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Problem
from tests.service.funds.county import (
    COUNTY,
    MEETING,
    County,
    bureau_clerk,
    bureau_head,
    entry,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    group,
    sector,
    unit,
)
from tests.service.funds.goals import ACTUALS, PASS, entered, figures, reviewed, table
from tests.service.funds.works import Works, refused

pytestmark = pytest.mark.asyncio


async def state(county: County, goal: UUID) -> str:
    (row,) = await county.look("SELECT state FROM case_file WHERE subject_id = $1", goal)
    return str(row["state"])


async def standing(county: County, check_id: str) -> int:
    """How many findings a check has today."""
    (check,) = (each for each in PERFORMANCE_CHECKS if each.id == check_id)
    resources = county.bench.assembled.pipeline.resources
    policy = Policy(resources.parameters, resources.calendar)
    async with county.bench.database.write(SYSTEM) as tx:
        found = await run_check(tx.raw, check, now=county.bench.clock.now(), policy=policy)
        return found.standing


async def in_force(county: County, project: UUID) -> UUID:
    """A table with all four marks; its project stands in an approved plan already."""
    goal = await entered(county, project)
    await reviewed(county, goal)
    (plan,) = await county.look("SELECT plan_id FROM plan_line WHERE project_id = $1 LIMIT 1", project)
    await county.take(group, "goal", goal, "approve", form={"plan_id": str(plan["plan_id"])})
    await county.take(bureau_head, "goal", goal, "publish")
    return goal


async def test_a_plan_line_without_declared_and_reviewed_goals_is_refused(county: County) -> None:
    """§5.1, F-5.1: the county adopted the rule; the refusal names the marks that the project lacks."""
    await county.adopt_rules("F-5.1")
    await county.indicator("500000.00")
    project = await county.in_library()
    plan = await county.plan({project: [("central", "500000.00")]})
    wrong = await refused(county.take(bureau_clerk, "annual_plan", plan, "propose"))
    assert (wrong.code, wrong.violations[0].rule) == ("GOAL_MARKS_MISSING", "F-5.1")
    assert wrong.violations[0].facts["missing"] == {str(project): ["申报", "审核"]}

    goal = await entered(county, project)
    await county.take(unit, "goal", goal, "declare")
    wrong = await refused(county.take(bureau_clerk, "annual_plan", plan, "propose"))
    assert wrong.violations[0].facts["missing"] == {str(project): ["审核"]}


async def test_goals_are_approved_with_the_plan_and_money_waits_for_their_publication(county: County) -> None:
    """§5.1: approval in the same act as the budget's; four marks before a line is valid."""
    await county.adopt_rules("F-5.1")
    source = await county.indicator("500000.00")
    project = await county.in_library()
    goal = await entered(county, project)
    await reviewed(county, goal)
    await county.publish(await county.plan({project: [("central", "500000.00")]}))
    assert await state(county, goal) == "APPROVED"
    (row,) = await county.look("SELECT approved_on, approved_with FROM goal_table")
    assert (str(row["approved_on"]), row["approved_with"]) == ("2023-02-05", MEETING["number"])

    await county.plan_in(project)
    allocation = await county.draft((project, source, "500000.00"))
    wrong = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))
    assert wrong.violations[0].facts["missing"] == {str(project): ["公开"]}

    await county.take(bureau_head, "goal", goal, "publish")
    await county.approve(allocation)
    await county.take(finance_leader, "allocation", allocation, "post")
    assert await county.state(project) == "FUNDED"


async def test_goals_go_back_with_the_plan_that_approved_them(county: County) -> None:
    """§5.1: a plan sent back takes the approval of its goals with it, published or not; another batch's stay."""
    await county.indicator("1000001.00")
    first, other = await county.in_library(), await county.in_library(entry("大同镇八井子村育苗棚二期"))
    goals = {project: await entered(county, project) for project in (first, other)}
    for goal in goals.values():
        await reviewed(county, goal)
    await county.publish(await county.plan({other: [("central", "500000.00")]}))
    plan = await county.plan({first: [("central", "500000.00")], other: [("central", "1.00")]}, batch=2)
    for actor in (bureau_clerk, finance_reviewer):
        await county.take(actor, "annual_plan", plan, "propose")
    await county.take(group, "annual_plan", plan, "approve", "meeting_minutes", form=MEETING)
    await county.take(bureau_head, "goal", goals[first], "publish")

    await county.take(group, "annual_plan", plan, "send_back", reason="规模核减")
    assert {await state(county, goals[first]), await state(county, plan)} == {"REVIEWED", "DRAFT"}
    assert await state(county, goals[other]) == "APPROVED"
    marks = "SELECT reviewed_on, approved_on, approved_with, published_on FROM goal_table WHERE id = $1"
    (row,) = await county.look(marks, goals[first])
    assert row["reviewed_on"] is not None
    assert (row["approved_on"], row["approved_with"], row["published_on"]) == (None, "", None)
    early = await refused(county.take(group, "goal", goals[first], "approve", form={"plan_id": str(plan)}))
    assert early.code == "BUDGET_NOT_APPROVED"

    for actor in (bureau_clerk, finance_reviewer):
        await county.take(actor, "annual_plan", plan, "propose")
    await county.take(group, "annual_plan", plan, "approve", "meeting_minutes", form=MEETING)
    assert await state(county, goals[first]) == "APPROVED"


async def test_until_a_county_adopts_the_rule_it_only_warns(county: County) -> None:
    """Architecture §6: not adopted, so the plan is proposed and the caller is told 未核实."""
    await county.indicator("500000.00")
    plan = await county.plan({await county.in_library(): [("central", "500000.00")]})
    step = TakeStep(workflow="funds.annual_plan", subject_id=plan, step="propose")
    outcome = await county.run(step, bureau_clerk)
    (warning,) = outcome.warnings
    assert (warning["code"], warning["rule"]) == ("GOAL_MARKS_MISSING", "F-5.1")
    assert warning["zh"].startswith("未核实")


async def test_goals_not_published_in_twenty_working_days_are_found(county: County) -> None:
    """Scenario 67: approved 2023-03-01; the twentieth working day is 2023-03-29."""
    await county.indicator("500000.00")
    project = await county.in_library()
    goal = await entered(county, project)
    await reviewed(county, goal)
    plan = await county.plan({project: [("central", "500000.00")]})
    await county.take(bureau_clerk, "annual_plan", plan, "propose")
    await county.take(finance_reviewer, "annual_plan", plan, "propose")
    county.bench.clock.set(datetime(2023, 3, 1, 2, tzinfo=UTC))
    await county.take(group, "annual_plan", plan, "approve", "meeting_minutes", form=MEETING)
    (case,) = await county.look("SELECT due_on FROM case_file WHERE subject_id = $1", goal)
    assert str(case["due_on"]) == "2023-03-29"

    county.bench.clock.set(datetime(2023, 3, 29, 2, tzinfo=UTC))
    assert await standing(county, "funds-FW28") == 0
    county.bench.clock.set(datetime(2023, 3, 30, 2, tzinfo=UTC))
    assert await standing(county, "funds-FW28") == 1
    await county.take(bureau_head, "goal", goal, "publish")
    assert await standing(county, "funds-FW28") == 0


async def test_a_change_of_goals_repeats_the_procedure(works: Works) -> None:
    """§5.1: the marks are gone, and nobody approves without an approved budget."""
    county = works.county
    goal = await in_force(county, works.project)
    await county.take(bureau_head, "goal", goal, "change", "goal_change_basis", reason="建设规模调整")
    (row,) = await county.look("SELECT declared_on, reviewed_on, approved_on, published_on FROM goal_table")
    assert set(row.values()) == {None}
    await reviewed(county, goal)
    wrong = await refused(county.take(group, "goal", goal, "approve", form={"plan_id": str(goal)}))
    assert wrong.code == "BUDGET_NOT_APPROVED"


async def test_a_review_that_finds_a_fault_sends_the_table_back(county: County) -> None:
    project = await county.in_library()
    goal = await entered(county, project)
    await county.take(unit, "goal", goal, "declare")
    fault = {**PASS, "feasibility": False}
    assert (await refused(county.take(sector, "goal", goal, "review_sector", form=fault))).code == "REVIEW_NOT_PASSED"
    await county.take(sector, "goal", goal, "send_back", form=fault | {"verdict": "revise"}, reason="目标值过高")
    assert await state(county, goal) == "RETURNED"
    assert await standing(county, "funds-FW28.missing") == 0


async def test_a_red_deviation_may_suspend_payments_until_it_is_lifted(works: Works) -> None:
    """§5.4: red → suspend further payments; a payment then is refused with the reason (F-5.4)."""
    county = works.county
    goal = await in_force(county, works.project)
    contract = await works.contract("500000.00")
    county.bench.clock.set(datetime(2023, 7, 31, 2, tzinfo=UTC))
    early = {"as_of": "2023-07-31", "figures": figures(ACTUALS | {"C1": "12", "X1": "29000"})}
    await county.take(unit, "goal", goal, "monitor", form=early)
    (seen,) = await county.look("SELECT light, money_light, lines, money_deviation FROM goal_monitoring")
    # Nothing is paid after 211 of 364 days: the money is red although the goals are on their way.
    assert (seen["light"], seen["money_light"], seen["money_deviation"]) == ("red", "red", "-211/364")
    assert await standing(county, "funds-FW29") == 1

    hold = {"measure": "suspend_payments"}
    await county.take(finance_reviewer, "goal", goal, "order_measure", form=hold, reason="支出严重滞后")
    payment = await works.request(contract, "advance", "100000.00")
    wrong = await refused(works.submit(payment))
    assert [each.code for each in wrong.violations] == ["PAYMENTS_HELD_BY_GOALS"]
    last = {"figures": figures(ACTUALS)}
    wrong = await refused(county.take(unit, "goal", goal, "self_evaluate", "self_evaluation_report", form=last))
    assert wrong.code == "MEASURE_STANDING"

    await county.take(finance_leader, "goal", goal, "lift_measure", "rectification_proof", form=hold, reason="已整改")
    await works.submit(payment)


async def test_a_measure_follows_only_from_a_deviation(works: Works) -> None:
    county = works.county
    goal = await in_force(county, works.project)
    county.bench.clock.set(datetime(2023, 2, 10, 2, tzinfo=UTC))
    form = {"as_of": "2023-02-10", "figures": figures(ACTUALS)}
    await county.take(unit, "goal", goal, "monitor", form=form)
    hold = {"measure": "suspend_payments"}
    wrong: Problem = await refused(
        county.take(finance_reviewer, "goal", goal, "order_measure", form=hold, reason="滞后")
    )
    assert wrong.code == "MEASURE_NOT_DUE"
    assert wrong.violations[0].facts["light"] == "amber"
    without = {"as_of": "2023-02-10", "figures": figures({"C1": "1"})}
    assert (await refused(county.take(unit, "goal", goal, "monitor", form=without))).code == "FIGURES_INCOMPLETE"


async def test_an_evaluation_that_is_overdue_is_found(works: Works) -> None:
    """FW30: due on 31 March of the next year."""
    await in_force(works.county, works.project)
    works.county.bench.clock.set(datetime(2024, 3, 31, 2, tzinfo=UTC))
    assert await standing(works.county, "funds-FW30") == 0
    works.county.bench.clock.set(datetime(2024, 4, 1, 2, tzinfo=UTC))
    assert await standing(works.county, "funds-FW30") == 1


async def test_a_table_without_budget_is_not_scored(county: County) -> None:
    """Scenario 66: budget 0 → refused."""
    await county.indicator("500000.00")
    project = await county.in_library()
    await county.publish(await county.plan({project: [("central", "500000.00")]}))
    goal = await in_force(county, project)
    today = county.bench.clock.now().date().isoformat()
    await county.take(unit, "goal", goal, "monitor", form={"as_of": today, "figures": figures(ACTUALS)})
    last = {"figures": figures(ACTUALS)}
    wrong = await refused(county.take(unit, "goal", goal, "self_evaluate", "self_evaluation_report", form=last))
    assert wrong.code == "BUDGET_ZERO"


async def test_an_areas_goals_go_with_its_indicator(county: County) -> None:
    """§5.2, §2.1: the table of an area (区域绩效目标) is approved with the indicator's document, once it is confirmed."""
    indicator = await county.enter_indicator("500000.00")
    fields = {
        "area_code": COUNTY,
        "indicator_id": indicator,
        "year": 2023,
        "title": "2023年衔接资金区域绩效目标表",
        "content": table(),
    }
    made = await county.run(EnterGoals.model_validate(fields), unit)
    goal = UUID(made.result["id"])
    await reviewed(county, goal)
    document = {"document_no": "黑财指(农)〔2023〕34号"}
    early = await refused(county.take(finance_leader, "goal", goal, "approve", form=document))
    assert early.code == "BUDGET_NOT_APPROVED"
    await county.confirm(indicator)
    await county.take(finance_leader, "goal", goal, "approve", form=document)
    await county.take(bureau_head, "goal", goal, "publish")
    today = county.bench.clock.now().date().isoformat()
    await county.take(unit, "goal", goal, "monitor", form={"as_of": today, "figures": figures(ACTUALS)})
    (seen,) = await county.look("SELECT budget_fen, paid_fen FROM goal_monitoring")
    assert (seen["budget_fen"], seen["paid_fen"]) == (50_000_000, 0)
    (notice,) = await county.look("SELECT permanent, content FROM case_notice WHERE level = 'county'")
    assert notice["permanent"]
    assert notice["content"]["goals"][0]["name"] == "指标C1"


async def test_a_table_names_one_thing(county: County) -> None:
    fields = {"area_code": COUNTY, "year": 2023, "title": "绩效目标表", "content": table()}
    assert (await refused(county.run(EnterGoals.model_validate(fields), unit))).code == "GOAL_SUBJECT"

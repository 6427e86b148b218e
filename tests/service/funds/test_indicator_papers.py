"""Indicators on their way down, changed by later documents, carried over and recovered; every fen stays accounted for."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.funds.commands.carry_over import CarryOver
from services.funds.commands.decompositions import DraftDecomposition
from services.funds.commands.indicator_changes import EnterChange
from services.funds.commands.indicator_recoveries import DraftRecovery
from services.funds.queries.indicator_papers import idle_money, proposal_of
from shared.checks.commands import RunChecks
from shared.db.paging import Cursors, PageRequest
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.days import local_day
from shared.kernel.errors import Refused
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.testing.services import person
from shared.vault.keys import KeyRing
from tests.service.funds.county import (
    COUNTY,
    VILLAGE,
    County,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    second_leader,
)
from tests.service.funds.invariants import found
from tests.service.funds.test_allocations import refused

pytestmark = pytest.mark.asyncio

CITY = "230600000000"
city_clerk = person("city clerk", CITY, Role.FINANCE_CLERK)
city_reviewer = person("city reviewer", CITY, Role.FINANCE_REVIEWER)
city_leader = person("city leader", CITY, Role.FINANCE_LEADER)


async def standing(county: County, *without: str) -> None:
    """Every invariant holds, but for those that a test's shortcut breaks."""
    async with county.bench.database.write(SYSTEM) as tx:
        spoke = await found(tx.raw, county.resources, county.bench.clock.now())
    assert set(spoke) <= set(without)


async def received(county: County, amount: str, area: str = CITY, **changed: Any) -> UUID:
    """A confirmed indicator of the city."""
    fields = {"area_code": area, "issuer": "黑龙江省财政厅", "document_no": "黑财指(农)〔2023〕40号"} | changed
    indicator = await county.enter_by(city_clerk, amount, **fields)
    await county.take(city_clerk, "indicator", indicator, "submit", "indicator_document")
    await county.take(city_reviewer, "indicator", indicator, "confirm")
    return indicator


async def draft_down(county: County, parent: UUID, *lines: tuple[str, str], **changed: Any) -> UUID:
    given = [{"target": target, "amount": amount} | changed for target, amount in lines]
    (earlier,) = await county.look("SELECT count(*) AS n FROM decomposition")
    command = {
        "area_code": CITY,
        "parent_id": parent,
        "title": "下达2023年衔接资金",
        "issuer": "大庆市财政局",
        "document_no": f"庆财农[2023]{earlier['n'] + 1}号",
        "lines": given,
    }
    made = await county.run(DraftDecomposition.model_validate(command), city_clerk)
    return UUID(made.result["id"])


async def approved_down(county: County, parent: UUID, *lines: tuple[str, str], **changed: Any) -> UUID:
    drafted = await draft_down(county, parent, *lines, **changed)
    await county.take(city_clerk, "decomposition", drafted, "submit")
    await county.take(city_reviewer, "decomposition", drafted, "approve")
    return drafted


async def issue(county: County, drafted: UUID) -> None:
    await county.take(city_leader, "decomposition", drafted, "issue", "indicator_document")


async def child_of(county: County, parent: UUID) -> UUID:
    (row,) = await county.look("SELECT id FROM indicator WHERE parent_id = $1", parent)
    child: UUID = row["id"]
    return child


async def test_money_goes_down_with_its_marks(county: County) -> None:
    """§2.1: direct funds stay direct funds, the document restricts, goals are split; the county confirms its part."""
    parent = await received(
        county, "1000000.00", is_direct_fund=True, goal_table="2023-区域-01", restricted_to=[COUNTY]
    )
    bare = await draft_down(county, parent, (COUNTY, "600000.00"))
    assert (await refused(county.take(city_clerk, "decomposition", bare, "submit"))).code == "GOALS_NOT_SPLIT"
    drafted = await approved_down(county, parent, (COUNTY, "600000.00"), goal_table="2023-区域-01-1")
    await issue(county, drafted)
    assert await county.balance("1150", indicator_id=parent) == 60_000_000
    assert await county.balance("1100", indicator_id=parent) == 40_000_000

    child = await child_of(county, parent)
    (row,) = await county.look("SELECT * FROM indicator WHERE id = $1", child)
    assert (row["is_direct_fund"], row["category"], row["level"]) == (True, "fund.consolidation", "central")
    assert list(row["restricted_to"]) == [int(COUNTY)]
    assert row["document_no"] == "庆财农〔2023〕2号"
    wrong = await refused(county.take(finance_clerk, "indicator", child, "cancel", reason="不要"))
    assert wrong.code == "PASSED_DOWN"
    await standing(county)

    await county.confirm(child)
    assert await county.balance("1100", indicator_id=child) == 60_000_000
    told = await county.events("funds.indicator.received")
    assert told[-1]["parent_id"] == str(parent)
    await standing(county)


async def test_money_goes_down_only(county: County) -> None:
    parent = await received(county, "100.00", restricted_to=["230602000000"])
    for target in (CITY, VILLAGE, "430600000000"):
        wrong = await refused(draft_down(county, parent, (target, "1.00")))
        assert wrong.code == "TARGET_NOT_BELOW"
    drafted = await approved_down(county, parent, (COUNTY, "1.00"))
    wrong = await refused(issue(county, drafted))
    assert wrong.code == "RESTRICTION_LEFT"


async def test_16_fifty_decompositions_at_once_never_exceed_the_parent(county: County) -> None:
    """LM01, peers #5: fifty of 30 000.00 from 999 999.99; thirty-three pass, 9 999.99 are left, nobody else moved a fen."""
    parent = await received(county, "999999.99")
    drafted = [await approved_down(county, parent, (COUNTY, "30000.00")) for _ in range(50)]
    outcomes = await asyncio.gather(*(issue(county, each) for each in drafted), return_exceptions=True)
    for outcome in outcomes:
        assert outcome is None or isinstance(outcome, Refused), repr(outcome)
        assert outcome is None or outcome.code == "INSUFFICIENT"
    assert outcomes.count(None) == 33
    assert await county.balance("1100", indicator_id=parent) == 999_999
    assert await county.balance("1150", indicator_id=parent) == 99_000_000
    (sums,) = await county.look(
        "SELECT count(*) AS n, sum(amount_fen) AS fen FROM indicator WHERE parent_id = $1", parent
    )
    assert (sums["n"], sums["fen"]) == (33, 99_000_000)
    await standing(county)


async def test_17_thirds_of_a_parent_leave_a_fen(county: County) -> None:
    parent = await received(county, "100000.00")
    drafted = [await approved_down(county, parent, (COUNTY, "33333.33")) for _ in range(3)]
    await asyncio.gather(*(issue(county, each) for each in drafted))
    assert await county.balance("1100", indicator_id=parent) == 1


async def test_three_persons_pass_money_down(county: County) -> None:
    parent = await received(county, "100.00")
    both = person("one for all", CITY, Role.FINANCE_CLERK, Role.FINANCE_REVIEWER, Role.FINANCE_LEADER)
    drafted = await draft_down(county, parent, (COUNTY, "1.00"))
    await county.take(both, "decomposition", drafted, "submit")
    assert (await refused(county.take(both, "decomposition", drafted, "approve"))).code == "SEPARATION_OF_DUTIES"


# ── later documents ─────────────────────────────────────────────────────────


async def entered(county: County, indicator: UUID, kind: str, amount: str, **changed: Any) -> UUID:
    fields = {
        "area_code": COUNTY,
        "indicator_id": indicator,
        "kind": kind,
        "document_no": "黑财指(农)[2023]88号",
        "issued_on": "2023-01-03",
        "amount": amount,
    }
    made = await county.run(EnterChange.model_validate(fields | changed), changed.pop("by", finance_clerk))
    change = UUID(made.result["id"])
    await county.take(finance_clerk, "indicator_change", change, "submit", "indicator_document")
    return change


async def test_what_is_added_is_unallocated(county: County) -> None:
    indicator = await county.indicator("100.00")
    change = await entered(county, indicator, "add", "50.00")
    await county.take(finance_reviewer, "indicator_change", change, "confirm")
    assert await county.balance("1100", indicator_id=indicator) == 15_000
    (told,) = await county.events("funds.indicator.adjusted")
    assert (told["delta"], told["amount"], told["document_no"]) == ("50.00", "150.00", "黑财指(农)〔2023〕88号")
    again = await refused(entered(county, indicator, "add", "50.00"))
    assert again.code == "DUPLICATE_INDICATOR_CHANGE"
    await standing(county)


async def test_23_a_cut_takes_what_is_there_and_owes_the_rest(county: County) -> None:
    """追减 300 000.00, 200 000.00 unallocated, all project quota committed: 100 000.00 are due to the upper level."""
    indicator = await county.indicator("700000.00")
    project = await county.planned()
    await county.allocate((project, indicator, "500000.00"))
    await county.bind(project, indicator, 50_000_000)
    change = await entered(county, indicator, "cut", "300000.00")
    async with county.bench.database.read(SYSTEM) as session:
        proposed = await proposal_of(session, change)
    assert (proposed.unallocated, proposed.quota, proposed.short) == (20_000_000, [], 10_000_000)

    await county.take(finance_reviewer, "indicator_change", change, "confirm")
    assert await county.balance("1100", indicator_id=indicator) == 0
    assert await county.balance("2000", indicator_id=indicator) == 10_000_000
    assert await county.balance("1000", indicator_id=indicator) == 40_000_000
    assert await county.balance("1300", indicator_id=indicator) == 50_000_000
    for _ in range(2):  # scenario 64: one cause, one alert
        await county.run(RunChecks(), SYSTEM)
        raised = await county.look("SELECT rule_id, severity FROM alert WHERE subject_id = $1", indicator)
        assert [tuple(row) for row in raised] == [("FW-owed", "red")]
        standing_on = await county.look("SELECT check_id FROM finding WHERE subject_key = $1", str(indicator))
        assert [row["check_id"] for row in standing_on] == ["funds-FW-owed"]
    await standing(county, "funds-V05", "funds-V11")


async def test_23_uncommitted_quota_is_taken_before_anything_is_owed(county: County) -> None:
    indicator = await county.indicator("700000.00")
    project = await county.planned()
    await county.allocate((project, indicator, "500000.00"))
    await county.bind(project, indicator, 40_000_000)
    change = await entered(county, indicator, "cut", "250000.00")
    other_sum = {"quota": [{"project_id": str(project), "amount": "49999.99"}]}
    wrong = await refused(county.take(finance_reviewer, "indicator_change", change, "confirm", form=other_sum))
    assert wrong.code == "TAKE_DIFFERS"
    form = {"quota": [{"project_id": str(project), "amount": "50000.00"}]}
    await county.take(finance_reviewer, "indicator_change", change, "confirm", form=form)
    assert await county.balance("1200", indicator_id=indicator) == 5_000_000
    assert await county.balance("2000", indicator_id=indicator) == 0
    assert await county.balance("1000", indicator_id=indicator) == 45_000_000


async def test_a_cut_below_goes_back_above_and_is_decided_there(county: County) -> None:
    parent = await received(county, "1000.00")
    await issue(county, await approved_down(county, parent, (COUNTY, "600.00")))
    child = await child_of(county, parent)
    await county.confirm(child)
    assert (await refused(entered(county, child, "cut", "100.00"))).code == "DECIDED_ABOVE"
    for kind, amount, above, below in (("cut", "100.00", 50_000, 50_000), ("add", "250.00", 25_000, 75_000)):
        fields = {
            "area_code": COUNTY,
            "indicator_id": child,
            "kind": kind,
            "document_no": f"庆财农〔2023〕{amount}",
            "issued_on": "2023-01-03",
            "amount": amount,
        }
        made = await county.run(EnterChange.model_validate(fields), city_clerk)
        change = UUID(made.result["id"])
        await county.take(city_clerk, "indicator_change", change, "submit", "indicator_document")
        await county.take(city_reviewer, "indicator_change", change, "confirm")
        assert await county.balance("1100", indicator_id=parent) == above
        assert await county.balance("1100", indicator_id=child) == below
        assert await county.balance("1150", indicator_id=parent) == below
        await standing(county)


# ── carry-over and recovery ─────────────────────────────────────────────────


async def carried(county: County, year: int = 2023) -> tuple[int, str]:
    outcome = await county.run(CarryOver.model_validate({"area_code": COUNTY, "year": year}), finance_leader)
    return outcome.result["balances"], outcome.result["amount"]


async def test_55_a_second_carry_over_posts_nothing(county: County) -> None:
    indicator = await county.indicator("700000.00")
    project = await county.planned()
    await county.allocate((project, indicator, "500000.00"))
    assert (await refused(carried(county))).code == "YEAR_NOT_OVER"
    county.bench.clock.forward(days=365)
    assert await carried(county) == (2, "700000.00")
    entries = await county.look("SELECT count(*) AS n FROM ledger_entry")
    assert await carried(county) == (0, "0.00")
    assert await county.look("SELECT count(*) AS n FROM ledger_entry") == entries
    years = await county.look(
        "SELECT fiscal_year, sum(amount_fen) AS fen FROM ledger_balance WHERE account <> '1000' GROUP BY 1 ORDER BY 1"
    )
    assert [(row["fiscal_year"], row["fen"]) for row in years] == [(2023, 0), (2024, 70_000_000)]
    (row,) = await county.look("SELECT fiscal_year FROM indicator WHERE id = $1", indicator)
    assert row["fiscal_year"] == 2023
    await standing(county)


async def test_55_two_carry_overs_at_once_post_once(county: County) -> None:
    await county.indicator("100.00")
    county.bench.clock.forward(days=365)
    assert sorted(await asyncio.gather(*(carried(county) for _ in range(5)))) == [(0, "0.00")] * 4 + [(1, "100.00")]


async def test_53_idle_money_has_an_age_and_reserved_retention_is_not_idle(county: County) -> None:
    """Origin 2021, 50 000.00 unspent at the start of 2023, 20 000.00 of it retention: 30 000.00 idle, red, recover."""
    indicator = await county.indicator("50000.00", fiscal_year=2021, document_no="黑财指(农)〔2021〕9号")
    await county.indicator("1.00", fiscal_year=2022, document_no="黑财指(农)〔2022〕9号")
    await county.indicator("1.00")
    await county.retain(indicator, 2_000_000)
    async with county.bench.database.read(SYSTEM) as session:
        asked = Parameters(session.raw, county.bench.assembled.pipeline.resources.parameters)
        page = PageRequest(Cursors.of(KeyRing.fresh()), 50)
        today = local_day(county.bench.clock.now())
        shown = await idle_money(session, page, asked, AreaCode.parse(COUNTY), 2023, today)
    old, younger = shown.items
    assert (old.age, old.unspent, old.retention, old.idle) == (2, 5_000_000, 2_000_000, 3_000_000)
    assert (old.light, old.recover) == ("red", True)
    assert (younger.age, younger.light, younger.recover) == (1, "amber", False)


async def recovery(county: County, kind: str, *lines: dict[str, Any]) -> UUID:
    command = {
        "area_code": COUNTY,
        "kind": kind,
        "title": "收回结余资金",
        "document_no": "同财农〔2023〕60号",
        "lines": lines,
    }
    made = await county.run(DraftRecovery.model_validate(command), finance_clerk)
    drafted = UUID(made.result["id"])
    await county.take(finance_clerk, "indicator_recovery", drafted, "propose")
    return drafted


async def test_54_surplus_is_reused_by_its_own_sources(county: County) -> None:
    """48 765.43 split 29 259.26 / 19 506.17; each goes back to its own indicator, so to its own category of money."""
    first = await county.indicator("29259.26")
    second = await county.indicator("19506.17", document_no="同财农〔2023〕3号", level="county")
    project = await county.surplus({first: 2_925_926, second: 1_950_617})
    lines = [
        {"indicator_id": source, "account": "1800", "project_id": project, "amount": amount}
        for source, amount in ((first, "29259.26"), (second, "19506.17"))
    ]
    over = await recovery(county, "reuse", lines[0] | {"amount": "29259.27"})
    wrong = await refused(county.take(second_leader, "indicator_recovery", over, "reuse", "recovery_document"))
    assert wrong.code == "INSUFFICIENT"
    drafted = await recovery(county, "reuse", *lines)
    wrong = await refused(county.take(second_leader, "indicator_recovery", drafted, "return", "recovery_document"))
    assert wrong.code == "RECOVERY_KIND"
    await county.take(second_leader, "indicator_recovery", drafted, "reuse", "recovery_document")
    assert await county.balance("1800") == 0
    assert await county.balance("1100", indicator_id=first) == 2_925_926
    assert await county.balance("1100", indicator_id=second) == 1_950_617
    await standing(county)


async def test_what_goes_back_to_the_upper_level_leaves_the_source(county: County) -> None:
    """P24, after a carry-over: the source stays in its year, what is returned leaves the year it was carried to."""
    indicator = await county.indicator("100.00")
    project = await county.surplus({indicator: 4_000})
    county.bench.clock.forward(days=365)
    await carried(county)
    drafted = await recovery(
        county,
        "return",
        {"indicator_id": indicator, "account": "1800", "project_id": project, "amount": "40.00"},
        {"indicator_id": indicator, "account": "1100", "amount": "60.00"},
    )
    await county.take(finance_leader, "indicator_recovery", drafted, "return", "recovery_document")
    assert await county.balance("1000", indicator_id=indicator) == 0
    (told,) = await county.events("funds.indicator.recovered")
    assert (told["amount"], told["document_no"]) == ("100.00", "同财农〔2023〕60号")
    await standing(county)


async def test_what_a_cut_left_owing_is_given_back_first(county: County) -> None:
    indicator = await county.indicator("100.00")
    project = await county.surplus({indicator: 10_000})
    change = await entered(county, indicator, "cut", "70.00")
    await county.take(finance_reviewer, "indicator_change", change, "confirm")
    assert await county.balance("2000") == 7_000
    drafted = await recovery(
        county, "reuse", {"indicator_id": indicator, "account": "1800", "project_id": project, "amount": "100.00"}
    )
    await county.take(finance_leader, "indicator_recovery", drafted, "reuse", "recovery_document")
    drafted = await recovery(county, "return", {"indicator_id": indicator, "account": "1100", "amount": "80.00"})
    await county.take(finance_leader, "indicator_recovery", drafted, "return", "recovery_document")
    assert await county.balance("2000") == 0
    assert (await county.balance("1000"), await county.balance("1100")) == (2_000, 2_000)
    await standing(county)

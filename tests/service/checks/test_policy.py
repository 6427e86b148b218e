"""Policy numbers in a check's SELECT: the nearest area, the newest day, exact shares, working days; NULL where none is."""

from datetime import date

import asyncpg
import pytest

from shared.checks.model import Check, Severity
from shared.checks.policy import Policy, with_policy
from shared.checks.run import CheckFailed, CheckRun, attempt_check, explain
from shared.kernel.actors import SYSTEM
from shared.kernel.days import start_of
from shared.parameters.model import Kind, Parameter
from tests.service.checks.test_run import COUNTY, enter

pytestmark = pytest.mark.asyncio

TODAY = date(2023, 6, 7)
DECLARED = {
    each.name: each
    for each in (
        Parameter("well.litres", Kind.INTEGER, "20", "litres", "test", "水量", "litres"),
        Parameter("well.share", Kind.SHARE, "1/3", "share", "test", "占比", "share"),
        Parameter("well.line", Kind.FEN, None, "yuan", "test", "标准", "line"),
        Parameter("well.days", Kind.DURATION, "3 working none", "days", "test", "时限", "days"),
        Parameter("well.names", Kind.WORDS, "it's,b", "words", "test", "名", "names"),
    )
}
INSERT = """
INSERT INTO parameter_value(name, area_code, effective_from, effective_to, value, document, proposed_by, adopted_by)
VALUES ($1, $2, $3, $4, $5, '文件', '00000000-0000-0000-0000-000000000000', $6)"""
NOBODY = "00000000-0000-0000-0000-000000000000"


class Weekdays:
    """Monday to Friday are worked."""

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


POLICY = Policy(DECLARED, Weekdays())


async def value(raw: asyncpg.Connection, macro: str) -> object:
    return await raw.fetchval(f"SELECT {await with_policy(raw, macro, POLICY, TODAY)}")


async def adopt(raw: asyncpg.Connection, area: int, since: str, text: str | None, until: str | None = None) -> None:
    ends = date.fromisoformat(until) if until else None
    await raw.execute(INSERT, "well.litres", area, date.fromisoformat(since), ends, text, NOBODY)


async def test_the_default_counts_until_somebody_adopts_a_value(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    assert await value(raw, f":param(well.litres, {COUNTY})") == 20
    await raw.execute(INSERT, "well.litres", COUNTY, date(2023, 1, 1), None, "30", None)  # proposed, not adopted
    assert await value(raw, f":param(well.litres, {COUNTY})") == 20


async def test_the_nearest_area_and_the_newest_day_count(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    await adopt(raw, COUNTY, "2021-01-01", "31", "2022-12-31")
    await adopt(raw, COUNTY, "2023-01-01", "32")
    await adopt(raw, COUNTY, "2023-06-08", "33")
    village = COUNTY + 1001
    assert await value(raw, f":param(well.litres, {village})") == 32
    assert await value(raw, f":param(well.litres, {COUNTY - 1_000_000})") == 20
    assert await value(raw, f":param(well.litres, {village}, DATE '2022-12-31')") == 31
    assert await value(raw, f":param(well.litres, {village}, DATE '2023-06-08')") == 33
    assert await value(raw, f":param(well.litres, {village}, DATE '2020-12-31')") == 20


async def test_a_withdrawn_or_unstated_value_is_null(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    await adopt(raw, COUNTY, "2023-01-01", None)
    assert await value(raw, f":param(well.litres, {COUNTY})") is None
    assert await value(raw, ":param(well.line, 1)") is None


async def test_shares_stay_exact_and_words_are_quoted(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    assert await value(raw, ":num(well.share, 1) * 3 = :den(well.share, 1)") is True
    assert await value(raw, ":param(well.names, 1)") == ["it's", "b"]


async def test_a_period_becomes_the_last_day_that_is_overdue(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    # today is Wednesday: what began on Thursday had until Tuesday, what began on Friday has until today
    assert await value(raw, ":cutoff(well.days, 1)") == date(2023, 6, 1)


async def test_a_form_that_does_not_fit_is_a_mistake(raw: asyncpg.Connection) -> None:
    with pytest.raises(TypeError, match="does not fit"):
        await with_policy(raw, ":num(well.litres, 1)", POLICY, TODAY)


async def test_a_graded_check_says_how_bad_it_is(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    select = f"""SELECT litres::text AS subject_key, {COUNTY}::bigint AS area_code, '{{}}'::jsonb AS facts,
      CASE WHEN litres < 10 THEN 'red' END AS severity
      FROM (VALUES (5), (15), (25)) AS well(litres) WHERE litres < :param(well.litres, {COUNTY})"""  # noqa: S608  a constant
    check = Check("weak", Severity.AMBER, "well", "弱", "weak", select, graded=True)
    now = start_of(TODAY)
    said = [await explain(raw, check, litres, now=now, policy=POLICY) for litres in ("5", "15", "25")]
    assert [[offence.severity for offence in one] for one in said] == [["red"], [""], []]


def weak(name: str, condition: str) -> Check:
    select = f"""SELECT 'well' AS subject_key, {COUNTY}::bigint AS area_code, '{{}}'::jsonb AS facts
      WHERE {condition}"""
    return Check(name, Severity.AMBER, "well", "弱", "weak", select)


async def test_one_check_that_cannot_be_made_leaves_the_others_and_its_findings(raw: asyncpg.Connection) -> None:
    await enter(raw, SYSTEM)
    sound, divides = weak("sound", "true"), weak("divides", f"100 / :param(well.litres, {COUNTY}) > 0")
    reads = weak("reads", f":num(well.share, {COUNTY}) > 0")
    checks = (reads, divides, sound)

    async def night() -> list[str | tuple[str, ...]]:
        made = [await attempt_check(raw, check, now=start_of(TODAY), policy=POLICY) for check in checks]
        return [each.check_id if isinstance(each, CheckRun) else codes(each) for each in made]

    def codes(failed: CheckFailed) -> tuple[str, ...]:
        assert {each.facts["check"] for each in failed.violations} == {failed.check_id}
        return tuple(each.code for each in failed.violations)

    assert await night() == ["reads", "divides", "sound"]
    await adopt(raw, COUNTY, "2023-01-01", "0")
    await raw.execute(INSERT, "well.share", COUNTY, date(2023, 1, 1), None, "1e99999", NOBODY)
    assert await night() == [("PARAMETER_UNFIT",), ("CHECK_NOT_COMPUTED",), "sound"]
    standing = await raw.fetch("SELECT check_id FROM finding WHERE closed_at IS NULL ORDER BY check_id")
    assert [row["check_id"] for row in standing] == ["divides", "reads", "sound"]

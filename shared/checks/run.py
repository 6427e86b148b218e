"""Runs checks: new findings are opened, those gone are closed, in one statement and so by one look at the data."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from shared.checks.model import Check
from shared.checks.policy import Policy, named_parameters, with_policy
from shared.kernel.days import local_day
from shared.kernel.errors import Unknown, Violation
from shared.kernel.ids import new_id

_SUBJECT = re.compile(r"(?<!:):subject\b")
_TODAY = re.compile(r"(?<!:):today\b")

# NOT IN is hashed whatever the planner thinks of the SELECT; NOT EXISTS compares each with each when it thinks of few.
# The id of a finding: the time of its run's id, then a hash of run and subject; as a UUIDv7 it sorts by time.
_RUN = """
WITH found AS MATERIALIZED (
{select}
), opened AS (
  INSERT INTO finding(id, check_id, severity, subject_kind, subject_key, area_code, facts, opened_at)
  SELECT overlay(overlay(md5($1::uuid::text || subject_key) PLACING '8' FROM 17)
           PLACING left(translate($1::uuid::text, '-', ''), 13) FROM 1)::uuid,
         $2, {severity}, $5, subject_key, area_code, facts, $3
    FROM found
  ON CONFLICT (check_id, subject_key) WHERE closed_at IS NULL DO NOTHING
  RETURNING id
), closed AS (
  UPDATE finding SET closed_at = $3
   WHERE check_id = $2 AND closed_at IS NULL
     AND subject_key NOT IN (SELECT subject_key FROM found)
  RETURNING id
), graded AS (
  UPDATE finding SET severity = {severity}, facts = found.facts FROM found
   WHERE check_id = $2 AND closed_at IS NULL AND finding.subject_key = found.subject_key
     AND finding.severity <> {severity}
), counted AS (
  SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM closed) AS closed,
         (SELECT count(*) FROM finding WHERE check_id = $2 AND closed_at IS NULL) AS before
)
INSERT INTO check_run(id, check_id, at, opened, closed, standing)
SELECT $1, $2, $3, opened, closed, before + opened - closed FROM counted
RETURNING opened, closed, standing"""

_EXPLAIN = """
SELECT subject_key, area_code, facts::text AS facts, {severity} AS severity FROM (
{select}
) AS found WHERE subject_key = $1::text"""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What one run of a check found: opened and closed now, and standing after it."""

    id: UUID
    check_id: str
    opened: int
    closed: int
    standing: int


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """A check that could not be made, and why; its findings are as they were."""

    check_id: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Offence:
    """Why a subject offends at this moment; `severity` is what a graded check makes of it, empty for others."""

    subject_key: str
    area_code: int
    facts: dict[str, Any]
    severity: str = ""


async def run_check(
    raw: asyncpg.Connection,
    check: Check,
    *,
    now: datetime,
    policy: Policy | None = None,
    make_id: Callable[[], UUID] = new_id,
) -> CheckRun:
    """Bring the findings of `check` up to date within the session's scope and record the run.

    A standing finding keeps the facts of the day it was opened, or last changed its severity; `explain` gives today's.
    Raises Unknown for want of a calendar, or for a policy value that does not fit; then nothing has changed.
    """
    run_id = make_id()
    select = await _stated(raw, check, policy, now)
    sql = _RUN.format(select=_bound(select, "NULL", "$3"), severity=_severity(check, "$4"))
    row = await raw.fetchrow(sql, run_id, check.id, now, check.severity, check.subject)
    assert row is not None
    return CheckRun(run_id, check.id, row["opened"], row["closed"], row["standing"])


async def attempt_check(
    raw: asyncpg.Connection, check: Check, *, now: datetime, policy: Policy
) -> CheckRun | CheckFailed:
    """`run_check` in a savepoint: what one check cannot compute leaves the others and the transaction whole."""
    try:
        async with raw.transaction():
            return await run_check(raw, check, now=now, policy=policy)
    except Unknown as unknown:
        found = unknown.violations
    except asyncpg.DataError as error:
        found = (_not_computed(error),)
    told = [replace(each, facts={**each.facts, "check": check.id}) for each in found]
    return CheckFailed(check.id, tuple(told))


async def explain(
    raw: asyncpg.Connection,
    check: Check,
    subject_key: str,
    *,
    now: datetime | None = None,
    policy: Policy | None = None,
) -> list[Offence]:
    """What `check` says of one subject, without touching any finding; empty when all is well.

    `now` is asked for by checks that look at the day, `policy` by those that compare with policy numbers.
    """
    select = await _stated(raw, check, policy, now)
    sql = _EXPLAIN.format(select=_bound(select, "$1::text", "$2"), severity=_severity(check, "''"))
    asks_day = _TODAY.search(check.select) is not None
    rows = await raw.fetch(sql, subject_key, *([now] if asks_day else []))
    return [Offence(row["subject_key"], row["area_code"], orjson.loads(row["facts"]), row["severity"]) for row in rows]


def _not_computed(error: asyncpg.DataError) -> Violation:
    return Violation(
        "CHECK_NOT_COMPUTED",
        f"检查无法计算（SQLSTATE {error.sqlstate}），结果保持原状",
        f"a check cannot be computed (SQLSTATE {error.sqlstate}); its findings stay as they were",
        remedy_zh="核对该检查所用政策参数和数据",
        remedy_en="look at the policy values and the data that the check reads",
    )


async def _stated(raw: asyncpg.Connection, check: Check, policy: Policy | None, now: datetime | None) -> str:
    """The check's SELECT with the policy numbers of the day."""
    if not named_parameters(check.select):
        return check.select
    assert policy is not None
    assert now is not None
    return await with_policy(raw, check.select, policy, local_day(now))


def _bound(select: str, subject: str, now: str) -> str:
    """The SELECT for a subject, on the day of `now`."""
    today = f"({now}::timestamptz AT TIME ZONE 'Asia/Shanghai')::date"
    return _TODAY.sub(today, _SUBJECT.sub(subject, select))


def _severity(check: Check, otherwise: str) -> str:
    return f"coalesce(found.severity, {otherwise})" if check.graded else otherwise

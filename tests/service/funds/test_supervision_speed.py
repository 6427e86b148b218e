"""All rules over a county of many projects, and the alerts of thousands of findings: a few statements each."""

import time
from datetime import UTC, datetime

import pytest

from services.funds.checks.supervision import WARNINGS
from services.funds.commands.alert_runs import follow_findings
from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.commands.command import Context, Write
from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.days import Calendar
from shared.kernel.ids import new_id
from shared.parameters.lookup import Parameters
from shared.vault.keys import KeyRing
from tests.service.funds.county import FUND
from tests.service.funds.ground import FIELD, HOME, Ground

pytestmark = pytest.mark.asyncio

PROJECTS = 2000
SECONDS = 10.0
"""Far above what it takes: only a loop or a bad plan needs longer."""
NOON = datetime(2023, 12, 1, 4, tzinfo=UTC)

# One allocated project with a contract, two payments and their way, each; the numbers make ids that belong together.
_MANY = (
    """INSERT INTO project(id, area_code, plan_year, name, category, planned_total_fen, is_industry, is_household_project,
         asset_forming, content_key, version_no)
       SELECT {project}, {field}, 2023, 'n' || n, '010101', 1000000, n % 2 = 0, false, true, '', 1
         FROM generate_series(1, {count}) AS n""",
    """INSERT INTO project_version(project_id, version_no, content, changed, reason, changed_by, changed_at, area_code)
       SELECT {project}, 1, jsonb_build_object('ends_on', '2023-10-31', 'implementing_unit', '单位' || n % 50,
         'benefit', jsonb_build_object('monitored_households', 1)), '{{}}', '', {project}, '2023-01-01', {field}
         FROM generate_series(1, {count}) AS n""",
    """INSERT INTO contract(id, area_code, county_code, project_id, payee_id, number, title, kind, procurement, signed_on,
         defect_months, payment_plan, amount_fen, provisional_fen, variation_fen, certified_fen, advanced_fen, recouped_fen,
         worked_fen, refunded_fen, open_advance_fen, open_recoup_fen, open_cash_fen, retention_fen, retention_used_fen,
         claim_fen)
       SELECT {contract}, {field}, {home}, {project}, md5((n % 300)::text)::uuid, n::text, '合同', 'works', 'competitive',
         '2023-04-01', 12, 'NAT', 900000, 0, 0, 500000, 0, 0, 400000, 0, 0, 0, 0, 0, 0, 0
         FROM generate_series(1, {count}) AS n""",
    """INSERT INTO payment(id, area_code, county_code, project_id, contract_id, payee_id, stage, cash_fen, recoup_fen, reference,
         applied_on, documents, reserved, instructions)
       SELECT md5('payment' || k || '/' || n)::uuid, {field}, {home}, {project}, {contract}, md5((n % 300)::text)::uuid,
         'progress', k * 1000, 0, k || '/' || n, '2023-06-01', '{{}}', false, 1
         FROM generate_series(1, {count}) AS n, generate_series(1, 2) AS k""",
    """INSERT INTO ledger_balance(account, indicator_id, project_id, fiscal_year, amount_fen, area_code)
       SELECT account, '{indicator}'::uuid, {project}, 2023, 100000, {field}
         FROM generate_series(1, {count}) AS n, unnest(ARRAY['1200', '1300', '1600']) AS account""",
    """INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version, started_on,
         entered_at, is_open)
       SELECT md5('case' || subject_id)::uuid, workflow, 1, subject_id, {field}, state, 1, '{{}}', 1, '2023-01-01',
         '2023-06-01', true
         FROM (SELECT 'funds.project', {project}, 'IMPLEMENTING' FROM generate_series(1, {count}) AS n
               UNION ALL SELECT 'funds.contract', {contract}, 'ACTIVE' FROM generate_series(1, {count}) AS n
               UNION ALL SELECT 'funds.payment', md5('payment' || k || '/' || n)::uuid, 'PAID'
                 FROM generate_series(1, {count}) AS n, generate_series(1, 2) AS k) AS made(workflow, subject_id, state)""",
)


async def populate(ground: Ground, projects: int) -> None:
    """Fill the county; one indicator pays for everything."""
    indicator = await ground.indicator({"1000": "90000000.00"}, category=FUND)
    names = {"project": "md5('project' || n)::uuid", "contract": "md5('contract' || n)::uuid"}
    for statement in _MANY:
        await ground.raw.execute(statement.format(field=FIELD, home=HOME, count=projects, indicator=indicator, **names))


async def run_all(ground: Ground) -> float:
    """Seconds that all rules take over what is there."""
    policy = Policy(SERVICE.declared_parameters, ground.calendar)
    begun = time.perf_counter()
    for check in WARNINGS:
        await run_check(ground.raw, check, now=NOON, policy=policy)
    return time.perf_counter() - begun


async def test_all_rules_over_a_county_of_projects_and_the_alerts_they_raise(
    bare_county: tuple[Database, Calendar],
) -> None:
    database, calendar = bare_county
    async with database.write(SYSTEM) as tx:
        ground = Ground(tx.raw, calendar)
        await populate(ground, PROJECTS)
        assert await run_all(ground) < SECONDS
        write = Write(tx.session, tx.raw, Parameters(tx.raw, SERVICE.declared_parameters))
        ctx = Context(new_id(), SYSTEM, NOON, NOON.date(), new_id(), None, calendar, KeyRing.fresh())
        begun = time.perf_counter()
        await follow_findings(write, ctx)
        assert time.perf_counter() - begun < SECONDS
        late = await tx.raw.fetchval("SELECT count(*) FROM alert WHERE rule_id = 'FW08'")
        assert late == PROJECTS
        assert len(write.events) == await tx.raw.fetchval("SELECT count(*) FROM alert")
        moved = "SELECT count(*) FROM case_file WHERE workflow = 'funds.alert' AND state = 'ASSIGNED' AND due_on IS NOT NULL"
        assert await tx.raw.fetchval(moved) == len(write.events)
        before = len(write.events)
        await follow_findings(write, ctx)
        assert len(write.events) == before

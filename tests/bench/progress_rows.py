"""A province at work: a hundred counties, each with two hundred projects, their money posted as commands would have."""

from datetime import date

import asyncpg

COUNTIES = 100
TODAY = date(2023, 7, 1)
PROVINCE = "230000000000"

# A county's code, the village of its project k, and ids by kind and number. `$1` counties, `$2` projects of each.
_FUNCTIONS = """
CREATE FUNCTION bench_county(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT 230000000000 + ((n / 10 + 1) * 100 + n % 10 + 1) * 1000000 $$;
CREATE FUNCTION bench_key(kind text, n bigint, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT md5(kind || '/' || n || '/' || k)::uuid $$"""
_EACH = "generate_series(0, $1::bigint - 1) AS n, generate_series(1, $2::bigint) AS k"
_PLACES = (
    """INSERT INTO division(code, name, level, parent, kind, valid_from)
       SELECT bench_county(n), '第' || n || '县', 3, bench_county(n) / 100000000 * 100000000, '', '2020-01-01'
         FROM generate_series(0, $1::bigint - 1) AS n WHERE $2::bigint > 0 ON CONFLICT DO NOTHING""",
    """INSERT INTO indicator(id, area_code, issuer, document_no, line_no, title, issued_on, received_on, fiscal_year, level,
          category, functional_class, is_advance_notice, is_direct_fund, purpose, supervision_code, amount_fen)
        SELECT bench_key('indicator', n, 0), bench_county(n), '省财政厅', '财农〔2023〕' || n || '号', 1, '衔接资金',
          '2023-01-03', '2023-01-05', 2023, (ARRAY['central', 'provincial', 'city', 'county'])[1 + n % 4],
          'fund.consolidation', '2130505', false, false, '', '', 100000000 * $2::bigint
          FROM generate_series(0, $1::bigint - 1) AS n""",
    f"""INSERT INTO project(id, area_code, plan_year, name, category, planned_total_fen, is_industry, is_household_project,
          asset_forming, content_key, version_no, entered_on)
        SELECT bench_key('project', n, k), bench_county(n) + (k % 20 + 1) * 1000 + 1, 2023, '项目' || n || '-' || k, '010101',
          100000000, k % 3 > 0, false, false, '', 1, '2022-12-20' FROM {_EACH}""",  # noqa: S608  constants of this file
    f"""INSERT INTO contract(id, area_code, county_code, project_id, payee_id, number, title, kind, procurement, signed_on,
          defect_months, payment_plan, amount_fen, provisional_fen, variation_fen, certified_fen, advanced_fen,
          recouped_fen, worked_fen, refunded_fen, open_advance_fen, open_recoup_fen, open_cash_fen, retention_fen,
          retention_used_fen, claim_fen, completed_on)
        SELECT bench_key('contract', n, k), bench_county(n) + (k % 20 + 1) * 1000 + 1, bench_county(n),
          bench_key('project', n, k), bench_key('payee', n, k % 20), 'HT-' || n || '-' || k, '施工合同', 'works', 'competitive',
          '2023-03-01', 12, '', 90000000, 0, 0, 60000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
          CASE WHEN k % 4 = 0 THEN DATE '2023-06-01' END FROM {_EACH} WHERE k % 10 > 0""",  # noqa: S608  constants of this file
    f"""INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version, started_on,
          entered_at, is_open)
        SELECT bench_key('case', n, k), 'funds.contract', 1, bench_key('contract', n, k),
          bench_county(n) + (k % 20 + 1) * 1000 + 1, 'ACTIVE', 1, '{{}}', 4, '2023-03-01', '2023-03-01', true
          FROM {_EACH} WHERE k % 10 > 0""",  # noqa: S608  constants of this file
)

# What each project went through: allocated, contracted, and for most of them an advance and a payment.
_STEPS = (
    ("P03", "1200", "1100", "2023-02-01", "100000000", "true"),
    ("P05", "1300", "1200", "2023-03-01", "90000000", "k % 10 > 0"),
    ("P07", "1400", "1300", "2023-04-03", "(n * 7919 + k * 104729) % 60000000 + 1000000", "k % 10 > 1"),
    ("P09", "1600", "1400", "2023-04-05", "(n * 7919 + k * 104729) % 60000000 + 1000000", "k % 10 > 1"),
)


def _posted(template: str, debit: str, credit: str, day: str, fen: str, which: str) -> tuple[str, str]:
    """Entries and lines of one template for every project."""
    entries = f"""INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)
        SELECT bench_key('{template}', n, k), '{template}', '{template}/' || n || '/' || k, '{day}', '{day}', 2,
          bench_key('command', n, k), bench_county(n) FROM {_EACH} WHERE {which}"""  # noqa: S608  constants of this file
    lines = f"""INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, contract_id, fiscal_year,
          signed_fen, area_code)
        SELECT bench_key('{template}', n, k), side, account, bench_key('indicator', n, 0), bench_key('project', n, k),
          CASE WHEN '{template}' <> 'P03' THEN bench_key('contract', n, k) END, 2023, sign * ({fen}), bench_county(n)
          FROM {_EACH}, (VALUES (1, '{debit}', 1), (2, '{credit}', -1)) AS both_sides(side, account, sign)
         WHERE {which}"""  # noqa: S608  constants of this file
    return entries, lines


_RECEIVED = (
    """INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)
        SELECT bench_key('P01', n, 0), 'P01', 'P01/' || n, '2023-01-05', '2023-01-05', 2, bench_key('command', n, 0),
          bench_county(n) FROM generate_series(0, $1::bigint - 1) AS n WHERE $2::bigint > 0""",
    """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, fiscal_year, signed_fen, area_code)
        SELECT bench_key('P01', n, 0), side, account, bench_key('indicator', n, 0), 2023, sign * 100000000 * $2::bigint,
          bench_county(n)
          FROM generate_series(0, $1::bigint - 1) AS n, (VALUES (1, '1100', 1), (2, '1000', -1)) AS s(side, account, sign)""",
)
TABLES = ("ledger_entry", "ledger_line", "indicator", "project", "contract", "case_file", "division")


async def seed(connection: asyncpg.Connection, counties: int, projects: int) -> None:
    """Needs a superuser, whom the wall lets through; the ledger's triggers look at every entry."""
    postings = [sql for step in _STEPS for sql in _posted(*step)]
    async with connection.transaction():
        await connection.execute(_FUNCTIONS)
        for statement in (*_PLACES, *_RECEIVED, *postings):
            await connection.execute(statement, counties, projects)
    for table in TABLES:
        await connection.execute(f"VACUUM (ANALYZE) {table}")

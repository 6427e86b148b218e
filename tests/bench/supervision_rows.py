"""A county with projects by the thousand, with their papers, money and way as a year leaves them; one in fifty is at fault."""

from datetime import date

import asyncpg

from tests.bench.payment_rows import ID_FUNCTION

TODAY = date(2023, 12, 1)

# Kinds of ids: 1 payment, 2 contract, 3 project, 4 indicator, 5 payee, 6 case, 7 person, 8 plan, 9 allocation,
# 10 batch, 11 line, 12 household, 13 goals, 14 disclosure, 15 entry, 16 other. `$1` is the number of projects.
_VILLAGE = """
CREATE FUNCTION bench_village(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT 230606000000 + (n % 20 + 1) * 1000 + n % 200 $$"""

_LIBRARY = (
    """INSERT INTO project(id, area_code, plan_year, name, category, planned_total_fen, is_industry, is_household_project,
          asset_forming, content_key, version_no, entered_on)
        SELECT bench_id(3, n), bench_village(n), 2023, '项目' || n, (ARRAY['010101', '030102', '030202', '010203'])[1 + n % 4],
          1000000, n % 4 IN (0, 3), false, n % 2 = 0, '', 1, '2022-12-20' FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO project_version(project_id, version_no, content, changed, reason, changed_by, changed_at, area_code)
        SELECT bench_id(3, n), 1, jsonb_build_object('name', '大同镇第' || n || '号育苗棚建设',
          'content', repeat('新建冷棚及配套设施，', 6) || CASE WHEN n % 50 = 0 THEN '弥补企业亏损' ELSE '' END,
          'ends_on', CASE WHEN n % 50 = 0 THEN '2023-08-31' ELSE '2024-03-31' END, 'implementing_unit', '单位' || n % 50,
          'economic_classes', jsonb_build_array('50601'), 'places', jsonb_build_array(jsonb_build_object('village', n)),
          'quantities', '[]'::jsonb, 'linkage', jsonb_build_array('wage_work'),
          'funding', jsonb_build_array(jsonb_build_object('category', 'fund.consolidation', 'amount', '10000.00')),
          'benefit', jsonb_build_object('households', 30, 'monitored_households', CASE WHEN n % 50 = 0 THEN 0 ELSE 3 END)),
          '{}', '', bench_id(7, 1), '2022-12-20', bench_village(n) FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO project_place(project_id, village_code, share_ppm, village_type, plan_year, name_key, live, area_code)
        SELECT bench_id(3, n), bench_village(n), 1000000, CASE WHEN n % 10 = 0 THEN 'other' ELSE 'out_of_poverty' END, 2023,
          'n' || n, true, bench_village(n) FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO acceptance(id, project_id, seq, case_version, accepted_on, passed, members, deliverables,
          provisional_value_fen, recorded_by, recorded_at, area_code)
        SELECT bench_id(16, n), bench_id(3, n), 1, 9, '2023-11-10', true, '[]', '[]', 0, bench_id(7, 1), '2023-11-10',
          bench_village(n) FROM generate_series(1, $1::bigint) AS n WHERE n % 6 IN (4, 5)""",
    """INSERT INTO goal_table(id, area_code, project_id, year, title, version_no, declared_on, reviewed_on, approved_on,
          published_on, approved_with, light, grade)
        SELECT bench_id(13, n), bench_village(n), bench_id(3, n), 2023, '绩效目标', 1, '2022-12-01', '2022-12-05', '2023-01-10',
          CASE WHEN n % 50 > 0 THEN '2023-01-20'::date END, '', '', '' FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO plan(id, series_id, area_code, year, batch, title, document_no, published_on)
        SELECT bench_id(8, n), bench_id(8, 1), 230606000000, 2023, n, '计划', n::text, '2023-01-15'
          FROM generate_series(1, 10) AS n WHERE $1::bigint > 0""",
    """INSERT INTO plan_line(plan_id, project_id, level, category, amount_fen, area_code)
        SELECT bench_id(8, 1 + n % 10), bench_id(3, n), 'central', 'fund.consolidation', 1000000, 230606000000
          FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO disclosure(id, area_code, item, level, subject_kind, subject_id, period, version_no, project_id, policy,
          villages, title, content, content_sha256, posted_on, until_on, published_by, published_at)
        SELECT bench_id(14, n * 8 + k), area, item, level, 'project', bench_id(3, n), '', 1, bench_id(3, n), '', '{}', '',
          '{}', '', '2023-01-05', NULL, bench_id(7, 1), '2023-01-05'
          FROM generate_series(1, $1::bigint) AS n
          CROSS JOIN LATERAL (VALUES (1, 'county.library_entry', 'county', 230606000000::bigint),
            (2, 'township.approved', 'township', bench_village(n) - bench_village(n) % 1000),
            (3, 'village.before_start', 'village', bench_village(n)),
            (4, 'unit.site_board', 'unit', 230606000000)) AS hung(k, item, level, area)
         WHERE n % 50 > 0 OR k < 4""",
)

_MONEY = (
    """INSERT INTO indicator(id, area_code, issuer, document_no, line_no, title, issued_on, received_on, fiscal_year, level,
          category, functional_class, is_advance_notice, is_direct_fund, purpose, supervision_code, amount_fen)
        SELECT bench_id(4, n), 230606000000, '省财政厅', n || '号', 1, '衔接资金', '2022-12-20', '2023-01-05',
          CASE WHEN n % 10 = 0 THEN 2021 ELSE 2023 END, (ARRAY['central', 'provincial', 'city', 'county'])[1 + n % 4],
          CASE WHEN n % 10 = 0 THEN 'fund.ethnic' ELSE 'fund.consolidation' END, '2130505', false, true, '', '', 1000000000
          FROM generate_series(1, 50) AS n WHERE $1::bigint > 0""",
    """INSERT INTO allocation(id, area_code, year, title, posted_on)
        SELECT bench_id(9, n), 230606000000, 2023, '分配', '2023-01-25' FROM generate_series(1, 100) AS n WHERE $1::bigint > 0""",
    """INSERT INTO allocation_line(allocation_id, line_no, project_id, indicator_id, amount_fen, area_code)
        SELECT bench_id(9, 1 + n % 100), n, bench_id(3, n), bench_id(4, 1 + n % 50), 1000000, 230606000000
          FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO payee(id, area_code, name, kind, credit_code, bank_name, account_kind, account_sealed, account_index,
          changed_by, changed_on, confirmed_by)
        SELECT bench_id(5, n), 230606000000, '施工单位' || n, 'company', 'C' || n, '农商行',
          CASE WHEN n % 50 = 0 THEN 'personal' ELSE 'corporate' END, '', '', bench_id(7, 1),
          CASE WHEN n % 50 = 0 THEN '2023-05-20'::date END, bench_id(7, 2)
          FROM generate_series(1, greatest(10, $1::bigint / 2)) AS n""",
    """INSERT INTO contract(id, area_code, county_code, project_id, payee_id, number, title, kind, procurement, signed_on,
          defect_months, payment_plan, completed_on, amount_fen, provisional_fen, variation_fen, certified_fen,
          advanced_fen, recouped_fen, worked_fen, refunded_fen, open_advance_fen, open_recoup_fen, open_cash_fen,
          retention_fen, retention_used_fen, claim_fen)
        SELECT bench_id(2, n), bench_village(n), 230606000000, bench_id(3, n), bench_id(5, 1 + n % greatest(10, $1::bigint / 2)),
          n::text, '合同', 'works', 'competitive', '2023-02-01'::date + (n % 50)::int, 12, 'NAT', NULL, 900000, 0,
          CASE WHEN n % 50 = 0 THEN 100000 ELSE 0 END, 600000, 200000, 100000, 400000, 0, 0, 0, 0, 0, 0, 0
          FROM generate_series(1, $1::bigint) AS n""",
    """INSERT INTO payment(id, area_code, county_code, project_id, contract_id, payee_id, stage, cash_fen, recoup_fen,
          reference, applied_on, opinion_on, documents, reserved, instructions, instructed_on, paid_on)
        SELECT bench_id(1, n * 2 + k), bench_village(n), 230606000000, bench_id(3, n), bench_id(2, n),
          bench_id(5, 1 + n % greatest(10, $1::bigint / 2)), (ARRAY['advance', 'progress'])[k + 1], 200000 + k * 200000, 0,
          n || '/' || k, '2023-04-01'::date + k * 60, '2023-04-02'::date + k * 60, '{}', false, 1,
          '2023-04-05'::date + k * 60, '2023-04-06'::date + k * 60
          FROM generate_series(1, $1::bigint) AS n, generate_series(0, 1) AS k""",
    """INSERT INTO payment_invoice(payment_id, number, number_index, amount_fen, issued_on, claimed, area_code)
        SELECT bench_id(1, n * 2 + k), number, sha256(number::bytea), 200000, '2023-04-01', false, bench_village(n)
          FROM generate_series(1, $1::bigint) AS n, generate_series(0, 1) AS k,
          LATERAL (VALUES ('FP' || CASE WHEN n % 50 = 0 THEN n ELSE n * 2 + k + 1000000 END)) AS own(number)""",
    """INSERT INTO invoice_use(number_hash, payment_id) SELECT number_index, payment_id FROM payment_invoice
        WHERE $1::bigint > 0""",
)

_LEDGER = (
    """INSERT INTO ledger_balance(account, indicator_id, project_id, contract_id, fiscal_year, amount_fen, floor_fen,
          area_code)
        SELECT account, bench_id(4, 1 + n % 50), bench_id(3, n), CASE WHEN account = '1200' THEN
          '00000000-0000-0000-0000-000000000000'::uuid ELSE bench_id(2, n) END, 2023, fen, 0, 230606000000
          FROM generate_series(1, $1::bigint) AS n,
            (VALUES ('1200', 100000), ('1300', 300000), ('1500', 100000), ('1600', 500000)) AS kept(account, fen)""",
    """INSERT INTO ledger_balance(account, indicator_id, fiscal_year, amount_fen, area_code)
        SELECT account, bench_id(4, n), 2023, fen, 230606000000 FROM generate_series(1, 50) AS n,
          (VALUES ('1000', 1000000000), ('1100', 1000)) AS kept(account, fen) WHERE $1::bigint > 0""",
    """INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)
        SELECT bench_id(15, n * 4 + k), (ARRAY['P07', 'P08', 'P07', 'P09'])[k + 1], n || '/' || k / 2, '2023-06-01',
          '2023-04-06'::date + k / 2 * 60, 2, bench_id(16, n), 230606000000
          FROM generate_series(1, $1::bigint) AS n, generate_series(0, 3) AS k""",
    """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, contract_id, payment_id, fiscal_year,
          signed_fen, area_code)
        SELECT bench_id(15, n * 4 + k), line, (ARRAY['1400', '1500', '1400', '1600'])[1 + (k + line - 1) % 4],
          bench_id(4, 1 + n % 50), bench_id(3, n), bench_id(2, n), bench_id(1, n * 2 + k / 2), 2023,
          CASE line WHEN 1 THEN 200000 ELSE -200000 END, 230606000000
          FROM generate_series(1, $1::bigint) AS n, generate_series(0, 3) AS k, generate_series(1, 2) AS line""",
    """INSERT INTO bank_day(area_code, on_day, paid_fen, returned_fen, refunded_fen, statement_no, reported_by, reported_at)
        SELECT 230606000000, '2023-01-01'::date + n, 0, 0, 0, '1', bench_id(7, 1), '2023-12-01'
          FROM generate_series(1, 330) AS n WHERE $1::bigint > 0""",
)

_WAY = (
    """INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version, started_on,
          entered_at, is_open)
        SELECT bench_id(6, n * 8 + k), 'funds.' || workflow, 1, subject, bench_village(n), state, 1, '{}', 7, '2022-11-01',
          '2023-10-20', true FROM generate_series(1, $1::bigint) AS n
          CROSS JOIN LATERAL (VALUES (0, 'project', bench_id(3, n),
              (ARRAY['FUNDED', 'IMPLEMENTING', 'IMPLEMENTING', 'COMPLETED', 'ACCEPTED', 'SETTLED'])[1 + n % 6]),
            (1, 'contract', bench_id(2, n), 'ACTIVE'),
            (2, 'payment', bench_id(1, n * 2), 'RECONCILED'), (3, 'payment', bench_id(1, n * 2 + 1), 'PAID'),
            (4, 'goal', bench_id(13, n), 'PUBLISHED')) AS made(k, workflow, subject, state)""",
    """INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version, started_on,
          entered_at, is_open)
        SELECT bench_id(6, n * 8 + 5), 'funds.indicator', 1, bench_id(4, n), 230606000000, 'CONFIRMED', 1, '{}', 3, '2023-01-05',
          '2023-01-06', false FROM generate_series(1, 50) AS n WHERE $1::bigint > 0""",
    """INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
        SELECT bench_id(6, n * 8), version, '', '', target, 1, bench_id(7, version), '', '2022-12-01'::date
          + version::int * 15, '', '{}', bench_village(n)
          FROM generate_series(1, $1::bigint) AS n,
            unnest(ARRAY['DRAFT', 'VILLAGE_RESOLVED',
            'VILLAGE_PUBLICITY', 'IN_LIBRARY', 'PLANNED', 'FUNDED', 'IMPLEMENTING']) WITH ORDINALITY AS way(target, version)
         WHERE target <> 'IN_LIBRARY' OR n % 50 > 0""",
    """INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
        SELECT bench_id(6, n * 8 + k), version, step, '', '', 1,
          bench_id(7, CASE WHEN n % 50 = 0 THEN 1 ELSE version END), '', '2023-04-01', '', '{}', bench_village(n)
          FROM generate_series(1, $1::bigint) AS n, generate_series(2, 3) AS k,
            unnest(ARRAY['open', 'submit', 'review_sector', 'review_finance',
            'approve', 'instruct', 'confirm_paid']) WITH ORDINALITY AS way(step, version)""",
)

_HOUSEHOLDS = (
    """INSERT INTO household_batch(id, area_code, county_code, project_id, number, policy, line_count, total_fen,
          content_index, instruction_no, instructed_on)
        SELECT bench_id(10, n), 230606000000, 230606000000, bench_id(3, n), n::text, 'transport', 500, 75000000,
          n::text::bytea, 1, '2023-05-01' FROM generate_series(1, greatest(1, $1::bigint / 200)) AS n""",
    """INSERT INTO household_line(id, area_code, batch_id, seq, household_id, name_sealed, id_number_sealed,
          id_number_index, card_sealed, card_index, bank_code, policy, period, amount_fen, basis, claimed, outcome, tries,
          instruction_no, paid_on)
        SELECT bench_id(11, n * 500 + k), bench_village(n), bench_id(10, n), k, bench_id(12, n * 500 + k), '', '',
          sha256((n * 500 + k)::text::bytea), '', sha256((n * 500 + k - (k % 100)::int / 99)::text::bytea), 'b', 'transport',
          '2023-05', 150000, '', true, CASE WHEN k % 250 = 0 THEN 'FAILED' ELSE 'PAID' END, 1, 1, '2023-05-10'
          FROM generate_series(1, greatest(1, $1::bigint / 200)) AS n, generate_series(1, 500) AS k""",
    """INSERT INTO recipient_end(subject_id, ended_on, reason, area_code)
        SELECT bench_id(12, 500 * n + 50), '2023-03-01', 'died', bench_village(n)
          FROM generate_series(1, greatest(1, $1::bigint / 200)) AS n""",
    """INSERT INTO township_balance(area_code, as_of, balance_fen, reported_by, reported_at)
        SELECT 230606000000 + n * 1000, '2023-10-01'::date + k, k % 7, bench_id(7, 1), '2023-12-01'
          FROM generate_series(1, 20) AS n, generate_series(0, 59) AS k WHERE $1::bigint > 0""",
)

_TABLES = (
    "project project_version project_place acceptance goal_table plan plan_line disclosure indicator allocation"
    " allocation_line payee contract payment payment_invoice invoice_use ledger_balance ledger_entry ledger_line bank_day"
    " case_file case_step household_batch household_line recipient_end township_balance"
)
TABLES = tuple(_TABLES.split())
"""All that is planted."""


async def seed(connection: asyncpg.Connection, projects: int) -> None:
    """Plant the county; needs a superuser, whom the wall lets through."""
    async with connection.transaction():
        await connection.execute(ID_FUNCTION)
        await connection.execute(_VILLAGE)
        for statement in (*_LIBRARY, *_MONEY, *_LEDGER, *_WAY, *_HOUSEHOLDS):
            await connection.execute(statement, projects)
    await connection.execute(f"VACUUM (ANALYZE, FREEZE) {', '.join(TABLES)}")

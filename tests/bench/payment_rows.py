"""Instructed payments by the thousand, each on a contract and a project of its own, as the desks would have left them."""

from datetime import date
from uuid import UUID

import asyncpg

from shared.kernel.areas import AreaCode

COUNTY = AreaCode.parse("230606000000")
CASH_FEN = 12_345_600
_KINDS = {"payment": 1, "contract": 2, "project": 3, "indicator": 4, "payee": 5, "case": 6, "person": 7}

# Ids in the order in which they were given out, as UUIDv7 are.
ID_FUNCTION = """
CREATE FUNCTION bench_id(kind bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ('018f' || lpad(to_hex(n), 8, '0') || '70008000' || lpad(to_hex(kind), 12, '0'))::uuid $$"""
_SEED = (
    """INSERT INTO indicator(id, area_code, issuer, document_no, line_no, title, issued_on, received_on, fiscal_year, level,
          category, functional_class, is_advance_notice, is_direct_fund, purpose, supervision_code, amount_fen)
        SELECT bench_id(4, n), $1, '黑龙江省财政厅', '黑财指(农)〔2023〕' || n || '号', 1, '中央衔接资金', $2, $2, 2023,
          'central', '1301', '2130505', false, true, '', '', 1000000000000 FROM generate_series(1, 50) AS n
          WHERE $3::bigint > 0 AND $4::bigint > 0""",
    """INSERT INTO payee(id, area_code, name, kind, credit_code, bank_name, account_sealed, account_index, changed_by,
          confirmed_by, confirmed_on)
        SELECT bench_id(5, n), $1, '施工单位' || n, 'company', 'C' || n, '农业银行', '\\x00', '\\x00', bench_id(7, 1),
          bench_id(7, 2), $2 FROM generate_series(1, 500) AS n WHERE $3::bigint > 0 AND $4::bigint > 0""",
    """INSERT INTO contract(id, area_code, county_code, project_id, payee_id, number, title, kind, procurement, signed_on,
          defect_months, payment_plan, amount_fen, provisional_fen, variation_fen, certified_fen, advanced_fen,
          recouped_fen, worked_fen, refunded_fen, open_advance_fen, open_recoup_fen, open_cash_fen, retention_fen,
          retention_used_fen, claim_fen)
        SELECT bench_id(2, n), $1, $1, bench_id(3, n), bench_id(5, 1 + n % 500), 'HT-' || n, '施工合同', 'works',
          'competitive', $2, 12, '', $4 * 10, 0, 0, $4 * 5, 0, 0, 0, 0, 0, 0, $4, 0, 0, 0
          FROM generate_series(1, $3::bigint) AS n""",
    """INSERT INTO payment(id, area_code, county_code, project_id, contract_id, payee_id, stage, cash_fen, recoup_fen,
          reference, applied_on, documents, reserved, instructions, instructed_on)
        SELECT bench_id(1, n), $1, $1, bench_id(3, n), bench_id(2, n), bench_id(5, 1 + n % 500), 'progress', $4, 0,
          'YK-' || lpad(n::text, 8, '0'), $2, '{}', true, 1, $2 FROM generate_series(1, $3::bigint) AS n""",
    """INSERT INTO case_file(id, workflow, workflow_version, subject_id, area_code, state, round, marks, version, started_on,
         entered_at, is_open)
       SELECT bench_id(6, n * 4 + kind), 'funds.' || workflow, 1, bench_id(kind, n), $1, state, 1, '{}', versions, $2,
         now(), true FROM generate_series(1, $3::bigint) AS n,
         (VALUES (1, 'payment', 'INSTRUCTED', 6), (2, 'contract', 'ACTIVE', 4), (3, 'project', 'IMPLEMENTING', 12))
           AS declared(kind, workflow, state, versions) WHERE $4::bigint > 0""",
    """INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
       SELECT bench_id(6, n * 4 + 1), version, step, '', '', 1, bench_id(7, version), '', now(), '', '{}', $1
         FROM generate_series(1, $3::bigint) AS n,
         unnest(ARRAY['open', 'submit', 'review_sector', 'review_finance', 'approve', 'instruct'])
           WITH ORDINALITY AS taken(step, version) WHERE $2::date IS NOT NULL AND $4::bigint > 0""",
    """INSERT INTO ledger_balance(account, indicator_id, project_id, contract_id, payment_id, fiscal_year, amount_fen,
          floor_fen, area_code)
        SELECT account, bench_id(4, 1 + n % 50), bench_id(3, n), contract, payment, 2023, amount, 0, $1
          FROM generate_series(1, $3::bigint) AS n,
          LATERAL (VALUES ('1300', bench_id(2, n), '00000000-0000-0000-0000-000000000000'::uuid, $4 * 4),
                          ('1400', '00000000-0000-0000-0000-000000000000'::uuid, bench_id(1, n), $4))
            AS held(account, contract, payment, amount) WHERE $2::date IS NOT NULL""",
)
_TABLES = "indicator, payee, contract, payment, case_file, case_step, ledger_balance"


async def seed(connection: asyncpg.Connection, payments: int, today: date) -> None:
    """Instructed payments 1 to `payments`; needs a superuser, whom the wall lets through."""
    async with connection.transaction():
        await connection.execute(ID_FUNCTION)
        for statement in _SEED:
            await connection.execute(statement, int(COUNTY), today, payments, CASH_FEN)
    await connection.execute(f"VACUUM (ANALYZE, FREEZE) {_TABLES}")


def id_of(kind: str, n: int) -> UUID:
    """What `bench_id` gives."""
    return UUID(f"018f{n:08x}70008000{_KINDS[kind]:012x}")

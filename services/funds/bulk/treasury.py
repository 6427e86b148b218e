"""The treasury's payments in sets: lines written, contracts and balances loaded under lock, payments and outcomes written."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.funds.domain.payment_limits import Stage
from services.funds.domain.postings import ADVANCE, COMMITTED, QUOTA, RETENTION
from services.funds.domain.treasury_matching import Bound, OpenLine
from shared.kernel.money import Fen

SEALED = "treasury_import.content"
"""What a kept file is sealed as."""
PAYEE = "treasury_line.payee"
"""What payee, account and approvals of a line are sealed as."""

_LINES = """
INSERT INTO treasury_line(id, area_code, import_id, row_no, serial, paid_on, document_no, contract_no, purpose, invoice,
  stage, amount_fen, recoup_fen, payee_sealed, name_index, account_index, outcome, reason, facts, decision)
SELECT id, $1, $2, row_no, serial, paid_on, document_no, contract_no, purpose, invoice, stage, fen, recoup, sealed, name,
       account, 'unmatched', '', '{}', ''
  FROM unnest($3::uuid[], $4::int[], $5::text[], $6::date[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::bigint[], $13::bigint[], $14::bytea[], $15::bytea[], $16::bytea[])
    AS given(id, row_no, serial, paid_on, document_no, contract_no, purpose, invoice, stage, fen, recoup, sealed, name, account)
ON CONFLICT (area_code, serial) DO NOTHING RETURNING id"""
_KNOWN = """
SELECT serial, amount_fen, paid_on, name_index FROM treasury_line WHERE area_code = $1 AND serial = ANY($2::text[])"""
_FAULTS = """
INSERT INTO treasury_fault(import_id, row_no, area_code, faults)
SELECT $1, row_no, $2, faults::jsonb FROM unnest($3::int[], $4::text[]) AS given(row_no, faults)"""
_INDICATORS = """
INSERT INTO treasury_indicator(import_id, row_no, area_code, document_no, amount_fen, unit_name, category, origin_year,
  is_direct_fund, set_aside)
SELECT $1, row_no, $2, document_no, fen, unit, category, year, direct, ''
  FROM unnest($3::int[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::int[], $9::boolean[])
    AS given(row_no, document_no, fen, unit, category, year, direct)"""
_PAYEES = (
    "SELECT id, account_index, name, confirmed_by IS NOT NULL AS confirmed FROM payee WHERE area_code = $1 ORDER BY id"
)
_OPEN = """
SELECT id, serial, paid_on, document_no, contract_no, name_index, account_index, amount_fen, recoup_fen, stage,
       invoice, contract_id, decided_by IS NOT NULL AS by_hand
  FROM treasury_line
 WHERE area_code = $1 AND outcome IN ('unmatched', 'held') AND ($2::uuid[] IS NULL OR id = ANY($2))
 ORDER BY paid_on, serial FOR UPDATE"""
_BOUND = f"""
WITH bound AS (
  SELECT kept.contract_id, sum(kept.amount_fen)::bigint AS fen, array_agg(DISTINCT document_no) AS documents
    FROM ledger_balance AS kept JOIN indicator ON indicator.id = kept.indicator_id
   WHERE kept.account IN ('{COMMITTED}', '{RETENTION}') AND kept.amount_fen > 0 AND kept.area_code = $1
   GROUP BY kept.contract_id)
SELECT contract.id, number, payee_id, coalesce(fen, 0) AS fen,
       greatest(certified_fen - worked_fen - recouped_fen + refunded_fen, 0) AS due, coalesce(documents, '{{}}') AS documents
  FROM contract LEFT JOIN bound ON bound.contract_id = contract.id WHERE county_code = $1"""  # noqa: S608  accounts of the book
_DOCUMENTS = "SELECT id, document_no FROM indicator WHERE area_code BETWEEN $1 AND $2"
_USED = """
SELECT reference FROM payment WHERE county_code = $1 AND reference = ANY($2::text[])
UNION SELECT bank_reference FROM payment WHERE county_code = $1 AND bank_reference = ANY($2::text[])"""
_LOCK_PROJECTS = """
SELECT c.subject_id, c.state FROM case_file AS c
 WHERE c.workflow = 'funds.project' AND c.subject_id IN (SELECT project_id FROM contract WHERE id = ANY($1::uuid[]))
 ORDER BY c.subject_id FOR SHARE"""
_LOCK_CONTRACTS = "SELECT * FROM contract WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_AROUND = """
SELECT contract.id, c.state AS contract_state, accepted.on_day AS accepted_on,
       EXISTS (SELECT FROM goal_measure WHERE project_id = contract.project_id AND measure = 'suspend_payments'
                 AND lifted_on IS NULL) AS held_by_goals
  FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
 CROSS JOIN LATERAL (SELECT max(accepted_on) AS on_day FROM acceptance
                      WHERE project_id = contract.project_id AND passed) AS accepted
 WHERE contract.id = ANY($1::uuid[])"""
_HELD = f"""
SELECT account, CASE account WHEN '{QUOTA}' THEN project_id ELSE contract_id END AS owner, indicator_id, fiscal_year,
       amount_fen
  FROM ledger_balance
 WHERE ((account IN ('{COMMITTED}', '{RETENTION}', '{ADVANCE}') AND contract_id = ANY($1::uuid[]))
     OR (account = '{QUOTA}' AND project_id = ANY($2::uuid[]))) AND amount_fen > 0
 ORDER BY indicator_id, account, project_id, contract_id, payment_id, household_line_id, fiscal_year FOR UPDATE"""  # noqa: S608  accounts of the book
_PAYMENTS = """
INSERT INTO payment(id, area_code, county_code, project_id, contract_id, payee_id, stage, cash_fen, recoup_fen, reference,
  applied_on, documents, reserved, instructions, instructed_on, account_index, bank_reference, paid_on, statement_no)
SELECT given.id, contract.area_code, contract.county_code, contract.project_id, contract.id, given.payee_id, given.stage,
       line.amount_fen, given.recoup, line.serial, line.paid_on, '{}', false, 1, line.paid_on, line.account_index,
       line.serial, line.paid_on, line.import_id::text
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[])
    AS given(id, line_id, contract_id, payee_id, stage, recoup)
  JOIN contract ON contract.id = given.contract_id JOIN treasury_line AS line ON line.id = given.line_id"""
_MONEY = """
UPDATE contract SET advanced_fen = advanced_fen + advanced, worked_fen = worked_fen + worked,
       recouped_fen = recouped_fen + recouped, retention_used_fen = retention_used_fen + retained
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    AS given(id, advanced, worked, recouped, retained)
 WHERE contract.id = given.id"""
_OUTCOMES = """
UPDATE treasury_line AS line
   SET outcome = given.outcome, reason = given.reason, facts = given.facts::jsonb, contract_id = given.contract_id,
       payment_id = given.payment_id, payee_id = given.payee_id
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[])
    AS given(id, outcome, reason, facts, contract_id, payment_id, payee_id)
 WHERE line.id = given.id"""
_BREACHES = """
INSERT INTO treasury_breach(payment_id, rule, code, area_code, warning, zh, facts, noted_on)
SELECT payment_id, rule, code, area, warning, zh, facts::jsonb, $1
  FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
    AS given(payment_id, rule, code, area, warning, zh, facts)
ON CONFLICT DO NOTHING"""


_USES = """
INSERT INTO invoice_use(number_hash, payment_id)
SELECT number, payment_id FROM unnest($1::bytea[], $2::uuid[]) AS given(number, payment_id) ON CONFLICT DO NOTHING"""
# An invoice that another payment claimed is not claimed again; that it is named twice raises an alert (FW16).
_INVOICES = """
WITH given AS (
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[], $5::date[], $6::bigint[])
    AS given(payment_id, number, number_index, fen, issued_on, area)
), claimed AS (
  INSERT INTO payment_invoice(payment_id, number, number_index, amount_fen, issued_on, claimed, area_code)
  SELECT payment_id, number, number_index, fen, issued_on, true, area FROM given
  ON CONFLICT (number_index) WHERE claimed DO NOTHING RETURNING payment_id
)
INSERT INTO payment_invoice(payment_id, number, number_index, amount_fen, issued_on, claimed, area_code)
SELECT payment_id, number, number_index, fen, issued_on, false, area FROM given
 WHERE payment_id NOT IN (SELECT payment_id FROM claimed)"""


class NewLine(NamedTuple):
    """A line as it is stored, its payee sealed."""

    id: UUID
    row_no: int
    serial: str
    paid_on: date
    document_no: str
    contract_no: str
    purpose: str
    invoice: str
    stage: str | None
    amount_fen: Fen
    recoup_fen: Fen
    sealed: bytes
    name_index: bytes
    account_index: bytes | None


class Waiting(NamedTuple):
    """An open line with the keyed hashes of its payee."""

    line: OpenLine
    name_index: bytes
    account_index: bytes | None


class NewPayment(NamedTuple):
    """A recorded payment; its sums and days are its line's."""

    id: UUID
    line_id: UUID
    contract_id: UUID
    payee_id: UUID | None
    stage: str
    recoup: Fen


class Outcome(NamedTuple):
    """What became of a line."""

    line_id: UUID
    outcome: str
    reason: str
    facts: Mapping[str, Any]
    contract_id: UUID | None
    payment_id: UUID | None
    payee_id: UUID | None


class Breach(NamedTuple):
    """A limit that a payment broke."""

    payment_id: UUID
    rule: str
    code: str
    area: int
    warning: str
    zh: str
    facts: Mapping[str, Any]


class KnownPayee(NamedTuple):
    """A payee, and whether a second person stands for its account."""

    id: UUID
    account_index: bytes
    name: str
    confirmed: bool


class NewInvoice(NamedTuple):
    """An invoice behind a recorded payment."""

    payment_id: UUID
    number: str
    number_index: bytes
    amount_fen: Fen
    issued_on: date
    area: int


class Known(NamedTuple):
    """A line that came before under the same serial."""

    amount_fen: Fen
    paid_on: date
    name_index: bytes


async def lock_county(raw: asyncpg.Connection, area: int) -> None:
    """One file of a county at a time, so that two with the same lines do not wait for each other in a circle."""
    await raw.execute("SELECT pg_advisory_xact_lock(hashtextextended('treasury', $1))", area)


async def known_lines(raw: asyncpg.Connection, area: int, serials: Collection[str]) -> dict[str, Known]:
    """Of these serials those that came before."""
    return {row[0]: Known(*row[1:]) for row in await raw.fetch(_KNOWN, area, list(serials))}


async def insert_lines(raw: asyncpg.Connection, area: int, import_id: UUID, lines: Sequence[NewLine]) -> None:
    """Write the lines of a file."""
    await raw.execute(_LINES, area, import_id, *_columns(lines))


async def insert_faults(
    raw: asyncpg.Connection, area: int, import_id: UUID, faults: Mapping[int, Sequence[Mapping[str, str]]]
) -> None:
    """Write the refused rows of a file."""
    texts = [orjson.dumps(each).decode() for each in faults.values()]
    await raw.execute(_FAULTS, import_id, area, list(faults), texts)


async def insert_indicators(
    raw: asyncpg.Connection,
    area: int,
    import_id: UUID,
    rows: Sequence[tuple[int, str, Fen, str, str, int | None, bool]],
) -> None:
    """Write the indicators of a file: row, document, fen, unit, category, year, direct funds."""
    await raw.execute(_INDICATORS, import_id, area, *_columns(rows))


async def payees_of(raw: asyncpg.Connection, area: int) -> list[KnownPayee]:
    """The payees of a county."""
    return [KnownPayee(*row) for row in await raw.fetch(_PAYEES, area)]


async def open_lines(raw: asyncpg.Connection, area: int, only: Collection[UUID] | None) -> list[Waiting]:
    """The lines of a county that are not posted, in the order in which they were paid, locked."""
    found = await raw.fetch(_OPEN, area, None if only is None else list(only))
    return [
        Waiting(
            OpenLine(
                id=row["id"],
                serial=row["serial"],
                paid_on=row["paid_on"],
                document_no=row["document_no"],
                contract_no=row["contract_no"],
                payee_id=None,
                amount=row["amount_fen"],
                recoup=row["recoup_fen"],
                stage=Stage(row["stage"]) if row["stage"] else None,
                invoice=row["invoice"],
                contract_id=row["contract_id"] if row["by_hand"] else None,
            ),
            row["name_index"],
            row["account_index"],
        )
        for row in found
    ]


async def bound_contracts(raw: asyncpg.Connection, area: int) -> list[Bound]:
    """Every contract of a county as matching looks at it."""
    return [
        Bound(row["id"], row["number"], row["payee_id"], row["fen"], row["due"], frozenset(row["documents"]))
        for row in await raw.fetch(_BOUND, area)
    ]


async def documents_of(raw: asyncpg.Connection, span: tuple[int, int]) -> dict[UUID, str]:
    """The document of each indicator of a county."""
    return {row["id"]: row["document_no"] for row in await raw.fetch(_DOCUMENTS, *span)}


async def serials_used(raw: asyncpg.Connection, area: int, serials: Collection[str]) -> set[str]:
    """Of these serials those under which a payment of this system stands."""
    return {row[0] for row in await raw.fetch(_USED, area, list(serials))}


async def locked_contracts(
    raw: asyncpg.Connection, ids: Collection[UUID]
) -> tuple[dict[UUID, str], list[asyncpg.Record], dict[UUID, asyncpg.Record]]:
    """States of their projects, the contracts' rows, and what stands around each; projects are locked before contracts."""
    projects = {row["subject_id"]: row["state"] for row in await raw.fetch(_LOCK_PROJECTS, list(ids))}
    rows = await raw.fetch(_LOCK_CONTRACTS, list(ids))
    around = {row["id"]: row for row in await raw.fetch(_AROUND, list(ids))}
    return projects, rows, around


async def held(
    raw: asyncpg.Connection, contracts: Collection[UUID], projects: Collection[UUID]
) -> list[tuple[str, UUID, UUID, int, Fen]]:
    """What the sources hold for contracts and their projects, locked in the order of posting."""
    return [tuple(row) for row in await raw.fetch(_HELD, list(contracts), list(projects))]


async def insert_payments(raw: asyncpg.Connection, payments: Sequence[NewPayment]) -> None:
    """Write the payments of posted lines."""
    await raw.execute(_PAYMENTS, *_columns(payments))


async def insert_invoices(raw: asyncpg.Connection, invoices: Sequence[NewInvoice]) -> None:
    """Write the invoices of payments, for all counties to compare."""
    columns = _columns(invoices)
    await raw.execute(_USES, columns[2], columns[0])
    await raw.execute(_INVOICES, *columns)


async def add_money(raw: asyncpg.Connection, gained: Mapping[UUID, Mapping[str, Fen]]) -> None:
    """Add what contracts gained; the database refuses what breaks its own rules."""
    names = ("advanced", "worked", "recouped", "retention_used")
    sums = [[moved.get(name, 0) for moved in gained.values()] for name in names]
    await raw.execute(_MONEY, list(gained), *sums)


async def write_outcomes(raw: asyncpg.Connection, outcomes: Sequence[Outcome]) -> None:
    """Say what became of lines."""
    columns = _columns(outcomes)
    columns[3] = [orjson.dumps(facts, default=str).decode() for facts in columns[3]]
    await raw.execute(_OUTCOMES, *columns)


async def write_breaches(raw: asyncpg.Connection, breaches: Sequence[Breach], on: date) -> None:
    """Note the limits that payments broke."""
    columns = _columns(breaches)
    columns[-1] = [orjson.dumps(facts, default=str).decode() for facts in columns[-1]]
    await raw.execute(_BREACHES, on, *columns)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]

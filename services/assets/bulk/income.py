"""Set-based writes of income: what receipts pay and plans draw, and the household lines with their status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from shared.kernel.money import Fen

_ALLOCATE = """
WITH paid AS (
  UPDATE rent_instalment SET paid_fen = paid_fen + part.amount
    FROM unnest($3::int[], $4::bigint[]) AS part(no, amount)
   WHERE contract_id = $2 AND rent_instalment.no = part.no RETURNING part.no, part.amount, area_code)
INSERT INTO receipt_allocation(receipt_id, instalment_no, contract_id, amount_fen, area_code)
SELECT $1, no, $2, amount, area_code FROM paid"""
_RELEASE = """
WITH held AS (SELECT receipt_id, amount_fen FROM plan_receipt WHERE plan_id = $1),
     freed AS (UPDATE plan_receipt SET amount_fen = 0 WHERE plan_id = $1)
UPDATE income_receipt SET drawn_fen = drawn_fen - held.amount_fen FROM held WHERE id = held.receipt_id"""
_DRAW = """
WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::bigint[]) AS part(receipt_id, amount)),
     held AS (UPDATE plan_receipt SET amount_fen = amount FROM wanted
               WHERE plan_id = $1 AND plan_receipt.receipt_id = wanted.receipt_id)
UPDATE income_receipt SET drawn_fen = drawn_fen + amount FROM wanted WHERE id = wanted.receipt_id"""
_LINES = """
INSERT INTO plan_line(id, area_code, plan_id, part, household_id, income_kind, basis, weight, amount_fen, status)
SELECT id, $2, $1, part, household_id, income_kind, basis, weight, amount, 'PENDING'
  FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::int[], $9::bigint[])
    AS line(id, part, household_id, income_kind, basis, weight, amount)"""
_FAIL = """
UPDATE plan_line SET status = 'FAILED', reason = failed.reason
  FROM unnest($2::uuid[], $3::text[]) AS failed(id, reason)
 WHERE plan_id = $1 AND plan_line.id = failed.id AND status IN ('PENDING', 'FAILED')"""
_PAY = """
UPDATE plan_line SET status = 'PAID', reason = NULL, paid_on = $2, bank_serial = $3
 WHERE plan_id = $1 AND status IN ('PENDING', 'FAILED') AND NOT id = ANY($4::uuid[])
RETURNING id, household_id, income_kind, amount_fen"""
_TAKE_OUT = """
WITH taken AS (
  UPDATE plan_line SET status = $4, reason = $3
   WHERE plan_id = $1 AND id = $2 AND status = ANY($5::text[])
  RETURNING id, part, household_id, income_kind, amount_fen),
 lowered AS (
  UPDATE plan_part SET amount_fen = plan_part.amount_fen - taken.amount_fen FROM taken
   WHERE plan_id = $1 AND plan_part.part = taken.part)
UPDATE distribution_plan SET total_fen = total_fen - taken.amount_fen FROM taken
 WHERE distribution_plan.id = $1 RETURNING taken.id, household_id, income_kind, amount_fen"""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One household line of a plan."""

    id: UUID
    part: str
    household_id: UUID
    income_kind: str
    basis: str
    weight: int
    amount: Fen


@dataclass(frozen=True, slots=True)
class LineMoved:
    """A line whose status has just changed."""

    id: UUID
    household_id: UUID
    income_kind: str
    amount: Fen


async def allocate(raw: asyncpg.Connection, receipt: UUID, contract: UUID, parts: Sequence[tuple[int, Fen]]) -> None:
    """Book what `receipt` pays of the instalments of `contract`."""
    await raw.execute(_ALLOCATE, receipt, contract, [no for no, _ in parts], [amount for _, amount in parts])


async def release(raw: asyncpg.Connection, plan: UUID) -> None:
    """Give back to the receipts what `plan` had drawn."""
    await raw.execute(_RELEASE, plan)


async def draw(raw: asyncpg.Connection, plan: UUID, amounts: Mapping[UUID, Fen]) -> None:
    """Draw from receipts; the database refuses more than a receipt holds."""
    await raw.execute(_DRAW, plan, list(amounts), list(amounts.values()))


async def insert_lines(raw: asyncpg.Connection, plan: UUID, area: int, lines: Sequence[LineRow]) -> None:
    """The household lines of a new plan."""
    await raw.execute(
        _LINES,
        plan,
        area,
        [line.id for line in lines],
        [line.part for line in lines],
        [line.household_id for line in lines],
        [line.income_kind for line in lines],
        [line.basis for line in lines],
        [line.weight for line in lines],
        [line.amount for line in lines],
    )


async def fail_lines(raw: asyncpg.Connection, plan: UUID, reasons: Mapping[UUID, str]) -> None:
    """Lines the bank refused; they may be paid later or struck."""
    await raw.execute(_FAIL, plan, list(reasons), list(reasons.values()))


async def pay_lines(
    raw: asyncpg.Connection,
    plan: UUID,
    paid_on: date,
    serial: str,
    except_for: Sequence[UUID],
) -> list[LineMoved]:
    """Every line that waits is paid, but for those named; in the order of the households."""
    rows = await raw.fetch(_PAY, plan, paid_on, serial, list(except_for))
    paid = [moved for row in rows if (moved := _moved(row)) is not None]
    return sorted(paid, key=lambda line: (line.household_id, line.id))


async def strike_line(raw: asyncpg.Connection, plan: UUID, line: UUID, reason: str) -> LineMoved | None:
    """Take an open line out of the plan, its part and its total; None when it is not open."""
    return _moved(await raw.fetchrow(_TAKE_OUT, plan, line, reason, "STRUCK", ["PENDING", "FAILED"]))


async def reverse_line(raw: asyncpg.Connection, plan: UUID, line: UUID, reason: str) -> LineMoved | None:
    """Take a paid line out whose money came back; None when it is not paid."""
    return _moved(await raw.fetchrow(_TAKE_OUT, plan, line, reason, "REVERSED", ["PAID"]))


def _moved(row: asyncpg.Record | None) -> LineMoved | None:
    return None if row is None else LineMoved(row["id"], row["household_id"], row["income_kind"], row["amount_fen"])

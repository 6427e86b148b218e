"""Household lines in sets: written, judged, sent, answered, corrected. Nothing else moves a line's outcome."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.funds.domain.subsidies import LineOutcome
from shared.kernel.money import Fen
from shared.ledger.model import Amount

_INSERT = """
INSERT INTO household_line(id, area_code, batch_id, seq, household_id, person_id, name_sealed, id_number_sealed,
  id_number_index, card_sealed, card_index, bank_code, policy, period, amount_fen, basis, claimed, outcome, tries, instruction_no)
SELECT id, area_code, $1, seq, household_id, person_id, name, id_number, number_index, card, card_index, bank_code, $2, period,
       amount_fen, basis, false, 'PENDING', 0, 0
  FROM unnest($3::uuid[], $4::bigint[], $5::int[], $6::uuid[], $7::uuid[], $8::bytea[], $9::bytea[], $10::bytea[],
    $11::bytea[], $12::bytea[], $13::text[], $14::text[], $15::bigint[], $16::text[])
    AS line(id, area_code, seq, household_id, person_id, name, id_number, number_index, card, card_index, bank_code,
      period, amount_fen, basis)"""
_SUMS = """
SELECT outcome, count(*)::int AS lines, sum(amount_fen)::bigint AS fen,
       count(*) FILTER (WHERE outcome = 'PAID' AND bank_serial IS NULL)::int AS without_serial,
       array_agg(DISTINCT tries) AS tries
  FROM household_line WHERE batch_id = $1 GROUP BY outcome"""
_ABOVE = """
SELECT coalesce(array_agg(seq ORDER BY seq), '{}') FROM household_line
 WHERE batch_id = $1 AND outcome <> 'REMOVED' AND amount_fen > $2"""
_TWICE = """
SELECT coalesce(array_agg(seq ORDER BY seq), '{}') FROM (
  SELECT seq, id_number_index, policy, period, batch_id,
         count(*) OVER (PARTITION BY id_number_index, policy, period) > 1 AS within
    FROM household_line WHERE batch_id = $1 AND outcome <> 'REMOVED') AS own
 WHERE within OR EXISTS (
   SELECT FROM household_line AS other
    WHERE other.id_number_index = own.id_number_index AND other.policy = own.policy AND other.period = own.period
      AND other.claimed AND other.batch_id <> own.batch_id)"""
_ENDED = """
SELECT coalesce(array_agg(DISTINCT line.seq ORDER BY line.seq), '{}')
  FROM household_line AS line
  JOIN recipient_end AS gone ON gone.subject_id IN (line.household_id, line.person_id)
 WHERE line.batch_id = $1 AND line.outcome <> 'REMOVED'
   AND line.period > left(to_char(gone.ended_on, 'YYYY-MM'), length(line.period))"""
_VILLAGES = """
SELECT area_code, count(*)::int, sum(amount_fen)::bigint FROM household_line
 WHERE batch_id = $1 AND outcome <> 'REMOVED' GROUP BY area_code ORDER BY area_code"""
_CLAIM = "UPDATE household_line SET claimed = $2 WHERE batch_id = $1 AND outcome <> 'REMOVED'"
_SEND = """
UPDATE household_line SET outcome = $3, tries = tries + 1, instruction_no = $4
 WHERE batch_id = $1 AND outcome = $2"""
# The sources are used up one after the other in the order of the lines: line and source meet where their running
# sums overlap, so each line's parts and each source's parts add up to the fen.
_SOURCES = """
WITH line AS (
  SELECT id, area_code, amount_fen, sum(amount_fen) OVER (ORDER BY seq) AS upto
    FROM household_line WHERE batch_id = $1 AND outcome = 'PENDING'
), source AS (
  SELECT indicator_id, fiscal_year, fen, sum(fen) OVER (ORDER BY no) AS upto
    FROM unnest($2::uuid[], $3::int[], $4::bigint[]) WITH ORDINALITY AS given(indicator_id, fiscal_year, fen, no)
)
INSERT INTO household_line_source(line_id, indicator_id, fiscal_year, amount_fen, area_code)
SELECT line.id, indicator_id, fiscal_year,
       least(line.upto, source.upto) - greatest(line.upto - amount_fen, source.upto - fen), line.area_code
  FROM line JOIN source ON source.upto > line.upto - amount_fen AND source.upto - fen < line.upto"""
_BORNE = """
SELECT line_id, indicator_id, fiscal_year, amount_fen
  FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted(id, no)
  JOIN household_line_source ON line_id = wanted.id ORDER BY no, indicator_id, fiscal_year"""
_WITH_OUTCOME = "SELECT id FROM household_line WHERE batch_id = $1 AND outcome = $2 AND tries >= $3 ORDER BY seq"
_REMOVE = """
UPDATE household_line SET outcome = 'REMOVED', removed_reason = $3
 WHERE batch_id = $1 AND seq = $2 AND outcome = 'PENDING' RETURNING amount_fen"""
_CORRECT = """
UPDATE household_line SET outcome = 'CORRECTED', card_sealed = $2, card_index = $3, bank_code = $4
 WHERE id = $1 AND outcome IN ('FAILED', 'CORRECTED') RETURNING id"""
_SETTLE = """
UPDATE household_line SET outcome = $2, claimed = claimed AND $2 NOT IN ('ABANDONED', 'RECOVERED')
 WHERE id = ANY($1::uuid[]) AND outcome = ANY($3::text[]) RETURNING id"""


class NewLine(NamedTuple):
    """A line as it is stored: personal fields sealed."""

    id: UUID
    area_code: int
    seq: int
    household_id: UUID
    person_id: UUID | None
    name: bytes
    id_number: bytes
    number_index: bytes
    card: bytes
    card_index: bytes
    bank_code: str
    period: str
    amount_fen: Fen
    basis: str


class Sums(NamedTuple):
    """The lines of a batch by outcome: count and fen, distinct numbers of tries; and paid lines without a serial."""

    by_outcome: dict[str, tuple[int, Fen]]
    tries: dict[str, list[int]]
    without_serial: int


async def insert_lines(raw: asyncpg.Connection, batch_id: UUID, policy: str, lines: Sequence[NewLine]) -> None:
    """Write all lines of a new batch in one statement."""
    await raw.execute(_INSERT, batch_id, policy, *(list(column) for column in zip(*lines, strict=True)))


async def sums_of(raw: asyncpg.Connection, batch_id: UUID) -> Sums:
    """How the batch stands."""
    rows = await raw.fetch(_SUMS, batch_id)
    return Sums(
        {row["outcome"]: (row["lines"], row["fen"]) for row in rows},
        {row["outcome"]: list(row["tries"]) for row in rows},
        sum(row["without_serial"] for row in rows),
    )


async def lines_above(raw: asyncpg.Connection, batch_id: UUID, standard: Fen) -> list[int]:
    """The numbers of lines above the policy's standard (LM14)."""
    found: list[int] = await raw.fetchval(_ABOVE, batch_id, standard)
    return found


async def lines_twice(raw: asyncpg.Connection, batch_id: UUID) -> list[int]:
    """The numbers of lines whose person has policy and period twice, as far as the actor sees (FW17)."""
    found: list[int] = await raw.fetchval(_TWICE, batch_id)
    return found


async def lines_ended(raw: asyncpg.Connection, batch_id: UUID) -> list[int]:
    """The numbers of lines for a month after the recipient's end (FW18)."""
    found: list[int] = await raw.fetchval(_ENDED, batch_id)
    return found


async def sums_by_village(raw: asyncpg.Connection, batch_id: UUID) -> list[tuple[int, int, Fen]]:
    """Area code, count and fen of each village on the roster."""
    return [tuple(row) for row in await raw.fetch(_VILLAGES, batch_id)]


async def claim_lines(raw: asyncpg.Connection, batch_id: UUID, *, claimed: bool) -> None:
    """Take person, policy and period of each line for this batch, in all counties, or give them free."""
    await raw.execute(_CLAIM, batch_id, claimed)


async def assign_sources(raw: asyncpg.Connection, batch_id: UUID, sources: Sequence[Amount]) -> None:
    """Say of each pending line which sources bear it; `sources` make the batch's total."""
    await raw.execute(
        _SOURCES,
        batch_id,
        [source.group for source in sources],
        [source.fiscal_year for source in sources],
        [source.fen for source in sources],
    )


async def send_lines(raw: asyncpg.Connection, batch_id: UUID, outcome: LineOutcome, instruction_no: int) -> None:
    """Note that the pending lines, or the corrected ones, go to the bank."""
    after = LineOutcome.PENDING if outcome is LineOutcome.PENDING else LineOutcome.REISSUED
    await raw.execute(_SEND, batch_id, outcome, after, instruction_no)


async def lines_with(raw: asyncpg.Connection, batch_id: UUID, outcome: LineOutcome, *, tries: int = 0) -> list[UUID]:
    """The ids of lines with `outcome` that were sent at least `tries` times."""
    return [row["id"] for row in await raw.fetch(_WITH_OUTCOME, batch_id, outcome, tries)]


async def borne(raw: asyncpg.Connection, lines: Sequence[UUID], project_id: UUID, batch_id: UUID) -> list[Amount]:
    """What each source bears of each of the lines, ready to be posted."""
    return [
        Amount(
            row["amount_fen"],
            row["indicator_id"],
            {"project_id": project_id, "payment_id": batch_id, "household_line_id": row["line_id"]},
            row["fiscal_year"],
        )
        for row in await raw.fetch(_BORNE, list(lines))
    ]


async def remove_line(raw: asyncpg.Connection, batch_id: UUID, seq: int, reason: str) -> Fen | None:
    """Take a pending line off the roster; gives its amount, None when there is no such line."""
    fen: Fen | None = await raw.fetchval(_REMOVE, batch_id, seq, reason)
    return fen


async def correct_line(raw: asyncpg.Connection, line_id: UUID, card: bytes, card_index: bytes, bank_code: str) -> bool:
    """Give a failed line another account; False when it did not fail."""
    return await raw.fetchval(_CORRECT, line_id, card, card_index, bank_code) is not None


async def settle_lines(
    raw: asyncpg.Connection,
    lines: Sequence[UUID],
    outcome: LineOutcome,
    sources: Sequence[LineOutcome],
) -> int:
    """Bring lines that have one of the outcomes `sources` to `outcome`; gives how many were."""
    return len(await raw.fetch(_SETTLE, list(lines), outcome, list(sources)))


class GivenResult(NamedTuple):
    """One line of the bank's answer."""

    seq: int
    paid: bool
    fail_code: str | None
    bank_serial: str | None
    on: date


class Judged(NamedTuple):
    """Numbers of the answer that fit no line of the instruction, and those that contradict a final line."""

    unknown: list[int]
    contradicting: list[int]


class Changed(NamedTuple):
    """A line that the answer settled."""

    id: UUID
    area_code: int
    household_id: UUID
    person_id: UUID | None
    policy: str
    period: str
    amount_fen: Fen
    paid: bool
    fail_code: str | None
    on: date


_GIVEN = """
WITH given AS (
  SELECT * FROM unnest($3::int[], $4::boolean[], $5::text[], $6::text[], $7::date[])
    AS given(seq, paid, fail_code, bank_serial, on_day))"""
# A line that an answer of a later instruction concerns had failed in this one.
_JUDGE = (
    _GIVEN
    + """
SELECT coalesce(array_agg(given.seq ORDER BY given.seq) FILTER (WHERE line.id IS NULL
           OR line.instruction_no < $2 OR line.outcome = 'REMOVED'), '{}') AS unknown,
       coalesce(array_agg(given.seq ORDER BY given.seq) FILTER (WHERE
           (line.instruction_no > $2 AND given.paid)
           OR (line.instruction_no = $2 AND given.paid AND line.outcome IN ('FAILED', 'CORRECTED', 'ABANDONED'))
           OR (line.instruction_no = $2 AND NOT given.paid AND line.outcome IN ('PAID', 'RECOVERING', 'RECOVERED'))
         ), '{}') AS contradicting
  FROM given LEFT JOIN household_line AS line ON line.batch_id = $1 AND line.seq = given.seq"""
)
_APPLY = (
    _GIVEN
    + """
UPDATE household_line AS line
   SET outcome = CASE WHEN given.paid THEN 'PAID' ELSE 'FAILED' END, fail_code = given.fail_code,
       bank_serial = given.bank_serial, paid_on = CASE WHEN given.paid THEN given.on_day END
  FROM given
 WHERE line.batch_id = $1 AND line.seq = given.seq AND line.instruction_no = $2
   AND line.outcome IN ('PENDING', 'REISSUED')
RETURNING line.id, line.area_code, household_id, person_id, policy, period, amount_fen, given.paid, given.fail_code,
  given.on_day AS "on\""""
)


async def judge_results(
    raw: asyncpg.Connection, batch_id: UUID, instruction_no: int, results: Sequence[GivenResult]
) -> Judged:
    """What of the answer cannot be: any of it and the whole answer is refused."""
    row = await raw.fetchrow(_JUDGE, batch_id, instruction_no, *_columns(results))
    assert row is not None
    return Judged(row["unknown"], row["contradicting"])


async def apply_results(
    raw: asyncpg.Connection, batch_id: UUID, instruction_no: int, results: Sequence[GivenResult]
) -> list[Changed]:
    """Settle the open lines of the instruction; those that are final already stay as they are."""
    rows = await raw.fetch(_APPLY, batch_id, instruction_no, *_columns(results))
    return [Changed(*row) for row in rows]


def _columns(results: Sequence[GivenResult]) -> list[list[Any]]:
    return [list(column) for column in zip(*results, strict=True)]

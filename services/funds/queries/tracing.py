"""Traceability (可追溯率): of every fen that was paid, whether it can be followed down to its payee and back to its document."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.funds.domain.postings import PAID
from services.funds.queries.strands import Traceability, TracedYear, Untraced

# Down: a document, its allocation to the project, the project, its contract with the payee or its batch with the line.
# Back: the bank's answer bears exactly what the ledger paid by it (each source of a household line for itself), a refund
# exactly what came back; P10 moves an advance of the same contract and pays nobody.
_JUDGED = f"""
WITH paid AS MATERIALIZED (
  SELECT line.entry_id, line.line_no, line.signed_fen, line.indicator_id, line.project_id, line.contract_id,
         line.payment_id, line.household_line_id, line.fiscal_year, entry.template, entry.document, entry.on_day,
         sum(line.signed_fen) OVER (PARTITION BY entry.id) AS by_entry,
         sum(CASE WHEN template IN ('P08', 'P09') THEN signed_fen END) OVER (PARTITION BY payment_id) AS by_payment,
         sum(CASE WHEN template = 'P16' THEN signed_fen END)
           OVER (PARTITION BY household_line_id, line.indicator_id, line.fiscal_year) AS by_source
    FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
   WHERE line.account = ANY('{{{",".join(PAID)}}}'::text[])
), given AS (
  SELECT line.project_id, line.indicator_id FROM allocation_line AS line
    JOIN allocation AS head ON head.id = line.allocation_id AND head.posted_on IS NOT NULL
  UNION
  SELECT to_project_id, indicator_id FROM allocation_move
), judged AS (
  SELECT paid.*, extract(year FROM on_day)::int AS year, project.name AS project,
         coalesce(payment.reference, batch.number || '-' || line.seq, paid.document) AS paper,
         coalesce(document.document_no <> '' AND project.id IS NOT NULL AND given.project_id IS NOT NULL
           AND (payee.id IS NOT NULL OR batch.id IS NOT NULL), false) AS down,
         coalesce(CASE
           WHEN template IN ('P08', 'P09') THEN by_payment = payment.cash_fen AND payment.contract_id = contract.id
           WHEN template = 'P10' THEN by_entry = 0 AND payee.id IS NOT NULL
           WHEN template = 'P16' THEN line.paid_on IS NOT NULL AND by_source = borne.amount_fen
           WHEN template IN ('P20', 'P20.advance', 'P20.household') THEN by_entry = -refund.amount_fen
         END, false) AS back
    FROM paid
    LEFT JOIN indicator AS document ON document.id = paid.indicator_id
    LEFT JOIN project ON project.id = paid.project_id
    LEFT JOIN given ON given.project_id = paid.project_id AND given.indicator_id = paid.indicator_id
    LEFT JOIN contract ON contract.id = paid.contract_id AND contract.project_id = paid.project_id
    LEFT JOIN payee ON payee.id = contract.payee_id
    LEFT JOIN payment ON payment.id = paid.payment_id AND payment.paid_on IS NOT NULL
    LEFT JOIN household_line AS line ON line.id = paid.household_line_id
    LEFT JOIN household_batch AS batch ON batch.id = line.batch_id AND batch.project_id = paid.project_id
    LEFT JOIN household_line_source AS borne ON borne.line_id = line.id AND borne.indicator_id = paid.indicator_id
      AND borne.fiscal_year = paid.fiscal_year
    LEFT JOIN refund ON paid.document = 'refund:' || refund.id
)"""  # noqa: S608  constants of the book
_YEARS = f"""{_JUDGED}
SELECT year, sum(signed_fen)::bigint AS paid, coalesce(sum(signed_fen) FILTER (WHERE down), 0)::bigint AS down,
       coalesce(sum(signed_fen) FILTER (WHERE back), 0)::bigint AS back,
       coalesce(sum(signed_fen) FILTER (WHERE down AND back), 0)::bigint AS traced,
       coalesce(sum(abs(signed_fen)) FILTER (WHERE NOT (down AND back)), 0)::bigint AS astray
  FROM judged WHERE $1::int IS NULL OR year = $1 GROUP BY year ORDER BY year"""  # noqa: S608  likewise
_UNTRACED = f"""{_JUDGED}
SELECT coalesce(project, '') AS project, paper, template, on_day, down, back, sum(signed_fen)::bigint AS fen
  FROM judged WHERE NOT (down AND back) AND ($1::int IS NULL OR year = $1)
 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY on_day, project, paper, template LIMIT $2"""  # noqa: S608  likewise


@dataclass(frozen=True, slots=True)
class Tracing:
    """The paid money of each year, and what of it is not traced: the first of them."""

    years: Sequence[TracedYear]
    untraced: Sequence[Untraced]

    @property
    def is_whole(self) -> bool:
        """Something was paid, and no fen of it is astray."""
        return bool(self.years) and not any(each.astray for each in self.years)

    def total(self) -> Traceability:
        """All years together."""
        names = Traceability.model_fields
        return Traceability(**{name: sum(getattr(each, name) for each in self.years) for name in names})


async def traceability(raw: asyncpg.Connection) -> Traceability:
    """How much of the paid money within the session's scope can be followed down, back, and both ways."""
    return Tracing([TracedYear(**row) for row in await raw.fetch(_YEARS, None)], ()).total()


async def tracing(raw: asyncpg.Connection, year: int | None = None, most: int = 200) -> Tracing:
    """By year of payment, one or all; `most` bounds how many of the untraced are named."""
    years = [TracedYear(**row) for row in await raw.fetch(_YEARS, year)]
    untraced = [Untraced(**row) for row in await raw.fetch(_UNTRACED, year, most)]
    return Tracing(years, untraced)

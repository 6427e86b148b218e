"""Traceability (资金可追溯率): of every paid fen, whether it can be followed down to its payee and back to its document."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from services.funds.domain.postings import PAID
from services.funds.queries.strands import Traceability
from shared.kernel.areas import NATION
from shared.kernel.roles import Role
from shared.reports.compute import Computed
from shared.reports.model import Column, Kind, Ratio, Rhythm, Row, Unit
from shared.reports.report import Annex, Asked, Report

# Down: a document, its allocation to the project, the project, its contract with the payee or its batch with the line;
# a payment of the treasury to somebody whom nobody registered is astray, and so is what came back of it.
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
   WHERE line.account = ANY('{{{",".join(PAID)}}}'::text[]) AND line.area_code BETWEEN $1 AND $2
), given AS (
  SELECT line.project_id, line.indicator_id FROM allocation_line AS line
    JOIN allocation AS head ON head.id = line.allocation_id AND head.posted_on IS NOT NULL
  UNION
  SELECT to_project_id, indicator_id FROM allocation_move
), judged AS (
  SELECT paid.*, extract(year FROM on_day)::int AS year, project.name AS project,
         coalesce(payment.reference, batch.number || '-' || line.seq, paid.document) AS paper,
         coalesce(document.document_no <> '' AND project.id IS NOT NULL AND given.project_id IS NOT NULL
           AND (payee.id IS NOT NULL OR batch.id IS NOT NULL)
           AND (template = 'P10' OR payment.id IS NULL OR payment.payee_id IS NOT NULL), false) AS down,
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
   WHERE paid.on_day BETWEEN $3 AND $4
)"""  # noqa: S608  constants of the book
# What is astray is added up without signs: a refund would otherwise hide a payment.
_YEARS = f"""{_JUDGED}
SELECT year::text, sum(signed_fen)::bigint AS paid, coalesce(sum(signed_fen) FILTER (WHERE down), 0)::bigint AS down,
       coalesce(sum(signed_fen) FILTER (WHERE back), 0)::bigint AS back,
       coalesce(sum(signed_fen) FILTER (WHERE down AND back), 0)::bigint AS traced,
       coalesce(sum(abs(signed_fen)) FILTER (WHERE NOT (down AND back)), 0)::bigint AS astray
  FROM judged GROUP BY year ORDER BY year"""  # noqa: S608  likewise
_UNTRACED = f"""{_JUDGED}
SELECT coalesce(project, '') AS project, paper, template, on_day::text, CASE WHEN down THEN '是' ELSE '否' END AS down,
       CASE WHEN back THEN '是' ELSE '否' END AS back, sum(signed_fen)::bigint AS fen
  FROM judged WHERE NOT (down AND back) GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY on_day, project, paper, template
 LIMIT $5"""  # noqa: S608  likewise
_NAMED = 200
"""So many untraced postings are named."""
_EVER = date(1949, 10, 1), date(9999, 12, 31)


async def traceability(raw: asyncpg.Connection) -> Traceability:
    """How much of the paid money within the session's scope can be followed down, back, and both ways."""
    rows = await raw.fetch(_YEARS, *NATION.span, *_EVER)
    return Traceability(**{name: sum(row[name] for row in rows) for name in Traceability.model_fields})


async def _years(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    """One row for each calendar year of payment from the period's first day to the cut-off."""
    return [dict(row) for row in await raw.fetch(_YEARS, *asked.area.span, asked.start, asked.as_of)]


async def _untraced(raw: asyncpg.Connection, asked: Asked, explained: Computed) -> Sequence[Row]:
    """The postings that cannot be followed, the oldest first."""
    if not explained.total["astray"]:
        return []
    return [dict(row) for row in await raw.fetch(_UNTRACED, *asked.area.span, asked.start, asked.as_of, _NAMED)]


_READERS = frozenset(
    {
        *(Role.FINANCE_CLERK, Role.FINANCE_REVIEWER, Role.FINANCE_LEADER, Role.BUREAU_CLERK, Role.BUREAU_LEADER),
        *(Role.LEADING_GROUP, Role.PROVINCE_READER, Role.AUDITOR),
    }
)
TRACEABILITY_REPORT = Report(
    id="funds.traceability",
    version=1,
    zh="资金双向追溯表",
    en="paid money followed down and back",
    rhythm=Rhythm.YEAR,
    runs_on=True,
    columns=(
        Column("year", "拨付年度", "year of payment", Kind.TEXT),
        Column("paid", "已拨付", "paid", Kind.MONEY),
        Column("down", "由指标追到收款人", "from the document down to the payee", Kind.MONEY),
        Column("back", "由收款人追回指标", "from the payee back to the document", Kind.MONEY),
        Column("traced", "双向可追溯", "traceable in both directions", Kind.MONEY),
        Column(
            "rate", "可追溯率", "fen traceable in both directions ÷ fen paid", Kind.RATE, Ratio(("traced",), ("paid",))
        ),
        Column("astray", "不可追溯", "astray", Kind.MONEY),
    ),
    gather=_years,
    readers=_READERS,
    issuers=frozenset({Role.FINANCE_LEADER, Role.BUREAU_LEADER, Role.AUDITOR}),
    unit=Unit.YUAN,
    rule="§3.8",
    foot_zh="不可追溯按笔相加，不以退款冲抵；比率由合计数重新计算。",
    annexes=(
        Annex(
            "不可追溯明细",
            "what cannot be followed",
            (
                Column("project", "项目", "project", Kind.TEXT),
                Column("paper", "凭据", "paper", Kind.TEXT),
                Column("template", "分录", "posting", Kind.TEXT),
                Column("on_day", "日期", "day", Kind.TEXT),
                Column("down", "向下可追", "down", Kind.TEXT),
                Column("back", "向上可追", "back", Kind.TEXT),
                Column("fen", "金额", "amount", Kind.MONEY),
            ),
            _untraced,
        ),
    ),
)
"""Which of the paid money can be followed both ways; what cannot is named in the annex, by paper, never by person."""

"""The report of dynamic adjustment (项目库动态调整情况表): what stood, came in and left, by way and reason (§1.6)."""

from collections.abc import Sequence

import asyncpg

from services.funds.domain.adjustment import ExitReason
from shared.kernel.roles import Role
from shared.reports.model import Column, Kind, Rhythm, Row, Unit
from shared.reports.report import Asked, Report
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, LEADING_GROUP

# Beginning + ways in − exits = end, of projects as of money; a project that hangs again after a change has not left.
_MOVED = """
WITH library AS (
  SELECT project.planned_total_fen AS fen, entered_on, gone.reason, gone.exited_on,
         CASE WHEN urgent.project_id IS NOT NULL THEN 'urgent' WHEN listed.project_id IS NOT NULL THEN 'published'
              ELSE 'regular' END AS way
    FROM project
    LEFT JOIN library_exit AS gone ON gone.project_id = project.id
    LEFT JOIN urgent_entry AS urgent ON urgent.project_id = project.id
    LEFT JOIN published_entry AS listed ON listed.project_id = project.id
   WHERE project.area_code BETWEEN $1 AND $2 AND entered_on <= $4
), moved AS (
  SELECT 'begin' AS item, fen FROM library WHERE entered_on < $3 AND coalesce(exited_on, 'infinity') >= $3
  UNION ALL SELECT way, fen FROM library WHERE entered_on >= $3
  UNION ALL SELECT reason, fen FROM library WHERE exited_on BETWEEN $3 AND $4
  UNION ALL SELECT 'end', fen FROM library WHERE coalesce(exited_on, 'infinity') > $4
)
SELECT item, count(*)::int AS projects, sum(fen)::bigint AS amount FROM moved GROUP BY item"""
_ITEMS = {
    "begin": "期初在库",
    "regular": "程序入库",
    "urgent": "应急入库",
    "published": "已公布项目库入库",
    **{str(reason): f"出库 {reason} {reason.zh}" for reason in ExitReason},
    "end": "期末在库",
}
_ALWAYS = ("begin", "regular", "urgent", "published", "end")


async def _moved(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    found = {row["item"]: row for row in await raw.fetch(_MOVED, *asked.area.span, asked.start, asked.as_of)}
    return [
        {
            "item": words,
            "projects": found[item]["projects"] if item in found else 0,
            "amount": found[item]["amount"] if item in found else 0,
        }
        for item, words in _ITEMS.items()
        if item in found or item in _ALWAYS
    ]


ADJUSTMENT_REPORT = Report(
    id="library-adjustment",
    version=1,
    zh="项目库动态调整情况表",
    en="adjustment of the library",
    rhythm=Rhythm.YEAR,
    columns=(
        Column("item", "项目", "item", Kind.TEXT),
        Column("projects", "个数", "projects", Kind.COUNT, totalled=False),
        Column("amount", "计划总投资", "planned total", Kind.MONEY, totalled=False),
    ),
    gather=_moved,
    readers=BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR},
    issuers=BUREAU_HEADS,
    unit=Unit.WAN,
    rule="F-1.6",
    foot_zh="期初在库＋各类入库－各类出库＝期末在库；变更后重新公示的项目计为在库。",
)

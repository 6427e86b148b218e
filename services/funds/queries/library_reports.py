"""Reports of the library: projects and money by category and by the county's own words (项目库汇总表, §1.4)."""

from collections.abc import Sequence

import asyncpg

from shared.kernel.roles import Role
from shared.reports.model import Column, Kind, Ratio, Rhythm, Row, Unit
from shared.reports.report import Asked, Report
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, LEADING_GROUP

# A county that imported its table reads its own words again; what came by other ways goes by the category's name.
_SUMMARY = """
SELECT coalesce(name.zh, left(project.category, 2)) AS category,
       coalesce(split_part(imported.label, '/', 1), name.zh, left(project.category, 2)) AS label,
       count(*)::int AS projects, sum(project.planned_total_fen)::bigint AS amount,
       count(*) FILTER (WHERE project.entered_on <= $4)::int AS entered,
       coalesce(sum(project.planned_total_fen) FILTER (WHERE project.entered_on <= $4), 0)::bigint AS entered_amount
  FROM project
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = project.id
   AND c.state NOT IN ('REJECTED', 'EXITED')
  LEFT JOIN LATERAL (SELECT label FROM library_import_row AS r
                      WHERE r.project_id = project.id AND r.label <> '' LIMIT 1) AS imported ON true
  LEFT JOIN LATERAL (SELECT zh FROM category
                      WHERE code = left(project.category, 2) AND valid_from <= make_date($3, 12, 31)
                      ORDER BY valid_from DESC LIMIT 1) AS name ON true
 WHERE project.area_code BETWEEN $1 AND $2 AND project.plan_year = $3
 GROUP BY left(project.category, 2), 1, 2
 ORDER BY left(project.category, 2), count(*) DESC, 2"""


async def _summary(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    rows = [dict(row) for row in await raw.fetch(_SUMMARY, *asked.area.span, asked.start.year, asked.as_of)]
    whole = sum(row["amount"] for row in rows)
    return [{**row, "whole": whole} for row in rows]


LIBRARY_SUMMARY = Report(
    id="library-summary",
    version=1,
    zh="项目库分类汇总表",
    en="project library by category",
    rhythm=Rhythm.YEAR,
    columns=(
        Column("category", "项目类别", "category", Kind.TEXT),
        Column("label", "本县名称", "the county's own word", Kind.TEXT),
        Column("projects", "项目个数", "projects", Kind.COUNT),
        Column("amount", "计划总投资", "planned total", Kind.MONEY),
        Column("whole", "项目库总额", "the whole library", Kind.MONEY, totalled=False, hidden=True),
        Column("share", "占比", "share", Kind.RATE, Ratio(("amount",), ("whole",)), totalled=False),
        Column("entered", "已入库个数", "of which in the library", Kind.COUNT),
        Column("entered_amount", "已入库金额", "of which in the library, money", Kind.MONEY),
    ),
    gather=_summary,
    readers=BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR},
    issuers=BUREAU_HEADS,
    unit=Unit.WAN,
    rule="F-1.4",
    foot_zh="不含不予入库和已出库项目；本县名称取自导入的项目库表。",
)
# Of a project over several villages each has its share; parts of a fen are left out, a coverage is never flattered. A key
# village that nobody has planned money for stands there too, without a coverage.
_COVERAGE = """
WITH envelope AS (
  SELECT area_code, amount_fen FROM planning_envelope WHERE area_code BETWEEN $1 AND $2 AND year = $3
  UNION ALL
  SELECT DISTINCT village_code, NULL::bigint FROM project_place AS place
   WHERE live AND village_type = 'key_assistance' AND village_code BETWEEN $1 AND $2
     AND NOT EXISTS (SELECT FROM planning_envelope WHERE area_code = place.village_code AND year = $3)
)
SELECT envelope.area_code AS area, coalesce(name.name, envelope.area_code::text) AS unit, envelope.amount_fen AS envelope,
       reserve.projects, reserve.amount AS reserve, reserve.longest
  FROM envelope
  LEFT JOIN LATERAL (SELECT name FROM division WHERE code = envelope.area_code
                      ORDER BY valid_from DESC LIMIT 1) AS name ON true
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT project.id)::int AS projects, coalesce(max(waited.years_waiting), 0)::int AS longest,
           floor(coalesce(sum(project.planned_total_fen::numeric * place.share_ppm / 1000000), 0))::bigint AS amount
      FROM project_place AS place
      JOIN project ON project.id = place.project_id
      JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = project.id AND c.state = 'IN_LIBRARY'
      LEFT JOIN project_wait AS waited ON waited.project_id = project.id
     WHERE place.live AND place.village_code BETWEEN envelope.area_code AND envelope.area_code + CASE
       WHEN envelope.area_code % 1000 > 0 THEN 0 WHEN envelope.area_code % 1000000 > 0 THEN 999 ELSE 999999 END
  ) AS reserve
 ORDER BY envelope.area_code"""


async def _coverage(raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    found = await raw.fetch(_COVERAGE, *asked.area.span, asked.start.year)
    return [{name: value for name, value in dict(row).items() if name != "area"} for row in found]


RESERVE_COVERAGE = Report(
    id="reserve-coverage",
    version=1,
    zh="项目储备与资金盘子对照表",
    en="reserve against what may be planned with",
    rhythm=Rhythm.YEAR,
    columns=(
        Column("unit", "单位", "unit", Kind.TEXT),
        Column("envelope", "资金盘子", "may be planned with", Kind.MONEY, totalled=False),
        Column("projects", "储备项目", "projects in reserve", Kind.COUNT, totalled=False),
        Column("reserve", "储备金额", "reserve", Kind.MONEY, totalled=False),
        Column("coverage", "储备率", "coverage", Kind.RATE, Ratio(("reserve",), ("envelope",)), totalled=False),
        Column("longest", "最长等待年数", "longest wait in years", Kind.COUNT, totalled=False),
    ),
    gather=_coverage,
    readers=BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR},
    issuers=BUREAU_HEADS,
    unit=Unit.WAN,
    rule="F-1.6",
    foot_zh="储备为已入库、未列入计划的项目，按建设地点份额计入各村；储备率低于100%即“钱等项目”；重点帮扶村未填报资金盘子的，储备率留空。县本级行含各村，故不合计。",
)
LIBRARY_REPORTS = (LIBRARY_SUMMARY, RESERVE_COVERAGE)

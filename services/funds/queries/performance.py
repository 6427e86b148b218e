"""The report of goals of a year (绩效监控与自评汇总表): each table with its marks, deviation, score and grade (§5.4, §5.5)."""

from collections.abc import Sequence
from fractions import Fraction

import asyncpg

from services.funds.domain.goal_scores import Grade, half_up
from services.funds.domain.indicators import Light
from shared.kernel.roles import Role
from shared.reports.compute import Computed
from shared.reports.model import Column, Kind, Ratio, Rhythm, Row
from shared.reports.report import Asked, Report
from shared.workflow.desks import BUREAU, FINANCE

# As of a day: the last monitoring and the last score recorded up to it.
_TABLES = """
SELECT goal.title, goal.year, seen.light, seen.money_light, seen.as_of, coalesce(score.paid_fen, seen.paid_fen) AS paid,
       coalesce(score.budget_fen, seen.budget_fen) AS budget, score.execution_hundredths, score.output_hundredths,
       score.benefit_hundredths, score.satisfaction_hundredths, score.score_hundredths, score.grade, score.kind,
       goal.published_on <= $4 AS published
  FROM goal_table AS goal
  JOIN case_file AS c ON c.workflow = 'funds.goal' AND c.subject_id = goal.id AND c.state <> 'CANCELLED'
  LEFT JOIN LATERAL (SELECT * FROM goal_monitoring AS one
                      WHERE one.goal_id = goal.id AND one.as_of <= $4 ORDER BY as_of DESC, id DESC LIMIT 1) AS seen ON true
  LEFT JOIN LATERAL (SELECT * FROM goal_score AS one
                      WHERE one.goal_id = goal.id AND (one.recorded_at AT TIME ZONE 'Asia/Shanghai')::date <= $4
                      ORDER BY recorded_at DESC, id DESC LIMIT 1) AS score ON true
 WHERE goal.area_code BETWEEN $1 AND $2 AND goal.year = $3
 ORDER BY goal.area_code, goal.id"""

_LIGHTS = {Light.GREEN: "正常", Light.AMBER: "偏离", Light.RED: "严重偏离"}
_KINDS = {"self": "自评", "recheck": "财政复核"}
_PARTS = (
    ("execution", "执行率得分", "execution"),
    ("output", "产出得分", "output"),
    ("benefit", "效益得分", "benefit"),
    ("satisfaction", "满意度得分", "satisfaction"),
    ("score", "总分", "score"),
)

COLUMNS = (
    Column("title", "绩效目标表", "goal table", Kind.TEXT),
    Column("tables", "张数", "tables", Kind.COUNT, hidden=True),
    Column("published", "已公开", "published", Kind.COUNT),
    Column("budget", "全年预算数", "budget", Kind.MONEY),
    Column("paid", "执行数", "paid", Kind.MONEY),
    Column("rate", "执行率", "execution rate", Kind.RATE, Ratio(("paid",), ("budget",))),
    Column("light", "绩效监控", "monitoring", Kind.TEXT),
    Column("money_light", "支出监控", "money", Kind.TEXT),
    *(Column(name, zh, en, Kind.TEXT) for name, zh, en in _PARTS),
    Column("grade", "等级", "grade", Kind.TEXT),
    Column("kind", "依据", "by", Kind.TEXT),
)


async def gather(raw: asyncpg.Connection, asked: Asked) -> list[Row]:
    """One row for each goal table of the year."""
    rows = await raw.fetch(_TABLES, *asked.area.span, asked.start.year, asked.as_of)
    return [_facts(row) for row in rows]


def _facts(row: asyncpg.Record) -> Row:
    return {
        "title": row["title"],
        "tables": 1,
        "published": int(bool(row["published"])),
        "budget": row["budget"],
        "paid": row["paid"],
        "light": _LIGHTS[Light(row["light"])] if row["light"] else None,
        "money_light": _LIGHTS[Light(row["money_light"])] if row["money_light"] else None,
        **{name: _points(row[f"{name}_hundredths"]) for name, _, _ in _PARTS},
        "grade": Grade(row["grade"]).zh if row["grade"] else None,
        "kind": _KINDS.get(row["kind"]),
    }


def _points(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


def narrative(computed: Computed, asked: Asked) -> Sequence[str]:
    """The paragraph above the table: how many were published, monitored and scored, and how the grades fall."""
    rows = computed.rows
    if not rows:
        return [f"{asked.start.year}年度没有绩效目标表。"]
    grades = [row["grade"] for row in rows if row["grade"]]
    words = (
        f"{asked.start.year}年度编报绩效目标表{len(rows)}张，已公开{computed.total['published']}张，"
        f"已监控{sum(1 for row in rows if row['light'])}张，"
        f"其中严重偏离{sum(1 for row in rows if row['light'] == _LIGHTS[Light.RED])}张。"
    )
    if grades:
        mean = sum((Fraction(str(row["score"])) for row in rows if row["score"]), Fraction()) / len(grades)
        each = "、".join(f"{grade}{grades.count(grade)}张" for grade in "优良中差")
        words += f"已自评{len(grades)}张：{each}，平均得分{_points(half_up(mean))}分。"
    return [words]


PERFORMANCE_REPORT = Report(
    id="funds.performance",
    version=1,
    zh="项目绩效监控与自评汇总表",
    en="monitoring and self-evaluation of goals",
    rhythm=Rhythm.YEAR,
    runs_on=True,
    columns=COLUMNS,
    gather=gather,
    narrative=narrative,
    readers=FINANCE | BUREAU | {Role.AUDITOR, Role.PROVINCE_READER, Role.LEADING_GROUP},
    issuers=FINANCE,
    rule="F-5.4 F-5.5",
    foot_zh="得分为四舍五入保留两位小数后的分项之和；未监控、未自评的为空。",
)

"""The policy numbers of performance management (绩效管理): points, thresholds, clocks, grades, use of results (§5)."""

from shared.parameters.fits import EVERY_YEAR, Fit, between
from shared.parameters.model import Kind, Parameter, limit_mode

_INFERRED = "推断"
_FORM = "贵池区棠溪镇2022年度项目支出绩效自评表；财预〔2020〕10号（待核实）"


def _points(name: str, default: str, zh: str, en: str, source: str = _FORM) -> Parameter:
    return Parameter(name, Kind.INTEGER, default, "points of 100", source, zh, en, between(0, 100))


def _share(name: str, default: str, zh: str, en: str, source: str = _INFERRED, fits: Fit | None = None) -> Parameter:
    return Parameter(name, Kind.SHARE, default, "share", source, zh, en, fits)


_GOALS = (
    _points("goal.points.execution", "10", "预算执行率分值", "points of budget execution"),
    _points("goal.points.output", "50", "产出指标分值", "points of output"),
    _points("goal.points.benefit", "30", "效益指标分值", "points of benefit"),
    _points("goal.points.satisfaction", "10", "满意度指标分值", "points of satisfaction"),
    _share(
        "goal.overshoot_from", "13/10", "超额完成扣分起点", "over-shoot begins at", "推断（原则待核实）", between(1, 10)
    ),
    _share("goal.overshoot_max", "1/2", "超额完成最多扣分比例", "over-shoot costs at most"),
    _points(
        "goal.grade.excellent", "90", "优的最低分", "least score of grade excellent", "财农〔2021〕122号（待核实）"
    ),
    _points("goal.grade.good", "80", "良的最低分", "least score of grade good", "财农〔2021〕122号（待核实）"),
    _points("goal.grade.fair", "60", "中的最低分", "least score of grade fair", "财农〔2021〕122号（待核实）"),
    _share("goal.deviation_amber", "1/10", "绩效偏离橙色界限", "shortfall, amber above"),
    _share("goal.deviation_red", "3/10", "绩效偏离红色界限", "shortfall, red above"),
    _share("goal.recheck_share", "1/5", "财政复核抽样比例", "share of self-evaluations that finance rechecks"),
    Parameter(
        "goal.days.publish",
        Kind.DURATION,
        "20 working none",
        "days",
        "北塔区2023年材料，引财办农〔2019〕68号",
        "绩效目标批复后公开时限",
        "to publish goals after their approval",
    ),
    Parameter(
        "goal.days.measure",
        Kind.DURATION,
        "30 natural none",
        "days",
        _INFERRED,
        "绩效偏离整改时限",
        "to rectify a deviation",
    ),
    Parameter(
        "goal.evaluate_by",
        Kind.TEXT,
        "03-31",
        "MM-DD",
        _INFERRED,
        "次年绩效自评期限",
        "self-evaluation of a year by, in the next one",
        EVERY_YEAR,
    ),
    limit_mode(
        "F-5.1",
        "绩效目标四环节",
        "the four marks of goals",
        blocks=False,
        source="平江县材料：四同步；国办发〔2018〕35号",
    ),
)

_EVALUATION = (
    Parameter(
        "evaluation.late_days",
        Kind.INTEGER,
        "5",
        "days",
        _INFERRED,
        "分解下达每逾期若干天扣一分",
        "days of late allocation that cost a point of ten",
        between(1, 365),
    ),
    _share("evaluation.execution_full", "19/20", "预算执行率得满分", "execution wins all points from"),
    _share("evaluation.execution_from", "3/4", "预算执行率开始得分", "execution wins points above"),
)

_USE = tuple(
    _share(
        f"evaluation.keeps.{grade}",
        default,
        f"评价为“{zh}”时下年保留比例",
        f"what grade {grade} keeps next year",
        fits=between(0, 2),
    )
    for grade, default, zh in (
        ("excellent", "1", "优"),
        ("good", "1", "良"),
        ("fair", "17/20", "中"),
        ("poor", "1/2", "差"),
    )
)
"""优 keeps or is raised, 良 keeps, 中 is cut by 10–20 %, 差 is stopped or halved (§5.7)."""

PERFORMANCE_PARAMETERS = (*_GOALS, *_EVALUATION, *_USE)

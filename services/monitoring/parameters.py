"""The policy numbers of monitoring: dated rows by area give their values, these are the defaults and their source."""

from shared.parameters.fits import between, each_between, each_matching
from shared.parameters.model import Kind, Parameter

LINE = "monitoring.line"
LINE_TEST = "monitoring.line_test.net_minus_rigid"
FEEDBACK_DAYS = "clue.days.feedback"
CHECK_DAYS = "identification.days.total"
RED_MULTIPLE = "risk.red_multiple"
COMPARISON_SOURCES = "comparison.sources"
COMPARISON_DAYS = "identification.days.check"
TELL_DAYS = "identification.days.tell"
VILLAGE_QUORUM = "village_review.quorum"
JOINT_MEMBERS = "joint_review.members"
JOINT_QUORUM = "joint_review.quorum"
FIRST_MEASURE_DAYS = "identification.days.first_measure"
MINIMUM_MONTHS = "elimination.months.minimum"
STABLE_MONTHS = "elimination.months.stable_income"
LOOK_BACK_MONTHS = "elimination.months.look_back"

_LOCAL = "各地识别认定办法"
_INFERRED = "推定"
_CODES = each_matching(r"[a-z][a-z_]{1,39}", "每个为单位代码", "each the code of an office")


def _days(name: str, default: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.DURATION, default, "days", source, zh, en)


PARAMETERS = (
    Parameter(
        LINE,
        Kind.FEN,
        None,
        "yuan a year",
        "省、市、县监测范围文件",
        "监测范围（年人均纯收入）",
        "the monitoring line, per-capita income a year; there is no default (M-LINE-06)",
    ),
    Parameter(
        LINE_TEST,
        Kind.FLAG,
        "off",
        "on | off",
        "M-INC-03（推定）",
        "以“纯收入＋理赔－合规自付”与监测范围比较",
        "whether net income with claims and without self-paid spending is what is held against the line",
    ),
    _days(
        FEEDBACK_DAYS, "10 working none", "M-CLUE-10（推定）", "线索反馈时限", "time to tell a sender what came of it"
    ),
    Parameter(
        RED_MULTIPLE,
        Kind.SHARE,
        "2",
        "times the threshold",
        _INFERRED,
        "金额达到阈值的该倍数时列为红色",
        "from this multiple of its threshold on, an amount makes a risk red",
        between(1, 100),
    ),
    _days(
        "publicity.min_days.village",
        "5 natural none",
        "各地识别认定办法：公示不少于5天",
        "村级公示最短天数",
        "shortest village publicity",
    ),
    _days(
        "identification.days.total", "15 natural next_working", _LOCAL, "从线索到审定公告总时限", "clue to announcement"
    ),
    _days("identification.days.assign", "2 natural next_working", _LOCAL, "受理派发时限", "time to assign a clue"),
    _days("identification.days.check", "5 natural next_working", _LOCAL, "核查比对时限", "time to visit and compare"),
    _days(
        "identification.days.review", "1 natural next_working", _LOCAL, "民主评议时限", "time for the village review"
    ),
    _days("identification.days.recheck", "5 working none", _INFERRED, "异议复核时限", "time to recheck an objection"),
    _days("identification.days.county", "2 natural next_working", _LOCAL, "县级审定时限", "time to approve"),
    _days("identification.days.enrol", "5 working none", _LOCAL, "录入标注时限", "time to enter the household"),
    _days("identification.days.plan", "10 natural next_working", _INFERRED, "制定帮扶计划时限", "time to plan"),
    _days(
        "identification.days.first_measure",
        "30 natural next_working",
        "识别后一个月内落实帮扶措施",
        "落实首项帮扶时限",
        "time to deliver the first measure",
    ),
    _days("elimination.days.visit", "3 natural next_working", _LOCAL, "入户核查时限", "time to visit"),
    _days("elimination.days.review", "1 natural next_working", _LOCAL, "民主评议时限", "time for the village review"),
    _days("elimination.days.recheck", "5 working none", _INFERRED, "异议复核时限", "time to recheck an objection"),
    _days("elimination.days.county", "2 natural next_working", _LOCAL, "县级审定时限", "time to approve"),
    _days("elimination.days.mark", "5 working none", _LOCAL, "标注时限", "time to mark the elimination"),
    _days(
        "elimination.days.look_back",
        "180 natural next_working",
        _INFERRED,
        "回头看完成时限",
        "time to finish look-backs",
    ),
    _days(
        "measure.days.first", "30 natural next_working", "识别后一个月内落实帮扶措施", "申请措施时限", "time to apply"
    ),
    _days(TELL_DAYS, "5 working none", "M-ID-05", "告知不予纳入时限", "time to tell an applicant of a rejection"),
    Parameter(
        COMPARISON_SOURCES,
        Kind.WORDS,
        "fiscal,public_security,market_supervision,housing,social_insurance",
        "sources",
        "M-4.2",
        "信息比对单位",
        "which sources are asked about a household",
        _CODES,
    ),
    Parameter(
        VILLAGE_QUORUM,
        Kind.SHARE,
        "2/3",
        "share of those entitled",
        "村民委员会组织法第二十六条",
        "民主评议到会比例",
        "the share of those entitled that must be present",
    ),
    Parameter(
        JOINT_MEMBERS,
        Kind.WORDS,
        "bureau,civil_affairs,medical_insurance,education,housing,water,human_resources,disabled_federation",
        "offices",
        "M-ID-11",
        "县级联审成员单位",
        "the standing members of the joint review",
        _CODES,
    ),
    Parameter(
        JOINT_QUORUM,
        Kind.SHARE,
        "2/3",
        "share of the members",
        "M-ID-11（推定）",
        "县级联审到会比例",
        "the share of the standing members that must sit",
    ),
    Parameter(
        MINIMUM_MONTHS,
        Kind.INTEGER,
        "6",
        "months",
        "M-EL-07",
        "识别至消除最短月数",
        "months from identification to elimination, at least",
        between(0, 120),
    ),
    Parameter(
        STABLE_MONTHS,
        Kind.INTEGER,
        "6",
        "months",
        "M-EL-01",
        "收入稳定最短月数",
        "months for which income must have been steady",
        between(0, 120),
    ),
    Parameter(
        LOOK_BACK_MONTHS,
        Kind.WORDS,
        "3,6",
        "months after the elimination",
        "M-6.4（推定）",
        "回头看时点",
        "how long after the elimination look-backs are due",
        each_between(1, 120),
    ),
)

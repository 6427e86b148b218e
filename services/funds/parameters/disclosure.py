"""The policy numbers of disclosure (公告公示), of citizens' queries, and the clocks of complaints (投诉举报); §6."""

from shared.parameters.fits import matching
from shared.parameters.model import Kind, Parameter


def _clock(name: str, days: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.DURATION, days, "days", source, zh, en)


def _count(name: str, number: str, unit: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.INTEGER, number, unit, source, zh, en)


_INFERRED = "推断"
_GUIZHOU = "贵州省：咨询建议10个、投诉举报20个工作日；各省不一"

DISCLOSURE_PARAMETERS = (
    _clock("disclosure.due_days", "20 natural none", _INFERRED, "应公开事项公开时限", "to publish what is due"),
    _clock("disclosure.start_days", "1 natural none", _INFERRED, "开工、公示名册时公开时限", "to publish at the start"),
    _clock("disclosure.quarter_days", "15 natural none", _INFERRED, "季度进展公开时限", "to publish a quarter"),
    _clock("disclosure.red_days", "60 natural none", _INFERRED, "未公开转红色预警", "missing, red after"),
    Parameter(
        "disclosure.local_phone",
        Kind.TEXT,
        None,
        "phone of an office",
        "公告公示制度指导意见 2018：公布本级监督电话",
        "本级监督电话（单位座机）",
        "the county's own supervision phone",
        matching(r"\d[\d -]{2,29}", "单位座机号码", "the number of an office"),
    ),
    _count("public_query.per_minute", "30", "queries", _INFERRED, "每分钟公众查询次数上限", "public queries a minute"),
    _count("public_query.code_tries", "5", "tries", _INFERRED, "每日查询码错误次数上限", "wrong access codes a day"),
    _count("public_query.complaints_a_day", "10", "complaints", _INFERRED, "每日网上投诉上限", "complaints a day"),
    _clock("public_query.code_days", "365 natural none", _INFERRED, "查询码有效期", "an access code is valid for"),
    _clock("complaint.days.accept", "2 working none", _INFERRED, "投诉举报受理时限", "to accept a complaint"),
    _clock("complaint.days.begin", "2 working none", _INFERRED, "交办后开始调查时限", "to begin after the assignment"),
    _clock("complaint.days.handle", "20 working none", _GUIZHOU, "投诉举报办理时限", "to investigate a complaint"),
    _clock("complaint.days.handle.advice", "10 working none", _GUIZHOU, "咨询建议办理时限", "to answer an advice"),
    _clock("complaint.days.close", "5 working none", _INFERRED, "满意度回访时限", "to ask for satisfaction"),
)

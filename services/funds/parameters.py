"""The policy numbers of funds: dated rows by area give their values, these are the defaults and where they come from."""

from shared.parameters.model import Kind, Parameter

PARAMETERS = (
    Parameter(
        "publicity.min_days.village",
        Kind.DURATION,
        "10 natural none",
        "days",
        "公告公示制度指导意见 2018：村级不少于10日",
        "村级公示最短天数",
        "shortest village publicity",
    ),
    Parameter(
        "publicity.min_days.township",
        Kind.DURATION,
        "10 natural none",
        "days",
        "公告公示制度指导意见 2018：乡镇级不少于10日",
        "乡镇公示最短天数",
        "shortest township publicity",
    ),
    Parameter(
        "publicity.min_days.county",
        Kind.DURATION,
        "10 natural none",
        "days",
        "泽库县 2023 年公示期 6月9日至19日",
        "县级公示最短天数",
        "shortest county publicity",
    ),
    Parameter(
        "project.county_publicity_before_decision",
        Kind.FLAG,
        "off",
        "on | off",
        "各地做法不一，由县确定",
        "县级公示先于领导小组审定",
        "county publicity comes before the leading group's decision",
    ),
    Parameter(
        "payment.days.total",
        Kind.DURATION,
        "30 natural none",
        "days",
        "保障中小企业款项支付条例：交付后30日内支付",
        "拨付办理总时限",
        "the whole way of a payment request",
    ),
)

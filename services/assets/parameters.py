"""The policy numbers of assets: dated rows by area give their values, these are the defaults and where they come from."""

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
        "handover.days.transfer",
        Kind.DURATION,
        "30 working none",
        "days",
        "厦门市思明区：财务决算批复后30个工作日内移交",
        "资产移交时限",
        "time to hand an asset over",
    ),
    Parameter(
        "handover.days.book",
        Kind.DURATION,
        "30 natural none",
        "days",
        "推定",
        "移交后入账时限",
        "time to book an asset after the hand-over",
    ),
    Parameter(
        "use.days.revitalise",
        Kind.DURATION,
        "180 natural none",
        "days",
        "推定：盘活方案6个月内落实",
        "闲置资产盘活时限",
        "time to bring an idle asset back to use",
    ),
    Parameter(
        "disposal.days.book",
        Kind.DURATION,
        "30 natural none",
        "days",
        "推定：处置收益30日内入账",
        "处置收益入账时限",
        "time to book the proceeds of a disposal",
    ),
)

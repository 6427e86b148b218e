"""The policy numbers of indicators: clocks of the own budget, age of idle money, regimes, small schemes (§2.2–2.4, §3.6)."""

from shared.parameters.model import Kind, Parameter


def _days(name: str, default: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.DURATION, default, "days", source, zh, en)


def _whole(name: str, default: str, unit: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.INTEGER, default, unit, source, zh, en)


INDICATOR_PARAMETERS = (
    _days(
        "indicator.own_budget_days.general",
        "30 natural none",
        "预算法第五十二条（待核实）",
        "本级一般性转移支付下达时限，自人大批准预算起",
        "own general transfers, from the approval of the budget",
    ),
    _days(
        "indicator.own_budget_days.special",
        "60 natural none",
        "预算法第五十二条（待核实）",
        "本级专项转移支付下达时限，自人大批准预算起",
        "own special transfers, from the approval of the budget",
    ),
    _whole("indicator.own_amber_days.general", "21", "days", "§2.3", "本级一般性转移支付提示起始日", "amber, general"),
    _whole("indicator.own_amber_days.special", "51", "days", "推断", "本级专项转移支付提示起始日", "amber, special"),
    _whole(
        "idle.amber", "1", "years", "国办发〔2014〕70号（待核实）", "闲置资金黄色年限", "idle money is amber at age"
    ),
    _whole("idle.red", "2", "years", "国办发〔2014〕70号（待核实）", "闲置资金红色年限", "idle money is red at age"),
)

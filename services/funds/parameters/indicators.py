"""The policy numbers of indicators: clocks of the own budget, age of idle money, regimes, small schemes (§2.2–2.4, §3.6)."""

from shared.parameters.fits import Fit, between, one_of
from shared.parameters.model import Kind, Parameter, limit_mode


def _days(name: str, default: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.DURATION, default, "days", source, zh, en)


def _whole(name: str, default: str, unit: str, source: str, zh: str, en: str, fits: Fit | None = None) -> Parameter:
    return Parameter(name, Kind.INTEGER, default, unit, source, zh, en, fits)


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
        "idle.amber",
        "1",
        "years",
        "国办发〔2014〕70号（待核实）",
        "闲置资金黄色年限",
        "idle money is amber at age",
        between(0, 50),
    ),
    _whole(
        "idle.red",
        "2",
        "years",
        "国办发〔2014〕70号（待核实）",
        "闲置资金红色年限",
        "idle money is red at age",
        between(0, 50),
    ),
    Parameter(
        "integration.regime",
        Kind.TEXT,
        "COORDINATED",
        "COORDINATED | INTEGRATED",
        "财农〔2021〕22号（待核实）：整合限试点县",
        "资金使用方式（统筹安排、统筹整合）",
        "whether the county integrates its money",
        one_of("COORDINATED", "INTEGRATED"),
    ),
    Parameter(
        "consumption.reserve_floor",
        Kind.SHARE,
        "1/10",
        "share of the planned purchases",
        "政府采购脱贫地区农副产品工作（待核实）",
        "消费帮扶预留份额下限",
        "least reserved share of planned purchases",
    ),
    limit_mode(
        "F-2.1-area", "指标限定使用区域", "areas to which a document restricts money", blocks=True, source="指标文件"
    ),
    limit_mode("F-2.4-scale", "整合规模不低于上年", "scale not below last year's", blocks=True, source="商丘市材料"),
    limit_mode("F-2.2-reserve", "消费帮扶预留份额下限", "reserved share", blocks=False, source="（待核实）"),
    limit_mode(
        "FW39", "整合资金用于备案方案", "integrated money follows the plan", blocks=True, source="运城市、叙州区材料"
    ),
    limit_mode(
        "FW40", "资金投向矩阵", "what a fund may pay for", blocks=False, source="财农〔2021〕19号各任务方向（推断）"
    ),
    limit_mode("FW47", "驻村第一书记经费标准", "money of resident teams", blocks=True, source="商丘市材料"),
)

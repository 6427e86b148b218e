"""The early-warning rules (预警规则, FW…) of domain-funds-assets §4.2: who answers for each, and on what basis."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE, REVIEW_CENTRE, SECTOR, TOWNSHIP, TREASURY, UNIT

CHECK_PREFIX = "funds-FW"
"""How the ids of the checks begin whose findings become alerts."""


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """One rule: `owner` stands for the desk that handles its alerts, `basis` is the paper or practice it rests on."""

    rule: str
    zh: str
    en: str
    owner: Role
    basis: str


DESKS: Mapping[Role, frozenset[Role]] = {
    Role.FINANCE_CLERK: FINANCE,
    Role.TREASURY: TREASURY | FINANCE,
    Role.BUREAU_CLERK: BUREAU,
    Role.SECTOR_CLERK: SECTOR,
    Role.IMPLEMENTING_UNIT: UNIT | SECTOR,
    Role.TOWNSHIP_CLERK: TOWNSHIP | BUREAU,
    Role.REVIEW_CENTRE: REVIEW_CENTRE | FINANCE,
}
"""Who may act for an owner."""

HANDLERS = frozenset[Role]().union(*DESKS.values())
"""Everybody who may own an alert."""

_FIN, _TRE, _BUR = Role.FINANCE_CLERK, Role.TREASURY, Role.BUREAU_CLERK
_SEC, _UNI, _TOW = Role.SECTOR_CLERK, Role.IMPLEMENTING_UNIT, Role.TOWNSHIP_CLERK

_RULES = (
    EarlyWarning("FW01", "指标分解超期", "late decomposition", _FIN, "预算法第五十二条（待核实）"),
    EarlyWarning("FW02", "到期指标分配率不足100%", "allocation below 100 %", _FIN, "宜宾材料：指标分配率100%"),
    EarlyWarning("FW03", "本级预算下达超期", "late pass-down of the own budget", _FIN, "预算法第五十二条（待核实）"),
    EarlyWarning("FW04", "支出进度滞后于序时", "behind the calendar", _FIN, "张掖市通报；阈值为推断"),
    EarlyWarning("FW05", "支出节点未达标", "milestone missed", _FIN, "西藏2023年要求；宜宾材料：年末95%"),
    EarlyWarning("FW06", "资金下达后零支付", "zero payment", _UNI, "推断"),
    EarlyWarning("FW07", "资金下达未开工", "not started", _UNI, "西藏2023年要求：4月1日前开工"),
    EarlyWarning("FW08", "逾期未完工", "late completion", _UNI, "推断"),
    EarlyWarning("FW09", "支付超前于计量", "payment ahead of progress", _FIN, "财建〔2022〕183号（待核实）；推断"),
    EarlyWarning("FW10", "预付款异常", "advance abnormal", _FIN, "财建〔2004〕369号（待核实）"),
    EarlyWarning("FW11", "超合同或超结算支付", "over-payment", _FIN, "政府采购法第四十九条（待核实）"),
    EarlyWarning("FW12", "收款方不是合同相对方", "payee is not a contract party", _TRE, "运城市材料：财政扶贫直通车"),
    EarlyWarning("FW13", "收款方与经办人有利害关系", "payee equals insider", _FIN, "运城市材料：谁审批谁负责"),
    EarlyWarning("FW14", "付款前变更收款账户", "payee account changed", _TRE, "推断"),
    EarlyWarning("FW15", "多户共用一卡", "shared account", _SEC, "财办〔2020〕37号（待核实）"),
    EarlyWarning("FW16", "疑似重复支付", "duplicate payment", _TRE, "审计通报；推断"),
    EarlyWarning("FW17", "重复享受补贴", "duplicate household subsidy", _SEC, "财办〔2020〕37号（待核实）"),
    EarlyWarning("FW18", "向不符合条件人员发放", "ineligible person", _SEC, "法库县规定：次月停发"),
    EarlyWarning("FW19", "超标准发放", "above standard", _SEC, "各项补贴政策文件"),
    EarlyWarning("FW20", "向个人账户或以现金支付", "cash or private account", _TRE, "运城市材料：财政扶贫直通车；推断"),
    EarlyWarning("FW21", "以拨代支、年末突击支付", "moving instead of spending", _FIN, "财农〔2021〕22号（待核实）"),
    EarlyWarning("FW22", "资金用于负面清单事项", "negative list", _BUR, "财农〔2021〕19号（待核实）；宜宾材料"),
    EarlyWarning("FW23", "产业占比低于要求", "industry share too low", _BUR, "商丘市材料；2023年中央一号文件"),
    EarlyWarning("FW24", "项目管理费超上限", "management fee above cap", _FIN, "财农〔2021〕19号（待核实）"),
    EarlyWarning("FW25", "非脱贫村占比超上限", "non-poor villages above the cap", _BUR, "财农〔2021〕19号（待核实）"),
    EarlyWarning("FW26", "项目未入库即用款", "project not in the library", _BUR, "宜宾材料：未入库项目不得安排资金"),
    EarlyWarning("FW27", "应公开未公开或公开不足", "disclosure missing or short", _BUR, "公告公示制度指导意见 2018"),
    EarlyWarning(
        "FW28", "绩效目标缺失或未按期公开", "goals missing or not published", _BUR, "北塔区2023年材料：20个工作日"
    ),
    EarlyWarning("FW29", "绩效偏离", "performance deviation", _UNI, "运城市材料：偏离及时纠正；阈值为推断"),
    EarlyWarning("FW30", "绩效自评逾期", "self-evaluation overdue", _UNI, "推断：次年3月31日前"),
    EarlyWarning("FW31", "疑似化整为零", "split procurement", _SEC, "政府采购法；审计通报（待核实）"),
    EarlyWarning("FW32", "应招标未招标", "no tender", _SEC, "发展改革委令2018年第16号（待核实）"),
    EarlyWarning("FW33", "合同变更超10%", "variation above the cap", _SEC, "政府采购法第四十九条（待核实）"),
    EarlyWarning("FW34", "验收或结算超期", "acceptance or settlement overdue", _UNI, "财建〔2016〕503号；推断"),
    EarlyWarning("FW35", "质保金逾期未退", "retention overdue", _FIN, "建质〔2017〕138号"),
    EarlyWarning("FW36", "资金闲置", "idle money", _FIN, "国办发〔2014〕70号（待核实）"),
    EarlyWarning("FW37", "结余未处理", "surplus not handled", _FIN, "推断"),
    EarlyWarning("FW38", "退票或在途超期", "returned or stranded payment", _TRE, "推断"),
    EarlyWarning(
        "FW39", "整合资金超出备案方案", "integrated use outside the filed plan", _FIN, "财农〔2021〕22号（待核实）"
    ),
    EarlyWarning("FW40", "资金类别与项目类别不符", "category mismatch", _FIN, "财农〔2021〕19号各任务方向（推断）"),
    EarlyWarning("FW41", "半月报逾期", "report late", _BUR, "商丘市材料：每月15日、30日前报送"),
    EarlyWarning("FW42", "与银行日终对账不符", "reconciliation difference", _TRE, "推断"),
    EarlyWarning("FW43", "验收后资产未登记", "asset not registered", _BUR, "国办函〔2021〕51号；推断"),
    EarlyWarning("FW44", "报账日期倒置", "date-order fault", _SEC, "重庆开县报账制度"),
    EarlyWarning("FW45", "不相容岗位同一人办理", "same person in adjacent steps", _FIN, "运城市材料；推断"),
    EarlyWarning(
        "FW46", "以工代赈劳务报酬低于30%", "labour pay below its share", _SEC, "国家以工代赈管理办法（待核实）"
    ),
    EarlyWarning("FW47", "第一书记资金异常", "first-secretary money", _BUR, "商丘市材料：3万元、20万元"),
    EarlyWarning("FW48", "资金滞留乡镇", "money parked at a township", _TOW, "运城市材料：财政扶贫直通车；推断"),
    EarlyWarning("FW49", "产业项目未联农带农", "no linkage effect", _SEC, "国乡振发〔2021〕3号；推断"),
    EarlyWarning("FW50", "小额信贷逾期率超标", "loan overdue rate", _BUR, "宜宾材料：逾期率0.8%以内"),
    EarlyWarning("FW-recorded", "国库支付突破限额", "a limit broken by a payment made elsewhere", _FIN, "§3.5（推断）"),
    EarlyWarning("FW-unposted", "国库已支付、无法入账", "paid by the treasury, cannot be posted", _TRE, "§3.1（推断）"),
    EarlyWarning(
        "FW-small-firm", "小微企业款项逾期", "a small firm is paid late", _FIN, "保障中小企业款项支付条例（待核实）"
    ),
    EarlyWarning("FW-fees", "费用列支渠道不符", "a fee without its source", _FIN, "财农〔2021〕19号（待核实）"),
    EarlyWarning("FW-explained", "预警解释占比过高", "too many alerts explained away", _FIN, "§4.3（推断）"),
    EarlyWarning("FW-owed", "追减不足、应还上级", "a cut that is owed to the upper level", _FIN, "§3.6（推断）"),
    EarlyWarning("FW-own-money", "本级衔接资金低于上年", "own linkage money below last year's", _FIN, "国家后评估要求"),
    EarlyWarning("FW-industry-trend", "产业占比低于上年", "industry share below last year's", _BUR, "国家后评估要求"),
)
RULES: Mapping[str, EarlyWarning] = {each.rule: each for each in _RULES}


def rule_of(check_id: str) -> str:
    """The rule of a check; a rule may have several checks, told apart behind a dot."""
    return check_id.removeprefix("funds-").partition(".")[0]

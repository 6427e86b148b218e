"""The policy numbers of contracts, payments and household batches (domain-funds-assets §0.3, §3.2, §3.5)."""

from shared.parameters.fits import between, each_matching
from shared.parameters.model import Kind, Parameter, limit_mode


def _share(name: str, default: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.SHARE, default, "share", source, zh, en)


def _yuan(name: str, default: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.FEN, default, "yuan", source, zh, en)


_STANDARDS = each_matching(r"[^=]{1,60}=\d{1,9}(\.\d{1,2})?", "每个为 政策=元", "each policy=yuan")

PAYMENT_PARAMETERS = (
    _share(
        "advance.max", "3/10", "财建〔2004〕369号（待核实）", "预付款上限，占合同价（不含暂列金额）", "largest advance"
    ),
    _share("progress.max_pay_before_settlement", "97/100", "推断：100%减质保金", "结算前计量支付上限", "progress cap"),
    _share("advance.recouped_by", "4/5", "推断", "累计计量达合同价此比例时预付款抵扣完毕", "advance recouped by"),
    _share("payment.max_before_acceptance", "9/10", "推断", "验收前累计支付上限，占合同价", "cap before acceptance"),
    _share("retention.max", "3/100", "建质〔2017〕138号", "质保金上限，占结算价，按合同日期取值", "retention cap"),
    _share("variation.max", "1/10", "政府采购法第四十九条（待核实）", "合同变更累计上限", "variation cap"),
    _yuan(
        "tender.works",
        "4000000.00",
        "发展改革委令2018年第16号（待核实）",
        "工程公开招标限额",
        "tender threshold, works",
    ),
    _yuan(
        "tender.goods",
        "2000000.00",
        "发展改革委令2018年第16号（待核实）",
        "货物公开招标限额",
        "tender threshold, goods",
    ),
    _yuan(
        "tender.services",
        "1000000.00",
        "发展改革委令2018年第16号（待核实）",
        "服务公开招标限额",
        "tender threshold, services",
    ),
    _yuan("payment.tier.section_head", "50000.00", "推断", "科室负责人审批上限", "a section head approves up to"),
    _yuan("payment.tier.deputy_director", "500000.00", "推断", "分管副局长审批上限", "a deputy approves up to"),
    Parameter(
        "contract.days_after_award",
        Kind.INTEGER,
        "30",
        "days",
        "招标投标法第四十六条",
        "中标通知书发出后签订合同的天数",
        "days from the award notice to the contract",
    ),
    Parameter(
        "contract.defect_months",
        Kind.INTEGER,
        "24",
        "months",
        "建质〔2017〕138号（待核实）",
        "缺陷责任期最长月数",
        "longest defect period",
        between(0, 120),
    ),
    Parameter(
        "sme.pay_days",
        Kind.INTEGER,
        "30",
        "days",
        "保障中小企业款项支付条例（待核实）",
        "交付后向小微企业付款的天数",
        "days to pay a small firm",
    ),
    Parameter(
        "sme.pay_days_max",
        Kind.INTEGER,
        "60",
        "days",
        "保障中小企业款项支付条例（待核实）",
        "合同可约定的最长付款天数",
        "most days a contract may agree to pay a small firm",
    ),
    Parameter(
        "payee.freeze",
        Kind.DURATION,
        "3 working none",
        "days",
        "推断",
        "收款账户变更后冻结支付的天数",
        "payments rest after an account was changed",
    ),
    Parameter(
        "household_subsidy.standards",
        Kind.WORDS,
        "",
        "policy=yuan",
        "各项补贴政策文件，由县逐项采用",
        "到户补贴标准（每行上限）",
        "largest line of each subsidy policy",
        _STANDARDS,
    ),
    Parameter(
        "household_subsidy.tries",
        Kind.INTEGER,
        "3",
        "times",
        "推断",
        "同一明细最多发放次数",
        "how often a line is sent",
        between(1, 100),
    ),
    limit_mode("LM03", "预付款上限", "advance cap", blocks=False, source="财建〔2004〕369号（待核实）"),
    limit_mode("LM05", "计量支付上限", "progress cap", blocks=False, source="财建〔2022〕183号（待核实）；推断"),
    limit_mode("LM06", "预付款抵扣", "recoupment of the advance", blocks=False, source="推断"),
    limit_mode("LM07", "验收前支付上限", "cap before acceptance", blocks=False, source="推断"),
    limit_mode("LM08", "合同变更上限", "variation cap", blocks=False, source="政府采购法第四十九条（待核实）"),
    limit_mode("LM11", "缺陷责任期", "defect period", blocks=False, source="建质〔2017〕138号（待核实）"),
    limit_mode("LM12", "收款方为合同相对方", "payee is the party", blocks=True, source="运城市材料：财政扶贫直通车"),
    limit_mode(
        "LM15",
        "小微企业付款期限",
        "days to pay a small firm",
        blocks=False,
        source="保障中小企业款项支付条例（待核实）",
    ),
    limit_mode("LM16", "费用列支渠道", "what bears a fee", blocks=False, source="财农〔2021〕19号（待核实）"),
    limit_mode("FW32", "应招标未招标", "tender required", blocks=False, source="发展改革委令2018年第16号（待核实）"),
    limit_mode("F-3.1-5", "中标后签约期限", "signing after the award", blocks=True, source="招标投标法第四十六条"),
    limit_mode("F-3.2.3", "账户变更冻结", "freeze after an account change", blocks=False, source="推断"),
    limit_mode("F-3.2.6", "分级审批", "approval tiers", blocks=False, source="推断"),
)

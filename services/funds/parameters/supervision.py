"""The policy numbers of supervision (资金监管): thresholds of the early-warning rules and clocks of their alerts (§4.2, §4.3)."""

from shared.parameters.fits import EVERY_YEAR, Fit, between
from shared.parameters.model import Kind, Parameter


def _clock(name: str, days: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.DURATION, days, "days", source, zh, en)


def _share(name: str, share: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.SHARE, share, "share", source, zh, en)


def _count(name: str, number: str, unit: str, source: str, zh: str, en: str, fits: Fit | None = None) -> Parameter:
    return Parameter(name, Kind.INTEGER, number, unit, source, zh, en, fits)


def _yuan(name: str, amount: str, source: str, zh: str, en: str) -> Parameter:
    return Parameter(name, Kind.FEN, amount, "yuan", source, zh, en)


_INFERRED = "推断"

_ALERTS = (
    _clock("alert.days.accept", "1 working none", _INFERRED, "预警派发后开始核实时限", "to begin the verification"),
    _clock("alert.days.verify", "5 working none", _INFERRED, "橙色预警核实时限", "to verify an amber alert"),
    _clock("alert.days.verify.red", "3 working none", _INFERRED, "红色预警核实时限", "to verify a red alert"),
    _clock("alert.days.plan", "3 working none", _INFERRED, "制定整改方案时限", "to plan the rectification"),
    _clock("alert.days.rectify", "30 natural none", _INFERRED, "橙色预警整改时限", "to rectify an amber alert"),
    _clock("alert.days.rectify.red", "15 natural none", _INFERRED, "红色预警整改时限", "to rectify a red alert"),
    _clock("alert.days.extension", "15 natural none", _INFERRED, "上一级批准的延期", "extension by the next level"),
    _clock("alert.days.review", "5 working none", _INFERRED, "复核、复查时限", "to review"),
    _share("alert.explained_max", "1/2", _INFERRED, "已处置预警中解释的最高占比", "largest share of explained alerts"),
    _count("alert.explained_least", "3", "alerts", _INFERRED, "解释占比起算的处置数", "handled alerts it takes"),
)

_MONEY = (
    _count("project.zero_payment_amber", "90", "days", _INFERRED, "零支付橙色预警天数", "zero payment, amber from day"),
    _count("project.zero_payment_red", "180", "days", _INFERRED, "零支付红色预警天数", "zero payment, red from day"),
    _share("payment.behind_amber", "1/10", _INFERRED, "落后序时的橙色界限", "behind the calendar, amber"),
    _share("payment.behind_red", "1/5", _INFERRED, "落后序时的红色界限", "behind the calendar, red"),
    _share("payment.curve.march", "3/10", "西藏2023年要求", "3月末支出进度", "paid by the end of March"),
    _share("payment.curve.september", "3/4", "问答材料（低可信）", "9月末支出进度", "paid by the end of September"),
    _share("payment.year_end_min", "19/20", "宜宾材料：95%以上", "年末支出进度", "paid by the end of the year"),
    _share("payment.december_max", "3/10", _INFERRED, "12月支出占全年的界限", "share of payments in December"),
    _clock("surplus.days", "60 natural none", _INFERRED, "结余处理时限", "to handle a surplus"),
    _count(
        "own_money.from_month",
        "7",
        "month",
        _INFERRED,
        "与上年比较的起始月份",
        "compared with last year from",
        between(1, 12),
    ),
)

_PROJECTS = (
    Parameter(
        "project.start_by",
        Kind.TEXT,
        "04-01",
        "MM-DD",
        "西藏2023年要求：4月1日前全部开工",
        "项目开工期限",
        "projects start by",
        EVERY_YEAR,
    ),
    _clock("project.start_days", "90 natural none", _INFERRED, "下达后开工时限", "to start after the allocation"),
    _count("project.late_red_days", "60", "days", _INFERRED, "逾期完工红色天数", "late completion, red after"),
    _clock("acceptance.days", "30 natural none", _INFERRED, "完工后验收时限", "to accept after completion"),
    _clock("settlement.days", "90 natural none", _INFERRED, "验收后结算时限", "to settle after acceptance"),
    _clock("asset.register_days", "30 natural none", _INFERRED, "验收后资产登记时限", "to register an asset"),
    _count(
        "final_account.months",
        "3",
        "months",
        "财建〔2016〕503号",
        "竣工后财务决算时限",
        "final account after completion",
        between(0, 120),
    ),
    _share("progress.seen_behind", "1/5", _INFERRED, "形象进度落后支付的界限", "works seen behind the money"),
    _count(
        "linkage.months",
        "6",
        "months",
        _INFERRED,
        "产业项目联农带农见效期限",
        "to draw households along",
        between(0, 120),
    ),
    _clock("advance.idle_days", "180 natural none", _INFERRED, "预付款未计量期限", "an advance without certified work"),
    _clock("retention.days", "30 natural none", _INFERRED, "缺陷责任期满后退还时限", "to release the retention"),
    _share(
        "work_relief.labour_min",
        "3/10",
        "国家以工代赈管理办法（待核实）",
        "以工代赈劳务报酬占比",
        "labour pay at least",
    ),
    _count(
        "split.months",
        "12",
        "months",
        _INFERRED,
        "化整为零回溯月数",
        "how far split contracts are apart",
        between(0, 120),
    ),
    _count("split.same_supplier", "3", "contracts", _INFERRED, "同一供应商合同数", "contracts with one supplier"),
)

_PAYMENTS = (
    _count("payee.changed_days", "30", "days", _INFERRED, "付款前变更账户天数", "account changed before a payment"),
    _count("payment.twice_days", "30", "days", _INFERRED, "疑似重复支付间隔天数", "same payment again within"),
    _clock("payment.returned_days", "10 working none", _INFERRED, "退票重新办理时限", "to instruct again"),
    _clock("payment.transit_days", "3 working none", _INFERRED, "支付在途时限", "in transit for at most"),
    _clock("township.parked_days", "15 natural none", _INFERRED, "资金在乡镇账户停留时限", "on a township's account"),
    _share("microcredit.overdue_max", "1/125", "宜宾材料：0.8%", "小额信贷逾期率界限", "loan overdue rate"),
    _yuan("first_secretary.work_fund", "30000.00", "商丘市材料", "第一书记工作经费（人年）", "work fund, person-year"),
    _yuan(
        "first_secretary.development_fund", "200000.00", "商丘市材料", "驻村发展资金（村）", "development fund, village"
    ),
)

SUPERVISION_PARAMETERS = (*_ALERTS, *_MONEY, *_PROJECTS, *_PAYMENTS)

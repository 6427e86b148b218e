"""The book (账簿) of funds: accounts and postings P01–P25 of domain-funds-assets §3.8; one ledger per county.

Two accounts are ours: what an indicator passed down to lower levels (P26), and what a cut took that was not there.

Every entry balances for each indicator separately, so that channels are never mixed (渠道不乱).
"""

from shared.ledger.model import CREDIT, DEBIT, Account, Book, Template

SOURCE, UNALLOCATED, DECOMPOSED, QUOTA = "1000", "1100", "1150", "1200"
COMMITTED, RETENTION, IN_TRANSIT = "1300", "1310", "1400"
ADVANCE, SPENT, SPENT_ON_HOUSEHOLDS = "1500", "1600", "1610"
RETURNED, SURPLUS = "1700", "1800"
DUE_TO_UPPER = "2000"

OPEN_COMMITMENTS = (COMMITTED, RETENTION)
"""Promised to a contract and not yet on its way."""
PAID = (ADVANCE, SPENT, SPENT_ON_HOUSEHOLDS)
"""Arrived at a payee."""
ALLOCATED = (QUOTA, *OPEN_COMMITMENTS, IN_TRANSIT, *PAID, RETURNED, SURPLUS)
"""Given to projects, wherever it stands now (V04)."""

CARRIED_OVER = (UNALLOCATED, QUOTA, COMMITTED, RETENTION, SURPLUS)
"""What a year may leave unpaid. What is on its way or in hand ends in the books of its year, and is carried over then."""

ACCOUNTS = (
    Account(SOURCE, "指标来源", "indicator funding", CREDIT, rule="V04"),
    Account(UNALLOCATED, "待分配指标", "unallocated", DEBIT, rule="LM01"),
    Account(DECOMPOSED, "已分解下级", "passed down", DEBIT, rule="LM01"),
    Account(QUOTA, "项目额度", "project quota", DEBIT, ("project_id",), rule="LM02"),
    Account(COMMITTED, "已签约未付", "committed unpaid", DEBIT, ("project_id", "contract_id"), rule="LM05"),
    Account(RETENTION, "质保金留置", "retention reserved", DEBIT, ("project_id", "contract_id"), rule="LM09"),
    Account(IN_TRANSIT, "支付在途", "payment in transit", DEBIT, ("project_id", "payment_id"), rule="V02"),
    Account(ADVANCE, "预付款", "advance outstanding", DEBIT, ("project_id", "contract_id"), rule="LM06"),
    Account(SPENT, "项目支出", "project expenditure", DEBIT, ("project_id", "contract_id"), rule="V02"),
    Account(
        SPENT_ON_HOUSEHOLDS,
        "到户支出",
        "household expenditure",
        DEBIT,
        ("project_id", "household_line_id"),
        rule="V02",
    ),
    Account(RETURNED, "退回待处理", "returned money in hand", DEBIT, ("project_id", "payment_id"), rule="V02"),
    Account(SURPLUS, "结余", "surplus", DEBIT, ("project_id",), rule="V02"),
    Account(DUE_TO_UPPER, "应还上级", "due to the upper level", CREDIT, rule="F-3.6"),
)

TEMPLATES = (
    Template("P01", UNALLOCATED, SOURCE, "指标下达或追加", "indicator received or added to"),
    Template("P02", SOURCE, UNALLOCATED, "指标追减", "indicator cut"),
    Template("P02.due", SOURCE, DUE_TO_UPPER, "追减不足部分转应还上级", "cut that is not there, owed"),
    Template("P02.settled", DUE_TO_UPPER, UNALLOCATED, "归还应还上级", "what was owed is given back"),
    Template("P03", QUOTA, UNALLOCATED, "分解到项目", "allocated"),
    Template("P04", UNALLOCATED, QUOTA, "收回项目额度", "de-allocated"),
    Template("P05", COMMITTED, QUOTA, "合同备案", "contract registered"),
    Template("P06", COMMITTED, QUOTA, "合同变更增加", "variation upwards"),
    Template("P06.release", QUOTA, COMMITTED, "合同变更减少", "variation downwards"),
    Template("P07", IN_TRANSIT, COMMITTED, "发出支付指令", "payment instructed"),
    Template("P07.retention", IN_TRANSIT, RETENTION, "发出质保金支付指令", "retention payment instructed"),
    Template("P08", ADVANCE, IN_TRANSIT, "预付款到账", "advance paid"),
    Template("P09", SPENT, IN_TRANSIT, "进度款、尾款或质保金到账", "progress, balance or retention paid"),
    Template("P10", SPENT, ADVANCE, "抵扣预付款", "advance recouped"),
    Template("P11", COMMITTED, IN_TRANSIT, "支付退票", "payment failed"),
    Template("P11.retention", RETENTION, IN_TRANSIT, "质保金支付退票", "retention payment failed"),
    Template("P12", QUOTA, COMMITTED, "结算低于合同", "settlement below contract"),
    Template("P13", RETENTION, COMMITTED, "留置质保金", "retention set aside"),
    Template("P14", QUOTA, RETENTION, "扣没质保金用于维修", "retention forfeited for repair"),
    Template("P15", IN_TRANSIT, QUOTA, "到户批次发出指令", "household batch instructed"),
    Template("P16", SPENT_ON_HOUSEHOLDS, IN_TRANSIT, "到户明细到账", "household line paid"),
    Template("P17", RETURNED, IN_TRANSIT, "到户明细退票", "household line failed"),
    Template("P18", IN_TRANSIT, RETURNED, "更正后重发", "re-issued"),
    Template("P19", QUOTA, RETURNED, "放弃并收回额度", "abandoned to quota"),
    Template("P20", RETURNED, SPENT, "收到项目退款", "refund received from a contract"),
    Template("P20.household", RETURNED, SPENT_ON_HOUSEHOLDS, "收到到户退款", "refund received from a household"),
    Template("P20.advance", RETURNED, ADVANCE, "收到预付款退回", "advance refunded"),
    Template("P21", QUOTA, RETURNED, "退款恢复额度", "refund back to use"),
    Template("P22", SURPLUS, QUOTA, "项目办结转结余", "rest to surplus"),
    Template("P23", UNALLOCATED, SURPLUS, "结余统筹再用", "surplus reused in the county"),
    Template("P24", SOURCE, SURPLUS, "结余上缴", "surplus returned to the upper level"),
    Template("P24.unallocated", SOURCE, UNALLOCATED, "未分配指标上缴", "unallocated money returned"),
    Template("P26", DECOMPOSED, UNALLOCATED, "分解下达下级", "passed down"),
    Template("P26.back", UNALLOCATED, DECOMPOSED, "下级退回", "given back by the lower level"),
    *(Template(f"P25.{code}", code, code, "年终结转", "carried over") for code in CARRIED_OVER),
)

BOOK = Book(
    name="funds",
    group="indicator_id",
    dimensions=("project_id", "contract_id", "payment_id", "household_line_id"),
    accounts=ACCOUNTS,
    templates=TEMPLATES,
)

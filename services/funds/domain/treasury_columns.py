"""The columns of the treasury's files (预算管理一体化、代理银行) under the headings that each system gives them."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from services.funds.domain.library import text_key
from shared.sheets.headings import Path

Aliases: TypeAlias = Mapping[str, tuple[str, ...]]


class FileKind(StrEnum):
    """What a file lists: 指标 or 支付明细."""

    INDICATORS = "indicators"
    PAYMENTS = "payments"


class System(StrEnum):
    """Whose words the headings are: 预算管理一体化系统、代理银行回单系统."""

    INTEGRATED = "integrated"
    AGENT_BANK = "agent_bank"


_INDICATORS: Aliases = {
    "document_no": ("指标文号", "文号", "指标文件号", "资金文号", "下达文号", "预算文号"),
    "amount": ("指标金额", "金额", "下达金额", "指标额", "预算金额", "指标总额"),
    "unit": ("单位名称", "预算单位", "接收单位", "单位", "单位编码及名称", "资金使用单位"),
    "category": ("资金性质", "项目类别", "指标类型", "资金类别", "项目名称", "支出功能分类"),
    "origin_year": ("年度", "预算年度", "业务年度", "指标年度", "来源年度", "资金年度"),
    "is_direct_fund": ("直达资金标识", "直达标识", "是否直达资金", "直达资金"),
}
_PAYMENTS: Aliases = {
    "serial": ("支付凭证号", "凭证号", "支付流水号", "流水号", "支付凭证编号", "支付申请编号", "支付令编号"),
    "paid_on": ("支付日期", "支付时间", "清算日期", "记账日期", "实际支付日期", "付款日期"),
    "document_no": ("指标文号", "文号", "指标文件号", "资金文号", "预算文号"),
    "contract_no": ("合同编号", "合同号", "合同", "政府采购合同编号"),
    "payee_name": ("收款人全称", "收款人名称", "收款人", "收款单位", "收款人户名"),
    "payee_account": ("收款人账号", "收款账号", "收款人银行账号", "收款银行账号"),
    "amount": ("支付金额", "金额", "实付金额", "付款金额", "支付额"),
    "recoup": ("抵扣预付款", "扣回预付款", "扣抵预付款"),
    "stage": ("款项性质", "款项类别", "付款类别", "支付阶段"),
    "purpose": ("用途", "摘要", "支付用途", "资金用途", "事由"),
    "invoice": ("发票号码", "发票号", "发票代码及号码"),
    "approvals": ("审批单号", "审批人", "审核人", "支付审批", "审批信息", "经办人及审核人"),
}
_BANK: Aliases = {
    "serial": ("交易流水号", "银行流水号", "回单编号", "交易序号"),
    "paid_on": ("交易日期", "入账日期", "交易时间"),
    "document_no": ("指标文号", "预算文号", "附言文号"),
    "contract_no": ("合同编号", "合同号"),
    "payee_name": ("对方户名", "对方名称", "收款户名"),
    "payee_account": ("对方账号", "收款账号"),
    "amount": ("交易金额", "借方发生额", "发生额"),
    "purpose": ("摘要", "附言", "用途"),
    "approvals": ("支付令编号", "凭证号码"),
}

ALIASES: Mapping[FileKind, Mapping[System, Aliases]] = {
    FileKind.INDICATORS: {System.INTEGRATED: _INDICATORS},
    FileKind.PAYMENTS: {System.INTEGRATED: _PAYMENTS, System.AGENT_BANK: _BANK},
}
"""The headings of each system; what a county's version calls otherwise is mapped with the import."""

REQUIRED: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.INDICATORS: ("document_no", "amount"),
    FileKind.PAYMENTS: ("serial", "paid_on", "payee_name", "amount"),
}

_UNIT = re.compile(r"[（(]\s*(万元|元)\s*[）)]|单位[：:].*$")


def columns_known(kind: FileKind, system: System, own: Mapping[str, str]) -> Callable[[Path], str | None]:
    """Gives the column that the words above it mean; `own` maps a column to the county's own heading, before all."""
    aliases = ALIASES[kind].get(system, {})
    names = {text_key(word): name for name, words in aliases.items() for word in words if name not in own}
    names |= {text_key(heading): name for name, heading in own.items()}

    def known(path: Path) -> str | None:
        words = [text_key(_UNIT.sub("", word)) for word in path]
        return next((names[word] for word in ("".join(words), *reversed(words)) if word in names), None)

    return known


def names_of(kind: FileKind) -> frozenset[str]:
    """Every column that a file of this kind may have."""
    return frozenset(name for aliases in ALIASES[kind].values() for name in aliases)


def places_of(paths: Sequence[Path], known: Callable[[Path], str | None]) -> dict[str, int]:
    """Where each known column stands; of two with one meaning the first."""
    found: dict[str, int] = {}
    for place, path in enumerate(paths):
        name = known(path) if path else None
        if name and name not in found:
            found[name] = place
    return found


def is_wan(paths: Sequence[Path], titles: Sequence[Sequence[str]]) -> bool:
    """Whether amounts are in 万元, as the headings or titles say; the systems themselves write yuan."""
    words = ("".join("".join(path) for path in paths), "".join("".join(row) for row in titles))
    return any("万元" in text for text in words)

"""Rules of a contract (合同) until it is completed: money it may bind, how it was procured, and how far it may vary."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, at_most, format_yuan


class ContractKind(StrEnum):
    """What is bought (标的类别): 工程、货物、服务; tender thresholds differ."""

    WORKS = "works"
    GOODS = "goods"
    SERVICES = "services"


class Procurement(StrEnum):
    """How the contractor was chosen (采购方式): 公开招标、竞争性采购、直接采购、村民自建、以工代赈."""

    OPEN_TENDER = "open_tender"
    COMPETITIVE = "competitive"
    DIRECT = "direct"
    SELF_BUILD = "self_build"
    WORK_FOR_RELIEF = "work_for_relief"


VILLAGERS_BUILD = frozenset({Procurement.SELF_BUILD, Procurement.WORK_FOR_RELIEF})
"""Decided by the villagers' representatives, so no tender is held."""

FUNDED = frozenset({"FUNDED", "IMPLEMENTING"})
"""States of a project in which it may bind new money."""

AWARD_DAYS = "contract.days_after_award"

_PAPER_LIMITS = ("LM11", "F-3.1-5", "LM15")
"""Limits on what a contract's paper says, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class ContractMoney:
    """How a contract stands, in fen.

    `variations` is the sum of approved ones; `certified` the work certified, after the settlement the settlement;
    `advanced` and `worked` what was paid as advance and for work, `recouped` what of the advance work has made good;
    the `open_…` sums are asked for or on their way, so they are taken already (no request may count them again);
    `retention_used` is asked for or paid of the `retention` set aside; `claim` is what the payee still has to refund.
    """

    amount: Fen
    provisional: Fen = 0
    variations: Fen = 0
    certified: Fen = 0
    advanced: Fen = 0
    recouped: Fen = 0
    worked: Fen = 0
    refunded: Fen = 0
    open_advance: Fen = 0
    open_recoup: Fen = 0
    open_cash: Fen = 0
    settlement: Fen | None = None
    retention: Fen = 0
    retention_used: Fen = 0
    claim: Fen = 0

    @property
    def total(self) -> Fen:
        """The contract with its variations, less what the settlement cut."""
        return self.amount + self.variations

    @property
    def paid(self) -> Fen:
        """Cash that arrived and stayed."""
        return self.advanced + self.worked - self.refunded

    @property
    def taken(self) -> Fen:
        """Cash that arrived, is on its way or asked for."""
        return self.paid + self.open_advance + self.open_cash

    @property
    def expended(self) -> Fen:
        """Paid for certified work, recouped advance included (account 1600)."""
        return self.worked + self.recouped - self.refunded

    @property
    def outstanding(self) -> Fen:
        """Advance that no work has made good yet (account 1500)."""
        return self.advanced - self.recouped

    @property
    def in_flight(self) -> bool:
        """Whether a request is between its application and the bank's answer."""
        return bool(self.open_advance or self.open_cash or self.open_recoup)


@dataclass(frozen=True, slots=True)
class ContractPaper:
    """What the contract's paper says."""

    kind: ContractKind
    procurement: Procurement
    signed_on: date
    award_notice: str | None
    award_fen: Fen | None
    award_on: date | None
    defect_months: int
    payee_confirmed: bool


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """A contract, the project's state and free quota, the open variation, and limits that are broken and block."""

    paper: ContractPaper
    money: ContractMoney
    project_state: str
    quota: Fen
    today: date
    variation: Fen | None = None
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def fields_complete(facts: ContractFacts) -> Violation | None:
    """A contract is signed by now, within its award, and its payee is confirmed master data."""
    paper, amount = facts.paper, facts.money.amount
    if paper.signed_on > facts.today:
        return _incomplete("/signed_on", "签订日期晚于今天", "the contract is signed after today")
    if paper.award_fen is not None and amount > paper.award_fen:
        return _incomplete("/amount", "合同价超过中标价", "the contract is above its award")
    if not paper.payee_confirmed:
        return _incomplete("/payee_id", "收款方资料尚未经另一人确认", "the payee is not confirmed by a second person")
    return next((facts.blocked[rule] for rule in _PAPER_LIMITS if rule in facts.blocked), None)


def _incomplete(field_: str, zh: str, en: str) -> Violation:
    return refusal("CONTRACT_INCOMPLETE", "F-3.1-5", zh, en, ("更正合同要素", "correct the contract"), field=field_)


def defect_period_limit(months: int, most: int) -> Violation | None:
    """LM11: the defect period (缺陷责任期) is at most `most` months."""
    if months <= most:
        return None
    return refusal(
        "DEFECT_PERIOD",
        "LM11",
        f"缺陷责任期 {months} 个月超过 {most} 个月",
        f"a defect period of {months} months is more than {most}",
        ("按规定约定缺陷责任期", "agree on a shorter defect period"),
        field="/defect_months",
    )


def signed_after_award(paper: ContractPaper, days: int) -> Violation | None:
    """F-3.1-5: the contract is signed within `days` of the award notice (招标投标法 art. 46)."""
    if paper.award_on is None or paper.award_on <= paper.signed_on <= paper.award_on + timedelta(days=days):
        return None
    return refusal(
        "SIGNED_AFTER_AWARD",
        "F-3.1-5",
        f"合同须在中标通知书发出后 {days} 日内签订",
        f"the contract is to be signed within {days} days of the award notice",
        ("核对中标通知书和签订日期", "check the award notice and the day of signing"),
        field="/signed_on",
    )


def procurement_lawful(facts: ContractFacts) -> Violation | None:
    """FW32, where it blocks: from the threshold on, an open tender with its award notice."""
    return facts.blocked.get("FW32")


def tender_required(paper: ContractPaper, amount: Fen, threshold: Fen) -> Violation | None:
    """FW32: at or above the threshold of its kind only an open tender with an award notice will do."""
    tendered = paper.procurement is Procurement.OPEN_TENDER and paper.award_notice
    if amount < threshold or tendered or paper.procurement in VILLAGERS_BUILD:
        return None
    return refusal(
        "TENDER_REQUIRED",
        "FW32",
        f"合同价 {format_yuan(amount)} 元达到公开招标限额 {format_yuan(threshold)} 元，须有中标通知书",
        f"from {format_yuan(threshold)} yuan on an open tender with an award notice is needed",
        ("依法公开招标", "hold an open tender"),
        field="/procurement",
        amount=format_yuan(amount),
        threshold=format_yuan(threshold),
    )


def project_funded(facts: ContractFacts) -> Violation | None:
    """NL18: only a project of the library that got its money may bind it."""
    return funded(facts.project_state)


def funded(state: str) -> Violation | None:
    """NL18: the project holds quota and is not suspended or at its end."""
    if state in FUNDED:
        return None
    if state == "SUSPENDED":
        return suspended()
    return refusal(
        "PROJECT_NOT_FUNDED",
        "NL18",
        "项目资金尚未下达，或项目已结束",
        "the project has no money yet, or has ended",
        ("先入库并下达资金", "take it into the library and fund it first"),
        state=state,
    )


def suspended() -> Violation:
    """F-1.5-s: a suspended project pays and binds nothing."""
    return refusal(
        "PROJECT_SUSPENDED",
        "F-1.5-s",
        "项目已中止，冻结支付",
        "the project is suspended, payments are frozen",
        ("恢复项目后办理", "resume the project first"),
    )


def within_quota(facts: ContractFacts) -> Violation | None:
    """LM02: what the contract or its variation binds is at most what the project has free (scenario 25)."""
    asked = facts.money.amount if facts.variation is None else facts.variation
    return quota_left(asked, facts.quota) or variation_floor(facts.money, min(asked, 0))


def variation_floor(money: ContractMoney, released: Fen) -> Violation | None:
    """D12: a smaller contract still buys the work that is certified, and all that is paid or asked for."""
    least = max(money.certified, money.taken)
    if not released or money.total + released >= least:
        return None
    return refusal(
        "VARIATION_BELOW_WORK",
        "D12",
        f"变更后合同价 {format_yuan(money.total + released)} 元低于已计量或已申请支付的 {format_yuan(least)} 元",
        f"{format_yuan(money.total + released)} yuan is less than what is certified or asked for, {format_yuan(least)}",
        ("核减变更，或按实际完成结算", "release less, or settle what was done"),
        least=format_yuan(least),
    )


def quota_left(asked: Fen, quota: Fen) -> Violation | None:
    """LM02: no more than the free quota of the project."""
    if asked <= quota:
        return None
    return refusal(
        "INSUFFICIENT",
        "LM02",
        f"项目额度不足：可用 {format_yuan(quota)} 元，需要 {format_yuan(asked)} 元",
        f"the project has {format_yuan(quota)} yuan free, {format_yuan(asked)} asked",
        ("核减金额，或先调整分配", "ask for less, or adjust the allocation first"),
        field="/amount",
        available=format_yuan(quota),
        asked=format_yuan(asked),
    )


def within_variation_cap(facts: ContractFacts) -> Violation | None:
    """LM08, where it blocks."""
    return facts.blocked.get("LM08")


def variation_cap(amount: Fen, variations: Fen, cap: Fraction) -> Violation | None:
    """LM08: variations together are at most `cap` of the original contract, rounded down (scenario 41)."""
    limit = at_most(amount, cap)
    if variations <= limit:
        return None
    return refusal(
        "VARIATION_CAP",
        "LM08",
        f"变更累计 {format_yuan(variations)} 元超过原合同的上限 {format_yuan(limit)} 元",
        f"variations of {format_yuan(variations)} yuan are more than {format_yuan(limit)}",
        ("另行采购，或核减变更", "procure anew, or vary by less"),
        variations=format_yuan(variations),
        limit=format_yuan(limit),
    )


def certifiable(money: ContractMoney, added: Fen) -> Violation | None:
    """No more work is certified than the contract and its variations buy (D12)."""
    if money.certified + added <= money.total:
        return None
    return refusal(
        "CERTIFIED_BEYOND_CONTRACT",
        "D12",
        f"累计计量 {format_yuan(money.certified + added)} 元超过合同价 {format_yuan(money.total)} 元",
        f"{format_yuan(money.certified + added)} yuan certified is more than the contract {format_yuan(money.total)}",
        ("核对计量单，或先办理变更", "check the valuation sheet, or vary the contract first"),
        field="/amount",
    )

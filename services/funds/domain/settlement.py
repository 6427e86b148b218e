"""Rules of a settlement (结算): what goes back to the quota, what is retained, what is to be refunded, and when it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from services.funds.domain.contracts import ContractMoney
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, at_most, format_yuan

ACCEPTED = frozenset({"ACCEPTED", "SETTLED", "CLOSED"})
"""States of a project behind its acceptance."""

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class SettlementFacts:
    """A contract at its end: the figures under approval, the ledger's open balances, the project, and the calendar.

    `settlement` is the reviewed value, `retention` what the approval sets aside, `cap` the share that the law of the
    contract's date allows; `committed` and `held` are what accounts 1300 and 1310 hold of it.
    """

    contract_state: str
    project_state: str
    money: ContractMoney
    settlement: Fen | None
    retention: Fen
    has_guarantee: bool
    cap: Fraction
    committed: Fen
    held: Fen
    defects_until: date | None
    today: date
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def within_contract_and_variations(facts: SettlementFacts) -> Violation | None:
    """LM08: the settlement is at most the contract with its approved variations."""
    if facts.settlement is None:
        return refusal(
            "SETTLEMENT_MISSING",
            "F-3.1-9",
            "缺少结算评审结果",
            "the reviewed settlement is missing",
            ("先完成结算评审", "review the settlement first"),
            field="/form/settlement",
        )
    if facts.settlement <= facts.money.total:
        return None
    return refusal(
        "SETTLEMENT_BEYOND_CONTRACT",
        "LM08",
        f"结算价 {format_yuan(facts.settlement)} 元超过合同及变更 {format_yuan(facts.money.total)} 元",
        f"the settlement {format_yuan(facts.settlement)} is more than contract and variations {format_yuan(facts.money.total)}",
        ("先办理合同变更，或核减结算", "vary the contract first, or settle for less"),
        field="/form/settlement",
    )


def no_payment_open(facts: SettlementFacts) -> Violation | None:
    """No request of the contract is between its application and the bank's answer."""
    if not facts.money.in_flight:
        return None
    return refusal(
        "PAYMENT_IN_FLIGHT",
        "F-3.1-9",
        "尚有拨付申请未办结",
        "a payment request of this contract is still under way",
        ("先支付、退回或作废在办申请", "pay, send back or cancel it first"),
    )


def accepted_or_terminated(facts: SettlementFacts) -> Violation | None:
    """Works are settled after their acceptance, a terminated contract for what was done."""
    if facts.contract_state == "TERMINATED" or facts.project_state in ACCEPTED:
        return None
    return refusal(
        "NOT_ACCEPTED",
        "F-3.1-9",
        "项目尚未验收",
        "the project is not accepted yet",
        ("先组织验收", "accept the works first"),
        state=facts.project_state,
    )


def retention_within_cap(facts: SettlementFacts) -> Violation | None:
    """LM09, LM10: at most floor(cap × settlement), nothing beside a guarantee, nothing that is paid out already."""
    settlement = facts.settlement or 0
    cap = 0 if facts.has_guarantee else at_most(settlement, facts.cap)
    left = max(settlement - facts.money.paid, 0)
    if facts.retention <= min(cap, left):
        return None
    if facts.retention > cap:
        limit, zh, en = cap, "保留金上限", "the retention cap"
    else:
        limit, zh, en = left, "结算后尚未支付的金额", "what is unpaid after the settlement"
    return refusal(
        "RETENTION_CAP",
        "LM09",
        f"质保金 {format_yuan(facts.retention)} 元超过{zh} {format_yuan(limit)} 元",
        f"a retention of {format_yuan(facts.retention)} yuan is more than {en}, {format_yuan(limit)}",
        ("核减质保金", "retain less"),
        field="/form/retention",
        limit=format_yuan(limit),
        asked=format_yuan(facts.retention),
    )


def overpayment(facts: SettlementFacts) -> Fen:
    """LM10: what was paid beyond the settlement."""
    return max(facts.money.paid - (facts.settlement or 0), 0)


def nothing_overpaid(facts: SettlementFacts) -> Violation | None:
    """LM10: paid is at most settled; else the settlement opens a refund claim."""
    over = overpayment(facts)
    if not over:
        return None
    return refusal(
        "OVERPAID",
        "LM10",
        f"已付超过结算 {format_yuan(over)} 元",
        f"{format_yuan(over)} yuan more was paid than is settled",
        ("按“批复结算并追退”办理", "settle with a refund claim"),
        claim=format_yuan(over),
    )


def overpaid(facts: SettlementFacts) -> Violation | None:
    """LM10: a claim needs something to claim."""
    if overpayment(facts):
        return None
    return refusal(
        "NOT_OVERPAID",
        "LM10",
        "已付未超过结算，无需追退",
        "no more was paid than is settled",
        ("按“批复结算”办理", "settle without a claim"),
    )


class Closing(NamedTuple):
    """What a settlement moves on a contract, in fen."""

    recouped: Fen
    """Advance that the settled work makes good (P10), so that none is outstanding (V07)."""
    released: Fen
    """Back to the project's quota (P12)."""
    retained: Fen
    """Set aside (P13)."""
    claim: Fen
    """To be refunded by the payee (LM10)."""


def closing(money: ContractMoney, settlement: Fen, retention: Fen, committed: Fen) -> Closing:
    """The movements of a settlement that its guards let pass; `committed` is account 1300 (§3.10, scenario 32)."""
    unpaid = max(settlement - money.paid, 0)
    return Closing(money.outstanding, committed - unpaid, retention, max(money.paid - settlement, 0))


def balance_paid(facts: SettlementFacts) -> Violation | None:
    """Nothing but the retention is left to pay."""
    if not facts.committed and not facts.money.in_flight and not facts.money.claim:
        return None
    return _open("BALANCE_OPEN", "LM10", "尾款尚未结清", "the balance is not paid yet", facts.committed)


def retention_held(facts: SettlementFacts) -> Violation | None:
    """There is a retention to keep through the defect period."""
    if facts.held:
        return None
    return refusal(
        "NO_RETENTION",
        "LM09",
        "没有留置质保金",
        "no retention is held",
        ("直接办结合同", "close the contract"),
    )


def no_retention_held(facts: SettlementFacts) -> Violation | None:
    """Nothing is held back, so no defect period has to pass."""
    return _open("RETENTION_HELD", "LM09", "尚留置质保金", "a retention is held", facts.held) if facts.held else None


def retention_released(facts: SettlementFacts) -> Violation | None:
    """The retention is paid out or forfeited."""
    if not facts.held and not facts.money.in_flight:
        return None
    return _open("RETENTION_HELD", "LM11", "质保金尚未返还", "the retention is not released yet", facts.held)


def defect_period_over(facts: SettlementFacts) -> Violation | None:
    """LM11: the defect period (缺陷责任期) has passed."""
    return defects_over(facts.defects_until, facts.today)


def defects_over(until: date | None, today: date) -> Violation | None:
    """LM11: the last day of the defect period is behind us."""
    if until is not None and today > until:
        return None
    return refusal(
        "DEFECT_PERIOD_RUNNING",
        "LM11",
        f"缺陷责任期至 {until or '验收后'} 止，尚未届满",
        f"the defect period runs until {until or 'some time after the acceptance'}",
        ("期满后办理", "wait until it has passed"),
        until=str(until or ""),
    )


def claim_settled(facts: SettlementFacts) -> Violation | None:
    """LM10: the refund claim is in (P20), and nothing else is open (scenario 32)."""
    if facts.money.claim:
        return _open("CLAIM_OPEN", "LM10", "退款尚未收回", "the refund is not in yet", facts.money.claim)
    return retention_released(facts) or (balance_paid(facts) if facts.committed else None)


def _open(code: str, rule: str, zh: str, en: str, amount: Fen) -> Violation:
    return refusal(code, rule, zh, en, ("结清后办理", "settle it first"), amount=format_yuan(amount))


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    first_of_next = date(day.year + years + (month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1)
    last = date.fromordinal(first_of_next.toordinal() - 1).day
    return date(day.year + years, month + 1, min(day.day, last))

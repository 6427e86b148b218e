"""Rules of a payment request (拨付申请): its stage, its papers, its payee, and the amounts no stage may exceed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.funds.domain.contracts import ContractMoney, suspended
from services.funds.domain.goal_monitoring import payments_held
from services.funds.domain.payment_limits import Request, Stage, hard_limits, over
from services.funds.domain.payment_modes import PaymentMode, instructs
from services.funds.domain.refusals import refusal
from services.funds.domain.settlement import defects_over
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan

PAPERS: Mapping[Stage, frozenset[str]] = {
    Stage.ADVANCE: frozenset({"invoice"}),
    Stage.PROGRESS: frozenset({"valuation_sheet", "site_photo", "invoice", "wage_proof"}),
    Stage.BALANCE: frozenset({"acceptance_report", "settlement_review", "invoice"}),
    Stage.RETENTION: frozenset({"defect_end_certificate"}),
}
"""Documents of each stage (§3.1): evidence kinds."""

PAYABLE = frozenset({"IMPLEMENTING", "COMPLETED", "ACCEPTED", "SETTLED"})
"""States of a project whose contracts may be paid."""

CONTRACT_STATES: Mapping[Stage, frozenset[str]] = {
    Stage.ADVANCE: frozenset({"REGISTERED", "ACTIVE"}),
    Stage.PROGRESS: frozenset({"ACTIVE", "COMPLETED"}),
    Stage.BALANCE: frozenset({"SETTLED"}),
    Stage.RETENTION: frozenset({"RETENTION"}),
}
"""Where a contract stands when its stage is paid."""


@dataclass(frozen=True, slots=True)
class BankSlip:
    """What the bank's slip or statement says, and whether its serial was used by another payment."""

    amount: Fen
    on: date
    reference: str
    used_elsewhere: bool


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A request with all that its guards judge; `blocked` holds the limits that are broken and block, by rule.

    `before` is the contract's money without this request, whether or not the request is counted there already.
    """

    request: Request
    project_state: str
    contract_state: str
    before: ContractMoney
    signed_on: date
    certified_on: date | None
    accepted_on: date | None
    defects_until: date | None
    committed: Fen
    papers: frozenset[str]
    invoices: int
    invoices_used: int
    payee_confirmed: bool
    related_to_payee: bool
    instructed_on: date | None
    bank_reference: str | None
    slip: BankSlip | None
    today: date
    blocked: Mapping[str, Violation] = field(default_factory=dict)
    held_by_goals: bool = False
    mode: PaymentMode = PaymentMode.INSTRUCT


def county_instructs(facts: PaymentFacts) -> Violation | None:
    """F-3-mode: nobody requests, approves or instructs here what the treasury's own system pays."""
    return instructs(facts.mode)


def project_not_suspended(facts: PaymentFacts) -> Violation | None:
    """F-1.5-s, NL18, F-5.4: money flows only for a project under way, and not while its goals hold payments."""
    return payable(facts.project_state) or (payments_held() if facts.held_by_goals else None)


def payable(state: str) -> Violation | None:
    """F-1.5-s, NL18: the state of a project that may be paid for."""
    if state in PAYABLE:
        return None
    if state == "SUSPENDED":
        return suspended()
    return refusal(
        "PROJECT_NOT_PAYABLE",
        "NL18",
        "项目未入库、未实施或已办结，不得支付",
        "the project is not under way, nothing may be paid for it",
        ("核对项目状态", "look at the state of the project"),
        state=state,
    )


def within_stage_limits(facts: PaymentFacts) -> Violation | None:
    """LM02–LM07, LM09–LM11: the first limit of its stage that the request breaks and that blocks."""
    stage, before = facts.request.stage, facts.before
    if facts.contract_state not in CONTRACT_STATES[stage]:
        return wrong_state(stage, facts.contract_state)
    if stage is Stage.RETENTION and (running := defects_over(facts.defects_until, facts.today)):
        return running
    return next(hard_limits(before, facts.request), None) or next(
        (facts.blocked[rule] for rule in ("LM03", "LM05", "LM06", "LM07") if rule in facts.blocked),
        None,
    )


def wrong_state(stage: Stage, state: str) -> Violation:
    """LM04, LM05, LM10, LM11: the contract does not stand where this stage is paid."""
    rule = {Stage.ADVANCE: "LM04", Stage.PROGRESS: "LM05", Stage.BALANCE: "LM10", Stage.RETENTION: "LM11"}[stage]
    return refusal(
        "CONTRACT_STAGE",
        rule,
        "合同所处环节不能支付此类款项",
        f"a contract that is {state} does not pay {stage}",
        ("先办理合同相应环节", "take the contract's own step first"),
        state=state,
        stage=stage.value,
    )


def payee_is_party(facts: PaymentFacts) -> Violation | None:
    """LM12, where it blocks: the payee is the contract's party."""
    return facts.blocked.get("LM12")


def payee_party(*, is_party: bool) -> Violation | None:
    """LM12: money goes to the party of the contract and to nobody else."""
    if is_party:
        return None
    return refusal(
        "PAYEE_NOT_PARTY",
        "LM12",
        "收款方不是合同相对方",
        "the payee is not the party of the contract",
        ("改为合同相对方收款", "pay the party of the contract"),
        field="/payee_id",
    )


def documents_complete(facts: PaymentFacts) -> Violation | None:
    """F-3.1, F-3.4: the papers of the stage are on file."""
    missing = PAPERS[facts.request.stage] - facts.papers
    if not missing and (facts.invoices or facts.request.stage is Stage.RETENTION):
        return None
    return refusal(
        "DOCUMENTS_MISSING",
        "F-3.4",
        "缺少用款材料" if missing else "缺少发票号码",
        f"missing: {', '.join(sorted(missing)) or 'the number of the invoice'}",
        ("补齐材料后申请", "add them and apply again"),
        field="/documents" if missing else "/invoices",
        missing=sorted(missing),
    )


def document_dates_in_order(facts: PaymentFacts) -> Violation | None:
    """F-3.4 (a), (b), LM04: nobody applies before the paper that the application rests on (scenario 42)."""
    request = facts.request
    earliest = {
        Stage.ADVANCE: facts.signed_on,
        Stage.PROGRESS: facts.certified_on,
        Stage.BALANCE: facts.accepted_on,
        Stage.RETENTION: facts.accepted_on,
    }[request.stage]
    if earliest is not None and request.applied_on < earliest:
        return _date_order("/applied_on", f"申请日期早于其依据日期 {earliest}", f"applied before {earliest}")
    if request.applied_on > facts.today:
        return _date_order("/applied_on", "申请日期晚于今天", "applied after today")
    if request.opinion_on is not None and request.opinion_on < request.applied_on:
        return _date_order(
            "/opinion_on", "乡镇意见日期早于申请日期", "the township's opinion is older than the application"
        )
    return None


def _date_order(field_: str, zh: str, en: str) -> Violation:
    return refusal("DATE_ORDER", "FW44", zh, en, ("更正日期或重新申请", "correct the date or apply anew"), field=field_)


def invoice_unused(facts: PaymentFacts) -> Violation | None:
    """LM13: an invoice is paid once, in any county (scenario 39)."""
    return invoice_used() if facts.invoices_used else None


def invoice_used() -> Violation:
    """LM13: the same invoice stands behind another payment."""
    return refusal(
        "INVOICE_USED",
        "LM13",
        "发票号码已用于其他拨付",
        "the invoice stands behind another payment",
        ("核对发票", "check the invoice"),
        field="/invoices",
    )


def within_approval_tier(facts: PaymentFacts) -> Violation | None:
    """F-3.2.6, where it blocks: who may approve how much."""
    return facts.blocked.get("F-3.2.6")


def approval_tier(amount: Fen, rank: str, section: Fen, deputy: Fen, *, signed: bool) -> Violation | None:
    """F-3.2.6: up to `section` a section head, up to `deputy` a deputy director, above the director with the county."""
    ranks = ("section_head", "deputy_director", "director")
    needed = 0 if amount <= section else 1 if amount <= deputy else 2
    if ranks.index(rank) >= needed and (amount <= deputy or signed):
        return None
    return refusal(
        "APPROVAL_TIER",
        "F-3.2.6",
        f"金额 {format_yuan(amount)} 元须由更高一级审批" + ("并经县领导会签" if amount > deputy else ""),
        f"{format_yuan(amount)} yuan needs the {ranks[needed].replace('_', ' ')}"
        + (" and a countersignature of the county" if amount > deputy else ""),
        ("按审批权限办理", "have the right desk approve it"),
        field="/form/rank",
        needed=ranks[needed],
    )


def payee_not_related(facts: PaymentFacts) -> Violation | None:
    """F-3.2.5: nobody approves for a payee whom the person declared as related."""
    if not facts.related_to_payee:
        return None
    return refusal(
        "PAYEE_RELATED",
        "F-3.2.5",
        "审批人与收款方存在已申报的利害关系，须回避",
        "the approver declared a relation to the payee",
        ("请由其他人员审批", "have another person approve"),
    )


def payee_account_settled(facts: PaymentFacts) -> Violation | None:
    """F-3.2.3: the account is confirmed by a second person, and a change of it is over (scenario 36)."""
    return facts.blocked.get("F-3.2.3") if facts.payee_confirmed else payee_unconfirmed()


def payee_unconfirmed() -> Violation:
    """F-3.2.3: nobody but who entered the account stands for it."""
    return refusal(
        "PAYEE_NOT_CONFIRMED",
        "F-3.2.3",
        "收款账户尚未经另一人确认",
        "the payee's account is not confirmed by a second person",
        ("请另一人确认收款账户", "have a second person confirm it"),
    )


def account_frozen(until: date | None, today: date) -> Violation | None:
    """F-3.2.3: a changed account rests until `until`, so that a forged change is noticed before money goes there."""
    if until is None or today > until:
        return None
    return refusal(
        "PAYEE_FROZEN",
        "F-3.2.3",
        f"收款账户变更后冻结支付至 {until}",
        f"the account was changed, payments rest until {until}",
        ("冻结期满后支付", "pay after that day"),
        until=until.isoformat(),
    )


def within_committed(facts: PaymentFacts) -> Violation | None:
    """LM05, LM09: what is instructed lies committed on the ledger (accounts 1300, 1310)."""
    return next(over("LM05", facts.request.cash, facts.committed, "已签约未付", "what is committed"), None)


def bank_slip_matches(facts: PaymentFacts) -> Violation | None:
    """F-3.3: the bank's slip is of this payment: its amount, not before the instruction, a serial of its own."""
    slip = facts.slip
    if slip is None or slip.amount != facts.request.cash:
        return _slip("/form/amount", "回单金额与支付指令不符", "the slip's amount is not the instructed one")
    if facts.instructed_on is None or not facts.instructed_on <= slip.on <= facts.today:
        return _slip("/form/on", "回单日期不在指令日与今天之间", "the slip's day is not between instruction and today")
    return bank_reference_used() if slip.used_elsewhere else None


def bank_reference_used() -> Violation:
    """L5: one bank serial is one payment (流水号)."""
    return _slip("/form/bank_reference", "银行流水号已用于其他支付", "the bank's serial belongs to another payment")


def bank_statement_matches(facts: PaymentFacts) -> Violation | None:
    """F-3.2.1: the statement shows the serial and the amount that were confirmed."""
    slip = facts.slip
    if slip is not None and slip.amount == facts.request.cash and slip.reference == facts.bank_reference:
        return None
    return _slip("/form/bank_reference", "对账单与支付记录不符", "the statement does not show this payment")


def _slip(field_: str, zh: str, en: str) -> Violation:
    return refusal("BANK_SLIP_MISMATCH", "F-3.3", zh, en, ("核对银行回单", "check the bank's slip"), field=field_)

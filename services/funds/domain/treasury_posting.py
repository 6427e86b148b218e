"""What a payment of the treasury does to its contract: the postings it takes, and the limits it broke; or why it cannot."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.funds.domain import payments as rules
from services.funds.domain.contracts import ContractMoney
from services.funds.domain.goal_monitoring import payments_held
from services.funds.domain.payment_limits import Request, Shares, Stage, hard_limits, over, soft_limits
from services.funds.domain.postings import ADVANCE, COMMITTED, QUOTA, RETENTION
from services.funds.domain.refusals import refusal
from services.funds.domain.settlement import defects_over
from services.funds.domain.treasury_matching import OpenLine, Reason
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan, split_remaining

Cell = tuple[UUID, int]
"""An indicator in one fiscal year."""

_NOT_POSTABLE = frozenset({"D12", "LM02", "LM06", "LM09"})
"""Limits without which the contract's own sums, or the ledger, would no longer hold."""
_UNBOUND = frozenset({"DRAFT", "CANCELLED"})
"""States of a contract that binds no money."""
_SPOKEN_BY_CONTRACT = frozenset({"LM03", "LM05"})
"""Limits whose warnings look at the contract itself (FW10, FW09), so that one cause raises one alert."""

WARNINGS: Mapping[str, str] = {
    "LM04": "FW10",
    "LM06": "FW10",
    "LM05": "FW09",
    "LM07": "FW09",
    "LM11": "FW09",
    "LM10": "FW11",
    "NL18": "FW26",
}
"""Under which rule of §4.2 a limit speaks that a recorded payment broke; the others under the rule of their own."""
OWN_WARNING = "FW-recorded"


@dataclass(frozen=True, slots=True)
class Standing:
    """A contract with its project, as it stands before the payments of this run."""

    id: UUID
    project_id: UUID
    area: int
    payee_id: UUID
    state: str
    project_state: str
    signed_on: date
    accepted_on: date | None
    defects_until: date | None
    before_acceptance_ppm: int | None
    held_by_goals: bool


class Purses:
    """What the sources hold for contracts and projects, by account; drawn down payment by payment."""

    def __init__(self, held: Iterable[tuple[str, UUID, UUID, int, Fen]], documents: Mapping[UUID, str]) -> None:
        """`held`: account, the contract or for quota the project, indicator, fiscal year, fen."""
        self._held: dict[tuple[str, UUID], dict[Cell, Fen]] = {}
        self._documents = documents
        for account, owner, indicator, year, fen in held:
            self._held.setdefault((account, owner), {})[indicator, year] = fen

    def cells(self, account: str, owner: UUID, document: str = "", *, but: bool = False) -> dict[Cell, Fen]:
        """What is there, of one document if it is named, or with `but` of all others."""
        own = self._held.get((account, owner), {})
        return {
            cell: fen
            for cell, fen in sorted(own.items())
            if fen > 0 and (not document or (self._documents[cell[0]] == document) is not but)
        }

    def move(self, account: str, owner: UUID, parts: Mapping[Cell, Fen], sign: int) -> None:
        """Add to what is there, or take it."""
        own = self._held.setdefault((account, owner), {})
        for cell, fen in parts.items():
            own[cell] = own.get(cell, 0) + sign * fen


@dataclass(frozen=True, slots=True)
class Recorded:
    """A payment that can be posted: by template what each source bears, what the contract's sums gain, limits broken."""

    line: OpenLine
    stage: Stage
    payee_id: UUID | None
    postings: Sequence[tuple[str, Mapping[Cell, Fen]]]
    paid: Mapping[Cell, Fen]
    moved: Mapping[str, Fen]
    breaches: Sequence[Violation]


@dataclass(frozen=True, slots=True)
class Held:
    """A payment whose contract is known and that cannot be posted as things are; `violation` says why."""

    line: OpenLine
    reason: Reason
    violation: Violation


def record(line: OpenLine, contract: Standing, money: ContractMoney, purses: Purses, shares: Shares) -> Recorded | Held:
    """Post a line to its contract; `purses` are drawn down. The payment is a fact: only arithmetic can hold it."""
    request = _request(line, contract, money)
    if contract.state in _UNBOUND:
        return Held(line, Reason.NOT_REGISTERED, _not_registered(contract.state))
    if broken := next(_impossible(money, request), None):
        return Held(line, Reason.LIMIT, broken)
    account = RETENTION if request.stage is Stage.RETENTION else COMMITTED
    postings: list[tuple[str, Mapping[Cell, Fen]]] = []
    follow = _follow_document(line, contract, account, purses)
    if follow is None:
        held = sum(purses.cells(account, contract.id, line.document_no).values())
        return Held(line, Reason.BEYOND_QUOTA, _beyond(line, held))
    postings += follow
    paid = _spread(line.amount, purses.cells(account, contract.id, line.document_no))
    purses.move(account, contract.id, paid, -1)
    postings.append(("P07.retention" if request.stage is Stage.RETENTION else "P07", paid))
    postings.append(("P08" if request.stage is Stage.ADVANCE else "P09", paid))
    if request.stage is Stage.ADVANCE:
        purses.move(ADVANCE, contract.id, paid, 1)
    if request.recoup:
        made_good = _spread(request.recoup, purses.cells(ADVANCE, contract.id))
        purses.move(ADVANCE, contract.id, made_good, -1)
        postings.append(("P10", made_good))
    breaches = tuple(_breaches(line, contract, money, request, shares))
    return Recorded(line, request.stage, line.payee_id, postings, paid, gained(request), breaches)


def gained(request: Request) -> Mapping[str, Fen]:
    """What the contract's sums gain by a payment that was never requested here, by field of ContractMoney."""
    advance, retention = request.stage is Stage.ADVANCE, request.stage is Stage.RETENTION
    return {
        "advanced": request.cash if advance else 0,
        "worked": 0 if advance else request.cash,
        "recouped": request.recoup,
        "retention_used": request.cash if retention else 0,
    }


def after(money: ContractMoney, moved: Mapping[str, Fen]) -> ContractMoney:
    """The contract's sums with a payment."""
    return replace(money, **{name: getattr(money, name) + fen for name, fen in moved.items()})


def _request(line: OpenLine, contract: Standing, money: ContractMoney) -> Request:
    """The payment as a request would have asked for it; its stage follows the contract where the file says nothing."""
    if line.stage is not None:
        stage = line.stage
    elif contract.state in {"SETTLED", "RETENTION"}:
        stage = Stage.BALANCE if contract.state == "SETTLED" else Stage.RETENTION
    else:
        stage = Stage.PROGRESS if money.certified > money.expended else Stage.ADVANCE
    recoup = line.recoup if stage is Stage.PROGRESS else 0
    return Request(stage, line.amount, recoup, line.paid_on, None)


def _impossible(money: ContractMoney, request: Request) -> Iterator[Violation]:
    yield from (found for found in hard_limits(money, request) if found.rule in _NOT_POSTABLE)
    if request.stage is not Stage.ADVANCE:
        work = money.expended + money.open_cash + money.open_recoup + request.work
        yield from over("D12", work, money.certified + money.claim, "累计计量", "the certified value")


def _follow_document(
    line: OpenLine, contract: Standing, account: str, purses: Purses
) -> Sequence[tuple[str, Mapping[Cell, Fen]]] | None:
    """Let the commitment follow the document that the treasury charged (P06, both ways); None if it cannot.

    Contracts bind their sources in proportion; the treasury charges one of them. What is bound of the others goes back
    to the quota, and as much of the charged document's quota is bound instead: the contract binds what it did before.
    """
    short = line.amount - sum(purses.cells(account, contract.id, line.document_no).values())
    if short <= 0:
        return ()
    if account != COMMITTED or not line.document_no:
        return None
    free = purses.cells(QUOTA, contract.project_id, line.document_no)
    others = purses.cells(COMMITTED, contract.id, line.document_no, but=True)
    if min(sum(free.values()), sum(others.values())) < short:
        return None
    bound, released = _spread(short, free), _spread(short, others)
    for parts, sign in ((bound, 1), (released, -1)):
        purses.move(COMMITTED, contract.id, parts, sign)
        purses.move(QUOTA, contract.project_id, parts, -sign)
    return ("P06.release", released), ("P06", bound)


def _spread(amount: Fen, held: Mapping[Cell, Fen]) -> dict[Cell, Fen]:
    parts = split_remaining(amount, list(held.values()))
    return {cell: fen for cell, fen in zip(held, parts, strict=True) if fen}


def _breaches(
    line: OpenLine, contract: Standing, before: ContractMoney, request: Request, shares: Shares
) -> Iterator[Violation]:
    """Every limit that would have stopped the payment here and that no warning on the contract tells."""
    if contract.before_acceptance_ppm is not None:
        shares = shares.as_contracted(contract.before_acceptance_ppm)
    accepted = contract.accepted_on is not None and contract.accepted_on <= line.paid_on
    if contract.state not in rules.CONTRACT_STATES[request.stage]:
        yield rules.wrong_state(request.stage, contract.state)
    elif request.stage is Stage.RETENTION and (running := defects_over(contract.defects_until, line.paid_on)):
        yield running
    yield from (found for found in hard_limits(before, request) if found.rule not in _NOT_POSTABLE)
    soft = soft_limits(before, request, shares, is_accepted=accepted)
    yield from (found for found in soft if found.rule not in _SPOKEN_BY_CONTRACT)
    if not line.payee_confirmed:
        yield rules.payee_unconfirmed()
    if broken := rules.payable(contract.project_state) or (payments_held() if contract.held_by_goals else None):
        yield broken


def warning_of(rule: str) -> str:
    """The early-warning rule that tells a broken limit."""
    return WARNINGS.get(rule, OWN_WARNING)


def _not_registered(state: str) -> Violation:
    return refusal(
        "CONTRACT_NOT_REGISTERED",
        "LM02",
        "国库已支付，但合同尚未备案",
        "the treasury paid on a contract that is not registered",
        ("先备案合同，再重新匹配", "register the contract, then match again"),
        state=state,
    )


def _beyond(line: OpenLine, held: Fen) -> Violation:
    return refusal(
        "BEYOND_QUOTA",
        "LM02",
        f"国库支付 {format_yuan(line.amount)} 元，合同在该指标下仅占用 {format_yuan(held)} 元且项目额度不足",
        f"{format_yuan(line.amount)} yuan paid, the contract binds {format_yuan(held)} of it and the quota lacks the rest",
        ("核对指标文号，调整分配或合同后重新匹配", "check the document, allocate or vary, then match again"),
        document_no=line.document_no,
        asked=format_yuan(line.amount),
        available=format_yuan(held),
    )

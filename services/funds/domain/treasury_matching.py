"""Which contract a payment of the treasury belongs to: by its number, else by payee, document and amount. Never a guess."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.funds.domain.indicators import document_no
from services.funds.domain.payment_limits import Stage
from shared.kernel.money import Fen


class Reason(StrEnum):
    """Why a line is not posted: the first four because no contract is found, the others although one is."""

    NO_CONTRACT = "NO_CONTRACT"
    AMBIGUOUS = "AMBIGUOUS"
    DOCUMENT_UNKNOWN = "DOCUMENT_UNKNOWN"
    NOT_OURS = "NOT_OURS"
    SERIAL_USED = "SERIAL_USED"
    NOT_REGISTERED = "NOT_REGISTERED"
    BEYOND_QUOTA = "BEYOND_QUOTA"
    LIMIT = "LIMIT"


REASONS_ZH: Mapping[str, str] = {
    Reason.NO_CONTRACT: "使用本县指标支付，但没有对应合同",
    Reason.AMBIGUOUS: "有不止一个合同符合，须人工确认",
    Reason.DOCUMENT_UNKNOWN: "指标文号在本系统中没有",
    Reason.NOT_OURS: "文号、合同、收款人均与本系统无关",
    Reason.SERIAL_USED: "流水号已用于本系统发出的支付",
    Reason.NOT_REGISTERED: "合同尚未备案或已作废",
    Reason.BEYOND_QUOTA: "超出合同占用和项目额度",
    Reason.LIMIT: "超出合同或计量，无法入账",
}


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line that waits to be posted; `contract_id` is set where a person has said which contract it is of."""

    id: UUID
    serial: str
    paid_on: date
    document_no: str
    contract_no: str
    payee_id: UUID | None
    amount: Fen
    recoup: Fen
    stage: Stage | None
    invoice: str = ""
    contract_id: UUID | None = None
    payee_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Bound:
    """A contract as far as matching looks at it: what is bound for it, what is certified and not paid, its documents."""

    id: UUID
    number: str
    payee_id: UUID
    bound: Fen
    due: Fen
    documents: frozenset[str]


class Register:
    """The contracts of a county by number and by payee, and the documents of its indicators."""

    def __init__(self, contracts: Iterable[Bound], documents: Iterable[str]) -> None:
        """Numbers are compared as documents are: width, blanks and the form of brackets do not count."""
        self._documents = frozenset(document_no(each) for each in documents)
        self._by_number: dict[str, Bound] = {}
        self._by_payee: dict[UUID, list[Bound]] = {}
        for contract in contracts:
            self._by_number[document_no(contract.number)] = contract
            self._by_payee.setdefault(contract.payee_id, []).append(contract)

    def match(self, line: OpenLine) -> UUID | Reason:
        """The contract of a line, or why none is found."""
        if line.contract_id is not None:
            return line.contract_id
        if line.contract_no:
            named = self._by_number.get(line.contract_no)
            return named.id if named else self._without(line)
        if line.document_no and line.document_no not in self._documents:
            return Reason.DOCUMENT_UNKNOWN
        fitting = [each for each in self._by_payee.get(line.payee_id, ()) if _fits(each, line)] if line.payee_id else []
        if not fitting:
            return self._without(line)
        exact = [each for each in fitting if line.amount in {each.due, each.bound}]
        for found in (fitting, exact):
            if len(found) == 1:
                return found[0].id
        return Reason.AMBIGUOUS

    def _without(self, line: OpenLine) -> Reason:
        """Money of ours that was paid without a contract of ours, or none of our business."""
        if line.document_no in self._documents:
            return Reason.NO_CONTRACT
        return Reason.DOCUMENT_UNKNOWN if line.document_no else Reason.NOT_OURS


def _fits(contract: Bound, line: OpenLine) -> bool:
    charged = not line.document_no or line.document_no in {document_no(each) for each in contract.documents}
    return charged and line.amount <= contract.bound


class Payees:
    """The payees of a county by keyed hashes of account and name: an account decides, a name only without one."""

    def __init__(self, known: Iterable[tuple[UUID, bytes, bytes]]) -> None:
        """`known`: id, hash of the account, hash of the name."""
        self._by_account: dict[bytes, list[UUID]] = {}
        self._by_name: dict[bytes, list[UUID]] = {}
        for payee, account, name in known:
            self._by_account.setdefault(account, []).append(payee)
            self._by_name.setdefault(name, []).append(payee)

    def find(self, account: bytes | None, name: bytes) -> UUID | None:
        """The payee who was paid; None for an account or a name that nobody registered (LM12)."""
        named = self._by_name.get(name, [])
        if account is None:
            return named[0] if len(named) == 1 else None
        owners = self._by_account.get(account, [])
        return next((each for each in owners if each in named), None)

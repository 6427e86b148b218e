"""What a payment may take of its contract, by stage: arithmetic on the contract's money (LM03–LM07, LM09, LM10, D12)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from services.funds.domain.contracts import ContractMoney
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import PPM, Fen, at_most, format_yuan


class Stage(StrEnum):
    """What a payment is for (款项性质): 预付款、进度款、尾款、质保金."""

    ADVANCE = "advance"
    PROGRESS = "progress"
    BALANCE = "balance"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: cash, and the part of the advance that the certified work makes good with it (抵扣预付款)."""

    stage: Stage
    cash: Fen
    recoup: Fen
    applied_on: date
    opinion_on: date | None

    @property
    def work(self) -> Fen:
        """Value of certified work that the request settles."""
        return 0 if self.stage is Stage.ADVANCE else self.cash + self.recoup


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares that limits compare with; parameters of the area and day."""

    advance_max: Fraction
    progress_max: Fraction
    recouped_by: Fraction
    before_acceptance: Fraction

    def as_contracted(self, before_acceptance_ppm: int) -> "Shares":
        """With the share that the contract itself lets be paid before the acceptance (LM07)."""
        return replace(self, before_acceptance=Fraction(before_acceptance_ppm, PPM))


def reserved(money: ContractMoney, request: Request, sign: int = 1) -> ContractMoney:
    """The contract's money with the request counted as open, or with `sign` −1 no longer."""
    moved = reservation(request)
    return replace(money, **{name: getattr(money, name) + sign * fen for name, fen in moved.items()})


def reservation(request: Request) -> Mapping[str, Fen]:
    """What an open request takes of its contract, by field of ContractMoney."""
    advance = request.stage is Stage.ADVANCE
    return {
        "open_advance": request.cash if advance else 0,
        "open_cash": 0 if advance else request.cash,
        "open_recoup": request.recoup,
        "retention_used": request.cash if request.stage is Stage.RETENTION else 0,
    }


def arrival(request: Request) -> Mapping[str, Fen]:
    """What becomes of the reservation when the money has arrived, by field of ContractMoney."""
    advance = request.stage is Stage.ADVANCE
    return {
        "open_advance": -request.cash if advance else 0,
        "open_cash": 0 if advance else -request.cash,
        "open_recoup": -request.recoup,
        "advanced": request.cash if advance else 0,
        "worked": 0 if advance else request.cash,
        "recouped": request.recoup,
    }


def hard_limits(before: ContractMoney, request: Request) -> Iterator[Violation]:
    """What always blocks, because the money is not there; `before` leaves the request out."""
    if request.stage is Stage.PROGRESS:
        yield from over("D12", _work(before, request), before.certified, "累计计量", "the certified value")
        outstanding = before.outstanding - before.open_recoup
        yield from over("LM06", request.recoup, outstanding, "未抵扣预付款", "the advance outstanding")
    if request.stage is Stage.BALANCE:
        due = (before.settlement or 0) - before.retention + before.retention_used
        yield from over("LM10", before.taken + request.cash, due, "结算应付", "what is settled less the retention")
    if request.stage is Stage.RETENTION:
        left = before.retention - before.retention_used
        yield from over("LM09", request.cash, left, "留置质保金", "the retention held")
    yield from over("LM02", before.taken + request.cash, before.total, "合同价", "the contract")


def soft_limits(before: ContractMoney, request: Request, shares: Shares, *, is_accepted: bool) -> Iterator[Violation]:
    """The limits of the stage that warn until a county adopts them: LM03, LM05, LM06, LM07."""
    if request.stage is Stage.ADVANCE:
        asked = before.advanced + before.open_advance + request.cash
        ceiling = at_most(before.amount - before.provisional, shares.advance_max)
        yield from over("LM03", asked, ceiling, "预付款上限", "the advance cap")
    if request.stage is Stage.PROGRESS:
        ceiling = at_most(before.certified, shares.progress_max)
        yield from over("LM05", _work(before, request), ceiling, "计量支付上限", "the progress cap")
        yield from _recouped(before, request, shares.recouped_by)
    if request.stage in {Stage.ADVANCE, Stage.PROGRESS} and not is_accepted:
        ceiling = at_most(before.total, shares.before_acceptance)
        yield from over("LM07", before.taken + request.cash, ceiling, "验收前支付上限", "the cap before acceptance")


def _work(before: ContractMoney, request: Request) -> Fen:
    """W of LM05: paid for certified work, recouped advance included, with all that is on its way and this request."""
    return before.expended + before.open_cash + before.open_recoup + request.work


def _recouped(before: ContractMoney, request: Request, by: Fraction) -> Iterator[Violation]:
    """LM06: once certified work reaches `by` of the contract, no advance stays outstanding."""
    left = before.outstanding - before.open_recoup - request.recoup
    if left > 0 and Fraction(before.certified, before.total) >= by:
        yield refusal(
            "ADVANCE_NOT_RECOUPED",
            "LM06",
            f"累计计量已达抵扣要求，预付款尚余 {format_yuan(left)} 元未抵扣",
            f"{format_yuan(left)} yuan of the advance is not recouped",
            ("在本次申请中抵扣预付款", "recoup it with this request"),
            field="/recoup",
            outstanding=format_yuan(left),
        )


def over(rule: str, asked: Fen, limit: Fen, zh: str, en: str) -> Iterator[Violation]:
    """The violation of `rule`, if more is asked than the limit; `zh` and `en` name the limit."""
    if asked > limit:
        yield refusal(
            "STAGE_LIMIT",
            rule,
            f"{zh} {format_yuan(max(limit, 0))} 元，本次后累计 {format_yuan(asked)} 元",
            f"{en} is {format_yuan(max(limit, 0))} yuan, with this request {format_yuan(asked)}",
            ("核减申请金额", "ask for less"),
            field="/amount",
            limit=format_yuan(limit),
            asked=format_yuan(asked),
        )

"""Rules of right, hand-over and custody (确权、移交、管护; domain-funds-assets §7.5–7.7) and the end of an asset."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from shared.kernel.errors import Violation
from shared.kernel.money import PPM


class Ending(Protocol):
    """Facts that tell whether the asset is disposed of."""

    @property
    def is_disposed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class RightFacts:
    """Shares in ppm as they stand, or as the step's form proposes them."""

    source_ppm: Collection[int]
    owner_ppm: Collection[int]
    is_disposed: bool


@dataclass(frozen=True, slots=True)
class HandoverFacts:
    """What a hand-over and its booking rest on; the entry is the form's."""

    right: str
    is_provisional: bool
    handed_over_on: date | None
    entry_no: str
    booked_on: date | None


@dataclass(frozen=True, slots=True)
class CustodyFacts:
    """What the form says of body, person, phone and money."""

    body: str
    person: str
    phone: str
    money_source: str
    is_disposed: bool


def not_disposed(disposed_on: date | None) -> Violation | None:
    """A disposed asset is history (scenario 87)."""
    if disposed_on is None:
        return None
    return Violation(
        "ASSET_DISPOSED",
        f"资产已于 {disposed_on} 处置，不得再作变更",
        f"the asset was disposed of on {disposed_on} and is not changed any more",
        rule="F-7.5",
        remedy_zh="核对资产编码",
        remedy_en="check which asset is meant",
    )


def asset_disposed(facts: Ending) -> Violation | None:
    """Right, custody and use end with the asset and not before."""
    if facts.is_disposed:
        return None
    return Violation("ASSET_NOT_DISPOSED", "资产尚未处置", "the asset is not disposed of", rule="F-7.5")


def source_shares_whole(facts: RightFacts) -> Violation | None:
    """AR22: the source shares make exactly one whole (scenario 71)."""
    return whole_shares("SOURCE_SHARES", "资金来源占比", "source shares", facts.source_ppm)


def owner_shares_whole(facts: RightFacts) -> Violation | None:
    """The owner shares make exactly one whole."""
    return whole_shares("OWNER_SHARES", "权属份额", "owner shares", facts.owner_ppm)


def whole_shares(code: str, zh: str, en: str, shares: Collection[int]) -> Violation | None:
    """Shares that make exactly 1 000 000 ppm."""
    if sum(shares) == PPM and min(shares) >= 0:
        return None
    return Violation(
        code,
        f"{zh}合计为 {sum(shares)} ppm，须为 1000000 ppm" if shares else f"尚无{zh}",
        f"the {en} make {sum(shares)} ppm, not 1 000 000" if shares else f"there are no {en} yet",
        rule="AR22",
        remedy_zh="结算定值后按实际来源和权属份额填写" if not shares else "更正份额，使合计为 100%",
        remedy_en="wait for the settlement, then state sources and owners" if not shares else "correct the shares",
        facts={"sum_ppm": sum(shares)},
    )


class WithRight(Protocol):
    """Facts that tell the state of the asset's right."""

    @property
    def right(self) -> str: ...


def right_confirmed(facts: WithRight) -> Violation | None:
    """No hand-over, contract or disposal before the right is confirmed (scenario 73)."""
    if facts.right == "CONFIRMED":
        return None
    return Violation(
        "RIGHT_NOT_CONFIRMED",
        "资产尚未确权",
        "the right to the asset is not confirmed",
        rule="F-7.5",
        remedy_zh="先完成确权公示和确权",
        remedy_en="confirm the right first",
        facts={"right": facts.right},
    )


def value_final(facts: HandoverFacts) -> Violation | None:
    """What is handed over has its final value."""
    if not facts.is_provisional:
        return None
    return Violation(
        "VALUE_PROVISIONAL",
        "资产仍为暂估价值，结算后方可移交",
        "the value is still provisional; it is handed over after the settlement",
        rule="F-7.6",
        remedy_zh="等待项目结算批复",
        remedy_en="wait for the settlement of the project",
    )


def book_entry_made(facts: HandoverFacts) -> Violation | None:
    """The new owner's books have an entry, not older than the hand-over."""
    dated = facts.booked_on is not None and facts.handed_over_on is not None
    if facts.entry_no.strip() and dated and facts.booked_on >= facts.handed_over_on:  # type: ignore[operator]
        return None
    return Violation(
        "BOOK_ENTRY_MISSING",
        "须填写移交之后的入账凭证号和入账日期",
        "state the number and day of the entry in the books, made after the hand-over",
        rule="F-7.6",
        field="/entry_no",
        remedy_zh="核对入账凭证",
        remedy_en="check the entry in the books",
    )


def custody_complete(facts: CustodyFacts) -> Violation | None:
    """AR03: custody names a body, a responsible person, a phone and the money."""
    named = {"body": facts.body, "person": facts.person, "phone": facts.phone, "money_source": facts.money_source}
    missing = [name for name, text in named.items() if not text.strip()]
    if not missing:
        return None
    return Violation(
        "CUSTODY_INCOMPLETE",
        "管护主体、责任人、联系电话和管护资金来源须填写完整",
        f"custody lacks: {', '.join(missing)}",
        rule="AR03",
        field=f"/{missing[0]}",
        remedy_zh="补齐管护信息",
        remedy_en="complete it",
        facts={"missing": missing},
    )

"""Payees whom policy bars (收款方标注): loss covers, entities that government runs, a unit's own account (NL06, NL07, NL21)."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Protocol

from services.funds.domain.contracts import VILLAGERS_BUILD, Procurement
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation


class Mark(StrEnum):
    """What a payee is known as: 弥补亏损名单、政府兴办经济实体、预算单位自有账户."""

    LOSS_COVER = "loss_cover"
    GOVERNMENT_ENTITY = "government_entity"
    OWN_ACCOUNT = "own_account"

    @property
    def rule(self) -> str:
        """The rule of the negative list that bars it."""
        return _RULES[self]


_RULES = {Mark.LOSS_COVER: "NL06", Mark.GOVERNMENT_ENTITY: "NL07", Mark.OWN_ACCOUNT: "NL21"}
_WORDS = {
    Mark.LOSS_COVER: (
        "收款方列入弥补亏损名单，衔接资金不得用于弥补企业亏损",
        "the payee is listed for cover of its losses",
    ),
    Mark.GOVERNMENT_ENTITY: ("收款方为政府兴办的经济实体", "the payee is an economic entity that government runs"),
    Mark.OWN_ACCOUNT: ("收款账户为预算单位自有账户，疑似以拨代支", "the payee's account is a budget unit's own"),
}


def barred(marks: Collection[Mark], procurement: Procurement) -> Mapping[str, Violation | None]:
    """By rule, why the payee may not be paid; a unit's own account reimburses what villagers build themselves (§3.1)."""
    standing = set(marks)
    if procurement in VILLAGERS_BUILD:
        standing.discard(Mark.OWN_ACCOUNT)
    return {mark.rule: _barred(mark) if mark in standing else None for mark in Mark}


def _barred(mark: Mark) -> Violation:
    zh, en = _WORDS[mark]
    return refusal(
        "PAYEE_BARRED",
        mark.rule,
        zh,
        en,
        ("核对收款方；标注有误的，凭文件解除标注", "check the payee; a wrong mark is lifted by its document"),
        field="/payee_id",
        mark=str(mark),
    )


class HasBlocked(Protocol):
    """Facts with the limits that are broken and block, by rule."""

    @property
    def blocked(self) -> Mapping[str, Violation]:
        """By rule."""


def payee_not_barred(facts: HasBlocked) -> Violation | None:
    """NL06, NL07, NL21, where they block."""
    return next((facts.blocked[mark.rule] for mark in Mark if mark.rule in facts.blocked), None)

"""What a message of the bank means for a payment as it stands (银行回执): taken, said before, or against what is booked."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kernel.money import Fen


class Outcome(StrEnum):
    """What the bank says: 支付成功、退票."""

    SUCCESS = "success"
    FAILURE = "failure"


class Effect(StrEnum):
    """What a message does: 已入账、重复、相互矛盾."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: outcome, serial, amount, and the day it states."""

    outcome: Outcome
    reference: str
    amount: Fen
    on: date


_SAID = {"PAID": Outcome.SUCCESS, "RECONCILED": Outcome.SUCCESS, "FAILED": Outcome.FAILURE}


def effect_of(message: Message, state: str, before: Message | None) -> Effect | None:
    """What the message does (scenario 38); `before` is the one that was taken last, None means that nobody waits for it.

    A payment on its way takes what the bank says. Later the same word again is a duplicate, whatever its transport;
    another outcome, serial or amount contradicts what is booked.
    """
    if state == "INSTRUCTED":
        return Effect.TAKEN if before is None or before.reference != message.reference else _again(message, before)
    said = _SAID.get(state)
    if said is None:
        return None
    if said is not message.outcome:
        return Effect.CONTRADICTION
    return Effect.DUPLICATE if before is None else _again(message, before)


def _again(message: Message, before: Message) -> Effect:
    """A serial that failed and was instructed again does not come back as a success."""
    same = (message.outcome, message.reference, message.amount) == (before.outcome, before.reference, before.amount)
    return Effect.DUPLICATE if same else Effect.CONTRADICTION

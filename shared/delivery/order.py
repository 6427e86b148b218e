"""Where an event stands in the line of its key; pure decisions, no I/O (architecture.md D5a, D7)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from shared.messaging.transport import Record

Key: TypeAlias = tuple[str, UUID]
"""Topic and key: the events of one line."""


class Place(StrEnum):
    """What to do with the next event of a key."""

    NEXT = "NEXT"
    PASSED = "PASSED"
    """Handled before: a duplicate, or late from a relay that had lost its lead."""
    GAP = "GAP"
    """An earlier one is missing."""
    BEHIND = "BEHIND"
    """An earlier one is parked."""


class Reason(StrEnum):
    """Why an event is parked (搁置原因)."""

    GAP = "GAP"
    BEHIND = "BEHIND"
    UNREADABLE = "UNREADABLE"
    """The body is no envelope of its type."""
    REFUSED = "REFUSED"
    """A rule forbids what the event asks for; the detail is the rule's code."""
    FAILED = "FAILED"
    """The reaction raised each time; the detail is the class of the last fault."""


WAITING = frozenset({Reason.GAP, Reason.BEHIND})
"""Nothing is wrong with the event itself: it goes on by itself as soon as its turn comes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event could not be handled; never with values from it."""

    reason: Reason
    detail: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Parked:
    """The first parked event of a key, or any of them."""

    id: UUID
    sequence: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Item:
    """An event in a line, new from the log or parked before."""

    record: Record
    sequence: int
    parked: Parked | None = None


@dataclass(slots=True)
class Line:
    """The line of one key: how far it is, whether it is held up, and what became of its events in this pass."""

    last: int | None
    """The newest handled sequence; None before the first event, which sets the base."""
    is_held: bool = False
    head: Parked | None = None
    """The first event parked before this pass."""
    done: list[Item] = field(default_factory=list)
    """Parked before, handled now."""
    failed: list[tuple[Item, Failure]] = field(default_factory=list)
    has_moved: bool = False

    def place(self, sequence: int) -> Place:
        """Where `sequence` stands."""
        if self.last is not None and sequence <= self.last:
            return Place.PASSED
        if self.is_held:
            return Place.BEHIND
        return Place.NEXT if self.last is None or sequence == self.last + 1 else Place.GAP

    def must_wait(self, sequences: Collection[int]) -> bool:
        """Whether these new events can only park behind the head, so that the parked ones need not be loaded."""
        if self.head is None:
            return False
        if any(sequence < self.head.sequence and self.place(sequence) is not Place.PASSED for sequence in sequences):
            return False
        turn = self.place(self.head.sequence)
        return turn is Place.GAP or (turn is Place.NEXT and self.head.reason not in WAITING)

    def passed(self, item: Item) -> None:
        """`item` is done, by this pass or before."""
        if self.last is None or item.sequence > self.last:
            self.last, self.has_moved = item.sequence, True
        if item.parked:
            self.done.append(item)

    def stopped(self, item: Item, failure: Failure) -> None:
        """`item` stays or gets parked, and those after it wait."""
        self.is_held = True
        self.failed.append((item, failure))

"""The port between the services: what an event log must do, whether a numbered outbox or Kafka.

Order is kept per source (a service's outbox, or a topic's partition), so also per key. Events may come again.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Record:
    """One event as it lies on the log (日志); what the transport cannot read of it is None or empty."""

    source: str
    """What `pos` counts in."""
    pos: int
    topic: str
    key: UUID | None
    sequence: int | None
    id: UUID | None
    type: str
    body: bytes
    """The envelope, `catalogue.encode`d."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in the order of the log, and the position up to which each source has been read with them."""

    records: tuple[Record, ...]
    upto: Mapping[str, int]


Resume: TypeAlias = Callable[[], Awaitable[Mapping[str, int]]]
"""The positions that the consumer has stored with its effects; asked when a source is assigned to it."""


class SendFailed(Exception):
    """The log does not take events at present; the relay keeps numbering and tries again."""

    def __init__(self, why: str, *, taken: Collection[int] = ()) -> None:
        """`taken`: the positions of those that are on the log all the same."""
        super().__init__(why)
        self.taken = frozenset(taken)


class Sender(Protocol):
    """The producing side, where it is more than numbering."""

    async def append(self, records: Sequence[Record]) -> None:
        """Return when all are safely on the log in this order. Raises SendFailed; some may be on the log then."""


class Subscription(Protocol):
    """The reading side of one consumer in one process; each source is assigned to one process at a time."""

    async def receive(self, wait: float) -> Batch | None:
        """The next batch, None after `wait` seconds. What was not acknowledged may come again."""

    async def ack(self, batch: Batch) -> None:
        """Everything in `batch` has been committed."""

    async def heads(self) -> Mapping[str, int | None]:
        """The last position of each source, None where it cannot be reached."""

    def nudge(self) -> None:
        """There may be something: look now."""

    async def close(self) -> None:
        """Give the sources to others."""


class Transport(Protocol):
    """A log that consumers read in groups."""

    def subscribe(self, group: str, topics: Collection[str], resume: Resume) -> Subscription:
        """Read `topics` for the consumer `group` from where `resume` says; connects at the first `receive`."""

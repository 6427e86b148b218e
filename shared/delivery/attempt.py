"""One event becomes commands: what may pass is tried again, what a rule forbids is not, and nothing stops the loop."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared.commands.pipeline import Pipeline
from shared.contracts.catalogue import decode, event_class, unwrap
from shared.contracts.event import Event
from shared.db.faults import constraint, sqlstate
from shared.delivery.order import Failure, Reason
from shared.delivery.reactions import Known
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Problem, Unavailable
from shared.messaging.transport import Record

_LONGEST_PROBE = 5.0
_log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a failing reaction is tried, and the pauses in seconds between."""

    tries: int = 5
    first_pause: float = 0.1
    factor: float = 3.0

    def pause(self, attempt: int) -> float:
        """The pause after the failed `attempt`, counted from 1."""
        return self.first_pause * self.factor ** (attempt - 1)


@dataclass(slots=True)
class Counts:
    """What has become of the events since the start."""

    applied: int = 0
    replayed: int = 0
    """Had been applied before a crash; the stored answer came back."""
    without_reaction: int = 0
    unknown: int = 0
    duplicates: int = 0
    retries: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Handles the events of one consumer, as many at a time as there are `slots`."""

    consumer: str
    pipeline: Pipeline
    known: Known
    patience: Patience
    counts: Counts
    slots: asyncio.Semaphore

    async def handle(self, record: Record) -> Failure | None:
        """Carry out the reactions to one event; None when all is done or nothing was to be done."""
        if record.type not in self.known.by_type:
            if event_class(record.type) is None:
                self.counts.unknown += 1
            else:
                self.counts.without_reaction += 1
            return None
        try:
            event, correlation = _open(record)
        except ValueError as fault:
            return Failure(Reason.UNREADABLE, str(fault), 0)
        return await self._try(record, event, correlation)

    async def _try(self, record: Record, event: Event, correlation: UUID) -> Failure | None:
        attempt = 1
        while True:
            try:
                async with self.slots:
                    await self._react(record, event, correlation)
                return None
            except Problem as problem:
                failure = Failure(Reason.REFUSED, problem.code, attempt)
                if not _may_pass(problem):
                    return failure
            except Exception as fault:  # noqa: BLE001  whatever it is, it is parked with its class
                failure = Failure(Reason.FAILED, _describe(fault), attempt)
            if attempt == self.patience.tries:
                return failure
            self.counts.retries += 1
            await asyncio.sleep(self.patience.pause(attempt))
            await self._until_reachable()
            attempt += 1

    async def _react(self, record: Record, event: Event, correlation: UUID) -> None:
        for reaction in self.known.by_type[record.type]:
            command = reaction(event)
            if command is None:
                continue
            try:
                outcome = await self.pipeline.run(
                    command,
                    actor=SYSTEM,
                    scope=f"event:{self.consumer}",
                    key=f"{record.id}:{reaction.__name__}",
                    correlation=correlation,
                    cause=record.id,
                )
            except Problem as problem:
                if problem.code != "KEY_REUSED":
                    raise
                # An earlier release made another command of this event, and it was carried out.
                _log.warning("applied by an earlier release", type=record.type, event_id=str(record.id))
                self.counts.replayed += 1
            else:
                self.counts.replayed += outcome.replayed
                self.counts.applied += not outcome.replayed

    async def _until_reachable(self) -> None:
        """An outage of our own database is not the event's fault: wait for its end before the next try."""
        pause = 0.1
        while True:
            try:
                async with self.pipeline.database.read(SYSTEM):
                    return
            except (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
                _log.warning("database not reachable", consumer=self.consumer, why=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PROBE)


def _open(record: Record) -> tuple[Event, UUID]:
    """The event and its correlation; raises ValueError that repeats no value."""
    envelope = decode(record.body)
    if (envelope.id, envelope.type, envelope.number) != (record.id, record.type, record.sequence):
        raise ValueError("not an event envelope: it names another event than the log does")
    event = unwrap(envelope)
    assert event is not None, "a reaction is declared for its class"
    try:
        return event, UUID(envelope.correlationid)
    except ValueError:
        raise ValueError("not an event envelope: correlationid is no UUID") from None


def _may_pass(problem: Problem) -> bool:
    """Whether the same command may succeed later without anybody doing anything."""
    return isinstance(problem, Unavailable) or problem.code == "BUSY"


def _describe(fault: Exception) -> str:
    """Class, SQLSTATE and constraint; a message might repeat a value."""
    return " ".join(part for part in (type(fault).__name__, sqlstate(fault), constraint(fault)) if part)

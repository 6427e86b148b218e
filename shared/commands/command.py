"""What a command is: a frozen request, the roles that may give it, its handler, and what comes out."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.event import Event
from shared.kernel.actors import Actor
from shared.kernel.days import Calendar
from shared.kernel.errors import Violation
from shared.kernel.ids import derived_id
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.vault.keys import KeyRing


class Command(BaseModel):
    """Base of all commands (业务指令). A command with an `area_code` field needs one of its roles in that area."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ROLES: ClassVar[frozenset[Role]]
    """Who may give it at all; steps of a case are checked again by their declaration."""

    PRECONDITIONS: ClassVar[frozenset[str]] = frozenset()
    """Fields that say what the giver had seen, not what is asked: a retry with a newer ETag is the same request."""

    def label(self) -> str:
        """The name in the journal."""
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class Context:
    """Who, when and why, and what the floor lends: calendar and keys."""

    id: UUID
    actor: Actor
    now: datetime
    today: date
    correlation: UUID
    cause: UUID | None
    calendar: Calendar
    keys: KeyRing
    dry_run: bool = False

    def id_for(self, name: str) -> UUID:
        """The id of what this command creates under `name`; a repeated reaction gets the same one."""
        return derived_id(self.cause or self.id, name)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing a command changed; delta readers and tombstones work from these (architecture.md D20)."""

    kind: str
    id: UUID
    area: int


@dataclass(slots=True)
class Write:
    """A transaction in which one command does its work; nothing in here commits."""

    session: AsyncSession
    raw: asyncpg.Connection
    parameters: Parameters
    events: list[Event] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    warnings: list[Violation] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)
    """Python ids of events that a step of a case answers for, because its declaration names them."""

    def emit(self, event: Event) -> None:
        """Publish `event` if and only if this command commits."""
        self.events.append(event)

    def changed(self, kind: str, subject: UUID, area: int) -> None:
        """State that the command created or changed `subject`."""
        self.subjects.append(Subject(kind, subject, int(area)))

    def warn(self, violation: Violation) -> None:
        """Let the command pass but tell the caller (limits that are 未核实)."""
        self.warnings.append(violation)


Result: TypeAlias = BaseModel
Handler: TypeAlias = Callable[[Write, Any, Context], Awaitable[Result]]
Handlers: TypeAlias = Mapping[type[Command], Handler]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller gets; `replayed` when the same key had already been carried out."""

    result: dict[str, Any]
    warnings: tuple[dict[str, Any], ...]
    replayed: bool

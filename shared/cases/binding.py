"""How a service ties a declared workflow to its rows: facts for the guards, and what a step does besides moving."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.commands.command import Context, Write
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.workflow.decide import Guards
from shared.workflow.model import Workflow


class Form(BaseModel):
    """Base of what a step's taker fills in (表单); a step without questions has this empty one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case (办件) as it stands, locked by the running command; `version` is its ETag."""

    id: UUID
    workflow: str
    subject_id: UUID
    area: AreaCode
    state: str
    previous: str
    round: int
    version: int
    started_on: date
    due_on: date | None
    total_due_on: date | None


Facts: TypeAlias = Callable[[Write, CaseRow, Any, Context], Awaitable[Any]]
"""Loads the plain facts that the guards of any step of this workflow judge; gets the step's form."""

Perform: TypeAlias = Callable[[Write, CaseRow, Any, Context], Awaitable[None]]
"""What a step does besides moving: rows, postings, events. Runs after the move, in the same transaction."""

NoticeText: TypeAlias = Callable[[Write, CaseRow, Context], Awaitable[Mapping[str, Any]]]
"""The public text of a notice: exactly the fields of its template."""

Variant: TypeAlias = Callable[[Write, CaseRow], Awaitable[str]]
"""What kind of case it is, where clocks differ by it: of `name` and `name.kind` the second counts, if declared."""


Reads: TypeAlias = Callable[[ReadSession, UUID, Actor], Awaitable[bool]]
"""Whether a case concerns the reader, where seeing its area is not enough."""


async def no_facts(_tx: Write, _case: CaseRow, _form: Any, _ctx: Context) -> None:
    """For workflows whose steps have no guards."""


@dataclass(frozen=True, slots=True)
class StepBinding:
    """One step's form and deed."""

    form: type[Form] = Form
    perform: Perform | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """One workflow of a service; `plural` is its noun in the URL. Steps not named here only move."""

    workflow: Workflow
    plural: str
    guards: Guards = field(default_factory=dict)
    facts: Facts = no_facts
    steps: Mapping[str, StepBinding] = field(default_factory=dict)
    notice: NoticeText | None = None
    variant: Variant | None = None
    reads: Reads | None = None

    def step(self, name: str) -> StepBinding:
        """The binding of step `name`."""
        return self.steps.get(name, StepBinding())

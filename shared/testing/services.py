"""One service on a fresh database, with a clock that the test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from shared.cases.advance import StepTaken
from shared.cases.commands import ProveNotice, RecordEvidence, TakeStep
from shared.commands.command import Command, Outcome
from shared.db.sessions import Database
from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import AreaCode
from shared.kernel.days import local_day
from shared.kernel.ids import derived_id, new_id
from shared.kernel.roles import Role
from shared.parameters import workdays
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.service import Service
from shared.testing.clocks import SetClock
from shared.vault.keys import KeyRing

_PEOPLE = UUID("6f0c3a52-3f6a-5d3c-9a51-0f7d8b1c2e00")


def person(name: str, area: str, *roles: Role) -> Actor:
    """An invented actor: the same name is the same person."""
    return Actor(derived_id(_PEOPLE, name), tuple(Grant(role, AreaCode.parse(area)) for role in roles))


@dataclass(frozen=True, slots=True)
class Bench:
    """A service under test; `clock` decides its today."""

    assembled: Assembled
    clock: SetClock
    names: ServiceDatabase

    @property
    def database(self) -> Database:
        """Sessions of the app role."""
        return self.assembled.database

    async def run(self, command: Command, actor: Actor, key: str = "") -> Outcome:
        """Run a command under a key of its own, or a given one."""
        return await self.assembled.pipeline.run(command, actor=actor, key=key or str(new_id()))

    async def evidence(self, actor: Actor, area: str, *kinds: str) -> tuple[UUID, ...]:
        """File one document of each kind, taken today."""
        today = local_day(self.clock.now())
        made = [
            await self.run(
                RecordEvidence(
                    area_code=area, sha256="0" * 64, kind=kind, media_type="image/jpeg", size=1, taken_on=today
                ),
                actor,
            )
            for kind in kinds
        ]
        return tuple(UUID(outcome.result["id"]) for outcome in made)

    async def step(  # noqa: PLR0913  what a step takes
        self,
        actor: Actor,
        workflow: str,
        subject_id: UUID,
        step: str,
        *,
        form: dict[str, Any] | None = None,
        evidence: tuple[UUID, ...] = (),
        reason: str = "",
        version: int | None = None,
    ) -> StepTaken:
        """Take one step of a case."""
        command = TakeStep(
            workflow=workflow,
            subject_id=subject_id,
            step=step,
            form=form or {},
            evidence=evidence,
            reason=reason,
            expected_version=version,
        )
        return StepTaken.model_validate((await self.run(command, actor)).result)

    async def run_notice(self, actor: Actor, case_id: UUID, area: str, last_day_in: int) -> None:
        """Prove the running notice on its first and last day and step to the day after."""
        (first,) = await self.evidence(actor, area, "notice_photo")
        await self.run(ProveNotice(case_id=case_id, evidence_id=first), actor)
        self.clock.forward(days=last_day_in)
        (last,) = await self.evidence(actor, area, "notice_photo")
        await self.run(ProveNotice(case_id=case_id, evidence_id=last), actor)
        self.clock.forward(days=1)


@asynccontextmanager
async def bench(service: Service, names: ServiceDatabase, clock: SetClock, keys: KeyRing) -> AsyncIterator[Bench]:
    """`service` on the prepared database `names`."""
    connection = await asyncpg.connect(names.app_dsn)
    try:
        calendar = await workdays.WorkdayCalendar.from_connection(connection)
    finally:
        await connection.close()
    assembled = assemble(service, names.app_dsn, clock=clock, calendar=calendar, keys=keys, pool_size=16)
    try:
        yield Bench(assembled, clock, names)
    finally:
        await assembled.database.close()

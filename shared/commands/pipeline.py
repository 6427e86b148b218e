"""The one way to write: open, claim the key, handle, publish and record, commit; then answer. For people and events alike."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import structlog

from shared.commands import journal, keys
from shared.commands.command import Command, Context, Handlers, Outcome, Result, Write
from shared.db.faults import is_lock_timeout, is_transient
from shared.db.sessions import Database
from shared.kernel.actors import Actor
from shared.kernel.clock import Clock
from shared.kernel.days import Calendar, local_day
from shared.kernel.errors import Conflict, Forbidden, Unavailable, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import ROLE_NAMES
from shared.parameters.lookup import Parameters
from shared.parameters.model import Parameter
from shared.vault.keys import KeyRing

_TRIES = 4
_security = structlog.get_logger("security")


@dataclass(frozen=True, slots=True)
class Resources:
    """What the pipeline lends to every command of a service."""

    clock: Clock
    calendar: Calendar
    keys: KeyRing
    parameters: Mapping[str, Parameter]


class Pipeline:
    """Runs the commands of one service, each in one transaction of its own."""

    def __init__(self, database: Database, handlers: Handlers, resources: Resources) -> None:
        """`handlers`: every command the service knows."""
        self.database = database
        self.resources = resources
        self._handlers = handlers

    async def run(
        self,
        command: Command,
        *,
        actor: Actor,
        key: str,
        scope: str = "",
        correlation: UUID | None = None,
        cause: UUID | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Carry out `command` once per (scope, key); a repeat gets the stored answer.

        `scope` defaults to the actor. Raises kernel.errors.Problem; then nothing has changed and no key is kept.
        """
        _admit(command, actor)
        now = self.resources.clock.now()
        command_id = new_id()
        context = Context(
            id=command_id,
            actor=actor,
            now=now,
            today=local_day(now),
            correlation=correlation or command_id,
            cause=cause,
            calendar=self.resources.calendar,
            keys=self.resources.keys,
            dry_run=dry_run,
        )
        for attempt in range(_TRIES):
            try:
                return await self._attempt(command, context, scope or str(actor.id), key)
            except Exception as fault:
                if is_lock_timeout(fault):
                    raise _busy() from fault
                if not is_transient(fault):
                    raise
                await asyncio.sleep(0.01 * 4**attempt)
        raise _overloaded()

    async def _attempt(self, command: Command, context: Context, scope: str, key: str) -> Outcome:
        digest = keys.input_hash(command)
        async with self.database.write(context.actor) as tx:
            stored = await keys.claim(tx.raw, scope, key, digest, context.now)
            if stored is not None:
                return Outcome(stored["result"], tuple(stored["warnings"]), replayed=True)
            write = Write(tx.session, tx.raw, Parameters(tx.raw, self.resources.parameters))
            result: Result = await self._handlers[type(command)](write, command, context)
            await tx.session.flush()
            answer = _answer(result, write)
            await journal.close(
                tx.raw, command, digest, context, write.subjects, write.events, scope=scope, key=key, answer=answer
            )
            if not context.dry_run:
                await tx.session.commit()
        return Outcome(answer["result"], tuple(answer["warnings"]), replayed=False)


def _answer(result: Result, write: Write) -> dict[str, Any]:
    warnings = [{**asdict(warning), "facts": dict(warning.facts)} for warning in write.warnings]
    return {"result": result.model_dump(mode="json"), "warnings": warnings}


def _admit(command: Command, actor: Actor) -> None:
    """Deny by default: a role of the command's list is needed, in its area when it names one."""
    area = getattr(command, "area_code", None)
    held = any(grant.role in command.ROLES for grant in actor.grants)
    if held and (area is None or actor.may(command.ROLES, area)):
        return
    _security.warning("denied", command=command.label(), actor=str(actor.id), area_code=None if area is None else area)
    if held or (area is not None and not any(grant.area.contains(area) for grant in actor.grants)):
        raise not_found("该区域", "area")
    names = sorted(command.ROLES)
    raise Forbidden(
        Violation(
            "ROLE_REQUIRED",
            f"需要角色：{'、'.join(ROLE_NAMES[role] for role in names)}",
            f"needs one of the roles: {', '.join(names)}",
            remedy_zh="请由具备该角色的人员办理",
            remedy_en="have a person with that role do it",
            facts={"roles": [role.value for role in names]},
        ),
    )


def _busy() -> Conflict:
    return Conflict(
        Violation(
            "BUSY",
            "同一事项正在办理，请稍后用同一幂等键重试",
            "another request on the same record is running; retry with the same key",
            rule="G2",
            remedy_zh="稍后用同一幂等键重试",
            remedy_en="retry with the same key",
        ),
    )


def _overloaded() -> Unavailable:
    return Unavailable(
        Violation(
            "OVERLOADED",
            "系统繁忙，请稍后用同一幂等键重试",
            "the database could not serialise the request; retry with the same key",
            remedy_zh="稍后重试",
            remedy_en="retry later",
        ),
    )

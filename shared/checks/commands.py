"""The command that runs a service's checks (检查): findings open and close in one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from pydantic import BaseModel

from shared.checks.model import Check, Severity
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.commands.command import Command, Context, Handler, Write
from shared.kernel.errors import Unknown
from shared.kernel.roles import Role
from shared.parameters.model import Parameter

FollowUp: TypeAlias = Callable[[Write, Context], Awaitable[None]]
"""What a service does with its findings once all checks of a run have been made, in the same transaction."""


class RunChecks(Command):
    """Run all checks of a service, or those named."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM, Role.OPERATOR})

    only: tuple[str, ...] = ()


class CheckRunShown(BaseModel):
    """What one check opened and closed, and how many findings stand."""

    check_id: str
    severity: Severity
    opened: int
    closed: int
    standing: int


class ChecksRun(BaseModel):
    """All runs."""

    runs: list[CheckRunShown]


def check_handlers(
    checks: Sequence[Check],
    declared: Mapping[str, Parameter],
    follow_up: FollowUp | None = None,
) -> Mapping[type[Command], Handler]:
    """The handler for a service with `checks` and the parameters they may name.

    A check that cannot be made for want of a calendar is told as a warning; its findings stay as they were.
    """

    async def run_checks(tx: Write, command: RunChecks, ctx: Context) -> ChecksRun:
        runs, policy = [], Policy(declared, ctx.calendar)
        for check in checks:
            if command.only and check.id not in command.only:
                continue
            try:
                made = await run_check(tx.raw, check, now=ctx.now, policy=policy)
            except Unknown as unknown:
                for violation in unknown.violations:
                    tx.warn(violation)
                continue
            counts = {"opened": made.opened, "closed": made.closed, "standing": made.standing}
            runs.append(CheckRunShown(check_id=check.id, severity=check.severity, **counts))
        if follow_up is not None:
            await follow_up(tx, ctx)
        return ChecksRun(runs=runs)

    return {RunChecks: run_checks}

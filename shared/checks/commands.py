"""The command that runs a service's checks (检查): findings open and close in one transaction."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel

from shared.checks.model import Check, Severity
from shared.checks.run import run_check
from shared.commands.command import Command, Context, Handler, Write
from shared.kernel.roles import Role


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


def check_handlers(checks: Sequence[Check]) -> Mapping[type[Command], Handler]:
    """The handler for a service with `checks`."""

    async def run_checks(tx: Write, command: RunChecks, ctx: Context) -> ChecksRun:
        runs = []
        for check in checks:
            if not command.only or check.id in command.only:
                made = await run_check(tx.raw, check, now=ctx.now)
                counts = {"opened": made.opened, "closed": made.closed, "standing": made.standing}
                runs.append(CheckRunShown(check_id=check.id, severity=check.severity, **counts))
        return ChecksRun(runs=runs)

    return {RunChecks: run_checks}

"""The command that runs a service's checks (检查): findings open and close in one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from pydantic import BaseModel

from shared.checks.model import Check, Severity
from shared.checks.policy import Policy
from shared.checks.run import CheckFailed, attempt_check
from shared.commands.command import Command, Context, Handler, Write
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


class CheckFailedShown(BaseModel):
    """A check that could not be made, and the codes that say why; its findings stay as they were."""

    check_id: str
    codes: list[str]


class ChecksRun(BaseModel):
    """All runs, and the checks that could not be made."""

    runs: list[CheckRunShown]
    failed: list[CheckFailedShown] = []


def told_failure(tx: Write, failed: CheckFailed) -> CheckFailedShown:
    """The failed check as it is shown; the caller is warned of each reason."""
    for violation in failed.violations:
        tx.warn(violation)
    return CheckFailedShown(check_id=failed.check_id, codes=[violation.code for violation in failed.violations])


def check_handlers(
    checks: Sequence[Check],
    declared: Mapping[str, Parameter],
    follow_up: FollowUp | None = None,
) -> Mapping[type[Command], Handler]:
    """The handler for a service with `checks` and the parameters they may name.

    A check that cannot be made is listed as failed and told as a warning; the others are made all the same.
    """

    async def run_checks(tx: Write, command: RunChecks, ctx: Context) -> ChecksRun:
        done, policy = ChecksRun(runs=[]), Policy(declared, ctx.calendar)
        for check in checks:
            if command.only and check.id not in command.only:
                continue
            made = await attempt_check(tx.raw, check, now=ctx.now, policy=policy)
            if isinstance(made, CheckFailed):
                done.failed.append(told_failure(tx, made))
                continue
            counts = {"opened": made.opened, "closed": made.closed, "standing": made.standing}
            done.runs.append(CheckRunShown(check_id=check.id, severity=check.severity, **counts))
        if follow_up is not None:
            await follow_up(tx, ctx)
        return done

    return {RunChecks: run_checks}

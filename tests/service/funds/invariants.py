"""The sixteen invariants of money by their numbers (domain-funds-assets §3.9), asked of a database as it stands."""

import re
from collections.abc import Mapping
from datetime import datetime

import asyncpg

from services.funds.service import SERVICE
from shared.checks.model import Check, Severity
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.commands.pipeline import Resources

NUMBERS = tuple(f"V{number:02}" for number in range(1, 17))
NUMBERED: Mapping[str, tuple[Check, ...]] = {
    number: tuple(check for check in SERVICE.checks if number in re.findall(r"V\d\d", check.rule)) for number in NUMBERS
}
"""What production runs for each number."""

_STRANDED = tuple(check for check in SERVICE.checks if check.rule == "FW38")
"""What V10 asks an alert of; it looks first."""
_ERRORS = tuple(check for check in SERVICE.checks if check.severity is Severity.ERROR)


async def found(raw: asyncpg.Connection, resources: Resources, now: datetime) -> dict[str, int]:
    """How many findings of severity error stand, by check; the runs are written in the caller's transaction."""
    policy = Policy(resources.parameters, resources.calendar)
    standing: dict[str, int] = {}
    for check in (*_STRANDED, *_ERRORS):
        run = await run_check(raw, check, now=now, policy=policy)
        if run.standing and check in _ERRORS:
            standing[check.id] = run.standing
    return standing


async def speaking(raw: asyncpg.Connection, resources: Resources, now: datetime) -> set[str]:
    """The numbers of the invariants that do not hold."""
    standing = await found(raw, resources, now)
    return {number for number, checks in NUMBERED.items() if any(check.id in standing for check in checks)}

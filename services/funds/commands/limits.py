"""Asks how each broken limit speaks in an area: it blocks, it warns as 未核实, or it is silent (architecture §6)."""

from collections.abc import Collection, Mapping
from datetime import date

from services.funds.domain.limits import unverified
from shared.commands.command import Write
from shared.kernel.errors import Violation
from shared.parameters.model import Mode


async def modes(tx: Write, rules: Collection[str], area: int, on: date) -> dict[str, Mode]:
    """The mode of each limit in `area` on the day `on`; the service declares it by `limit_mode`."""
    values = await tx.parameters.get_many([_parameter(rule) for rule in rules], area, on) if rules else {}
    return {rule: Mode(values[_parameter(rule)]) for rule in rules}


async def weigh(tx: Write, found: Mapping[str, Violation | None], area: int, on: date) -> dict[str, Violation]:
    """Of the limits `found` broken, those that block; the caller of the command is told of those that only warn."""
    broken = {rule: violation for rule, violation in found.items() if violation is not None}
    mode = await modes(tx, broken, area, on)
    for rule, violation in broken.items():
        if mode[rule] is Mode.WARN:
            tx.warn(unverified(violation))
    return {rule: violation for rule, violation in broken.items() if mode[rule] is Mode.BLOCK}


def _parameter(rule: str) -> str:
    return f"rule.{rule}.mode"

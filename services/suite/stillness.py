"""When all events have arrived (静止), and what a system holds then; read from the databases, whatever carries the events."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from shared.checks.commands import RunChecks
from shared.checks.model import Severity
from shared.delivery.reactions import Known
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from shared.messaging.log import UNSENT
from shared.runtime.assemble import Assembled

_PAUSE_SECONDS = 0.02
_READ_SO_FAR = """
SELECT topic, key, last_sequence FROM delivery_key WHERE consumer = $1
UNION ALL
SELECT DISTINCT topic, key, 9223372036854775807 FROM parked_event
 WHERE consumer = $1 AND outcome IS NULL AND key IS NOT NULL"""
"""A parked key goes no further before somebody looks at it."""
_SENT_SO_FAR = "SELECT topic, key, last_sequence FROM outbox_key WHERE topic = ANY($1::text[])"
_UNSENT = f"SELECT EXISTS({UNSENT})"
_COUNTS = """
SELECT (SELECT count(*) FROM journal) AS commands, (SELECT count(*) FROM outbox) AS events,
       (SELECT count(*) FROM parked_event WHERE outcome IS NULL) AS parked"""


class NeverStill(Exception):
    """Events are still on their way after a patient wait."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a system holds."""

    commands: int
    events: int
    parked: int
    violations: int


async def until_still(services: Mapping[str, Assembled], seconds: float = 60.0) -> None:
    """Return when every event has been handled or parked by all who read it. Raises NeverStill."""
    end = asyncio.get_running_loop().time() + seconds
    while not await is_still(services):
        if asyncio.get_running_loop().time() > end:
            raise NeverStill("events are still on their way")
        await asyncio.sleep(_PAUSE_SECONDS)


async def is_still(services: Mapping[str, Assembled]) -> bool:
    """Whether nothing is on its way.

    Readers are asked first: what a reaction published before its event counted as read is then seen as sent.
    """
    read = {name: await _rows(made, _READ_SO_FAR, name) for name, made in services.items()}
    furthest: dict[str, dict[tuple[str, object], int]] = {}
    for name, rows in read.items():
        reached = furthest[name] = {}
        for row in rows:
            key = (row["topic"], row["key"])
            reached[key] = max(reached.get(key, 0), row["last_sequence"])
    for made in services.values():
        (unsent,) = await _rows(made, _UNSENT)
        if unsent[0]:
            return False
        for name, consumer in services.items():
            sent = await _rows(made, _SENT_SO_FAR, sorted(Known.of(consumer.service.reactions).topics))
            if any(furthest[name].get((row["topic"], row["key"]), 0) < row["last_sequence"] for row in sent):
                return False
    return True


async def tally(services: Mapping[str, Assembled]) -> Tally:
    """Count, and run all checks: how many findings of severity error stand."""
    commands = events = parked = violations = 0
    for made in services.values():
        outcome = await made.pipeline.run(RunChecks(), actor=SYSTEM, key=f"checks:{new_id()}")
        violations += sum(run["standing"] for run in outcome.result["runs"] if run["severity"] == Severity.ERROR)
        (counts,) = await _rows(made, _COUNTS)
        commands, events = commands + counts["commands"], events + counts["events"]
        parked += counts["parked"]
    return Tally(commands, events, parked, violations)


async def _rows(made: Assembled, query: str, *values: object) -> list[asyncpg.Record]:
    async with made.database.read(SYSTEM) as session:
        rows: list[asyncpg.Record] = await session.raw.fetch(query, *values)
        return rows

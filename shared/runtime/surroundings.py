"""What stands around a service at work (运行环境): clock, keys, login and limits, and the calendar of its database."""

from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.edge import Edge, Limits
from shared.http.tokens import Verifier
from shared.kernel.clock import Clock
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.assemble import Assembled
from shared.runtime.settings_parts import HttpSettings
from shared.vault.keys import KeyRing

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all services of one process share."""

    clock: Clock
    keys: KeyRing
    verifier: Verifier
    evidence_dir: Path
    limits: Limits = field(default_factory=Limits)


def edge_on(made: Assembled, around: Surroundings) -> Edge:
    """What the door of an assembled service works with."""
    return Edge(
        pipeline=made.pipeline,
        database=made.database,
        verifier=around.verifier,
        cursors=Cursors.of(around.keys),
        evidence_dir=around.evidence_dir,
        heads=expected_heads(made.service.name),
        limits=around.limits,
    )


def limits_of(http: HttpSettings) -> Limits:
    """The sizes that the settings allow."""
    return Limits(upload=http.upload_mb * _MB, evidence=http.evidence_mb * _MB)


async def calendar_of(app_dsn: str) -> WorkdayCalendar:
    """The working days that a service's database knows."""
    connection = await asyncpg.connect(app_dsn, timeout=20)
    try:
        return await WorkdayCalendar.from_connection(connection)
    finally:
        await connection.close()

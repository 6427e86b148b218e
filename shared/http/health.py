"""Whether the process lives, whether it can work, and which build it is; for the machines that watch over it."""

import asyncio
from datetime import date, datetime

import asyncpg
import structlog
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from shared.commands.pipeline import Pipeline
from shared.http.edge import edge_of
from shared.http.policy import public
from shared.kernel.actors import SYSTEM
from shared.kernel.days import local_day
from shared.messaging.log import UNSENT

_PATIENCE_SECONDS = 3
_LOOK = f"""
WITH unsent AS ({UNSENT})
SELECT (SELECT array_agg(version_num) FROM alembic_version) AS heads,
       (SELECT max(day) FROM workday) AS calendar_until,
       (SELECT count(*) FROM parked_event WHERE outcome IS NULL) AS parked,
       (SELECT count(*) FROM unsent) AS unpublished,
       (SELECT min(at) FROM unsent) AS oldest"""  # noqa: S608  a query of our own
_log = structlog.get_logger("health")

router = APIRouter(tags=["运行状态 / health"], dependencies=[public()])


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class Version(BaseModel):
    """Which build answers."""

    service: str
    version: str


class Gates(BaseModel):
    """What must hold before requests are sent here."""

    database: bool
    migrations: bool
    calendar: bool
    keys: bool


class Backlog(BaseModel):
    """What waits; told, never a reason to take the process out of service."""

    parked: int
    unpublished: int
    relay_lag_seconds: int
    calendar_until: date | None


class Ready(BaseModel):
    """Whether this process can work."""

    ready: bool
    gates: Gates
    backlog: Backlog | None


@router.get("/healthz")
async def healthz() -> Alive:
    """存活 / alive: asks nobody, so that a slow database never has the process killed."""
    return Alive()


@router.get("/version")
async def version(request: Request) -> Version:
    """版本 / version."""
    return Version(service=request.app.state.service, version=edge_of(request).version)


@router.get("/readyz", responses={503: {"model": Ready, "description": "未就绪 / not ready"}})
async def readyz(request: Request, response: Response) -> Ready:
    """就绪 / ready: database, migrations, this year's calendar and keys."""
    edge = edge_of(request)
    ready = await look(edge.pipeline, edge.heads)
    response.status_code = 200 if ready.ready else 503
    return ready


async def look(pipeline: Pipeline, heads: frozenset[str]) -> Ready:
    """The state of one service; `heads`: the migrations that this build expects."""
    keys = bool(pipeline.resources.keys.active.secret)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), pipeline.database.read(SYSTEM) as session:
            found = await session.raw.fetchrow(_LOOK)
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError) as fault:
        _log.warning("database does not answer", kind=type(fault).__name__)
        gates = Gates(database=False, migrations=False, calendar=False, keys=keys)
        return Ready(ready=False, gates=gates, backlog=None)
    assert found is not None
    now = pipeline.resources.clock.now()
    gates = Gates(
        database=True,
        migrations=frozenset(found["heads"] or ()) == heads,
        calendar=found["calendar_until"] is not None and found["calendar_until"].year >= local_day(now).year,
        keys=keys,
    )
    backlog = Backlog(
        parked=found["parked"],
        unpublished=found["unpublished"],
        relay_lag_seconds=_seconds(found["oldest"], now),
        calendar_until=found["calendar_until"],
    )
    return Ready(ready=all(gates.model_dump().values()), gates=gates, backlog=backlog)


def _seconds(oldest: datetime | None, now: datetime) -> int:
    return 0 if oldest is None else max(0, int((now - oldest).total_seconds()))

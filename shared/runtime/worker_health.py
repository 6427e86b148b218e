"""What a worker tells those who watch over it: alive, ready, what waits, and which of its tasks had to be restarted."""

import asyncio

import asyncpg
from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from shared.commands.pipeline import Pipeline
from shared.db.migrate import expected_heads
from shared.delivery.dispatch import Dispatch
from shared.http.app import bare_app
from shared.http.edge import Limits
from shared.http.health import Alive, Ready, look
from shared.http.policy import policies_by_route, public
from shared.runtime.supervisor import Supervisor

_PATIENCE_SECONDS = 3


class TaskShown(BaseModel):
    """One task of the worker."""

    restarts: int
    fault: str


class WorkerReady(Ready):
    """Whether this worker can work. `unread`: events before it, None while the log cannot be asked."""

    unread: int | None
    tasks: dict[str, TaskShown]


def worker_app(name: str, pipeline: Pipeline, dispatch: Dispatch, supervisor: Supervisor) -> FastAPI:
    """The worker's own small door; `name` is the service's."""
    app = bare_app(f"{name}-worker", f"守望 · {name} worker / Shouwang {name} worker", version="0.1.0", limits=Limits())
    router = APIRouter(tags=["运行状态 / health"], dependencies=[public()])
    heads = expected_heads(name)

    @router.get("/healthz")
    async def healthz() -> Alive:
        return Alive()

    @router.get("/readyz", responses={503: {"model": WorkerReady, "description": "未就绪 / not ready"}})
    async def readyz(response: Response) -> WorkerReady:
        ready = await look(pipeline, heads)
        response.status_code = 200 if ready.ready else 503
        health = supervisor.health
        shown = {task: TaskShown(restarts=each.restarts, fault=each.fault) for task, each in health.items()}
        return WorkerReady(**dict(ready), unread=await _unread(dispatch), tasks=shown)

    app.include_router(router)
    policies_by_route(app)
    return app


async def _unread(dispatch: Dispatch) -> int | None:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            lag = await dispatch.lag()
    except (OSError, TimeoutError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    return None if lag.unreachable else lag.events

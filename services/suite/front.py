"""The front page (首页) and what it needs beside the services: one static page, and a ticker of public sentences."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel

from shared.db.sessions import Database
from shared.http.app import bare_app
from shared.http.edge import Limits
from shared.http.health import Alive
from shared.http.policy import public
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import not_found

_ROOT = Path(__file__).resolve().parents[2]
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".md": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}
_FILES = (
    {path.name: path for path in sorted((Path(__file__).parent / "static").iterdir())}
    | {name: _ROOT / name for name in ("README.md", "README.zh-CN.md")}
    | {"microcredit.csv": Path(__file__).parent / "demo" / "data" / "shangqiu-2021-microcredit" / "data.csv"}
)
"""What the page consists of, the texts it points to, and the table that it has checked."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LIMITS = Limits()
_RECENT = """
SELECT id, type, area_code, envelope ->> 'time' AS time, envelope ->> 'summary' AS summary
  FROM outbox_log ORDER BY pos DESC LIMIT $1"""


class Told(BaseModel):
    """One event as anybody may read it."""

    id: UUID
    service: str
    type: str
    time: datetime
    summary: str


def create(databases: Mapping[str, Database], limits: Limits = _LIMITS) -> FastAPI:
    """The application at `/`; the services, whose databases tell what happened, are mounted beside it."""
    app = bare_app("suite", "守望 / Shouwang", version="0.1.0", limits=limits)
    app.include_router(_router(databases))
    return app


def _router(databases: Mapping[str, Database]) -> APIRouter:
    router = APIRouter(tags=["首页 / front page"], dependencies=[public()])

    @router.get("/healthz", summary="存活 / alive")
    async def healthz() -> Alive:
        return Alive()

    @router.get("/", include_in_schema=False)
    async def page() -> Response:
        return _file("index.html")

    @router.get("/front/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        if name not in _FILES:
            raise not_found("文件", "file")
        return _file(name)

    @router.get("/ticker", summary="最近事件 / what happened last")
    async def ticker(limit: Annotated[int, Query(ge=1, le=100)] = 30) -> list[Told]:
        told = await asyncio.gather(*(_recent(name, database, limit) for name, database in databases.items()))
        return sorted((event for events in told for event in events), key=lambda event: event.id, reverse=True)[:limit]

    return router


def _file(name: str) -> Response:
    path = _FILES[name]
    headers = {"content-security-policy": _POLICY, "cache-control": "no-cache"}
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)


async def _recent(service: str, database: Database, limit: int) -> list[Told]:
    async with database.read(SYSTEM) as session:
        rows = await session.raw.fetch(_RECENT, limit)
    return [
        Told(id=row["id"], service=service, type=row["type"], time=row["time"], summary=row["summary"]) for row in rows
    ]

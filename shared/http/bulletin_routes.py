"""The door of the checker (通报核对): a printed table comes in, what it says of itself goes out, nothing is kept.

Each file is checked in a process of its own: it may be large or made to harm, and no other request waits for it.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from shared.http.auth import LoggedIn
from shared.kernel.errors import Invalid, Unavailable, Violation

MAX_BYTES = 8 * 1024 * 1024
_SECONDS = 60
"""What is waited at most; the process ends itself after less time on the processor (shared/bulletins/__main__.py)."""
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "shared.bulletins")
_INHERITED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""Of the surroundings; the process that reads a stranger's file knows no database and no key."""
_DONE, _UNREADABLE = 0, 2
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": _BINARY, _XLSX: _BINARY, "application/octet-stream": _BINARY},
    },
}

router = APIRouter(tags=["通报核对 / checking printed tables"])


class RelationShown(BaseModel):
    """A relation that was found, with how many rows, or columns where `axis` is rows, it holds and fails in."""

    kind: str
    target: str
    inputs: list[str]
    rows_holding: int
    rows_failing: int
    formula: str
    axis: str
    rounding: str = ""
    sheet: str = ""


class FindingShown(BaseModel):
    """A figure that is not what its own table makes it; rows and columns as in a spreadsheet, from 1."""

    row: str
    column: str
    printed: str
    recomputed: str
    relation: str
    severity: str
    kind: str
    row_number: int
    column_number: int
    follows: str = ""
    sheet: str = ""


class TableChecked(BaseModel):
    """What the command line says with `--json`, figure for figure; empty texts and lists may be absent."""

    relations: list[RelationShown]
    findings: list[FindingShown]
    not_searched: list[str] = Field(default_factory=list)


@dataclass(slots=True)
class _Seats:
    """How many files may be checked at once; more are asked to come back, so that the services keep their processor."""

    free: int

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One seat; raises Unavailable when there is none."""
        if not self.free:
            raise Unavailable(
                Violation(
                    "CHECKER_BUSY",
                    "正在核对其他文件",
                    "other files are being checked",
                    remedy_zh="稍后再试",
                    remedy_en="try again in a moment",
                ),
            )
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1


_seats = _Seats(2)


@router.post(
    "/bulletin-checks",
    dependencies=[LoggedIn],
    summary="核对任意表格 / check any printed table",
    response_model=TableChecked,
    openapi_extra=_BODY,
)
async def check_bulletin(request: Request) -> Response:
    """The body is the file: csv, xlsx, xls or ods, up to 8 MiB. It is checked and forgotten."""
    content = await received(request.stream())
    with _seats.taken():
        return Response(await checked(content), media_type="application/json")


async def checked(content: bytes, seconds: int = _SECONDS) -> bytes:
    """The report on a file as JSON; raises Invalid when it is no table, or is not checked within `seconds`."""
    around = {name: os.environ[name] for name in _INHERITED if name in os.environ} | {"PYTHONUTF8": "1"}
    child = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT, env=around
    )
    try:
        async with asyncio.timeout(seconds):
            told, _ = await child.communicate(content)
    except TimeoutError:
        raise _too_much() from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == _UNREADABLE:
        raise Invalid(*(Violation(code, zh, en) for code, zh, en in orjson.loads(told)))
    if child.returncode != _DONE:
        raise _too_much()
    return told


async def received(chunks: AsyncIterator[bytes]) -> bytes:
    """A file as it arrives; raises HTTPException 413 beyond MAX_BYTES, before more of it is read."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MAX_BYTES:
            raise HTTPException(413)
    return bytes(content)


def _too_much() -> Invalid:
    return Invalid(
        Violation(
            "TABLE_TOO_LARGE",
            "表格过大，未能在限定的时间和内存内核对完",
            "the table is too large to be checked within the limits of time and memory",
            remedy_zh="按工作表拆分后分别核对，或用命令行核对",
            remedy_en="split it by sheets, or check it on the command line",
            facts={"bytes": MAX_BYTES},
        ),
    )

"""A toy service behind its edge, on PostgreSQL, with people who can log in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import asyncpg
import httpx2
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, Integer, Text, Uuid, column, select, table

from shared.cases.advance import open_case
from shared.cases.binding import Binding, Form, StepBinding
from shared.commands.command import Command, Context, Write
from shared.contracts.wire import Area, Yuan
from shared.db.base import new_metadata
from shared.db.migrate import expected_heads
from shared.db.paging import AnyRow, Cursors, Page, fetch_page
from shared.db.sessions import ReadSession
from shared.http.app import create_app
from shared.http.auth import Reading, read_roles
from shared.http.concurrency import IfMatch, tagged
from shared.http.dev_issuer import DevIssuer, Persona
from shared.http.edge import Edge, Limits
from shared.http.running import Answer, Paging, Run, gives
from shared.http.tokens import Verifier
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.parameters.model import Kind, Parameter
from shared.reports import model as report_model
from shared.reports.model import Column, Ratio, Rhythm
from shared.reports.report import Asked, Report
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench, person
from shared.vault.keys import KeyRing
from shared.workflow.model import Due, Evidence, Publicity, State, Step, Workflow

VILLAGE = frozenset({Role.VILLAGE_COMMITTEE})
TOWN = frozenset({Role.TOWNSHIP_CLERK})
HERE, ELSEWHERE = "230606101200", "430626100201"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 9

PERMIT = Workflow(
    name="toy.permit",
    zh="示例许可",
    en="sample permit",
    subject="permit",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft", due=Due("toy.draft_days", Role.TOWNSHIP_CLERK)),
        State("SHOWN", "公示中", "shown", publicity=Publicity("village", "toy.notice_days")),
        State("GRANTED", "已批准", "granted", terminal=True),
    ),
    steps=(
        Step(
            "show_all",
            "公示",
            "show",
            ("DRAFT",),
            "SHOWN",
            VILLAGE,
            evidence=(Evidence("minutes", "会议记录"),),
            rule="T-1",
        ),
        Step(
            "grant", "批准", "grant", ("SHOWN",), "GRANTED", TOWN | VILLAGE, different_from=("show_all",), reason=True
        ),
        Step("expire", "到期", "expire", ("SHOWN",), "DRAFT", frozenset({Role.SYSTEM})),
    ),
)


class Showing(Form):
    fee: Yuan = Field(ge=0)
    note: str = Field("", max_length=20)


class OpenPermit(Command):
    ROLES: ClassVar[frozenset[Role]] = VILLAGE

    area_code: Area
    title: str = Field(min_length=1, max_length=40)
    fee: Yuan = 0


class RenamePermit(Command):
    ROLES: ClassVar[frozenset[Role]] = VILLAGE

    permit_id: UUID
    title: str
    expected_version: int


class Permit(BaseModel):
    id: UUID
    case_id: UUID
    version: int


class Seen(BaseModel):
    id: UUID
    area_code: Area
    version: int


class Title(BaseModel):
    title: str


_case = table(
    "case_file",
    column("id", Uuid),
    column("subject_id", Uuid),
    column("area_code", BigInteger),
    column("version", Integer),
    column("state", Text),
)


async def notice_text(_tx: Write, _case: Any, _ctx: Context) -> Mapping[str, Any]:
    return {"title": "示例许可公示", "fee": "3.00"}


BINDING = Binding(PERMIT, "permits", steps={"show_all": StepBinding(Showing)}, notice=notice_text)


async def open_permit(tx: Write, command: OpenPermit, ctx: Context) -> Permit:
    if command.fee > 100_00:
        tx.warn(Violation("FEE_HIGH", "费用偏高（未核实）", "the fee is high", rule="T-2", field="/fee"))
    if command.title == "forbidden":
        raise Refused(Violation("TITLE_FORBIDDEN", "名称不允许", "this title is not allowed", rule="T-3"))
    permit_id = new_id()
    case = await open_case(tx, ctx, BINDING, permit_id, command.area_code)
    return Permit(id=permit_id, case_id=case.id, version=case.version)


async def rename_permit(tx: Write, command: RenamePermit, _ctx: Context) -> Permit:
    row = await tx.raw.fetchrow("SELECT * FROM case_file WHERE subject_id = $1 FOR UPDATE", command.permit_id)
    if row is None:
        raise not_found("许可", "permit")
    tx.changed("permit", command.permit_id, row["area_code"])
    return Permit(id=command.permit_id, case_id=row["id"], version=row["version"])


router = APIRouter(tags=["示例 / sample"])


@router.post("/permits", status_code=201)
async def enter_permit(body: OpenPermit, run: Annotated[Run, gives(OpenPermit)]) -> Answer[Permit]:
    return await run(body)


@router.put("/permits/{permit_id}/title")
async def put_title(
    permit_id: UUID,
    body: Title,
    version: IfMatch,
    run: Annotated[Run, gives(RenamePermit)],
) -> Answer[Permit]:
    return await run(RenamePermit(permit_id=permit_id, title=body.title, expected_version=version))


@router.get("/permits/{permit_id}")
async def get_permit(permit_id: UUID, session: Reading, response: Response) -> Seen:
    statement = select(_case.c.subject_id, _case.c.area_code, _case.c.version).where(_case.c.subject_id == permit_id)
    row = (await session.session.execute(statement)).first()
    if row is None:
        raise not_found("许可", "permit")
    return tagged(response, _seen(row))


@router.get("/permits")
async def list_permits(
    session: Reading,
    page: Paging,
    state: str = "DRAFT",
    *,
    newest_first: bool = False,
) -> Page[Seen]:
    statement = select(_case.c.subject_id, _case.c.area_code, _case.c.version).where(_case.c.state == state)
    keys = (_case.c.area_code, _case.c.subject_id)
    return await fetch_page(session, statement, keys, page, _seen, descending=newest_first)


@router.get("/audit")
async def audit(session: Annotated[ReadSession, read_roles(Role.AUDITOR)]) -> int:
    count: int = await session.raw.fetchval("SELECT count(*) FROM journal")
    return count


def _seen(row: AnyRow) -> Seen:
    return Seen(id=row.subject_id, area_code=AreaCode(row.area_code), version=row.version)


async def gather_permits(raw: asyncpg.Connection, asked: Asked) -> list[dict[str, Any]]:
    low, high = asked.area.span
    rows = await raw.fetch(
        "SELECT area_code::text AS village, count(*) AS permits, count(*) FILTER (WHERE state = 'SHOWN') AS shown"
        " FROM case_file WHERE area_code BETWEEN $1 AND $2 GROUP BY area_code ORDER BY area_code",
        *(low, high),
    )
    return [dict(row) for row in rows]


PERMITS = Report(
    id="toy.permits",
    version=1,
    zh="许可办理情况",
    en="permits",
    rhythm=Rhythm.FORTNIGHT,
    columns=(
        Column("village", "行政村", "village", report_model.Kind.TEXT),
        Column("permits", "许可", "permits", report_model.Kind.COUNT),
        Column("shown", "已公示", "shown", report_model.Kind.COUNT),
        Column("rate", "公示率", "share shown", report_model.Kind.RATE, Ratio(("shown",), ("permits",))),
    ),
    gather=gather_permits,
    narrative=lambda computed, _asked: [f"共{computed.total['permits']}件。"],
    readers=frozenset({Role.BUREAU_CLERK, Role.BUREAU_LEADER}),
    issuers=frozenset({Role.BUREAU_LEADER}),
)

SERVICE = Service(
    name="toy",
    zh="示例",
    metadata=new_metadata(),
    handlers={OpenPermit: open_permit, RenamePermit: rename_permit},
    bindings=(BINDING,),
    parameters=(
        Parameter("toy.notice_days", Kind.DURATION, "10 natural", "days", "test", "公示天数", "days of notice"),
        Parameter("toy.draft_days", Kind.DURATION, "3 natural", "days", "test", "办理天数", "days of work"),
    ),
    routers=(router,),
    reports=(PERMITS,),
)

PEOPLE = {
    "village": person("village", HERE, Role.VILLAGE_COMMITTEE),
    "second": person("second", HERE, Role.VILLAGE_COMMITTEE),
    "town": person("town", "230606101000", Role.TOWNSHIP_CLERK),
    "stranger": person("stranger", ELSEWHERE, Role.VILLAGE_COMMITTEE, Role.TOWNSHIP_CLERK),
    "clerk": person("clerk", "230606000000", Role.BUREAU_CLERK),
    "leader": person("leader", "230606000000", Role.BUREAU_LEADER),
    "auditor": person("auditor", "230606000000", Role.AUDITOR),
}


@dataclass
class Door:
    """The service behind its edge; requests are made as one of PEOPLE."""

    app: FastAPI
    edge: Edge
    bench: Bench
    http: httpx2.AsyncClient
    tokens: Mapping[str, str] = field(repr=False)

    def login(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"}

    async def get(self, who: str, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(path, params=params, headers=self.login(who))

    async def send(
        self,
        who: str,
        path: str,
        body: Any,
        *,
        key: str = "",
        etag: str = "",
        method: str = "POST",
        **params: Any,
    ) -> httpx2.Response:
        headers = self.login(who) | {"idempotency-key": key or str(new_id())} | ({"if-match": etag} if etag else {})
        return await self.http.request(method, path, json=body, headers=headers, params=params)

    async def upload(self, who: str, kind: str, content: bytes = PNG, **changed: Any) -> httpx2.Response:
        params = {"area_code": HERE, "kind": kind, "taken_on": changed.pop("taken_on", None)} | changed.pop(
            "params", {}
        )
        headers = self.login(who) | {"idempotency-key": str(new_id()), "content-type": changed.pop("type", "image/png")}
        asked = {name: value for name, value in params.items() if value is not None}
        return await self.http.post("/v1/evidence", content=content, headers=headers, params=asked)

    async def permit(self, who: str = "village", area: str = HERE) -> dict[str, Any]:
        answer = await self.send(who, "/v1/permits", {"area_code": area, "title": "许可"})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["result"]
        return made


@pytest_asyncio.fixture
async def door(
    fresh_database: Callable[..., Awaitable[ServiceDatabase]],
    tmp_path: Path,
) -> AsyncIterator[Door]:
    names = await fresh_database("toy", lambda owner_dsn: prepare(owner_dsn, SERVICE), "http")
    personas = [Persona(name, name, name, actor.id, actor.grants) for name, actor in PEOPLE.items()]
    issuer = DevIssuer("embedded", "http://toy/dev", "shouwang", personas)
    ring = KeyRing.fresh()
    async with bench(SERVICE, names, SetClock(datetime(2023, 6, 9, 2, tzinfo=UTC)), ring) as it:
        edge = Edge(
            pipeline=it.assembled.pipeline,
            database=it.database,
            verifier=Verifier(issuer.issuer, issuer.audience, issuer.keys),
            cursors=Cursors.of(ring),
            evidence_dir=tmp_path / "evidence",
            heads=expected_heads("toy"),
            limits=Limits(evidence=3 * 1024 * 1024),
        )
        app = create_app(SERVICE, edge)
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as http:
            yield Door(app, edge, it, http, {name: issuer.token(name) for name in PEOPLE})


@pytest_asyncio.fixture
async def owner(door: Door) -> AsyncIterator[asyncpg.Connection]:
    """The owner of the database, beside the wall of areas."""
    connection = await asyncpg.connect(door.bench.names.owner_dsn)
    yield connection
    await connection.close()

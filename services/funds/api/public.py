"""Routes for everybody, without login (公众查询): published snapshots, a household's own payments, complaints, open data.

Each request is noted and counted before it is answered. Numbers, codes and names come in bodies, never in addresses.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.funds.commands import public_queries as codes
from services.funds.commands.complaints import ComplaintFields, FileComplaint
from services.funds.queries import complaints, disclosures, open_data
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.edge import edge_of
from shared.http.policy import public
from shared.http.problems import Unanswerable
from shared.http.running import Paging, idempotency_key
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.clock import today
from shared.kernel.errors import Violation
from shared.kernel.ids import new_id

router = APIRouter(prefix="/public", tags=["公众查询 / for the public"], dependencies=[public()])
_TOO_MANY = 429


class OwnHousehold(BaseModel):
    """The two things that open a household's own payments."""

    model_config = ConfigDict(extra="forbid")

    id_number: Annotated[str, Field(min_length=15, max_length=22)]
    access_code: Annotated[str, Field(min_length=8, max_length=40)]


class FromOutside(ComplaintFields):
    """A complaint from the web or by the code on a board."""

    by_qr_code: bool = False


class Receipt(BaseModel):
    """What its holder asks by, later."""

    receipt: Annotated[str, Field(min_length=8, max_length=40)]


class Asking(Receipt):
    """A receipt that is asked about."""

    model_config = ConfigDict(extra="forbid")


@router.get("/catalogue", summary="公开目录 / the catalogue")
async def public_catalogue(request: Request) -> list[disclosures.ItemShown]:
    """What has to be published, by whom, with which fields, for how long."""
    await _note(request, "list")
    edge = edge_of(request)
    async with edge.database.read(SYSTEM) as session:
        return await disclosures.catalogue(session, today(edge.clock))


@router.get("/disclosures", summary="查询公开信息 / search what is published")
async def public_disclosures(
    request: Request,
    page: Paging,
    area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
    village: Annotated[Area | None, Query(description="村 / village")] = None,
    project_id: Annotated[UUID | None, Query(description="项目 / project")] = None,
    policy: Annotated[str | None, Query(max_length=40, description="政策 / policy")] = None,
    item: Annotated[str | None, Query(max_length=60, description="公开事项 / item")] = None,
) -> Page[disclosures.SnapshotListed]:
    """Snapshots that hang today, the newest first."""
    asked = {"area_code": area_code, "village": village, "project_id": project_id, "policy": policy, "item": item}
    filters = tuple(name for name, value in asked.items() if value is not None)
    await _note(request, "list", area_code or village or NATION, filters, project_id)
    edge = edge_of(request)
    async with edge.database.read(SYSTEM) as session:
        return await disclosures.list_snapshots(
            session,
            page,
            today(edge.clock),
            area=area_code,
            village=village,
            project_id=project_id,
            policy=policy,
            item=item,
        )


@router.get("/disclosures/{disclosure_id}", summary="公开信息内容 / one snapshot")
async def public_disclosure(disclosure_id: UUID, request: Request) -> disclosures.SnapshotShown:
    """The text as it was published; gone when its time is over."""
    await _note(request, "snapshot")
    edge = edge_of(request)
    async with edge.database.read(SYSTEM) as session:
        keys = edge.pipeline.resources.keys
        return await disclosures.one_snapshot(session, keys, disclosure_id, today(edge.clock))


@router.post("/household-payments", summary="查询本户补贴 / one's own household's payments")
async def household_payments(body: OwnHousehold, request: Request, page: Paging) -> Page[disclosures.OwnPayment]:
    """With the number and the code that the village handed out; from what was published, not from live data."""
    edge, client = edge_of(request), _client(request)
    keys = edge.pipeline.resources.keys
    subject, number = codes.number_indexes(keys, body.id_number)
    command = codes.CheckAccessCode(
        client=client, subject=subject, number=number, code=codes.code_index(keys, body.access_code)
    )
    outcome = await edge.pipeline.run(command, actor=SYSTEM, key=str(new_id()))
    checked = codes.CodeChecked.model_validate(outcome.result)
    if checked.verdict == "limited":
        raise _limited()
    if checked.household_id is None:
        raise _wrong_code()
    async with edge.database.read(SYSTEM) as session:
        return await disclosures.own_payments(session, page, checked.household_id, today(edge.clock))


@router.post("/complaints", status_code=201, summary="网上投诉举报 / complain on the web")
async def public_complaint(body: FromOutside, request: Request) -> Receipt:
    """Anonymous or by name; the name opens for the intake desk alone. The receipt is the only way to ask later."""
    key = idempotency_key(request.headers.get("idempotency-key"))
    await _note(request, "complaint", body.area_code)
    edge = edge_of(request)
    fields = body.model_dump(exclude={"by_qr_code"})
    command = FileComplaint(**fields, channel="qr_code" if body.by_qr_code else "web")
    outcome = await edge.pipeline.run(command, actor=SYSTEM, key=key, scope=f"public:{_client(request)}")
    return Receipt(receipt=codes.code_of(edge.pipeline.resources.keys, UUID(outcome.result["id"])))


@router.post("/complaints/progress", summary="凭回执查询办理情况 / ask by receipt")
async def public_complaint_progress(body: Asking, request: Request) -> complaints.Progress:
    """How far it is, and the answer."""
    await _note(request, "receipt")
    edge = edge_of(request)
    async with edge.database.read(SYSTEM) as session:
        return await complaints.progress_of(session, codes.code_index(edge.pipeline.resources.keys, body.receipt))


@router.get(
    "/open-data/projects",
    summary="开放数据：项目（OC4IDS 格式）/ projects as open data",
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def public_projects(
    request: Request,
    page: Paging,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
) -> Response:
    """Published projects of an area as an OC4IDS project package; `links.next` leads to the next page."""
    await _note(request, "open_data", area_code)
    edge = edge_of(request)
    now = edge.clock.now()
    async with edge.database.read(SYSTEM) as session:
        uri = str(request.url)
        package, cursor = await open_data.project_package(session, page, area_code, today(edge.clock), now, uri)
    if cursor is not None:
        package["links"] = {"next": str(request.url.include_query_params(cursor=cursor))}
    return Response(open_data.as_json(package), media_type="application/json")


async def _note(
    request: Request,
    kind: Any,
    area: AreaCode = NATION,
    filters: tuple[str, ...] = (),
    project_id: UUID | None = None,
) -> None:
    """Note the query; raises Unanswerable 429 for a client that asks too often."""
    command = codes.NoteQuery(
        client=_client(request), kind=kind, area_code=area, filters=filters, project_id=project_id
    )
    outcome = await edge_of(request).pipeline.run(command, actor=SYSTEM, key=str(new_id()))
    if outcome.result["verdict"] == "limited":
        raise _limited()


def _client(request: Request) -> str:
    """The keyed hash of the address that the server sees; behind a proxy, the one that the proxy vouches for."""
    host = request.client.host if request.client else ""
    return codes.client_index(edge_of(request).pipeline.resources.keys, host)


def _limited() -> Unanswerable:
    return Unanswerable(
        _TOO_MANY,
        Violation(
            "TOO_MANY_QUERIES",
            "查询过于频繁，请稍后再试",
            "too many queries; try again later",
            rule="F-6",
            remedy_zh="稍后再试；查询码错误次数过多的，次日再试或到村委会重新领取",
            remedy_en="wait; after too many wrong codes try tomorrow, or fetch a new code from the village",
        ),
    )


def _wrong_code() -> Unanswerable:
    return Unanswerable(
        403,
        Violation(
            "CODE_WRONG",
            "身份证号与查询码不符，或查询码已失效",
            "number and code do not belong together, or the code has ended",
            rule="F-6",
            remedy_zh="核对后重试，或到村委会重新领取查询码",
            remedy_en="check both, or fetch a new code from the village",
        ),
    )

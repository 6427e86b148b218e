"""Routes of dynamic adjustment (动态调整): who left, who waits, which urgent entries are open; its steps are declared."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.funds.queries import adjustment as reads
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.running import Paging
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE, LEADING_GROUP, SECTOR, TOWNSHIP

router = APIRouter(tags=["动态调整 / adjustment of the library"])

Readers = Annotated[ReadSession, read_roles(*BUREAU, *FINANCE, *LEADING_GROUP, *SECTOR, *TOWNSHIP, Role.AUDITOR)]
InArea = Annotated[Area | None, Query(description="区划代码 / area code")]


@router.get("/library-exits", summary="出库记录 / exits from the library")
async def library_exits(
    session: Readers,
    page: Paging,
    area_code: InArea = None,
    reason: Annotated[reads.Reason | None, Query(description="出库原因 / reason")] = None,
) -> Page[reads.ExitShown]:
    """Each project that left, closed ones (E01) too, with its decision."""
    return await reads.library_exits(session, page, area_code, reason)


@router.get("/reserve", summary="储备项目 / projects of the reserve")
async def reserve(session: Readers, page: Paging, area_code: InArea = None) -> Page[reads.ReserveShown]:
    """In the library and in no plan, with the years they have waited."""
    return await reads.reserve(session, page, area_code)


@router.get("/urgent-entries", summary="应急入库 / urgent entries")
async def urgent_entries(
    session: Readers,
    page: Paging,
    area_code: InArea = None,
    only_open: Annotated[bool, Query(description="只看未补齐的 / only those not completed")] = False,  # noqa: FBT002  a query parameter
) -> Page[reads.UrgentShown]:
    """Why they did not wait for a window, and until when they are to be complete."""
    return await reads.urgent_entries(session, page, area_code, only_open=only_open)

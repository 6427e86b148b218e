"""Routes of progress facts (进度日结): how far an area's counties are, as of the end of a day."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.funds.commands.progress import FactsMade, MakeProgressFacts
from services.funds.queries.progress import PROGRESS_REPORT
from services.funds.queries.progress_facts import AreaProgress, progress_of
from shared.contracts.parts import Year
from shared.contracts.wire import Area
from shared.db.sessions import ReadSession
from shared.http.auth import read_roles
from shared.http.running import Answer, Run, gives

router = APIRouter(tags=["进度日结 / progress facts"])


@router.get("/progress", summary="各县资金进度 / progress by county")
async def progress(
    session: Annotated[ReadSession, read_roles(*PROGRESS_REPORT.readers)],
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    fiscal_year: Annotated[Year, Query(description="年度 / fiscal year")],
    as_of: Annotated[
        date | None, Query(description="截止日，默认最近一日 / cut-off day, the newest by default")
    ] = None,
) -> AreaProgress:
    """Every county of a province in one look, from rows that are made each night; the issued report explains more."""
    return await progress_of(session, area_code, fiscal_year, as_of)


@router.post("/progress-facts", status_code=201, summary="重算进度日结 / make the facts of a day")
async def make_facts(body: MakeProgressFacts, run: Annotated[Run, gives(MakeProgressFacts)]) -> Answer[FactsMade]:
    """Each night does it for the day before; an operator repeats it after late postings."""
    return await run(body)

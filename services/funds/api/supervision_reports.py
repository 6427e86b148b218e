"""Routes of what is reported for supervision (监管填报): the bank's day, labour pay, township accounts, works as seen."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.funds.commands.site_reports import (
    FinalAccountFields,
    ReportFinalAccount,
    ReportSiteProgress,
    SiteProgressFields,
    SiteReported,
)
from services.funds.commands.supervision_reports import (
    LabourPayFields,
    ReportBankDay,
    ReportLabourPay,
    ReportTownshipBalance,
    SupervisionReported,
)
from services.funds.queries import supervision_reports as shown
from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Reading
from shared.http.running import Answer, Paging, Run, gives

router = APIRouter(tags=["监管填报 / reports for supervision"])

AreaQuery = Annotated[Area | None, Query(description="区划代码 / area code")]


@router.post("/bank-days", status_code=201, summary="报送银行日终对账 / report the bank's day")
async def report_bank_day(
    body: ReportBankDay, run: Annotated[Run, gives(ReportBankDay)]
) -> Answer[SupervisionReported]:
    """What the bank's statement of a day says; a day on which the ledger says otherwise raises FW42."""
    return await run(body)


@router.get("/bank-days", summary="银行日终对账 / days of the bank")
async def bank_days(session: Reading, page: Paging, area_code: AreaQuery = None) -> Page[shown.BankDayShown]:
    """The days as they were reported, the newest first."""
    return await shown.list_bank_days(session, page, area_code)


@router.post("/projects/{project_id}/labour-pay", status_code=201, summary="报送劳务报酬 / report labour pay")
async def report_labour_pay(
    project_id: UUID, body: LabourPayFields, run: Annotated[Run, gives(ReportLabourPay)]
) -> Answer[SupervisionReported]:
    """A roster of a work-for-relief project; below its share of the central money FW46 is raised."""
    return await run(ReportLabourPay(project_id=project_id, **dict(body)))


@router.get("/labour-pay", summary="劳务报酬发放 / labour pay")
async def labour_pay(
    session: Reading, page: Paging, area_code: AreaQuery = None, project_id: UUID | None = None
) -> Page[shown.LabourPayShown]:
    """The rosters of an area or a project, the newest first."""
    return await shown.list_labour_pay(session, page, area_code, project_id)


@router.post("/township-balances", status_code=201, summary="报送乡镇账户余额 / report a township's account")
async def report_township_balance(
    body: ReportTownshipBalance, run: Annotated[Run, gives(ReportTownshipBalance)]
) -> Answer[SupervisionReported]:
    """What lies on a township's account; longer than its days there raises FW48."""
    return await run(body)


@router.get("/township-balances", summary="乡镇账户余额 / accounts of townships")
async def township_balances(
    session: Reading, page: Paging, area_code: AreaQuery = None
) -> Page[shown.TownshipBalanceShown]:
    """The balances as they were reported, the newest first."""
    return await shown.list_township_balances(session, page, area_code)


@router.post("/projects/{project_id}/site-progress", status_code=201, summary="报送形象进度 / report the works as seen")
async def report_site_progress(
    project_id: UUID, body: SiteProgressFields, run: Annotated[Run, gives(ReportSiteProgress)]
) -> Answer[SiteReported]:
    """How far the works are by a dated photo; money far ahead of it raises FW09."""
    return await run(ReportSiteProgress(project_id=project_id, **dict(body)))


@router.get("/site-progress", summary="形象进度 / works as they were seen")
async def site_progress(
    session: Reading, page: Paging, area_code: AreaQuery = None, project_id: UUID | None = None
) -> Page[shown.SiteProgressShown]:
    """What was seen in an area or of a project, the newest first."""
    return await shown.list_site_progress(session, page, area_code, project_id)


@router.post("/projects/{project_id}/final-account", status_code=201, summary="登记竣工决算 / report a final account")
async def report_final_account(
    project_id: UUID, body: FinalAccountFields, run: Annotated[Run, gives(ReportFinalAccount)]
) -> Answer[SiteReported]:
    """The approval of a project's final account; three months after completion without one raise FW34."""
    return await run(ReportFinalAccount(project_id=project_id, **dict(body)))


@router.get("/final-accounts", summary="竣工决算 / final accounts")
async def final_accounts(session: Reading, page: Paging, area_code: AreaQuery = None) -> Page[shown.FinalAccountShown]:
    """The final accounts of an area, by project."""
    return await shown.list_final_accounts(session, page, area_code)

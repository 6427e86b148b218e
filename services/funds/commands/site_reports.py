"""What is reported of a project's works: how far they are to the eye, and their final account (§3.1 step 12, §4.2)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.funds.bulk.alone import alone
from services.funds.commands.admission import require
from services.funds.commands.once import once
from services.funds.domain.library import county_of
from services.funds.domain.refusals import refusal
from services.funds.tables.library import Project
from services.funds.tables.supervision_reports import FinalAccount, SiteProgress
from services.funds.workflows.project import PROJECT
from shared.cases import store
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Ppm
from shared.contracts.wire import Yuan
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import FIELD, FINANCE, SECTOR, TOWNSHIP

_TAKEN_ON = "SELECT taken_on FROM case_evidence WHERE id = $1"
_COMPLETED = frozenset({"COMPLETED", "ACCEPTED", "SETTLED", "CLOSED"})
_NUMBER_USED = """
SELECT EXISTS (SELECT FROM final_account WHERE document_no = $1 AND project_id <> $2 AND area_code BETWEEN $3 AND $4)"""


class SiteProgressFields(BaseModel):
    """How far the works are, and the photo that shows it; its day is the day they were seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    progress_ppm: Annotated[Ppm, Field(description="形象进度（百万分之）")]
    evidence_id: UUID


class ReportSiteProgress(Command, SiteProgressFields):
    """Report how far the works are to the eye (形象进度); the unit that builds them does not judge itself (FW09)."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP | SECTOR

    project_id: UUID


class FinalAccountFields(BaseModel):
    """The approval of a final account: its document, day and amount."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_no: DocumentNo
    approved_on: date
    amount: Annotated[Yuan, Field(ge=0)]


class ReportFinalAccount(Command, FinalAccountFields):
    """Report that the final financial account was approved (竣工财务决算批复), once for a project (FW34)."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR | FINANCE

    project_id: UUID


class SiteReported(BaseModel):
    """The project that the report is about."""

    project_id: UUID


async def report_site_progress(tx: Write, command: ReportSiteProgress, ctx: Context) -> SiteReported:
    """Append what was seen; raises NotFound without a project and a dated photo in sight."""
    project = await _project(tx, command.project_id)
    require(ctx, command.ROLES, project.area_code)
    taken_on: date | None = await tx.raw.fetchval(_TAKEN_ON, command.evidence_id)
    if taken_on is None:
        raise not_found("带日期的现场照片", "dated photo")
    row = SiteProgress(
        id=new_id(),
        area_code=project.area_code,
        seen_on=taken_on,
        reported_by=ctx.actor.id,
        **command.model_dump(),
    )
    tx.session.add(row)
    tx.changed("project", project.id, project.area_code)
    return SiteReported(project_id=project.id)


async def report_final_account(tx: Write, command: ReportFinalAccount, ctx: Context) -> SiteReported:
    """Insert it; raises Refused before completion, for a second one, and for a number that another project has."""
    project = await _project(tx, command.project_id)
    require(ctx, command.ROLES, project.area_code)
    if command.approved_on > ctx.today:
        raise Invalid(_to_come())
    state = (await store.load(tx.raw, PROJECT, project.id, lock=False)).row.state
    if state not in _COMPLETED:
        raise Refused(_not_completed(state))
    county = county_of(project.area_code)
    await alone(tx.raw, "final_account", int(county), command.document_no)
    if await tx.raw.fetchval(_NUMBER_USED, command.document_no, project.id, *county.span):
        raise Refused(_number_used())
    row = FinalAccount(
        area_code=project.area_code,
        amount_fen=command.amount,
        reported_by=ctx.actor.id,
        **command.model_dump(include={"project_id", "document_no", "approved_on"}),
    )
    async with once("pk_final_account", _reported()):
        tx.session.add(row)
        await tx.session.flush()
    tx.changed("project", project.id, project.area_code)
    return SiteReported(project_id=project.id)


def _not_completed(state: str) -> Violation:
    return refusal(
        "NOT_COMPLETED",
        "FW34",
        f"项目处于“{PROJECT.by_state[state].zh}”，尚未完工，不能登记竣工财务决算",
        "the project is not completed, so it has no final account",
        ("先报告完工", "report the completion first"),
        field="/project_id",
        state=state,
    )


def _number_used() -> Violation:
    return refusal(
        "DOCUMENT_USED",
        "FW34",
        "该批复文号已登记为另一项目的竣工财务决算",
        "another project has its final account by this document",
        ("核对批复文号", "check the number of the document"),
        field="/document_no",
    )


async def _project(tx: Write, project_id: UUID) -> Project:
    project = await tx.session.get(Project, project_id)
    if project is None:
        raise not_found("项目", "project")
    return project


def _to_come() -> Violation:
    return refusal(
        "DAY_TO_COME",
        "FW34",
        "批复日期晚于今天",
        "the approval is dated after today",
        ("核对批复日期", "check the day"),
        field="/approved_on",
    )


def _reported() -> Violation:
    return refusal(
        "FINAL_ACCOUNT_KNOWN",
        "FW34",
        "该项目的竣工财务决算已登记",
        "the final account of this project is known",
        ("核对项目", "check the project"),
        field="/document_no",
    )


HANDLERS: dict[type[Command], Handler] = {
    ReportSiteProgress: report_site_progress,
    ReportFinalAccount: report_final_account,
}

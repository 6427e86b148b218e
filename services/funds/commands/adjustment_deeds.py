"""What the steps of dynamic adjustment do besides moving: urgency declared and completed, exits recorded (§1.6)."""

from uuid import UUID

from sqlalchemy import select

from services.funds.commands import adjustment_forms as forms
from services.funds.commands.adjustment_facts import urgency_of
from services.funds.commands.project_forms import Exit
from services.funds.commands.project_rows import project_row
from services.funds.domain.adjustment import ExitReason
from services.funds.tables.adjustment import LibraryExit, UrgentEntry
from services.funds.tables.contracts import ProjectSettlement
from services.funds.tables.reserve import ProjectWait
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.kernel.days import last_day

_GROUNDS = "SELECT reason FROM case_step WHERE case_id = $1 AND version = $2"


async def declared_urgent(tx: Write, case: CaseRow, form: forms.Urgency, ctx: Context) -> None:
    """Keep cause and grounds, and until when what is left out has to be made good."""
    period = await tx.parameters.get("urgent.complete_days", case.area, ctx.today)
    tx.session.add(
        UrgentEntry(
            project_id=case.subject_id,
            area_code=int(case.area),
            cause=form.cause,
            document_no=form.document_no or "",
            grounds=await tx.raw.fetchval(_GROUNDS, case.id, case.version),
            declared_by=ctx.actor.id,
            declared_on=ctx.today,
            complete_by=last_day(ctx.today, period, ctx.calendar),
        ),
    )
    await tx.session.flush()


async def completed_urgent(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The entry is like any other now."""
    entry = await urgency_of(tx, case.subject_id)
    assert entry is not None, "the guard saw it"
    entry.completed_by, entry.completed_on = ctx.actor.id, ctx.today


async def record_exit(tx: Write, case: CaseRow, form: Exit | None, ctx: Context) -> None:
    """Keep how the project left: by the form's decision, or without one because it was closed (E01)."""
    row = await project_row(tx, case.subject_id)
    waited = await tx.session.scalar(select(ProjectWait.years_waiting).where(ProjectWait.project_id == row.id))
    tx.session.add(
        LibraryExit(
            project_id=row.id,
            area_code=int(case.area),
            reason=form.exit_reason if form else ExitReason.CLOSED,
            document_no=form.document_no if form else await _settled_by(tx, row.id),
            detail=_detail(form) if form else "",
            merged_into=form.merged_into if form else None,
            version_no=row.version_no,
            planned_total_fen=row.planned_total_fen,
            years_waiting=waited or 0,
            exited_on=ctx.today,
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
        ),
    )
    await tx.session.flush()


def _detail(form: Exit) -> str:
    households = "" if form.households_left is None else f"现有受益户 {form.households_left} 户"
    return "；".join(part for part in (form.other_money, form.policy_basis, households) if part)


async def _settled_by(tx: Write, project_id: UUID) -> str:
    asked = select(ProjectSettlement.approval_document).where(ProjectSettlement.project_id == project_id)
    return await tx.session.scalar(asked) or ""

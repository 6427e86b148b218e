"""Projects (项目): entered by the village, revised in versions, bound to the workflow that takes them through the library."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands import adjustment_deeds, adjustment_forms, published
from services.funds.commands import project_deeds as deeds
from services.funds.commands import project_endings as endings
from services.funds.commands import project_forms as forms
from services.funds.commands.adjustment_facts import project_kind
from services.funds.commands.admission import require
from services.funds.commands.project_checks import check_content
from services.funds.commands.project_facts import changes, project_facts
from services.funds.commands.project_money import balances_of
from services.funds.commands.project_notice import project_notice
from services.funds.commands.project_rows import add_version, project_versions, write_content
from services.funds.domain import adjustment, publication, republicity
from services.funds.domain import project_delivery as delivery
from services.funds.domain import project_review as review
from services.funds.domain.library import is_industry, project_code, text_key
from services.funds.domain.limits import stands
from services.funds.domain.postings import IN_TRANSIT, OPEN_COMMITMENTS, PAID
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.refusals import refusal
from services.funds.tables.library import Acceptance, Project
from services.funds.tables.ref import ProjectAsset
from services.funds.workflows.project import PROJECT
from shared.cases import store
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import AssetDraft
from shared.contracts.wire import Area
from shared.kernel.errors import Refused, Stale, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, SECTOR, SYSTEM, TOWNSHIP, VILLAGE

BEGINNERS = VILLAGE | SECTOR
REVISERS = VILLAGE | SECTOR | TOWNSHIP | BUREAU
WITH_ITS_AUTHORS = frozenset({"DRAFT", "RETURNED"})
"""States in which an entry is rewritten without a step of its own."""


class EnterProject(Command):
    """Enter a project (项目申报) as a draft of the village, or of a sector's office."""

    ROLES: ClassVar[frozenset[Role]] = BEGINNERS

    area_code: Area
    content: ProjectContent


class RevisionFields(BaseModel):
    """New content of an entry; `based_on` is the version number that the reviser read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: ProjectContent
    based_on: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(min_length=2, max_length=500)]


class ReviseProject(Command, RevisionFields):
    """Give an entry new content, as a new version; in the library this takes the step that the change asks for."""

    ROLES: ClassVar[frozenset[Role]] = REVISERS

    project_id: UUID


class AcceptanceFields(BaseModel):
    """What a joint acceptance found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted_on: date
    passed: bool
    members: Annotated[tuple[forms.AcceptanceMember, ...], Field(min_length=1, max_length=50)]
    deliverables: tuple[AssetDraft, ...] = ()


class RecordAcceptance(Command, AcceptanceFields):
    """Record a joint acceptance (联合验收) of finished works, for the four sides to sign."""

    ROLES: ClassVar[frozenset[Role]] = SECTOR

    project_id: UUID


class NoteProjectAsset(Command):
    """Note that the asset register formed an asset from a project."""

    ROLES: ClassVar[frozenset[Role]] = SYSTEM

    asset_id: UUID
    project_id: UUID
    registered_on: date
    area_code: Area


class ProjectEntered(BaseModel):
    """The id and number of an entered project."""

    id: UUID
    project_code: str
    version_no: int


class ProjectRevised(BaseModel):
    """The newest version, the fields that changed, and where the case stands."""

    id: UUID
    version_no: int
    changed: tuple[str, ...]
    state: str
    version: int


class Recorded(BaseModel):
    """The id of what was recorded."""

    id: UUID


async def enter_project(tx: Write, command: EnterProject, ctx: Context) -> ProjectEntered:
    """Insert row and first version and open the case."""
    content = command.content
    counting = await check_content(tx, content, command.area_code)
    row = Project(
        id=new_id(),
        area_code=int(command.area_code),
        plan_year=content.plan_year,
        name=content.name,
        category=content.category,
        planned_total_fen=content.total,
        is_industry=False,
        is_household_project=content.is_household_project,
        asset_forming=content.asset_forming,
        content_key=text_key(content.content),
        version_no=1,
    )
    tx.session.add(row)
    await write_content(tx, row, content, is_industry=is_industry(content, counting))
    await add_version(tx, ctx, row, content, (), "")
    await open_case(tx, ctx, PROJECT_BINDING, row.id, command.area_code)
    return ProjectEntered(id=row.id, project_code=project_code(row.area_code, row.plan_year, row.seq), version_no=1)


async def revise_project(tx: Write, command: ReviseProject, ctx: Context) -> ProjectRevised:
    """Rewrite a draft, or take the step of an amendment from the level that the change touches (scenario 6)."""
    case = (await store.load(tx.raw, PROJECT, command.project_id, lock=True)).row
    require(ctx, REVISERS, case.area)
    project = await project_versions(tx, command.project_id)
    if command.based_on != project.row.version_no:
        raise Stale(_overtaken(project.row.version_no))
    if case.state in WITH_ITS_AUTHORS:
        await deeds.put_version(tx, ctx, project.row, command.content, command.reason)
        tx.changed(PROJECT.subject, command.project_id, case.area)
        state, version = case.state, case.version
    else:
        level = republicity.lowest_level(await changes(tx, case, command.content, ctx))
        step = f"reopen_at_{level}" if level else "amend"
        form = forms.Revision(content=command.content)
        asked = Move(step, form, reason=command.reason)
        taken = await advance(tx, ctx, PROJECT_BINDING, command.project_id, asked)
        state, version = taken.state, taken.version
    return ProjectRevised(
        id=project.row.id,
        version_no=project.row.version_no,
        changed=republicity.changed_fields(project.content, command.content),
        state=state,
        version=version,
    )


async def record_acceptance(tx: Write, command: RecordAcceptance, ctx: Context) -> Recorded:
    """Insert the record; once a side has signed, it stands until a rework."""
    loaded = await store.load(tx.raw, PROJECT, command.project_id, lock=True)
    require(ctx, SECTOR, loaded.row.area)
    if loaded.row.state != "COMPLETED" or any(mark.startswith("sign:accept:") for mark in loaded.view.marks):
        raise Refused(_no_acceptance_now(loaded.row))
    newest = await tx.session.scalar(
        select(func.max(Acceptance.seq)).where(Acceptance.project_id == command.project_id)
    )
    balances = await balances_of(tx, command.project_id, (*OPEN_COMMITMENTS, IN_TRANSIT, *PAID))
    row = Acceptance(
        id=new_id(),
        project_id=command.project_id,
        seq=(newest or 0) + 1,
        case_version=loaded.row.version,
        accepted_on=command.accepted_on,
        passed=command.passed,
        members=[member.model_dump(mode="json") for member in command.members],
        deliverables=[line.model_dump(mode="json") for line in command.deliverables],
        provisional_value_fen=sum(balances.values()),
        recorded_by=ctx.actor.id,
        recorded_at=ctx.now,
        area_code=int(loaded.row.area),
    )
    tx.session.add(row)
    tx.changed("acceptance", row.id, loaded.row.area)
    return Recorded(id=row.id)


async def note_project_asset(tx: Write, command: NoteProjectAsset, ctx: Context) -> Recorded:
    """Keep the copy; the same asset once."""
    row = command.model_dump(include={"asset_id", "project_id", "registered_on"})
    values = insert(ProjectAsset).values(row | {"area_code": int(command.area_code)})
    await tx.session.execute(values.on_conflict_do_nothing())
    tx.changed("project_asset", command.asset_id, command.area_code)
    return Recorded(id=command.asset_id)


def _overtaken(version_no: int) -> Violation:
    return refusal(
        "STALE_VERSION",
        "F-1.1",
        "项目内容已有新版本，请核对后重新修改",
        "the entry has a newer version than the one you read",
        ("读取最新版本后再修改", "read the newest version and revise that"),
        field="/based_on",
        version_no=version_no,
    )


def _no_acceptance_now(case: CaseRow) -> Violation:
    return refusal(
        "NOT_IN_STATE",
        "F-1.5-15",
        f"项目处于“{PROJECT.by_state[case.state].zh}”，或验收已开始签字，不能登记验收",
        "works are accepted once they are completed, and the record stands once a side has signed",
        ("完工公示后登记；需重验的，先责令整改", "record it after completion; order rework to accept again"),
        state=case.state,
    )


PROJECT_BINDING = Binding(
    workflow=PROJECT,
    plural="projects",
    guards={
        "four_discussions_recorded": review.four_discussions_recorded,
        "quorum_and_majority": stands("F-1.5-2"),
        "run_by_county": review.run_by_county,
        "fields_complete": review.fields_complete,
        "beneficiaries_reconciled": review.beneficiaries_reconciled,
        "appraisal_agrees": review.appraisal_agrees,
        "papers_shown": review.papers_shown,
        "off_negative_list": review.off_negative_list,
        "duplicates_cleared": review.duplicates_cleared,
        "goals_reviewed": review.goals_reviewed,
        "benefit_linkage_present": review.benefit_linkage_present,
        "meeting_recorded": review.meeting_recorded,
        "village_publicity_stands": republicity.village_publicity_stands,
        "township_publicity_stands": republicity.township_publicity_stands,
        "county_publicity_stands": republicity.county_publicity_stands,
        "in_approved_plan": delivery.in_approved_plan,
        "money_available": delivery.money_available,
        "ready_to_start": delivery.ready_to_start,
        "allocation_posted": delivery.allocation_posted,
        "quota_withdrawn": delivery.quota_withdrawn,
        "contract_or_roster_in_place": delivery.contract_or_roster_in_place,
        "acceptance_passed": delivery.acceptance_passed,
        "acceptors_independent": delivery.acceptors_independent,
        "contracts_settled": delivery.contracts_settled,
        "retention_released": delivery.retention_released,
        "goals_evaluated": delivery.goals_evaluated,
        "asset_registered_or_none": delivery.asset_registered_or_none,
        "nothing_paid": delivery.nothing_paid,
        "urgency_completed": delivery.urgency_completed,
        "window_open": adjustment.window_open,
        "urgency_founded": adjustment.urgency_founded,
        "urgency_outstanding": adjustment.urgency_outstanding,
        "exit_reason_holds": adjustment.exit_reason_holds,
        "publication_proven": publication.publication_proven,
        "category_stated": publication.category_stated,
    },
    facts=project_facts,
    notice=project_notice,
    variant=project_kind,
    steps={
        "resolve": StepBinding(forms.VillageResolution, deeds.resolved),
        "apply": StepBinding(perform=deeds.hung_in_village),
        "check_on_site": StepBinding(forms.SiteCheck, deeds.checked_on_site),
        "approve_township": StepBinding(forms.TownshipApproval),
        "send_to_county": StepBinding(adjustment_forms.CountySubmission, deeds.hung_in_township),
        "apply_for_county": StepBinding(forms.CountyApplication),
        "appraise": StepBinding(forms.Appraisal, deeds.appraised),
        "finish_county_review": StepBinding(forms.CountyReview, deeds.county_reviewed),
        "decide": StepBinding(forms.GroupMeeting, deeds.group_met),
        "list_for_meeting": StepBinding(perform=deeds.hung_in_county),
        "enter_library": StepBinding(forms.Entry, deeds.entered),
        "resubmit_to_township": StepBinding(forms.Resubmission),
        "resubmit_to_county": StepBinding(forms.Resubmission),
        "withdraw": StepBinding(perform=deeds.dropped),
        "reject": StepBinding(perform=deeds.dropped),
        "amend": StepBinding(forms.Revision, deeds.amended),
        "reopen_at_village": StepBinding(forms.Revision, deeds.reopened),
        "reopen_at_township": StepBinding(forms.Revision, deeds.reopened),
        "reopen_at_county": StepBinding(forms.Revision, deeds.reopened),
        "plan": StepBinding(forms.Readiness, deeds.tell_status),
        "fund": StepBinding(forms.Funding, deeds.tell_status),
        "withdraw_funds": StepBinding(forms.Funding, deeds.tell_status),
        "start": StepBinding(forms.Start, deeds.tell_status),
        "report_completion": StepBinding(perform=deeds.tell_status),
        "accept": StepBinding(forms.AcceptanceSignature, endings.accepted),
        "order_rework": StepBinding(perform=deeds.tell_status),
        "settle": StepBinding(forms.ProjectSettlement, endings.settled),
        "close": StepBinding(forms.Closing, endings.closed),
        "exit": StepBinding(forms.Exit, endings.left),
        "cancel": StepBinding(forms.Exit, endings.left),
        "declare_urgent": StepBinding(adjustment_forms.Urgency, adjustment_deeds.declared_urgent),
        "complete_urgent": StepBinding(adjustment_forms.Completion, adjustment_deeds.completed_urgent),
        "enter_published": StepBinding(adjustment_forms.PublishedEntry, published.entered_published),
        "suspend": StepBinding(perform=deeds.tell_status),
        "resume": StepBinding(perform=deeds.tell_status),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    EnterProject: enter_project,
    ReviseProject: revise_project,
    RecordAcceptance: record_acceptance,
    NoteProjectAsset: note_project_asset,
}

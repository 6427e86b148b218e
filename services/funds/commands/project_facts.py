"""Loads what the guards of a project's steps judge; each form asks for its own facts, a step without guards for none."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import func, select

from services.funds.commands import adjustment_facts as adjustment
from services.funds.commands import adjustment_forms, publication_facts
from services.funds.commands import project_forms as forms
from services.funds.commands.limits import modes, weigh
from services.funds.commands.project_money import (
    allocated_to,
    balances_of,
    planned_by_source,
    unallocated_by_source,
    undertakings,
)
from services.funds.commands.project_rows import Versions, project_versions
from services.funds.commands.reference import linkage_money, negative_rules
from services.funds.domain import limits, negative_list
from services.funds.domain.library import county_of
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.project_delivery import (
    AcceptanceFacts,
    CancellingFacts,
    ClosingFacts,
    FundingFacts,
    Member,
    PlanningFacts,
    UndertakingFacts,
    acceptance_group,
)
from services.funds.domain.project_review import (
    AppraisalFacts,
    CountyFacts,
    MeetingFacts,
    RegisterFigures,
    ResolutionFacts,
    TownshipFacts,
    papers_lacking,
)
from services.funds.domain.publication import PublishedFacts
from services.funds.domain.republicity import Changes, Level
from services.funds.tables.library import Acceptance, GoalResult, Opinion
from services.funds.tables.ref import ProjectAsset
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaLevel
from shared.parameters.model import Mode

Loader: TypeAlias = Callable[[Write, CaseRow, Any, Context], Awaitable[Any]]

_SUSPECTS = """
SELECT DISTINCT other.id FROM project AS own
  JOIN project_place AS here ON here.project_id = own.id
  JOIN project_place AS there ON there.village_code = here.village_code AND there.project_id <> own.id AND there.live
  JOIN project AS other ON other.id = there.project_id
 WHERE own.id = $1 AND other.plan_year BETWEEN own.plan_year - $2::int AND own.plan_year
   AND (there.name_key = here.name_key OR other.content_key = own.content_key)
 ORDER BY other.id"""

_INVOLVED = """
SELECT EXISTS (SELECT FROM case_step AS step JOIN case_file AS c ON c.id = step.case_id
                WHERE c.subject_id IN (SELECT $1 UNION ALL SELECT id FROM contract WHERE project_id = $1)
                  AND step.role = 'implementing_unit' AND step.actor = ANY($2::uuid[]))
    OR EXISTS (SELECT FROM payee_relation AS related JOIN contract ON contract.payee_id = related.payee_id
                WHERE contract.project_id = $1 AND related.person = ANY($2::uuid[]))"""

_COMPLETED_AT = "SELECT max(version) FROM case_step WHERE case_id = $1 AND step = 'report_completion'"


async def project_facts(tx: Write, case: CaseRow, form: Form, ctx: Context) -> Any:
    """The facts that the form's step asks for."""
    loader = _LOADERS.get(type(form))
    return await loader(tx, case, form, ctx) if loader else None


async def _resolution(tx: Write, case: CaseRow, form: forms.VillageResolution, ctx: Context) -> ResolutionFacts:
    shares = await tx.parameters.get_many(("village.quorum", "village.majority"), case.area, ctx.today)
    broken = limits.quorum_and_majority(
        form.entitled,
        form.present,
        form.in_favour,
        shares["village.quorum"],
        shares["village.majority"],
    )
    days = (form.branch_proposed_on, form.committees_discussed_on, form.members_reviewed_on, form.decided_on)
    return ResolutionFacts(days, ctx.today, await weigh(tx, {"F-1.5-2": broken}, case.area, ctx.today))


async def _site_check(tx: Write, case: CaseRow, form: forms.SiteCheck, _ctx: Context) -> TownshipFacts:
    content = (await project_versions(tx, case.subject_id)).content
    is_urgent = await adjustment.urgency_of(tx, case.subject_id) is not None
    return TownshipFacts(content, _figures(form), case.area, is_urgent=is_urgent)


async def _township(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> TownshipFacts:
    project = await project_versions(tx, case.subject_id)
    found = await _latest_opinion(tx, project, "site_check")
    figures = _figures(forms.SiteCheck.model_validate(found)) if found else None
    window = await adjustment.window_of(tx, case, ctx)
    return TownshipFacts(project.content, figures, case.area, window, is_urgent=window.is_urgent)


def _figures(form: forms.SiteCheck) -> RegisterFigures:
    return RegisterFigures(
        as_of=form.register_as_of,
        monitored_households=form.monitored_households,
        monitored_persons=form.monitored_persons,
        out_of_poverty_households=form.out_of_poverty_households,
        out_of_poverty_persons=form.out_of_poverty_persons,
    )


async def _latest_opinion(tx: Write, project: Versions, stage: str) -> Mapping[str, Any] | None:
    """What the desk recorded last about this version."""
    found: Mapping[str, Any] | None = await tx.session.scalar(
        select(Opinion.content)
        .where(
            Opinion.project_id == project.row.id,
            Opinion.stage == stage,
            Opinion.version_no == project.row.version_no,
        )
        .order_by(Opinion.recorded_at.desc(), Opinion.id.desc())
        .limit(1),
    )
    return found


async def _appraisal(tx: Write, case: CaseRow, form: forms.Appraisal, ctx: Context) -> AppraisalFacts:
    content = (await project_versions(tx, case.subject_id)).content
    blocked = await weigh(tx, {"F-1.2-papers": papers_lacking(content)}, case.area, ctx.today)
    return AppraisalFacts(content, form.model_dump(), blocked)


async def find_verdicts(
    tx: Write,
    case: CaseRow,
    content: ProjectContent,
    ctx: Context,
) -> negative_list.Tried:
    """What the negative list says of an entry in its county today."""
    rules = await negative_rules(tx.raw, case.area, ctx.today)
    mode = await modes(tx, {rule.rule_id for rule in rules}, case.area, ctx.today)
    found = negative_list.verdicts(content, rules, mode, await linkage_money(tx.raw))
    return negative_list.Tried(found, negative_list.passed(rules, mode, found))


async def _county_review(tx: Write, case: CaseRow, form: forms.CountyReview, ctx: Context) -> CountyFacts:
    project = await project_versions(tx, case.subject_id)
    years = await tx.parameters.get("project.duplicate_years", case.area, ctx.today)
    suspects: list[UUID] = [row["id"] for row in await tx.raw.fetch(_SUSPECTS, case.subject_id, years)]
    appraisal = await _latest_opinion(tx, project, "appraisal")
    return CountyFacts(
        content=project.content,
        verdicts=(await find_verdicts(tx, case, project.content, ctx)).hits,
        accepted=form.accepted_warnings,
        suspects=suspects,
        cleared=form.cleared_duplicates,
        sector_agreed=bool(appraisal and appraisal["goals"]),
        goals_agreed=form.goals_agreed,
    )


async def _meeting(_tx: Write, _case: CaseRow, form: forms.GroupMeeting, ctx: Context) -> MeetingFacts:
    return MeetingFacts(form.number, form.held_on, form.agreed, ctx.today)


async def _entry(_tx: Write, _case: CaseRow, form: forms.Entry, ctx: Context) -> MeetingFacts:
    meeting = form.meeting
    if meeting is None:
        return MeetingFacts("", None, agreed=False, today=ctx.today)
    return MeetingFacts(meeting.number, meeting.held_on, meeting.agreed, ctx.today)


async def changes(tx: Write, case: CaseRow, new: ProjectContent | None, ctx: Context) -> Changes:
    """What differs between the entry as it would be and what hung at each level; `new` None is the newest version."""
    project = await project_versions(tx, case.subject_id, hung=True)
    row = project.row
    hung = {Level.VILLAGE: row.village_version, Level.TOWNSHIP: row.township_version, Level.COUNTY: row.county_version}
    if case.area.level is AreaLevel.COUNTY:  # a county-run project hangs in the county only
        hung = dict.fromkeys(Level, row.county_version)
    return Changes(
        new=new or project.content,
        hung={level: project.contents[number] if number else None for level, number in hung.items()},
        tolerance=await tx.parameters.get("publicity.amount_tolerance", case.area, ctx.today),
        window=await adjustment.window_of(tx, case, ctx),
        may_complete=await adjustment.may_complete(tx, case.subject_id),
    )


async def _resubmission(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> Changes:
    return await changes(tx, case, None, ctx)


async def _revision(tx: Write, case: CaseRow, form: forms.Revision, ctx: Context) -> Changes:
    return await changes(tx, case, form.content, ctx)


async def _planning(tx: Write, case: CaseRow, form: forms.Readiness, _ctx: Context) -> PlanningFacts:
    row = (await project_versions(tx, case.subject_id)).row
    planned = await planned_by_source(tx, [row.id])
    return PlanningFacts(
        planned=planned.get(row.id, {}),
        unallocated=await unallocated_by_source(tx, county_of(case.area), row.plan_year),
        is_household_project=row.is_household_project,
        design_ready=form.design_ready,
        land_ready=form.land_ready,
    )


async def _funding(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> FundingFacts:
    return FundingFacts((await allocated_to(tx, [case.subject_id])).get(case.subject_id, 0))


async def _undertakings(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> UndertakingFacts:
    return UndertakingFacts(await undertakings(tx, case.subject_id), await _urgency_open(tx, case))


async def _urgency_open(tx: Write, case: CaseRow) -> bool:
    entry = await adjustment.urgency_of(tx, case.subject_id)
    return entry is not None and entry.completed_on is None


async def _acceptance(tx: Write, case: CaseRow, form: forms.AcceptanceSignature, ctx: Context) -> AcceptanceFacts:
    newest = select(Acceptance).where(Acceptance.project_id == case.subject_id).order_by(Acceptance.seq.desc()).limit(1)
    row = await tx.session.scalar(newest)
    if row is None:
        return AcceptanceFacts(None, is_latest=False)
    members = [Member(member["organisation"], member["chairs"]) for member in row.members]
    unit = (await project_versions(tx, case.subject_id)).content.implementing_unit
    least = await tx.parameters.get("acceptance.least_members", case.area, ctx.today)
    broken = {"F-1.5-15": acceptance_group(members, unit, least)}
    people = [ctx.actor.id, *(UUID(member["person_id"]) for member in row.members)]
    return AcceptanceFacts(
        passed=row.passed,
        is_latest=row.id == form.acceptance_id and row.case_version >= await _completed_at(tx, case),
        involved=await tx.raw.fetchval(_INVOLVED, case.subject_id, people),
        blocked=await weigh(tx, broken, case.area, ctx.today),
    )


async def _completed_at(tx: Write, case: CaseRow) -> int:
    """The version at which the works were last completed: an acceptance before a rework says nothing of what followed."""
    version: int | None = await tx.raw.fetchval(_COMPLETED_AT, case.id)
    return version or 0


async def _closing(tx: Write, case: CaseRow, form: forms.Closing, _ctx: Context) -> ClosingFacts:
    project = await project_versions(tx, case.subject_id)
    goals = len(project.content.goals)
    stored = await tx.session.scalars(select(GoalResult.goal_no).where(GoalResult.project_id == case.subject_id))
    known = {number for number in (*stored, *(each.goal_no for each in form.goal_results)) if number <= goals}
    assets = select(func.count()).select_from(ProjectAsset).where(ProjectAsset.project_id == case.subject_id)
    return ClosingFacts(
        balances=await balances_of(tx, case.subject_id),
        goals=goals,
        goals_with_result=len(known),
        asset_forming=project.row.asset_forming,
        assets=await tx.session.scalar(assets) or 0,
    )


async def _cancelling(tx: Write, case: CaseRow, form: forms.Exit, ctx: Context) -> CancellingFacts:
    content = (await project_versions(tx, case.subject_id)).content
    tried = await find_verdicts(tx, case, content, ctx)
    hits = any(verdict.verdict is Mode.BLOCK for verdict in tried.hits)
    ground = await adjustment.exit_ground(tx, case, form, ctx, hits=hits)
    return CancellingFacts(await balances_of(tx, case.subject_id), ground)


async def _published(tx: Write, case: CaseRow, form: adjustment_forms.PublishedEntry, ctx: Context) -> PublishedFacts:
    content = (await project_versions(tx, case.subject_id)).content
    tried = await find_verdicts(tx, case, content, ctx)
    until = await publication_facts.runs_until(tx, form, case.area, ctx)
    return publication_facts.facts_of(content, form, until, tried.hits, ctx)


_LOADERS: Mapping[type[Form], Loader] = {
    forms.VillageResolution: _resolution,
    forms.SiteCheck: _site_check,
    forms.TownshipApproval: _township,
    forms.CountyApplication: _township,
    forms.Appraisal: _appraisal,
    forms.CountyReview: _county_review,
    forms.GroupMeeting: _meeting,
    forms.Entry: _entry,
    forms.Resubmission: _resubmission,
    forms.Revision: _revision,
    forms.Readiness: _planning,
    forms.Funding: _funding,
    forms.Start: _undertakings,
    forms.AcceptanceSignature: _acceptance,
    forms.ProjectSettlement: _undertakings,
    forms.Closing: _closing,
    forms.Exit: _cancelling,
    adjustment_forms.CountySubmission: _township,
    adjustment_forms.Urgency: adjustment.urgency_facts,
    adjustment_forms.Completion: adjustment.completion_facts,
    adjustment_forms.PublishedEntry: _published,
}

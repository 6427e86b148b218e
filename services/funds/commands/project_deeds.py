"""What a project's steps do besides moving, up to the library: they record what was decided, and freeze what hung."""

from typing import Any
from uuid import UUID

from services.funds.commands import project_forms as forms
from services.funds.commands.project_checks import check_content
from services.funds.commands.project_facts import find_verdicts
from services.funds.commands.project_rows import (
    add_version,
    project_row,
    project_versions,
    release_name,
    write_content,
)
from services.funds.domain.library import is_industry
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.republicity import changed_fields
from services.funds.tables.library import Meeting, Opinion, Project, ProjectVerdict
from shared.cases.binding import CaseRow, Form
from shared.commands.command import Context, Write
from shared.contracts.funds_project import ProjectEnteredLibrary, ProjectStatusChanged
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id

_SOURCE_STATE = "SELECT source FROM case_step WHERE case_id = $1 AND version = $2"


async def tell_status(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """Publish that the project went on."""
    old: str = await tx.raw.fetchval(_SOURCE_STATE, case.id, case.version)
    event = ProjectStatusChanged(
        area_code=case.area,
        project_id=case.subject_id,
        old=old,
        new=case.state,
        changed_on=ctx.today,
    )
    tx.emit(event)


async def resolved(tx: Write, case: CaseRow, form: forms.VillageResolution, ctx: Context) -> None:
    """Keep the four discussions and the vote."""
    earlier = [form.branch_proposed_on, form.committees_discussed_on, form.members_reviewed_on]
    tx.session.add(
        Meeting(
            id=new_id(),
            subject_id=case.subject_id,
            kind="village_representatives",
            number="",
            held_on=form.decided_on,
            entitled=form.entitled,
            present=form.present,
            in_favour=form.in_favour,
            earlier=earlier,
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=int(case.area),
        ),
    )


async def group_met(tx: Write, case: CaseRow, form: forms.GroupMeeting, ctx: Context) -> None:
    """Keep the leading group's decision about a case."""
    tx.session.add(
        Meeting(
            id=new_id(),
            subject_id=case.subject_id,
            kind="leading_group",
            number=form.number,
            held_on=form.held_on,
            earlier=[],
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=int(case.area),
        ),
    )


async def hung_in_village(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The village notice ran its days with this version."""
    row = await project_row(tx, case.subject_id)
    row.village_version = row.version_no


async def hung_in_township(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The township notice ran its days with this version."""
    row = await project_row(tx, case.subject_id)
    row.township_version = row.version_no


async def hung_in_county(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The county notice ran its days with this version."""
    row = await project_row(tx, case.subject_id)
    row.county_version = row.version_no


async def checked_on_site(tx: Write, case: CaseRow, form: forms.SiteCheck, ctx: Context) -> None:
    """Keep the register's figures."""
    await _add_opinion(tx, case, ctx, "site_check", form.model_dump(mode="json"))


async def appraised(tx: Write, case: CaseRow, form: forms.Appraisal, ctx: Context) -> None:
    """Keep the appraisal."""
    await _add_opinion(tx, case, ctx, "appraisal", form.model_dump(mode="json"))


async def county_reviewed(tx: Write, case: CaseRow, form: forms.CountyReview, ctx: Context) -> None:
    """Keep the review and what each rule of the negative list said, with its version; passes too (§1.7)."""
    project = await project_versions(tx, case.subject_id)
    opinion = await _add_opinion(tx, case, ctx, "county_review", form.model_dump(mode="json"))
    tried = await find_verdicts(tx, case, project.content, ctx)
    said = [(each.rule_id, each.version, str(each.verdict), list(each.evidence)) for each in tried.hits]
    said += [(rule_id, version, "pass", []) for rule_id, version in tried.passed.items()]
    tx.session.add_all(
        ProjectVerdict(
            opinion_id=opinion,
            rule_id=rule_id,
            project_id=project.row.id,
            version_no=project.row.version_no,
            rule_version=version,
            verdict=verdict,
            evidence=evidence,
            reason=form.accepted_warnings.get(rule_id, ""),
            area_code=int(case.area),
        )
        for rule_id, version, verdict, evidence in said
    )


async def _add_opinion(tx: Write, case: CaseRow, ctx: Context, stage: str, content: dict[str, Any]) -> UUID:
    row = await project_row(tx, case.subject_id)
    opinion_id = new_id()
    tx.session.add(
        Opinion(
            id=opinion_id,
            project_id=row.id,
            version_no=row.version_no,
            stage=stage,
            content=content,
            recorded_by=ctx.actor.id,
            recorded_at=ctx.now,
            area_code=int(case.area),
        ),
    )
    return opinion_id


async def entered(tx: Write, case: CaseRow, form: forms.Entry, ctx: Context) -> None:
    """The project is in the library."""
    if form.meeting is not None:
        await group_met(tx, case, form.meeting, ctx)
    project = await project_versions(tx, case.subject_id)
    row, content = project.row, project.content
    row.county_version = row.version_no
    row.entered_on = row.entered_on or ctx.today
    tx.emit(entered_library(case.area, row.id, content))


def entered_library(area: AreaCode, project_id: UUID, content: ProjectContent) -> ProjectEnteredLibrary:
    """What other services are told of a project that is in the library now, however it came in."""
    return ProjectEnteredLibrary(
        area_code=area,
        project_id=project_id,
        title=content.name,
        category=content.category,
        plan_year=content.plan_year,
        villages=tuple(place.village for place in content.places),
        planned_total=content.total,
        households=content.benefit.households,
        persons=content.benefit.persons,
        asset_forming=content.asset_forming,
        asset_class=content.asset_class,
        linkage=tuple(str(method) for method in content.linkage),
        measure_ids=content.measure_ids,
    )


async def dropped(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """The project came to nothing before it entered; its name is free again."""
    await release_name(tx, case.subject_id)


async def amended(tx: Write, case: CaseRow, form: forms.Revision, ctx: Context) -> None:
    """Write the new version; its reason stands in the step's history."""
    await put_version(tx, ctx, await project_row(tx, case.subject_id), form.content, "")


async def reopened(tx: Write, case: CaseRow, form: forms.Revision, ctx: Context) -> None:
    """Write the new version, which has to hang again."""
    await amended(tx, case, form, ctx)
    await tell_status(tx, case, form, ctx)


async def put_version(tx: Write, ctx: Context, row: Project, content: ProjectContent, reason: str) -> tuple[str, ...]:
    """Make `content` the newest version of a project; gives the names of the fields that changed."""
    before = (await project_versions(tx, row.id)).content
    counting = await check_content(tx, content, AreaCode(row.area_code))
    changed = changed_fields(before, content)
    row.version_no += 1
    await write_content(tx, row, content, is_industry=is_industry(content, counting))
    await add_version(tx, ctx, row, content, changed, reason)
    return changed

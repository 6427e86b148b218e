"""Reads and writes of a project's rows that several commands share: row, content of versions, places, sources."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.funds.domain.library import duplicate_name, text_key
from services.funds.domain.project_content import ProjectContent
from services.funds.tables.library import Project, ProjectFunding, ProjectPlace, ProjectVersion
from shared.commands.command import Context, Write
from shared.kernel.errors import Refused, not_found

_CASE_STATES = """
SELECT subject_id, state FROM case_file WHERE workflow = 'funds.project' AND subject_id = ANY($1::uuid[])
 ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Versions:
    """A project's row with the contents that were asked for, by version number; `content` was the newest then."""

    row: Project
    contents: Mapping[int, ProjectContent]
    content: ProjectContent


async def project_row(tx: Write, project_id: UUID) -> Project:
    """The row of a project; raises NotFound."""
    row = await tx.session.get(Project, project_id)
    if row is None:
        raise not_found("项目", "project")
    return row


async def project_versions(tx: Write, project_id: UUID, *, hung: bool = False) -> Versions:
    """The project with its newest content, and with `hung` those that hung at each level."""
    row = await project_row(tx, project_id)
    wanted = {row.version_no, *((row.village_version, row.township_version, row.county_version) if hung else ())}
    found = await tx.session.execute(
        select(ProjectVersion.version_no, ProjectVersion.content).where(
            ProjectVersion.project_id == project_id,
            ProjectVersion.version_no.in_(wanted - {None}),
        ),
    )
    contents = {number: ProjectContent.model_validate(content) for number, content in found}
    return Versions(row, contents, contents[row.version_no])


async def project_states(tx: Write, projects: Collection[UUID], *, lock: bool = False) -> dict[UUID, str]:
    """The state of each project's case; with `lock` none of them moves until the transaction ends.

    Raises NotFound when one of them is not there for the actor.
    """
    sql = _CASE_STATES + (" FOR UPDATE" if lock else "")
    found = {row["subject_id"]: row["state"] for row in await tx.raw.fetch(sql, list(projects))}
    if missing := set(projects) - found.keys():
        raise not_found(f"项目（{len(missing)}个）", f"project ({len(missing)} of them)")
    return found


async def write_content(tx: Write, row: Project, content: ProjectContent, *, is_industry: bool) -> None:
    """Bring row, places and sources to `content`; raises Refused when a village has the name already this year."""
    row.plan_year = content.plan_year
    row.name = content.name
    row.category = content.category
    row.planned_total_fen = content.total
    row.is_industry = is_industry
    row.is_household_project = content.is_household_project
    row.asset_forming = content.asset_forming
    row.content_key = text_key(content.content)
    await tx.session.flush()
    await tx.session.execute(delete(ProjectFunding).where(ProjectFunding.project_id == row.id))
    await tx.session.execute(delete(ProjectPlace).where(ProjectPlace.project_id == row.id))
    await tx.session.execute(
        insert(ProjectFunding),
        [
            {
                "project_id": row.id,
                "line_no": number,
                "year": line.year,
                "level": line.level,
                "category": line.category,
                "amount_fen": line.amount,
                "area_code": row.area_code,
            }
            for number, line in enumerate(content.funding, 1)
        ],
    )
    await _claim_places(tx, row, content)


async def _claim_places(tx: Write, row: Project, content: ProjectContent) -> None:
    places = [
        {
            "project_id": row.id,
            "village_code": int(place.village),
            "share_ppm": place.share_ppm,
            "village_type": place.village_type,
            "plan_year": content.plan_year,
            "name_key": text_key(content.name),
            "live": True,
            "area_code": row.area_code,
        }
        for place in content.places
    ]
    claimed = await tx.session.scalars(
        insert(ProjectPlace).values(places).on_conflict_do_nothing().returning(ProjectPlace.village_code),
    )
    if len(claimed.all()) < len(places):
        raise Refused(duplicate_name(content.name, content.plan_year))


async def release_name(tx: Write, project_id: UUID) -> None:
    """Let the name be used again: the project came to nothing."""
    await tx.session.execute(update(ProjectPlace).where(ProjectPlace.project_id == project_id).values(live=False))


async def add_version(
    tx: Write,
    ctx: Context,
    row: Project,
    content: ProjectContent,
    changed: Collection[str],
    reason: str,
) -> None:
    """Freeze `content` as the row's present version."""
    tx.session.add(
        ProjectVersion(
            project_id=row.id,
            version_no=row.version_no,
            content=content.model_dump(mode="json"),
            changed=sorted(changed),
            reason=reason,
            changed_by=ctx.actor.id,
            changed_at=ctx.now,
            area_code=row.area_code,
        ),
    )
    await tx.session.flush()

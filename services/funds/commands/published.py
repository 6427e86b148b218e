"""What entering by a publication does besides moving, in sets: the versions that hung, the publication, the event."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

import orjson

from services.funds.commands.adjustment_forms import PublishedEntry
from services.funds.commands.project_deeds import entered_library
from services.funds.commands.project_facts import find_verdicts
from services.funds.commands.project_rows import project_versions
from services.funds.domain.negative_list import Tried
from services.funds.domain.project_content import ProjectContent
from services.funds.tables.adjustment import LibraryPublication
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id, new_ids

_ENTERED = """
WITH listed AS (
  INSERT INTO published_entry(project_id, publication_id, area_code)
  SELECT id, $2, area_code FROM project WHERE id = ANY($1::uuid[]))
UPDATE project SET entered_on = coalesce(entered_on, $3), village_version = version_no, township_version = version_no,
       county_version = version_no
 WHERE id = ANY($1::uuid[])"""
_OPINIONS = """
INSERT INTO review_opinion(id, project_id, version_no, stage, content, recorded_by, recorded_at, area_code)
SELECT given.id, project.id, project.version_no, 'publication', $3::jsonb, $4, $5, project.area_code
  FROM unnest($1::uuid[], $2::uuid[]) AS given(id, project_id) JOIN project ON project.id = given.project_id"""
# Of every rule that was tried each entry has a verdict: its hit, or else a pass.
_VERDICTS = """
INSERT INTO project_verdict(opinion_id, rule_id, project_id, version_no, rule_version, verdict, evidence, reason, area_code)
SELECT opinion.id, rule.id, opinion.project_id, opinion.version_no, rule.version, coalesce(hit.verdict, 'pass'),
       coalesce(string_to_array(nullif(hit.evidence, ''), '|'), '{}'), CASE WHEN hit.id IS NULL THEN '' ELSE $7 END,
       opinion.area_code
  FROM review_opinion AS opinion
  CROSS JOIN unnest($2::text[], $3::int[]) AS rule(id, version)
  LEFT JOIN unnest($4::uuid[], $5::text[], $6::text[], $8::text[]) AS hit(id, rule_id, verdict, evidence)
    ON hit.id = opinion.project_id AND hit.rule_id = rule.id
 WHERE opinion.id = ANY($1::uuid[])"""


class Entering(NamedTuple):
    """One project that entered: its entry, its area, and what the negative list said of it."""

    project_id: UUID
    area: AreaCode
    content: ProjectContent
    tried: Tried


async def entered_published(tx: Write, case: CaseRow, form: PublishedEntry, ctx: Context) -> None:
    """One project entered by its publication."""
    content = (await project_versions(tx, case.subject_id)).content
    tried = await find_verdicts(tx, case, content, ctx)
    await write_entries(tx, ctx, case.area, form, [Entering(case.subject_id, case.area, content, tried)])


async def write_entries(
    tx: Write, ctx: Context, area: AreaCode, form: PublishedEntry, entering: Sequence[Entering]
) -> UUID:
    """Keep publication, versions and verdicts of all of them, and tell everybody; gives the publication's id."""
    ids = [each.project_id for each in entering]
    publication_id = await _publication(tx, ctx, area, form, len(ids))
    await tx.raw.execute(_ENTERED, ids, publication_id, ctx.today)
    opinions = new_ids(len(ids))
    said = orjson.dumps(form.model_dump(mode="json")).decode()
    await tx.raw.execute(_OPINIONS, opinions, ids, said, ctx.actor.id, ctx.now)
    await _verdicts(tx, opinions, entering, form.warnings_reason)
    for each in entering:
        tx.emit(entered_library(each.area, each.project_id, each.content))
    return publication_id


async def _publication(tx: Write, ctx: Context, area: AreaCode, form: PublishedEntry, projects: int) -> UUID:
    row = LibraryPublication(
        id=new_id(),
        area_code=int(area),
        **form.model_dump(include={"document_no", "place", "hung_from", "hung_to", "announced_on"}),
        projects=projects,
        recorded_by=ctx.actor.id,
        recorded_at=ctx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    tx.changed("library_publication", row.id, area)
    return row.id


async def _verdicts(tx: Write, opinions: Collection[UUID], entering: Sequence[Entering], reason: str) -> None:
    versions = {rule: version for each in entering for rule, version in each.tried.passed.items()}
    versions |= {hit.rule_id: hit.version for each in entering for hit in each.tried.hits}
    hits = [(each.project_id, hit) for each in entering for hit in each.tried.hits]
    await tx.raw.execute(
        _VERDICTS,
        list(opinions),
        list(versions),
        list(versions.values()),
        [project for project, _ in hits],
        [hit.rule_id for _, hit in hits],
        [str(hit.verdict) for _, hit in hits],
        reason,
        ["|".join(hit.evidence) for _, hit in hits],
    )

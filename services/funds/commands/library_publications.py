"""Entering an imported library that was published elsewhere (已公布项目库入库): one act, one set of papers, all its rows."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, NamedTuple
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel, Field

from services.funds.commands.adjustment_forms import PublishedEntry
from services.funds.commands.admission import require
from services.funds.commands.limits import modes
from services.funds.commands.project_notice import notice_of
from services.funds.commands.projects import PROJECT_BINDING
from services.funds.commands.publication_facts import facts_of, runs_until
from services.funds.commands.published import Entering, write_entries
from services.funds.commands.reference import linkage_money, negative_rules
from services.funds.domain import negative_list
from services.funds.domain.negative_list import NegativeRule, Tried
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.refusals import refusal
from services.funds.tables.library_imports import LibraryImport
from shared.cases.sets import Entry, Submitted, Taken, take_together
from shared.commands.command import Command, Context, Handler, Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Forbidden, Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.parameters.divisions import name_paths
from shared.parameters.model import Mode
from shared.workflow.desks import BUREAU_HEADS

# Looked up by key row by row: joined as sets, a fresh import without statistics is read in a square.
_DRAFTS = """
SELECT row.row_no, project.id, project.area_code, project.version_no, version.content
  FROM library_import_row AS row
  CROSS JOIN LATERAL (SELECT id, area_code, version_no FROM project WHERE id = row.project_id LIMIT 1) AS project
  CROSS JOIN LATERAL (SELECT state FROM case_file
                       WHERE workflow = 'funds.project' AND subject_id = project.id LIMIT 1) AS held
  CROSS JOIN LATERAL (SELECT content::text AS content FROM project_version
                       WHERE project_id = project.id AND version_no = project.version_no LIMIT 1) AS version
 WHERE held.state = 'DRAFT' AND row.import_id = $1 AND row.outcome = 'taken'
 ORDER BY row.row_no"""
_UNPROVEN = "PUBLICATION_NOT_PROVEN"
"""What is wrong with the publication itself, and so with the request, whatever its rows are."""
_FAULTS = """
UPDATE library_import_row AS row SET faults = coalesce(told.faults::jsonb, '[]')
  FROM unnest($2::int[], $3::text[]) AS told(row_no, faults)
 WHERE row.import_id = $1 AND row.row_no = told.row_no"""


class Publication(PublishedEntry):
    """The publication of a list with its papers: the list itself, and proof that it hung and was announced."""

    evidence: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]


class EnterLibrary(Command, Publication):
    """Take an imported list into the library by the publication that it had elsewhere; another person imported it."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU_HEADS

    import_id: UUID


class LibraryEntered(BaseModel):
    """The publication, none when no row could enter; how many entered, and how many stay drafts, by what bars them."""

    publication_id: UUID | None
    entered: int
    left: int
    barred: dict[str, int]


class _Draft(NamedTuple):
    row_no: int
    project_id: UUID
    area: AreaCode
    version_no: int
    content: ProjectContent
    tried: Tried


class _Policy(NamedTuple):
    """The negative list of the county today."""

    rules: Sequence[NegativeRule]
    modes: Mapping[str, Mode]
    linkage: frozenset[str]


async def enter_library(tx: Write, command: EnterLibrary, ctx: Context) -> LibraryEntered:
    """Judge each draft of the import, and let the good ones enter together; raises Refused without a draft, or without proof."""
    row = await tx.session.get(LibraryImport, command.import_id)
    if row is None:
        raise not_found("导入批次", "import")
    require(ctx, BUREAU_HEADS, row.area_code)
    if row.received_by == ctx.actor.id:
        raise Forbidden(_same_person())
    area = AreaCode(row.area_code)
    drafts = await asyncio.to_thread(_read, await tx.raw.fetch(_DRAFTS, row.id), await _policy(tx, area, ctx))
    if not drafts:
        raise Refused(_nothing_left())
    taken = await _take(tx, ctx, area, drafts, command)
    await _tell(tx, row.id, drafts, taken)
    entering = [
        Entering(each.project_id, each.area, each.content, each.tried)
        for each in drafts
        if each.project_id in taken.moved
    ]
    if unproven := [each for broken in taken.refused.values() for each in broken if each.code == _UNPROVEN]:
        raise Refused(unproven[0])
    publication = await write_entries(tx, ctx, area, command, entering) if entering else None
    tx.changed("library_import", row.id, area)
    barred = Counter(violation.code for broken in taken.refused.values() for violation in broken)
    return LibraryEntered(
        publication_id=publication, entered=len(entering), left=len(drafts) - len(entering), barred=dict(barred)
    )


async def _policy(tx: Write, area: AreaCode, ctx: Context) -> _Policy:
    rules = await negative_rules(tx.raw, area, ctx.today)
    mode = await modes(tx, {rule.rule_id for rule in rules}, area, ctx.today)
    return _Policy(rules, mode, frozenset(await linkage_money(tx.raw)))


def _read(rows: Sequence[asyncpg.Record], policy: _Policy) -> list[_Draft]:
    """The drafts with what the negative list says of them: work for a thread."""
    drafts = []
    for row in rows:
        content = ProjectContent.model_validate_json(row["content"])
        hits = negative_list.verdicts(content, policy.rules, policy.modes, policy.linkage)
        tried = Tried(hits, negative_list.passed(policy.rules, policy.modes, hits))
        drafts.append(_Draft(row["row_no"], row["id"], AreaCode(row["area_code"]), row["version_no"], content, tried))
    return drafts


async def _take(tx: Write, ctx: Context, area: AreaCode, drafts: Sequence[_Draft], command: EnterLibrary) -> Taken:
    until = await runs_until(tx, command, area, ctx)
    villages = {place.village for each in drafts for place in each.content.places}
    names = await name_paths(tx.raw, villages, ctx.today)
    cases = [
        Submitted(
            Entry(each.project_id, each.area, None),
            facts_of(each.content, command, until, each.tried.hits, ctx),
            notice_of(each.content, each.version_no, names),
        )
        for each in drafts
    ]
    return await take_together(tx, ctx, PROJECT_BINDING, "enter_published", cases, command.evidence)


async def _tell(tx: Write, import_id: UUID, drafts: Sequence[_Draft], taken: Taken) -> None:
    """Note at each row what bars it; a row that entered has no faults."""
    told = [
        [{"field": each.field, "code": each.code, "zh": each.zh} for each in taken.refused.get(draft.project_id, ())]
        for draft in drafts
    ]
    numbers = [draft.row_no for draft in drafts]
    await tx.raw.execute(_FAULTS, import_id, numbers, [orjson.dumps(faults).decode() for faults in told])


def _nothing_left() -> Violation:
    return refusal(
        "NOTHING_TO_ENTER",
        "F-1.6",
        "该批次没有待入库的草稿",
        "the import has no draft left",
        ("核对导入批次", "check the import"),
    )


def _same_person() -> Violation:
    return refusal(
        "SEPARATION_OF_DUTIES",
        "F-3.2",
        "导入项目库的人不得办理入库",
        "who imported the list may not take it into the library",
        ("由另一人办理", "have another person do it"),
    )


HANDLERS: Mapping[type[Command], Handler] = {EnterLibrary: enter_library}

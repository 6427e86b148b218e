"""What the rules of dynamic adjustment ask the books: windows, urgent entries, and whether a reason to leave holds (§1.6)."""

from typing import Any
from uuid import UUID

from services.funds.commands import adjustment_forms as forms
from services.funds.commands.project_forms import Exit
from services.funds.commands.project_rows import project_versions
from services.funds.domain.adjustment import (
    Claimed,
    CompletionFacts,
    ExitGround,
    ExitReason,
    UrgencyFacts,
    Window,
)
from services.funds.domain.library import county_of
from services.funds.domain.project_review import fields_complete
from services.funds.tables.adjustment import PublishedEntry, UrgentEntry
from services.funds.workflows.project_delivery import IN_LIBRARY
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.kernel.errors import Unknown, Violation

URGENT = "urgent"
"""The kind of project whose notices may run shorter, where the county has said how long."""

_SHORTER = tuple(f"publicity.min_days.{level}.{URGENT}" for level in ("village", "township", "county"))

_GROUND = """
SELECT coalesce((SELECT years_waiting FROM project_wait WHERE project_id = $1), 0) AS years_waiting,
       EXISTS (SELECT FROM case_objection AS said JOIN case_file AS c ON c.id = said.case_id
                WHERE c.workflow = 'funds.project' AND c.subject_id = $1 AND said.outcome = 'UPHELD')
    OR EXISTS (SELECT FROM complaint WHERE object_id = $1 AND finding IN ('substantiated', 'partly')) AS is_upheld,
       (SELECT count(*)::int FROM project_place AS place
         WHERE place.project_id = $1
           AND EXISTS (SELECT FROM division WHERE code = place.village_code AND valid_to < $2)
           AND NOT EXISTS (SELECT FROM division WHERE code = place.village_code AND coalesce(valid_to, 'infinity') >= $2))
         AS ended_places,
       EXISTS (SELECT FROM project AS other
                 JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = other.id AND c.state = ANY($4)
                WHERE other.id = $3 AND other.id <> $1 AND other.area_code BETWEEN $5 AND $6) AS merges_in_library"""


async def urgency_of(tx: Write, project_id: UUID) -> UrgentEntry | None:
    """The declaration of urgency, if there is one."""
    return await tx.session.get(UrgentEntry, project_id)


async def window_of(tx: Write, case: CaseRow, ctx: Context) -> Window:
    """The windows of the project's county, and whether it may come in outside them."""
    spans = await tx.parameters.get("library.windows", case.area, ctx.today)
    return Window(spans, ctx.today, is_urgent=await urgency_of(tx, case.subject_id) is not None)


async def project_kind(tx: Write, case: CaseRow) -> str:
    """`urgent` where the entry is, and the county has adopted shorter notices for all three levels; else nothing."""
    entry = await urgency_of(tx, case.subject_id)
    if entry is None:
        return ""
    try:
        await tx.parameters.get_many(_SHORTER, case.area, entry.declared_on)
    except Unknown:
        return ""
    return URGENT


async def urgency_facts(tx: Write, case: CaseRow, form: forms.Urgency, _ctx: Context) -> UrgencyFacts:
    """What a declaration is judged by."""
    content = (await project_versions(tx, case.subject_id)).content
    declared = await urgency_of(tx, case.subject_id) is not None
    return UrgencyFacts(form.cause, form.document_no or "", content, declared)


async def completion_facts(tx: Write, case: CaseRow, _form: Any, _ctx: Context) -> CompletionFacts:
    """What a completion is judged by: the newest version, whole."""
    entry = await urgency_of(tx, case.subject_id)
    content = (await project_versions(tx, case.subject_id)).content
    return CompletionFacts(content, entry is not None and entry.completed_on is None)


async def may_complete(tx: Write, project_id: UUID) -> bool:
    """Whether what hung empty may be filled in without hanging again."""
    entry = await urgency_of(tx, project_id)
    if entry is not None and entry.completed_on is None:
        return True
    return await tx.session.get(PublishedEntry, project_id) is not None


async def not_complete(tx: Write, project_id: UUID) -> Violation | None:
    """What an entry by publication still lacks; until then no plan lists it."""
    if await tx.session.get(PublishedEntry, project_id) is None:
        return None
    content = (await project_versions(tx, project_id)).content
    return fields_complete(CompletionFacts(content, is_outstanding=False))


async def exit_ground(tx: Write, case: CaseRow, form: Exit, ctx: Context, *, hits: bool) -> ExitGround:
    """What the books know about the reason of a decision; `hits` whether the negative list blocks the entry today."""
    names = ("library.exit_wait_years", "library.least_households")
    limits = await tx.parameters.get_many(names, case.area, ctx.today)
    county = county_of(case.area)
    row = await tx.raw.fetchrow(_GROUND, case.subject_id, ctx.today, form.merged_into, list(IN_LIBRARY), *county.span)
    assert row is not None
    return ExitGround(
        reason=ExitReason(form.exit_reason),
        claimed=Claimed(
            str(form.merged_into or ""), form.other_money.strip(), form.policy_basis.strip(), form.households_left
        ),
        merges_in_library=row["merges_in_library"],
        years_waiting=row["years_waiting"],
        least_years=limits[names[0]],
        is_upheld=row["is_upheld"],
        hits_negative_list=hits,
        least_households=limits[names[1]],
        ended_places=row["ended_places"],
    )

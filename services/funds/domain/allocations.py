"""Allocations (资金分配): indicator money given to projects of the plan, and taken back while unspent (§3.1-2, §3.3, §3.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.funds.domain.limits import insufficient, stands
from services.funds.domain.refusals import not_in_library, refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan

IN_LIBRARY = frozenset({"IN_LIBRARY", "PLANNED", "FUNDED", "IMPLEMENTING", "COMPLETED", "ACCEPTED", "SETTLED"})
FUNDABLE = IN_LIBRARY - {"IN_LIBRARY", "SETTLED"}
"""States in which a project may be given money: planned, and not yet settled."""
SUSPENDED = "SUSPENDED"


class AllocatedLine(NamedTuple):
    """One line: so much of one indicator for one project."""

    project_id: UUID
    indicator_id: UUID
    fen: Fen


@dataclass(frozen=True, slots=True)
class AllocationFacts:
    """The lines of an allocation, or what of them is to be moved, and where projects and indicators stand.

    `planned` is what the published plans give a project, `allocated` what it got so far, `quota` what of an indicator
    a project still holds, unspent and uncommitted; `blocked` holds the rule by which the money may not pay for it.
    """

    lines: Sequence[AllocatedLine]
    states: Mapping[UUID, str]
    planned: Mapping[UUID, Fen]
    allocated: Mapping[UUID, Fen]
    unallocated: Mapping[UUID, Fen]
    documents: Mapping[UUID, str]
    quota: Mapping[tuple[UUID, UUID], Fen]
    outstanding: Fen = 0
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def project_in_plan(facts: AllocationFacts) -> Violation | None:
    """Not in the library, no money (NL18); and a project gets at most what the published plans give it."""
    outside = {str(each): state for each, state in facts.states.items() if state not in IN_LIBRARY | {SUSPENDED}}
    if outside:
        return not_in_library(outside, "/lines")
    unplanned = [str(each) for each, state in facts.states.items() if state not in FUNDABLE | {SUSPENDED}]
    if unplanned:
        return refusal(
            "NOT_IN_PLAN",
            "F-3.1-2",
            f"{len(unplanned)} 个项目未列入年度计划或已结算",
            f"{len(unplanned)} projects are not planned, or already settled",
            ("先列入年度计划", "put them into the annual plan first"),
            field="/lines",
            projects=unplanned,
        )
    return _within_plan(facts)


def _within_plan(facts: AllocationFacts) -> Violation | None:
    asked = _asked(facts.lines, "project_id")
    beyond = {
        str(project): format_yuan(over)
        for project, fen in asked.items()
        if (over := facts.allocated.get(project, 0) + fen - facts.planned.get(project, 0)) > 0
    }
    if not beyond:
        return None
    return refusal(
        "ALLOCATION_BEYOND_PLAN",
        "F-3.1-2",
        f"分配超过年度计划安排：{len(beyond)} 个项目",
        f"more than the annual plan gives: {len(beyond)} project(s)",
        ("核减金额，或先调整计划", "allocate less, or change the plan first"),
        field="/lines",
        beyond=beyond,
    )


def within_unallocated(facts: AllocationFacts) -> Violation | None:
    """LM01 for each indicator; the ledger holds it against parallel allocations."""
    for indicator, fen in _asked(facts.lines, "indicator_id").items():
        document = facts.documents.get(indicator, "")
        if broken := insufficient(fen, facts.unallocated.get(indicator, 0), document_no=document, field="/lines"):
            return broken
    return None


def category_allowed(facts: AllocationFacts) -> Violation | None:
    """The fund may pay for what the project is (NL12, NL13)."""
    return next((broken for rule, broken in facts.blocked.items() if rule != "F-5.1"), None)


goals_valid = stands("F-5.1")


def project_not_suspended(facts: AllocationFacts) -> Violation | None:
    """A suspended project gets no money (§1.5 s)."""
    halted = [str(project) for project, state in facts.states.items() if state == SUSPENDED]
    if not halted:
        return None
    return refusal(
        "PROJECT_SUSPENDED",
        "F-1.5-s",
        f"{len(halted)} 个项目处于中止状态",
        f"{len(halted)} projects are suspended",
        ("恢复后再办理", "resume them first"),
        projects=halted,
    )


def both_in_library(facts: AllocationFacts) -> Violation | None:
    """Quota moves between projects of the library only (§3.6)."""
    outside = {str(each): state for each, state in facts.states.items() if state not in IN_LIBRARY}
    return not_in_library(outside, "/form") if outside else None


def unspent_and_uncommitted(facts: AllocationFacts) -> Violation | None:
    """Only quota that nobody has promised or spent is taken back (§3.3, §3.6)."""
    for line in facts.lines:
        held = facts.quota.get((line.project_id, line.indicator_id), 0)
        if line.fen > held:
            return refusal(
                "QUOTA_SPENT",
                "F-3.3",
                f"额度已被占用或支出：可收回 {format_yuan(held)} 元，需要 {format_yuan(line.fen)} 元",
                f"{format_yuan(held)} yuan can be taken back, {format_yuan(line.fen)} yuan asked",
                ("只能收回未占用的额度", "only quota that is not promised can be taken back"),
                project_id=str(line.project_id),
                available=format_yuan(held),
                asked=format_yuan(line.fen),
            )
    return None


def spent_or_released(facts: AllocationFacts) -> Violation | None:
    """An allocation is done with when nothing of its money waits at its projects (§3.3)."""
    if facts.outstanding == 0:
        return None
    return refusal(
        "QUOTA_LEFT",
        "F-3.3",
        f"仍有 {format_yuan(facts.outstanding)} 元未支出或未收回",
        f"{format_yuan(facts.outstanding)} yuan are neither spent nor released",
        ("支出或收回后办结", "spend or release it first"),
    )


def _asked(lines: Sequence[AllocatedLine], field_name: str) -> dict[UUID, Fen]:
    found: dict[UUID, Fen] = {}
    for line in lines:
        key: UUID = getattr(line, field_name)
        found[key] = found.get(key, 0) + line.fen
    return found

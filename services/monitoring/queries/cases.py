"""Reads of identifications, comparisons, eliminations and episodes; states come from the floor's cases."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy import select

from services.monitoring.domain.comparison import HITS
from services.monitoring.domain.lines import KIND_NAMES, MonitorKind
from services.monitoring.tables.cases import ComparisonRow, HitRow, IdentificationRow
from services.monitoring.tables.episodes import EpisodeRow, LookBackRow, SnapshotRow
from services.monitoring.tables.households import HouseholdRow
from services.monitoring.workflows.elimination import ELIMINATION
from services.monitoring.workflows.identification import IDENTIFICATION
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.kernel.roles import Role
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal

_SHOW = """
SELECT i.*, f.id AS case_id, f.state, f.due_on, f.total_due_on, r.outcome, c.line_fen, c.position, c.line_test,
       c.per_capita_net_fen,
       (SELECT s.reason FROM case_step s WHERE s.case_id = f.id ORDER BY s.version DESC LIMIT 1) AS reason,
       (SELECT array_agg(DISTINCT CASE WHEN k.result IS NULL THEN 'open' WHEN k.result = 'clear' THEN 'passed'
                 WHEN NOT EXISTS (SELECT FROM comparison_hit h WHERE h.comparison_id = k.id AND h.answer IS NULL)
                 THEN 'settled' ELSE 'needs_explanation' END)
          FROM comparison k WHERE k.identification_id = i.id AND k.round = f.round) AS comparison
  FROM identification i JOIN case_file f ON f.subject_id = i.id JOIN risk r ON r.id = i.risk_id
  LEFT JOIN income_classification c ON c.id = i.classification_id
 WHERE i.id = $1"""
_LIST = """
SELECT i.id, i.area_code, i.household_id, i.opened_on, i.relapse_of, f.id AS case_id, f.state, f.due_on, f.total_due_on
  FROM identification i JOIN case_file f ON f.subject_id = i.id
 WHERE i.household_id = $1 ORDER BY i.id DESC"""
_ELIMINATION = """
SELECT e.*, f.id AS case_id, f.state, f.due_on FROM elimination e JOIN case_file f ON f.subject_id = e.id
 WHERE e.id = $1"""
_WORST = ("open", "needs_explanation", "settled", "passed")


class Rejection(BaseModel):
    """Why a household was not taken in, and whether its applicant has been told (M-ID-05)."""

    outcome: str
    reason: str
    rejected_on: date
    tell_by: date
    told_on: date | None
    told_channel: str | None


class IdentificationListed(BaseModel):
    """An identification and where it stands."""

    id: UUID
    case_id: UUID
    area_code: Area
    household_id: UUID
    state: str
    state_zh: str
    opened_on: date
    due_on: date | None
    total_due_on: date | None
    relapse_of: UUID | None


class IdentificationSeen(IdentificationListed):
    """One identification. Of the comparison only whether it passed; what a source said is the county's (M-PI-14)."""

    risk_id: UUID
    episode_id: UUID
    green_channel_on: date | None
    concluded_on: date | None
    per_capita_net: Yuan | None
    line: Yuan | None
    line_test: str | None
    position: str | None
    comparison: str | None
    proposed_kind: str | None
    kind: str | None
    kind_zh: str | None
    kind_reason: str
    rejection: Rejection | None


class HitSeen(BaseModel):
    """A hit with what was made of it."""

    id: UUID
    code: str
    zh: str
    treatment: str
    note: str
    answer: str | None
    reason: str
    settled_on: date | None


class ComparisonListed(BaseModel):
    """A source that was asked, and by when it answers."""

    id: UUID
    area_code: Area
    identification_id: UUID
    household_id: UUID
    source: str
    requested_on: date
    due_on: date
    result: str | None
    answered_on: date | None


class ComparisonSeen(ComparisonListed):
    """A source's answer with its hits, for the county."""

    round: int
    hits: list[HitSeen]


class LookBackSeen(BaseModel):
    """A look-back and what it found."""

    id: UUID
    due_on: date
    done_on: date | None
    found: str | None


class EliminationSeen(BaseModel):
    """One elimination and where it stands."""

    id: UUID
    case_id: UUID
    area_code: Area
    household_id: UUID
    episode_id: UUID
    state: str
    state_zh: str
    due_on: date | None
    mode: str
    natural_reason: str
    county_reason: str
    backstop_override: str
    proposed_on: date
    voided_on: date | None
    look_backs: list[LookBackSeen]


class SnapshotSeen(BaseModel):
    """The 13 fields of one moment, amounts in yuan (DQ-EL-01)."""

    moment: str
    taken_on: date
    elimination_id: UUID | None
    persons: int
    dropout: bool | None
    house_damaged: bool | None
    uninsured: bool | None
    water_damaged: bool | None
    wage: Yuan | None
    property: Yuan | None
    transfer: Yuan | None
    business: Yuan | None
    business_expense: Yuan | None
    net: Yuan
    per_capita: Yuan | None
    claims: Yuan | None
    self_paid: Yuan | None
    line: Yuan


class EpisodeSeen(BaseModel):
    """One episode of monitoring with its snapshots."""

    id: UUID
    area_code: Area
    household_id: UUID
    identification_id: UUID
    previous_id: UUID | None
    kind: str
    kind_zh: str
    risks: list[str]
    persons: int
    identified_on: date
    no_labour_backstop: bool
    eliminated_on: date | None
    mode: str | None
    elimination_id: UUID | None
    snapshots: list[SnapshotSeen]


async def identification(session: ReadSession, identification_id: UUID, actor: Actor) -> IdentificationSeen:
    """One identification; raises NotFound, also for a farmer who did not apply in it."""
    row = await session.raw.fetchrow(_SHOW, identification_id)
    if row is None or not _may_read(actor, row):
        raise not_found(IDENTIFICATION.zh, IDENTIFICATION.en)
    return IdentificationSeen(
        **_listed(row),
        per_capita_net=row["per_capita_net_fen"],
        line=row["line_fen"],
        **{name: row[name] for name in ("risk_id", "episode_id", "green_channel_on", "concluded_on", "line_test")},
        **{name: row[name] for name in ("position", "proposed_kind", "kind", "kind_reason")},
        kind_zh=KIND_NAMES[MonitorKind(row["kind"])] if row["kind"] else None,
        comparison=next((each for each in _WORST if each in (row["comparison"] or ())), None),
        rejection=_rejection(row),
    )


async def identifications(session: ReadSession, household_id: UUID) -> list[IdentificationListed]:
    """The identifications of a household, the newest first; raises NotFound."""
    await _known(session, household_id)
    return [IdentificationListed(**_listed(row)) for row in await session.raw.fetch(_LIST, household_id)]


async def comparisons_of(session: ReadSession, ring: KeyRing, identification_id: UUID) -> list[ComparisonSeen]:
    """The sources asked in a case, with hits in the clear; raises NotFound."""
    if await session.session.get(IdentificationRow, identification_id) is None:
        raise not_found(IDENTIFICATION.zh, IDENTIFICATION.en)
    asked = await session.session.scalars(
        select(ComparisonRow)
        .where(ComparisonRow.identification_id == identification_id)
        .order_by(ComparisonRow.round, ComparisonRow.source),
    )
    rows = asked.all()
    hits = await session.session.scalars(
        select(HitRow).where(HitRow.comparison_id.in_([row.id for row in rows])).order_by(HitRow.code),
    )
    by_comparison: dict[UUID, list[HitSeen]] = {row.id: [] for row in rows}
    for hit in hits:
        by_comparison[hit.comparison_id].append(_hit(ring, hit))
    return [ComparisonSeen(**_asked(row), round=row.round, hits=by_comparison[row.id]) for row in rows]


async def comparisons(
    session: ReadSession, page: PageRequest, area: AreaCode, source: str | None, *, open_only: bool
) -> Page[ComparisonListed]:
    """What sources are asked in an area; who is asked learns the household, not the case's course."""
    statement = select(ComparisonRow).where(ComparisonRow.area_code.between(*area.span))
    if source is not None:
        statement = statement.where(ComparisonRow.source == source)
    if open_only:
        statement = statement.where(ComparisonRow.result.is_(None))

    def listed(row: AnyRow) -> ComparisonListed:
        return ComparisonListed(**_asked(row.ComparisonRow))

    return await fetch_page(session, statement, (ComparisonRow.area_code, ComparisonRow.id), page, listed)


async def elimination(session: ReadSession, elimination_id: UUID) -> EliminationSeen:
    """One elimination; raises NotFound."""
    row = await session.raw.fetchrow(_ELIMINATION, elimination_id)
    if row is None:
        raise not_found(ELIMINATION.zh, ELIMINATION.en)
    look_backs = await session.session.scalars(
        select(LookBackRow).where(LookBackRow.elimination_id == elimination_id).order_by(LookBackRow.due_on),
    )
    plain = EliminationSeen.model_fields.keys() - {"area_code", "state_zh", "look_backs"}
    return EliminationSeen(
        **{name: row[name] for name in plain},
        area_code=AreaCode(row["area_code"]),
        state_zh=ELIMINATION.by_state[row["state"]].zh,
        look_backs=[
            LookBackSeen(id=each.id, due_on=each.due_on, done_on=each.done_on, found=each.found) for each in look_backs
        ],
    )


async def episodes(session: ReadSession, household_id: UUID) -> list[EpisodeSeen]:
    """The episodes of a household, the newest first; raises NotFound."""
    await _known(session, household_id)
    rows = await session.session.scalars(
        select(EpisodeRow)
        .where(EpisodeRow.household_id == household_id)
        .order_by(EpisodeRow.identified_on.desc(), EpisodeRow.id.desc()),
    )
    found = rows.all()
    taken = await session.session.scalars(
        select(SnapshotRow)
        .where(SnapshotRow.episode_id.in_([row.id for row in found]))
        .order_by(SnapshotRow.taken_on, SnapshotRow.id),
    )
    by_episode: dict[UUID, list[SnapshotSeen]] = {row.id: [] for row in found}
    for snapshot in taken:
        by_episode[snapshot.episode_id].append(_snapshot(snapshot))
    plain = EpisodeSeen.model_fields.keys() - {"area_code", "kind_zh", "snapshots"}
    return [
        EpisodeSeen(
            **{name: getattr(row, name) for name in plain},
            area_code=AreaCode(row.area_code),
            kind_zh=KIND_NAMES[MonitorKind(row.kind)],
            snapshots=by_episode[row.id],
        )
        for row in found
    ]


def _may_read(actor: Actor, row: asyncpg.Record) -> bool:
    """Staff read what lies in their area; a farmer reads the case in which he applied himself."""
    staff = frozenset(Role) - {Role.HOUSEHOLD}
    return actor.may(staff, row["area_code"]) or actor.id == row["applicant"]


async def _known(session: ReadSession, household_id: UUID) -> None:
    if await session.session.get(HouseholdRow, household_id) is None:
        raise not_found("农户", "household")


def _listed(row: asyncpg.Record) -> dict[str, Any]:
    plain = IdentificationListed.model_fields.keys() - {"area_code", "state_zh"}
    return {name: row[name] for name in plain} | {
        "area_code": AreaCode(row["area_code"]),
        "state_zh": IDENTIFICATION.by_state[row["state"]].zh,
    }


def _rejection(row: asyncpg.Record) -> Rejection | None:
    if row["rejected_on"] is None:
        return None
    names = ("outcome", "reason", "rejected_on", "tell_by", "told_on", "told_channel")
    return Rejection(**{name: row[name] for name in names})


def _asked(row: ComparisonRow) -> dict[str, Any]:
    plain = ComparisonListed.model_fields.keys() - {"area_code"}
    return {name: getattr(row, name) for name in plain} | {"area_code": AreaCode(row.area_code)}


def _hit(ring: KeyRing, row: HitRow) -> HitSeen:
    def opened(field: str, sealed: bytes | None) -> str:
        return unseal(ring, f"comparison_hit.{field}", row.id, sealed) if sealed else ""

    return HitSeen(
        id=row.id,
        code=row.code,
        zh=HITS[row.code].zh,
        treatment=HITS[row.code].treatment,
        note=opened("note", row.note_sealed),
        answer=row.answer,
        reason=opened("answer_reason", row.answer_reason_sealed),
        settled_on=row.settled_on,
    )


def _snapshot(row: SnapshotRow) -> SnapshotSeen:
    amounts = [name for name in SnapshotSeen.model_fields if hasattr(row, f"{name}_fen")]
    plain = SnapshotSeen.model_fields.keys() - set(amounts)
    return SnapshotSeen(
        **{name: getattr(row, name) for name in plain},
        **{name: getattr(row, f"{name}_fen") for name in amounts},
    )

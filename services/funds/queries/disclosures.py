"""What the public may read (公众查询): snapshots that hang, and a household's own published payments; never live data."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import column, func, literal, or_, select, table

from services.funds.tables.disclosures import (
    CONTENT,
    Disclosure,
    DisclosureItem,
    DisclosureLine,
    DisclosureProof,
    DisclosureWithdrawal,
)
from shared.contracts.wire import Area, Yuan
from shared.db.paging import AnyRow, AnySelect, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal_bytes

_FINDING = table(
    "finding", *map(column, ("id", "check_id", "severity", "area_code", "facts", "opened_at", "closed_at"))
)


class Frozen(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


class ItemShown(Frozen):
    """One item of the catalogue as it is in force."""

    code: str
    zh: str
    en: str
    level: str
    subject_kind: str
    duration: str
    fields: list[str]
    given: list[str]
    source: str


class SnapshotListed(Frozen):
    """One snapshot that hangs; `until_on` is empty when it stays."""

    id: UUID
    item: str
    level: str
    area_code: Area
    subject_id: UUID
    project_id: UUID | None
    policy: str
    period: str
    title: str
    version_no: int
    posted_on: date
    objections_until: date | None
    until_on: date | None
    sha256: str


class SnapshotShown(SnapshotListed):
    """One snapshot with its text; `sha256` is that of the text as JSON in UTF-8 with its keys in order, without spaces."""

    content: dict[str, Any]
    photos: int


class OwnPayment(Frozen):
    """What a published list says of one's own household."""

    disclosure_id: UUID
    title: str
    policy: str
    period: str
    amount: Yuan
    posted_on: date
    paid_on: date | None


class Missing(Frozen):
    """A duty that nobody met in time, as the last run of the checks found it (FW27)."""

    id: UUID
    check_id: str
    severity: str
    area_code: Area
    facts: dict[str, Any]


async def catalogue(session: ReadSession, today: date) -> list[ItemShown]:
    """The items in force today; a few dozen at most."""
    in_force = or_(DisclosureItem.valid_to.is_(None), DisclosureItem.valid_to >= today)
    rows = await session.session.scalars(
        select(DisclosureItem).where(DisclosureItem.valid_from <= today, in_force).order_by(DisclosureItem.code)
    )
    return [ItemShown.model_validate(row, from_attributes=True) for row in rows]


def hanging(today: date) -> AnySelect:
    """The snapshots that the public may see today: neither over nor taken back."""
    gone = select(literal(1)).where(DisclosureWithdrawal.disclosure_id == Disclosure.id).exists()
    stays = or_(Disclosure.until_on.is_(None), Disclosure.until_on >= today)
    return select(Disclosure).where(Disclosure.posted_on <= today, stays, ~gone)


async def list_snapshots(  # noqa: PLR0913  the filters of the public's search
    session: ReadSession,
    page: PageRequest,
    today: date,
    *,
    area: AreaCode | None = None,
    village: AreaCode | None = None,
    project_id: UUID | None = None,
    policy: str | None = None,
    item: str | None = None,
) -> Page[SnapshotListed]:
    """A page of snapshots, the newest first."""
    statement = hanging(today)
    if area is not None:
        statement = statement.where(Disclosure.area_code.between(*area.span))
    if village is not None:
        at_home = Disclosure.area_code == int(village)
        statement = statement.where(or_(at_home, Disclosure.villages.contains([int(village)])))
    if project_id is not None:
        statement = statement.where(Disclosure.project_id == project_id)
    if policy is not None:
        statement = statement.where(Disclosure.policy == policy)
    if item is not None:
        statement = statement.where(Disclosure.item == item)
    return await fetch_page(session, statement, (Disclosure.posted_on, Disclosure.id), page, _row, descending=True)


async def one_snapshot(session: ReadSession, keys: KeyRing, disclosure_id: UUID, today: date) -> SnapshotShown:
    """One snapshot with its text; raises NotFound, also when its time is over."""
    row = await session.session.scalar(hanging(today).where(Disclosure.id == disclosure_id))
    if row is None:
        raise not_found("正在公开的信息", "hanging disclosure")
    photos = await session.session.scalar(
        select(func.count()).select_from(DisclosureProof).where(DisclosureProof.disclosure_id == row.id)
    )
    return SnapshotShown(**_listed(row).model_dump(), content=content_of(keys, row), photos=photos or 0)


def content_of(keys: KeyRing, row: Disclosure) -> dict[str, Any]:
    """The text of a snapshot, opened if it was sealed."""
    if row.content_sealed is None:
        return row.content or {}
    opened: dict[str, Any] = orjson.loads(unseal_bytes(keys, CONTENT, row.id, bytes(row.content_sealed)))
    return opened


async def own_payments(session: ReadSession, page: PageRequest, household_id: UUID, today: date) -> Page[OwnPayment]:
    """What was published of a household, also on boards that hang no longer: it is the household's own."""
    gone = select(literal(1)).where(DisclosureWithdrawal.disclosure_id == Disclosure.id).exists()
    statement = (
        select(DisclosureLine, Disclosure)
        .join(Disclosure, Disclosure.id == DisclosureLine.disclosure_id)
        .where(DisclosureLine.household_id == household_id, Disclosure.posted_on <= today, ~gone)
    )
    return await fetch_page(
        session, statement, (DisclosureLine.disclosure_id, DisclosureLine.line_id), page, _payment, descending=True
    )


async def list_missing(session: ReadSession, page: PageRequest, area: AreaCode | None) -> Page[Missing]:
    """What is due and not published, or hung too short, within the reader's areas."""
    statement = select(*(_FINDING.c[name] for name in ("id", "check_id", "severity", "area_code", "facts"))).where(
        _FINDING.c.check_id.in_(("funds-FW27", "funds-FW27.short")), _FINDING.c.closed_at.is_(None)
    )
    if area is not None:
        statement = statement.where(_FINDING.c.area_code.between(*area.span))
    return await fetch_page(session, statement, (_FINDING.c.id,), page, _missing)


def _row(row: AnyRow) -> SnapshotListed:
    return _listed(row[0])


def _listed(row: Disclosure) -> SnapshotListed:
    shown = {name: getattr(row, name) for name in SnapshotListed.model_fields if name != "sha256"}
    return SnapshotListed(**shown, sha256=bytes(row.content_sha256).hex())


def _payment(row: AnyRow) -> OwnPayment:
    line, hung = row[0], row[1]
    return OwnPayment(
        disclosure_id=hung.id,
        title=hung.title,
        policy=hung.policy,
        period=line.period,
        amount=line.amount_fen,
        posted_on=hung.posted_on,
        paid_on=line.paid_on,
    )


def _missing(row: AnyRow) -> Missing:
    found = row._mapping  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
    return Missing(**{name: found[name] for name in Missing.model_fields})

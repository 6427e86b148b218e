"""Reads known bulletins: the list, one with printed and own figures and its findings, and the reports on them."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.funds.bulk.bulletin_rows import latest, policy_of, read_lines
from services.funds.domain.bulletins.kinds import BY_KIND, KINDS
from services.funds.domain.bulletins.model import Known
from services.funds.domain.bulletins.reckoning import Shown, beside, facts_of, figures_of
from services.funds.domain.refusals import refusal
from services.funds.queries.bulletin_live import LIVE, NAMED
from services.funds.tables.bulletins import KnownBulletin, KnownBulletinFinding
from shared.bulletins.findings import BulletinKind
from shared.contracts.wire import Area
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.reports.model import Rhythm, Row, Unit
from shared.reports.report import Asked, Report
from shared.reports.show import heading, shown
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, FINANCE_LEADER, LEADING_GROUP

READERS = BUREAU | FINANCE | LEADING_GROUP | {Role.AUDITOR}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class BulletinListed(_Model):
    """A bulletin that was taken in, with its findings by severity."""

    id: UUID
    area_code: Area
    kind: BulletinKind
    period_start: date
    title: str
    rows: int
    errors: int
    warnings: int
    notes: int
    sha256: str
    received_at: datetime


class OwnFigure(_Model):
    """One of our figures (应有数) beside those that the bulletin prints; `agrees` is null where it prints none.

    `exact` is in fen, in ones, or a part of one, as a fraction; `ours` as a report shows it.
    """

    key: str
    row: str
    column: str
    heading: str
    ours: str
    exact: str
    formula_zh: str
    formula_en: str
    printed: list[str]
    agrees: bool | None


class BulletinFinding(_Model):
    """A figure that is not what it should be, as the checker tells it."""

    row: str
    column: str
    printed: str
    recomputed: str
    relation: str
    severity: str
    kind: str
    row_number: int
    column_number: int
    follows: str = ""
    sheet: str = ""


class BulletinShown(_Model):
    """A bulletin with our figures and with what is wrong."""

    bulletin: BulletinListed
    level: str
    figures: list[OwnFigure]
    findings: list[BulletinFinding]


class LiveFigure(_Model):
    """A figure of the bulletin beside the one that the service's own rows give (台账数)."""

    key: str
    row: str
    column: str
    heading: str
    printed: list[str]
    ours: str
    live: str
    agrees: bool


class BulletinBesideRows(_Model):
    """A bulletin beside the county's own rows; some keys stand on one side alone."""

    bulletin_id: UUID
    figures: list[LiveFigure]
    findings: list[BulletinFinding]
    only_in_bulletin: list[str]
    only_in_rows: list[str]


async def list_bulletins(
    session: ReadSession, page: PageRequest, area: AreaCode, kind: BulletinKind | None
) -> Page[BulletinListed]:
    """Those of `area` and below it, the latest first."""
    low, high = area.span
    statement = select(KnownBulletin).where(KnownBulletin.area_code.between(low, high))
    if kind is not None:
        statement = statement.where(KnownBulletin.kind == kind.value)
    keys = (KnownBulletin.received_at, KnownBulletin.id)
    return await fetch_page(session, statement, keys, page, _row, descending=True)


async def one_bulletin(session: ReadSession, parameters: Parameters, bulletin_id: UUID) -> BulletinShown:
    """One bulletin, our figures made anew from its rows; raises NotFound."""
    row = await _found(session, bulletin_id)
    figures = await _figures(session, parameters, row)
    findings = await session.session.scalars(
        select(KnownBulletinFinding.content)
        .where(KnownBulletinFinding.bulletin_id == bulletin_id)
        .order_by(KnownBulletinFinding.finding_no)
    )
    return BulletinShown(
        bulletin=_listed(row),
        level=row.level,
        figures=[_figure(each) for each in figures],
        findings=[BulletinFinding(**each) for each in findings],
    )


async def bulletin_beside_rows(
    session: ReadSession, parameters: Parameters, calendar: Calendar, as_of: date, bulletin_id: UUID
) -> BulletinBesideRows:
    """What the bulletin says beside the county's own rows; raises NotFound, or Refused for kinds without such rows."""
    row = await _found(session, bulletin_id)
    gather = LIVE.get(BulletinKind(row.kind))
    if gather is None:
        raise Refused(_speaks_of_others(BulletinKind(row.kind)))
    asked = Asked(AreaCode(row.area_code), row.period_start, as_of, parameters, calendar)
    live = await gather(session.raw, asked)
    figures = await _figures(session, parameters, row)
    live_keys = {key for key, _ in live}
    keys = {each.key: each.key if each.key in live_keys else f"{NAMED}{each.row}" for each in figures}
    pairs = [(each, live[place]) for each in figures if (place := (keys[each.key], each.column.name)) in live]
    return BulletinBesideRows(
        bulletin_id=bulletin_id,
        figures=[_beside(each, figure) for each, figure in pairs],
        findings=[BulletinFinding(**finding.as_json()) for each, figure in pairs for finding in beside(each, figure)],
        only_in_bulletin=[key for key, meant in keys.items() if meant not in live_keys],
        only_in_rows=sorted(live_keys - set(keys.values())),
    )


def bulletin_report(known: Known) -> Report:
    """The report on the bulletin of an area and period that came last: our figures, made from its rows."""
    return Report(
        id=known.report_id,
        version=1,
        zh=f"{known.kind.zh}通报重算表",
        en=f"{known.en}, recomputed",
        rhythm=Rhythm.ONCE,
        columns=known.columns,
        gather=partial(_gather, known),
        readers=READERS,
        issuers=BUREAU_HEADS | FINANCE_LEADER,
        unit=Unit.WAN,
        rule="F-4.4",
        foot_zh="由导入通报的各行重新计算，小计、合计行不参与加总；统计期为通报所述期间的第一天，同期以最后导入的为准。",
    )


async def _gather(known: Known, raw: asyncpg.Connection, asked: Asked) -> Sequence[Row]:
    found = await latest(raw, known, int(asked.area), asked.start)
    if found is None:
        return []
    bulletin_id, level = found
    policy = await policy_of(asked.parameters, known, level, int(asked.area), asked.start)
    return facts_of(known, known.own(await read_lines(raw, bulletin_id), policy))


async def _found(session: ReadSession, bulletin_id: UUID) -> KnownBulletin:
    row = await session.session.get(KnownBulletin, bulletin_id)
    if row is None:
        raise not_found("该通报", "bulletin")
    return row


async def _figures(session: ReadSession, parameters: Parameters, row: KnownBulletin) -> list[Shown]:
    known = BY_KIND[BulletinKind(row.kind)]
    policy = await policy_of(parameters, known, row.level, row.area_code, row.period_start)
    return figures_of(known, await read_lines(session.raw, row.id), policy)


def _beside(each: Shown, live: int | Fraction) -> LiveFigure:
    return LiveFigure(
        key=each.key,
        row=each.row,
        column=each.column.name,
        heading=heading(each.column, Unit.WAN),
        printed=[stated.cell.print.text for stated in each.stated],
        ours=shown(each.column, Unit.WAN, each.ours),
        live=shown(each.column, Unit.WAN, live),
        agrees=not beside(each, live),
    )


def _speaks_of_others(kind: BulletinKind) -> Violation:
    return refusal(
        "BULLETIN_NOT_OURS",
        "F-4.4",
        f"“{kind.zh}”通报在本系统没有可对照的台账",
        f"the service has no rows of its own for bulletins of the kind {kind.value}",
        ("查看通报自身的重算结果", "see how the bulletin itself is recomputed"),
        known=[each.value for each in LIVE],
    )


def _figure(each: Shown) -> OwnFigure:
    return OwnFigure(
        key=each.key,
        row=each.row,
        column=each.column.name,
        heading=heading(each.column, Unit.WAN),
        ours=shown(each.column, Unit.WAN, each.ours),
        exact=str(each.ours),
        formula_zh=each.words.zh,
        formula_en=each.words.en,
        printed=[stated.cell.print.text for stated in each.stated],
        agrees=not each.findings if each.stated else None,
    )


def _row(row: AnyRow) -> BulletinListed:
    return _listed(row.KnownBulletin)


def _listed(row: KnownBulletin) -> BulletinListed:
    same = ("id", "period_start", "title", "rows", "errors", "warnings", "notes", "received_at")
    values: dict[str, Any] = {name: getattr(row, name) for name in same}
    return BulletinListed(
        **values, area_code=AreaCode(row.area_code), kind=BulletinKind(row.kind), sha256=row.sha256.hex()
    )


BULLETIN_REPORTS = tuple(bulletin_report(known) for known in KINDS)

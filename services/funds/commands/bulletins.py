"""Takes in known bulletins (已知通报): a file that an area received or publishes becomes rows, recomputed and compared."""

import asyncio
import hashlib
import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select

from services.funds.bulk.alone import alone
from services.funds.bulk.bulletin_rows import SEALED, policy_of, write_findings, write_lines
from services.funds.domain.bulletins.examining import checker, examine
from services.funds.domain.bulletins.kinds import BY_KIND, KINDS
from services.funds.domain.bulletins.model import Known, Policy
from services.funds.domain.project_content import FundLevel
from services.funds.domain.refusals import refusal
from services.funds.parameters.library import LIBRARY_PARAMETERS
from services.funds.parameters.supervision import SUPERVISION_PARAMETERS
from services.funds.tables.bulletins import KnownBulletin
from shared.bulletins.findings import BulletinKind, Severity
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.vault.seal import seal_bytes
from shared.workflow.desks import BUREAU, FINANCE


class ReceiveBulletin(Command):
    """Receive a bulletin (接收通报): its rows are kept and examined; the bytes stay out of journal and keys."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU | FINANCE

    kind: BulletinKind
    area_code: Area
    period_start: date
    """The first day of what the bulletin speaks about."""
    title: str = Field(default="", max_length=200)
    level: FundLevel = "central"
    """The level of the money, where a limit depends on it."""
    unit: Literal["", "元", "万元", "亿元"] = ""
    """The unit of amounts, where the table names none."""
    sha256: str = ""
    content: bytes = Field(exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _known_by_content(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "sha256": hashlib.sha256(given["content"]).hexdigest()}


class BulletinReceived(BaseModel):
    """What came of it: rows read, and findings by severity."""

    id: UUID
    kind: BulletinKind
    sha256: str
    rows: int
    errors: int
    warnings: int
    notes: int


async def receive_bulletin(tx: Write, command: ReceiveBulletin, ctx: Context) -> BulletinReceived:
    """Keep the file, its rows and its findings; the same bytes for the same period again give what they gave before."""
    area, sha256 = int(command.area_code), bytes.fromhex(command.sha256)
    await alone(tx.raw, "bulletin", area, command.kind.value, command.period_start, command.sha256)
    before = await tx.session.scalar(
        select(KnownBulletin).where(
            KnownBulletin.area_code == area,
            KnownBulletin.kind == command.kind.value,
            KnownBulletin.period_start == command.period_start,
            KnownBulletin.sha256 == sha256,
        )
    )
    if before is not None:
        return _told(before)
    known = BY_KIND.get(command.kind)
    if known is None:
        raise Invalid(_unknown_kind(command.kind))
    policy = await policy_of(tx.parameters, known, command.level, area, command.period_start)
    examined = await asyncio.to_thread(examine, known, command.content, policy, command.unit)
    found = Counter(each.severity for each in examined.report.findings)
    bulletin_id = new_id()
    row = KnownBulletin(
        id=bulletin_id,
        area_code=area,
        kind=command.kind.value,
        period_start=command.period_start,
        title=command.title,
        level=command.level,
        unit=command.unit,
        sha256=sha256,
        content_sealed=seal_bytes(
            ctx.keys, SEALED, bulletin_id, await asyncio.to_thread(zlib.compress, command.content, 1)
        ),
        rows=len(examined.lines),
        errors=found[Severity.ERROR],
        warnings=found[Severity.WARNING],
        notes=found[Severity.INFO],
        received_by=ctx.actor.id,
        received_at=ctx.now,
    )
    tx.session.add(row)
    await tx.session.flush()
    await write_lines(tx.raw, bulletin_id, area, examined.lines)
    await write_findings(tx.raw, bulletin_id, area, examined.report.findings)
    tx.changed("bulletin", bulletin_id, command.area_code)
    return _told(row)


def _told(row: KnownBulletin) -> BulletinReceived:
    return BulletinReceived(
        id=row.id,
        kind=BulletinKind(row.kind),
        sha256=row.sha256.hex(),
        rows=row.rows,
        errors=row.errors,
        warnings=row.warnings,
        notes=row.notes,
    )


def _unknown_kind(kind: BulletinKind) -> Any:
    return refusal(
        "BULLETIN_KIND",
        "F-4.4",
        f"本服务不重算“{kind.zh}”通报",
        f"bulletins of the kind {kind.value} are not recomputed here",
        ("改用通报核对", "have the table checked instead"),
        field="/kind",
        known=[each.value for each in BY_KIND],
    )


_DEFAULTS = {each.name: each for each in (*LIBRARY_PARAMETERS, *SUPERVISION_PARAMETERS)}


def _default_policy(known: Known) -> Policy:
    """What a kind is measured by where no county has adopted anything: central money, the declared defaults."""
    declared = {name: _DEFAULTS[name.format(level="central")] for name in known.parameters}
    return {name: Fraction(each.default) if each.default else None for name, each in declared.items()}


CHECKERS = {known.kind.value: checker(known, _default_policy(known)) for known in KINDS}
HANDLERS: Mapping[type[Command], Handler] = {ReceiveBulletin: receive_bulletin}

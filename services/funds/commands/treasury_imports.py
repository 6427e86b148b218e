"""Files of the treasury (预算管理一体化) come in: good rows are kept and matched, bad ones go back, none counts twice."""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, ClassVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import func, select

from services.funds.bulk import treasury as sets
from services.funds.bulk.treasury import PAYEE, SEALED, NewLine
from services.funds.commands.payees import ACCOUNT
from services.funds.commands.treasury_policy import dated_policy
from services.funds.commands.treasury_recording import NAME, record_lines
from services.funds.domain.library import text_key
from services.funds.domain.payment_modes import PaymentMode, records
from services.funds.domain.refusals import refusal
from services.funds.domain.treasury_columns import (
    REQUIRED,
    FileKind,
    System,
    columns_known,
    is_wan,
    names_of,
    places_of,
)
from services.funds.domain.treasury_rows import (
    Fault,
    IndicatorRow,
    PaymentRow,
    Read,
    filled_rows,
    indicator_rows,
    payment_rows,
)
from services.funds.parameters.treasury import PAYMENT_MODE
from services.funds.tables.treasury import TreasuryFault, TreasuryImport, TreasuryIndicator, TreasuryLine
from shared.checks.model import Check
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id, new_ids
from shared.kernel.roles import Role
from shared.sheets.files import read_whole
from shared.sheets.headings import find_headings
from shared.vault.index import blind_index_many
from shared.vault.seal import seal_bytes, seal_column
from shared.workflow.desks import FINANCE, TREASURY

_LEAST_COLUMNS = 2
_MOST_ROWS = 200_000


Mapped = Annotated[str, Field(pattern=r"^[a-z_]{2,20}=[^\x00-\x1f]{1,80}$", examples=["serial=凭证编号"])]
"""A column and the county's own heading for it (列映射)."""


class _Receive(Command):
    """A file with what its headings mean; the bytes stay out of journal and keys."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE | TREASURY

    area_code: Area
    system: System = System.INTEGRATED
    columns: Annotated[tuple[Mapped, ...], Field(max_length=20)] = ()
    """Where the county's headings differ from the system's."""
    sha256: str = ""
    content: bytes = Field(exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _known_by_content(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "sha256": hashlib.sha256(given["content"]).hexdigest()}


class ReceiveTreasuryPayments(_Receive):
    """Receive a file of payments that the treasury made (支付明细); those that find their contract are posted."""


class ReceiveTreasuryIndicators(_Receive):
    """Receive a file of indicators (指标) as the treasury's system keeps them, to be compared with ours."""


class TreasuryReport(BaseModel):
    """What became of a file: rows refused and known before; of payments, lines by outcome, and the fen posted of all."""

    id: UUID
    kind: FileKind
    rows: int
    refused: int
    repeated: int
    posted: int = 0
    held: int = 0
    unmatched: int = 0
    set_aside: int = 0
    amount: Yuan = 0
    posted_amount: Yuan = 0


async def receive_payments(
    tx: Write, command: ReceiveTreasuryPayments, ctx: Context, checks: Sequence[Check]
) -> TreasuryReport:
    """Keep the file, take its lines, post what matches; the same bytes again give what they gave before."""
    await sets.lock_county(tx.raw, int(command.area_code))
    if (known := await _known(tx, command, FileKind.PAYMENTS)) is not None:
        return await report(tx, known)
    form, read = await asyncio.to_thread(_read_payments, command, ctx.today)
    policy = await dated_policy(tx, (PAYMENT_MODE,), command.area_code)
    _refuse_instructed(read, policy.mode_on)
    earlier = await sets.known_lines(tx.raw, int(command.area_code), [row.serial for row in read.good])
    names = await asyncio.to_thread(_names, ctx, read.good)
    fresh: list[tuple[PaymentRow, bytes]] = []
    kept = _Kept(FileKind.PAYMENTS, form, read.faults, days=_days(read.good))
    for row, name in zip(read.good, names, strict=True):
        before = earlier.get(row.serial)
        if before is None:
            fresh.append((row, name))
        elif before == (row.amount, row.paid_on, name):
            kept.repeated += 1
        else:
            kept.faults[row.number] = [Fault("serial", "SERIAL_DIFFERS", "流水号已导入过，但金额、日期或收款人不同")]
    kept.rows = len(fresh) + kept.repeated + len(kept.faults)
    import_id = await _keep(tx, ctx, command, kept)
    if fresh:
        lines = await asyncio.to_thread(_sealed, ctx, fresh)
        await sets.insert_lines(tx.raw, int(command.area_code), import_id, lines)
        await record_lines(tx, ctx, command.area_code, checks, [line.id for line in lines])
    return await report(tx, import_id)


async def receive_indicators(tx: Write, command: ReceiveTreasuryIndicators, ctx: Context) -> TreasuryReport:
    """Keep the file and its rows; how they compare with ours is asked when they are looked at."""
    await sets.lock_county(tx.raw, int(command.area_code))
    if (known := await _known(tx, command, FileKind.INDICATORS)) is not None:
        return await report(tx, known)
    form, read = await asyncio.to_thread(_read_indicators, command)
    kept = _Kept(FileKind.INDICATORS, form, read.faults, rows=len(read.good) + len(read.faults))
    import_id = await _keep(tx, ctx, command, kept)
    if read.good:
        rows = [
            (row.number, row.document_no, row.amount, row.unit, row.category, row.origin_year, row.is_direct_fund)
            for row in read.good
        ]
        await sets.insert_indicators(tx.raw, int(command.area_code), import_id, rows)
    return await report(tx, import_id)


async def _known(tx: Write, command: _Receive, kind: FileKind) -> UUID | None:
    if command.area_code.level is not AreaLevel.COUNTY:
        raise Invalid(_file("NOT_A_COUNTY", "/area_code", "国库文件以县为单位", "the treasury's files are a county's"))
    found: UUID | None = await tx.session.scalar(
        select(TreasuryImport.id).where(
            TreasuryImport.area_code == int(command.area_code),
            TreasuryImport.kind == kind.value,
            TreasuryImport.sha256 == _fingerprint(command),
        )
    )
    return found


def _fingerprint(command: _Receive) -> bytes:
    """The bytes with what their headings were said to mean: a file may be sent again under a better mapping."""
    said = "\n".join([command.sha256, command.system, *sorted(command.columns)])
    return hashlib.sha256(said.encode()).digest()


def _refuse_instructed(read: Read[PaymentRow], mode_on: Any) -> None:
    """Payments of days on which the county instructed here are no records; a file without any other is refused."""
    modes: dict[date, PaymentMode] = {day: mode_on(day) for day in {row.paid_on for row in read.good}}
    if modes and (told := records(PaymentMode.INSTRUCT)) and set(modes.values()) == {PaymentMode.INSTRUCT}:
        raise Refused(told)
    for row in read.good:
        if modes[row.paid_on] is PaymentMode.INSTRUCT:
            read.faults[row.number] = [Fault("paid_on", "PAYMENT_MODE", "该日本县在本系统发出支付指令，不补录")]
    read.good = [row for row in read.good if row.number not in read.faults]


@dataclass(slots=True)
class _Kept:
    """What is kept of a file beside its bytes."""

    kind: FileKind
    form: str
    faults: dict[int, list[Fault]]
    rows: int = 0
    repeated: int = 0
    days: tuple[date | None, date | None] = (None, None)


def _days(rows: Sequence[PaymentRow]) -> tuple[date | None, date | None]:
    days = [row.paid_on for row in rows]
    return min(days, default=None), max(days, default=None)


async def _keep(tx: Write, ctx: Context, command: _Receive, kept: _Kept) -> UUID:
    import_id = new_id()
    packed = await asyncio.to_thread(zlib.compress, command.content, 1)
    tx.session.add(
        TreasuryImport(
            id=import_id,
            area_code=int(command.area_code),
            kind=kept.kind.value,
            sha256=_fingerprint(command),
            form=kept.form,
            settings=command.model_dump(mode="json", include={"system", "columns"}),
            content_sealed=seal_bytes(ctx.keys, SEALED, import_id, packed),
            rows=kept.rows,
            repeated=kept.repeated,
            from_on=kept.days[0],
            until_on=kept.days[1],
            received_by=ctx.actor.id,
            received_at=ctx.now,
        )
    )
    await tx.session.flush()
    if kept.faults:
        faults = {
            number: [{"field": each.field, "code": each.code, "zh": each.zh} for each in own]
            for number, own in kept.faults.items()
        }
        await sets.insert_faults(tx.raw, int(command.area_code), import_id, faults)
    tx.changed("treasury_import", import_id, command.area_code)
    return import_id


def _read_payments(command: ReceiveTreasuryPayments, today: date) -> tuple[str, Read[PaymentRow]]:
    form, cells = _cells(command.content, FileKind.PAYMENTS, command.system, command.columns)
    return form, payment_rows(cells, today)


def _read_indicators(command: ReceiveTreasuryIndicators) -> tuple[str, Read[IndicatorRow]]:
    form, cells = _cells(command.content, FileKind.INDICATORS, command.system, command.columns)
    return form, indicator_rows(cells)


def _cells(content: bytes, kind: FileKind, system: System, mapped: Sequence[str]) -> tuple[str, Any]:
    """Form and rows of a file: work for a thread; raises Invalid."""
    own = dict(each.split("=", 1) for each in mapped)
    if unknown := set(own) - names_of(kind):
        told = f"没有名为“{min(unknown)}”的列", f"there is no column {min(unknown)}"
        raise Invalid(_file("COLUMN_UNKNOWN", "/columns", *told))
    form, rows = read_whole(content)
    known = columns_known(kind, system, own)
    headings = find_headings(rows, known, _LEAST_COLUMNS)
    places = places_of(headings.paths, known) if headings else {}
    missing = [name for name in REQUIRED[kind] if name not in places]
    if headings is None or missing:
        words = "、".join(missing)
        raise Invalid(
            _file(
                "FILE_HEADER", "/file", f"找不到必需的列：{words}，请指明其表头", f"no headings for {words}; map them"
            )
        )
    if len(rows) > _MOST_ROWS:
        raise Invalid(_file("FILE_TOO_LONG", "/file", f"超过 {_MOST_ROWS} 行", f"more than {_MOST_ROWS} rows"))
    wan = is_wan(headings.paths, rows[: headings.first_row])
    return form, filled_rows(rows, headings.first_data_row, places, wan=wan)


def _names(ctx: Context, rows: Sequence[PaymentRow]) -> list[bytes]:
    return blind_index_many(ctx.keys, NAME, (text_key(row.payee_name) for row in rows))


def _sealed(ctx: Context, rows: Sequence[tuple[PaymentRow, bytes]]) -> list[NewLine]:
    """The lines as they are stored: work for a thread."""
    ids = new_ids(len(rows))
    texts = (
        orjson.dumps({"name": row.payee_name, "account": row.payee_account, "approvals": row.approvals}).decode()
        for row, _ in rows
    )
    sealed = seal_column(ctx.keys, PAYEE, [line.bytes for line in ids], texts)
    accounts = blind_index_many(ctx.keys, ACCOUNT, (row.payee_account for row, _ in rows))
    return [
        NewLine(
            id=line,
            row_no=row.number,
            serial=row.serial,
            paid_on=row.paid_on,
            document_no=row.document_no,
            contract_no=row.contract_no,
            purpose=row.purpose,
            invoice=row.invoice,
            stage=row.stage,
            amount_fen=row.amount,
            recoup_fen=row.recoup,
            sealed=box,
            name_index=name,
            account_index=account if row.payee_account else None,
        )
        for line, (row, name), box, account in zip(ids, rows, sealed, accounts, strict=True)
    ]


async def report(tx: Write, import_id: UUID) -> TreasuryReport:
    """How a file stands."""
    row = await tx.session.get_one(TreasuryImport, import_id)
    refused = select(func.count()).select_from(TreasuryFault).where(TreasuryFault.import_id == import_id)
    of_file = select(func.count(), func.sum(TreasuryIndicator.amount_fen))
    count, fen = (await tx.session.execute(of_file.where(TreasuryIndicator.import_id == import_id))).one()
    found = await tx.session.execute(
        select(TreasuryLine.outcome, func.count(), func.sum(TreasuryLine.amount_fen))
        .where(TreasuryLine.import_id == import_id)
        .group_by(TreasuryLine.outcome)
    )
    by_outcome = {outcome: (lines, int(sums)) for outcome, lines, sums in found}
    return TreasuryReport(
        id=import_id,
        kind=FileKind(row.kind),
        rows=row.rows,
        refused=await tx.session.scalar(refused) or 0,
        repeated=row.repeated,
        **{name: by_outcome.get(name, (0, 0))[0] for name in ("posted", "held", "unmatched", "set_aside")},
        amount=sum(sums for _, sums in by_outcome.values()) + (int(fen) if count else 0),
        posted_amount=by_outcome.get("posted", (0, 0))[1],
    )


def _file(code: str, field: str, zh: str, en: str) -> Violation:
    return refusal(code, "D16", zh, en, ("核对文件后重新上传", "correct the file and upload it again"), field=field)


def handlers(checks: Sequence[Check]) -> Mapping[type[Command], Handler]:
    """The handlers; `checks` are the rules that speak as soon as payments are recorded."""
    return {
        ReceiveTreasuryPayments: partial(receive_payments, checks=checks),
        ReceiveTreasuryIndicators: receive_indicators,
    }

"""Posting (记账): entries, lines and balances in one statement, so that many writers can meet on one balance."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson

from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import format_yuan
from shared.ledger.model import Amount, Book, Line


class Transaction(Protocol):
    """What posting needs of a running command's transaction."""

    @property
    def raw(self) -> asyncpg.Connection: ...


class Cause(Protocol):
    """What posting needs of the command's context: who caused the entry, and when."""

    @property
    def id(self) -> UUID: ...
    @property
    def now(self) -> datetime: ...
    @property
    def today(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry to write: `document` names the paper it stands for, once per template (L5); `on` defaults to today."""

    template: str
    document: str
    amounts: Sequence[Amount]
    on: date | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    id: UUID
    template: str
    document: str
    on: date
    lines: Sequence[Line]
    reverses: UUID | None = None


async def post(  # noqa: PLR0913  an entry says all this
    tx: Transaction,
    ctx: Cause,
    book: Book,
    template: str,
    amounts: Sequence[Amount],
    *,
    document: str,
    area: int,
    on: date | None = None,
    rule: str = "",
) -> UUID:
    """Write one entry in the ledger of `area` and return its id; see post_many."""
    return (await post_many(tx, ctx, book, (Posting(template, document, amounts, on),), area=area, rule=rule))[0]


async def post_many(
    tx: Transaction,
    ctx: Cause,
    book: Book,
    postings: Sequence[Posting],
    *,
    area: int,
    rule: str = "",
) -> list[UUID]:
    """Write the entries of one command, all or none, and return their ids; a balance counts once for all of them.

    Raises Refused INSUFFICIENT under `rule`, or the account's own, when a balance would fall below its floor (L3), and
    ALREADY_POSTED for a document posted before (L5). The transaction is then dead and has to be rolled back.
    """
    entries = [
        _Entry(new_id(), one.template, one.document, one.on or ctx.today, book.lines(one.template, one.amounts))
        for one in postings
    ]
    if entries:
        await _write(tx.raw, ctx, book, entries, area, rule)
    return [entry.id for entry in entries]


async def reverse(
    tx: Transaction,
    ctx: Cause,
    book: Book,
    entry_id: UUID,
    *,
    document: str,
    on: date | None = None,
    rule: str = "",
) -> UUID:
    """Write the linked opposite (红字冲销) of an entry, once, in the same cells and years (L2); return its id.

    Raises NotFound, and Refused as post_many does; a second reversal is ALREADY_POSTED.
    """
    found = await tx.raw.fetch(_lines_of(book.group, book.dimensions), entry_id)
    if not found:
        raise not_found("该分录", "ledger entry")
    width = len(book.dimensions)
    lines = [Line(row[0], row[1], tuple(row[2 : 2 + width]), row[2 + width], -row[3 + width]) for row in found]
    first = found[0]
    entry = _Entry(new_id(), first["template"], document, on or ctx.today, lines, entry_id)
    await _write(tx.raw, ctx, book, [entry], first["area_code"], rule)
    return entry.id


async def _write(
    raw: asyncpg.Connection,
    ctx: Cause,
    book: Book,
    entries: Sequence[_Entry],
    area: int,
    rule: str,
) -> None:
    lines = [(entry.id, number, *line) for entry in entries for number, line in enumerate(entry.lines, 1)]
    moved = book.movements(line for entry in entries for line in entry.lines)
    parts = (
        [(one.id, one.template, one.document, one.on, len(one.lines), one.reverses) for one in entries],
        [(entry, no, account, group, year, fen, *values) for entry, no, account, group, values, year, fen in lines],
        [
            (cell.account, cell.group, cell.fiscal_year, fen, book.account(cell.account).floor, *cell.dimensions)
            for cell, fen in moved.items()
        ],
    )
    columns = [column for rows in parts for column in zip(*rows, strict=True)]
    with _refusals(book, [entry.document for entry in entries], rule):
        await raw.execute(_insert(book.group, book.dimensions), int(area), ctx.now, ctx.id, *columns)


@cache
def _insert(group: str, dimensions: tuple[str, ...]) -> str:
    """The one statement. Balances are locked in the order of their keys, so writers never wait in a circle."""
    own = [f"{name} uuid" for name in dimensions]
    entry, line, cell = _rows(
        4,
        ["id uuid", "template text", "document text", "on_day date", "line_count int", "reverses uuid"],
        ["entry_id uuid", "line_no int", "account text", f"{group} uuid", "fiscal_year int", "signed_fen bigint", *own],
        ["account text", f"{group} uuid", "fiscal_year int", "amount_fen bigint", "floor_fen bigint", *own],
    )
    key = ", ".join([group, "account", *dimensions, "fiscal_year"])
    return f"""
WITH entry AS (
  INSERT INTO ledger_entry(area_code, at, command_id, {entry.names})
  SELECT $1, $2, $3, {entry.names} FROM {entry.source}
), line AS (
  INSERT INTO ledger_line(area_code, {line.names})
  SELECT $1, {line.names} FROM {line.source}
)
INSERT INTO ledger_balance AS balance (area_code, {cell.names})
SELECT $1, {cell.names} FROM {cell.source} ORDER BY {key}
ON CONFLICT ({key}, area_code) DO UPDATE SET amount_fen = balance.amount_fen + excluded.amount_fen"""  # noqa: S608  names of the book


@cache
def _lines_of(group: str, dimensions: tuple[str, ...]) -> str:
    names = ", ".join(["account", group, *dimensions, "fiscal_year", "signed_fen"])
    return f"""
SELECT {names}, entry.template, entry.area_code FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = entry_id
WHERE entry_id = $1 ORDER BY line_no"""  # noqa: S608  names of the book


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows handed over as one array for each column."""

    names: str
    source: str


def _rows(first: int, *parts: Sequence[str]) -> Iterator[_Rows]:
    """Each part's column names, and its arrays as a set of rows; parameters are numbered from `first` on."""
    for part in parts:
        names, types = zip(*(column.split() for column in part), strict=True)
        arrays = ", ".join(f"${first + i}::{kind}[]" for i, kind in enumerate(types))
        yield _Rows(", ".join(names), f"unnest({arrays}) AS given({', '.join(names)})")
        first += len(part)


@contextmanager
def _refusals(book: Book, documents: Sequence[str], rule: str) -> Iterator[None]:
    """Turn the database's two refusals into ours; anything else is a defect and passes."""
    try:
        yield
    except asyncpg.CheckViolationError as fault:
        if fault.constraint_name != "ledger_floor" or fault.detail is None:
            raise
        raise Refused(_insufficient(book, orjson.loads(fault.detail), rule)) from fault
    except asyncpg.UniqueViolationError as fault:
        if fault.constraint_name not in {"ledger_entry_document", "ledger_entry_reversed"}:
            raise
        raise Refused(_already_posted(documents)) from fault


def _insufficient(book: Book, detail: dict[str, Any], rule: str) -> Violation:
    account = book.account(detail["account"])
    available, asked = format_yuan(detail["available_fen"]), format_yuan(detail["asked_fen"])
    return Violation(
        "INSUFFICIENT",
        f"{account.zh}余额不足：可用 {available} 元，需要 {asked} 元",
        f"{account.en}: {available} yuan available, {asked} yuan asked",
        rule=rule or account.rule,
        remedy_zh="核减金额，或先补足该科目",
        remedy_en="ask for less, or add to this account first",
        facts={"account": account.code, book.group: detail["group"], "available": available, "asked": asked},
    )


def _already_posted(documents: Sequence[str]) -> Violation:
    return Violation(
        "ALREADY_POSTED",
        "该单据已记账，不得重复",
        "this document has been posted before",
        rule="L5",
        remedy_zh="查看原分录；需要更正时先冲销",
        remedy_en="look at the first entry; to correct it, reverse it",
        facts={"documents": list(documents)},
    )

"""Reading the ledger: balances as they stand or stood, what sources still hold, and statements line by line."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import asyncpg

from shared.kernel.money import Fen
from shared.ledger.model import NOWHERE, Book, Side

Value: TypeAlias = UUID | int | str
Where: TypeAlias = Mapping[str, Value | Collection[Value]]
"""Column to its value or possible values: `account`, `fiscal_year`, `area_code`, the book's group and dimensions."""

Balances: TypeAlias = dict[tuple[Any, ...], Fen]
"""Sums by the values of the columns that were asked for."""

_TYPES = {"account": "text", "fiscal_year": "int", "area_code": "bigint"}
_FROM_START = (NOWHERE, 0)


class Held(NamedTuple):
    """What one source, a group in one fiscal year, still holds, in fen."""

    group: UUID
    fiscal_year: int
    fen: Fen


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a statement (明细账); `fen` > 0 on `side`."""

    entry_id: UUID
    line_no: int
    template: str
    document: str
    on: date
    reverses: UUID | None
    account: str
    side: Side
    fen: Fen
    group: UUID
    dimensions: Mapping[str, UUID]
    fiscal_year: int


async def balance(raw: asyncpg.Connection, book: Book, account: str, **where: Value | Collection[Value]) -> Fen:
    """The balance (余额) of `account` over all cells that match, e.g. `project_id=…`; 0 where nothing was posted."""
    return (await balances_by(raw, book, (account,), by=(), where=where)).get((), 0)


async def balances_by(
    raw: asyncpg.Connection,
    book: Book,
    accounts: Collection[str],
    *,
    by: Sequence[str],
    where: Where | None = None,
) -> Balances:
    """Balances summed by the columns `by`: one query for any number of accounts and subjects.

    Raises ValueError for accounts of both sides without "account" in `by`.
    """
    sides = _sides(book, accounts, by)
    clause, values = _where(book, "kept", {**(where or {}), "account": list(sides)})
    columns = _columns(book, "kept", by)
    rows = await raw.fetch(
        f"SELECT {columns}coalesce(sum(amount_fen), 0)::bigint AS fen FROM ledger_balance AS kept WHERE {clause} {_grouped(by)}",  # noqa: S608  names of the book
        *values,
    )
    return {tuple(row)[:-1]: row["fen"] for row in rows}


async def balances_as_of(
    raw: asyncpg.Connection,
    book: Book,
    accounts: Collection[str],
    *,
    by: Sequence[str],
    as_of: date,
    where: Where | None = None,
) -> Balances:
    """As balances_by, but folded from the lines of all entries up to and including the day `as_of`."""
    sides = _sides(book, accounts, by)
    clause, values = _where(book, "line", {**(where or {}), "account": list(sides)})
    columns = _columns(book, "line", by)
    rows = await raw.fetch(
        f"SELECT {columns}coalesce(sum(signed_fen), 0)::bigint AS fen"  # noqa: S608  names of the book
        " FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id"
        f" WHERE {clause} AND entry.on_day <= ${len(values) + 1} {_grouped(by)}",
        *values,
        as_of,
    )
    only = next(iter(sides.values()))
    return {tuple(row)[:-1]: row["fen"] * sides.get(row.get("account", ""), only) for row in rows}


async def remaining(
    raw: asyncpg.Connection,
    book: Book,
    account: str,
    where: Where,
    *,
    lock: bool = False,
) -> list[Held]:
    """The sources that still hold something of `account`, ordered by group and year: input of split_remaining.

    `where` names a value for each dimension of the account. With `lock` the balances stay as they are until the
    transaction ends; they are locked in the order in which posting locks them. Raises ValueError.
    """
    if missing := set(book.account(account).dimensions) - where.keys():
        raise ValueError(f"account {account} is kept by {', '.join(sorted(missing))} as well")
    clause, values = _where(book, "kept", {**where, "account": account})
    rows = await raw.fetch(
        f"SELECT {book.group}, fiscal_year, amount_fen FROM ledger_balance AS kept"  # noqa: S608  names of the book
        f" WHERE {clause} AND amount_fen > 0"
        f" ORDER BY {', '.join([book.group, 'account', *book.dimensions, 'fiscal_year'])} {'FOR UPDATE' if lock else ''}",
        *values,
    )
    return [Held(*row) for row in rows]


async def statement(
    raw: asyncpg.Connection,
    book: Book,
    where: Where,
    *,
    until: date | None = None,
    after: tuple[UUID, int] = _FROM_START,
    limit: int = 200,
) -> list[Movement]:
    """Lines in the order they were written, at most `limit` after the key (entry id, line number) of the last page."""
    clause, values = _where(book, "line", where)
    first = len(values) + 1
    rows = await raw.fetch(
        f"SELECT line.*, template, document, on_day, reverses"  # noqa: S608  names of the book
        " FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id"
        f" WHERE {clause} AND (line.entry_id, line.line_no) > (${first}::uuid, ${first + 1}::int)"
        f" AND (${first + 2}::date IS NULL OR entry.on_day <= ${first + 2})"
        f" ORDER BY line.entry_id, line.line_no LIMIT ${first + 3}",
        *values,
        *after,
        until,
        limit,
    )
    return [_movement(book, row) for row in rows]


def _movement(book: Book, row: asyncpg.Record) -> Movement:
    return Movement(
        entry_id=row["entry_id"],
        line_no=row["line_no"],
        template=row["template"],
        document=row["document"],
        on=row["on_day"],
        reverses=row["reverses"],
        account=row["account"],
        side=Side.DEBIT if row["signed_fen"] > 0 else Side.CREDIT,
        fen=abs(row["signed_fen"]),
        group=row[book.group],
        dimensions={name: row[name] for name in book.dimensions if row[name] is not None},
        fiscal_year=row["fiscal_year"],
    )


def _sides(book: Book, accounts: Collection[str], by: Sequence[str]) -> dict[str, Side]:
    """The normal side of each account; adding up accounts of both sides would mean nothing."""
    sides = {code: book.account(code).normal for code in accounts}
    if not sides or ("account" not in by and len(set(sides.values())) > 1):
        raise ValueError(f"accounts of one side, or apart by account: {', '.join(sides) or 'none given'}")
    return sides


def _columns(book: Book, table: str, names: Iterable[str]) -> str:
    """A list of known columns, each with its comma."""
    return "".join(f"{table}.{_known(book, name)}, " for name in names)


def _grouped(by: Sequence[str]) -> str:
    places = ", ".join(str(place) for place in range(1, len(by) + 1))
    return f"GROUP BY {places} ORDER BY {places}" if by else ""


def _where(book: Book, table: str, where: Where) -> tuple[str, list[Value | list[Value]]]:
    """A condition on known columns, and its parameters from $1 on."""
    conditions: list[str] = []
    values: list[Value | list[Value]] = []
    for name, wanted in where.items():
        column, kind = f"{table}.{_known(book, name)}", _TYPES.get(name, "uuid")
        place = f"${len(values) + 1}"
        if isinstance(wanted, UUID | int | str):  # a plain equation keeps the order of an index
            conditions.append(f"{column} = {place}::{kind}")
            values.append(wanted)
        else:
            conditions.append(f"{column} = ANY({place}::{kind}[])")
            values.append(list(wanted))
    return " AND ".join(conditions) or "true", values


def _known(book: Book, name: str) -> str:
    """`name`, if it is a column that the tables of `book` have; raises ValueError."""
    if name not in {*_TYPES, book.group, *book.dimensions}:
        raise ValueError(f"book {book.name} has no column {name!r}")
    return name

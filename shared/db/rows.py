"""Mapped rows through the driver: what SQLAlchemy loads by key, at a fraction of its cost, and once a transaction."""

from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, manager_of_class, set_committed_value
from sqlalchemy.orm.util import identity_key

Row = TypeVar("Row", bound=DeclarativeBase)


class Transaction(Protocol):
    """What loading needs of a running command's transaction."""

    @property
    def session(self) -> AsyncSession: ...
    @property
    def raw(self) -> asyncpg.Connection: ...


async def hold(tx: Transaction, kind: type[Row], row_id: UUID, *, lock: bool = True) -> Row | None:
    """The row with the key `row_id`, locked until the transaction ends; a second call gives the same object unread.

    Without `lock` somebody else's change could be missed: only for rows that a lock on another row protects.
    """
    held: dict[Any, Any] = tx.session.info.setdefault("held", {})
    if (kind, row_id) not in held:
        found = await tx.raw.fetchrow(_select(kind, lock=lock), row_id)
        if found is None:
            return None
        held[kind, row_id] = _attached(tx.session, kind, dict(found))
    row: Row = held[kind, row_id]
    return row


@cache
def _select(kind: type[Any], *, lock: bool) -> str:
    mapper = inspect(kind)
    columns = ", ".join(f"{column.name} AS {mapper.get_property_by_column(column).key}" for column in mapper.columns)
    (key,) = mapper.primary_key
    return f"SELECT {columns} FROM {mapper.local_table.name} WHERE {key.name} = $1{' FOR UPDATE' if lock else ''}"  # noqa: S608  mapped names


def _attached(session: AsyncSession, kind: type[Row], values: dict[str, Any]) -> Row:
    """The row as the session would have loaded it: it is written when it changes."""
    known: Row | None = session.sync_session.identity_map.get(identity_key(kind, values["id"]))
    if known is not None:
        for name, value in values.items():
            set_committed_value(known, name, value)
        return known
    row: Row = manager_of_class(kind).new_instance()
    instance_dict(row).update(values)
    make_transient_to_detached(row)
    session.add(row)
    return row

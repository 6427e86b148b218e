"""Lists are paged by key: a page is read from behind the last row seen, never by counting rows (no offset, no total).

The cursor (游标) is opaque and signed; it belongs to one query with its filters and to no other.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.orm import QueryableAttribute

from shared.db.sessions import ReadSession
from shared.kernel.errors import Invalid, Violation
from shared.vault.keys import KeyRing

T = TypeVar("T")
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
_MAC_BYTES = 16
_READERS: dict[str, Callable[[Any], Any]] = {
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "i": int,
    "s": str,
}


class Page(BaseModel, Generic[T]):
    """One page (分页); `next_cursor` is None on the last one."""

    model_config = ConfigDict(frozen=True)

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Cursors:
    """Writes and reads cursors; `secret` is the same for all processes of a deployment."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, ring: KeyRing) -> "Cursors":
        """The cursors of the deployment that owns `ring`."""
        return cls(hmac.digest(ring.index.secret, b"page cursors", hashlib.sha256))

    def write(self, values: Sequence[Any], query: bytes) -> str:
        """The cursor behind the row with these key values."""
        body = orjson.dumps([_tagged(value) for value in values])
        return base64.urlsafe_b64encode(self._mac(body, query) + body).decode().rstrip("=")

    def read(self, cursor: str, query: bytes) -> list[Any]:
        """The key values in `cursor`; raises Invalid when it was altered or belongs to another query."""
        try:
            packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            packed = b""
        mac, body = packed[:_MAC_BYTES], packed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body, query)):
            raise _strange_cursor()
        return [_READERS[tag](value) for tag, value in orjson.loads(body)]

    def _mac(self, body: bytes, query: bytes) -> bytes:
        return hmac.digest(self.secret, b"cursor\0" + query + body, hashlib.sha256)[:_MAC_BYTES]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for."""

    cursors: Cursors
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


async def fetch_page(
    session: ReadSession,
    statement: AnySelect,
    keys: Sequence[ColumnElement[Any] | QueryableAttribute[Any]],
    request: PageRequest,
    into: Callable[[AnyRow], T],
    *,
    descending: bool = False,
) -> Page[T]:
    """The asked page of `statement`, ordered by `keys`: unique together, never null, all in one direction.

    Raises Invalid for a cursor that is not of this query and its filters.
    """
    query = _fingerprint(session, statement, descending=descending)
    wanted = statement.add_columns(*(key.label(f"page_key_{n}") for n, key in enumerate(keys)))
    if request.cursor is not None:
        seen = tuple_(*map(literal, request.cursors.read(request.cursor, query), [key.type for key in keys]))
        wanted = wanted.where(tuple_(*keys) < seen if descending else tuple_(*keys) > seen)
    wanted = wanted.order_by(*(key.desc() if descending else key.asc() for key in keys)).limit(request.limit + 1)
    rows = (await session.session.execute(wanted)).all()
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    return Page(
        items=[into(row) for row in shown],
        next_cursor=request.cursors.write(shown[-1][-len(keys) :], query) if more else None,
    )


def _fingerprint(session: ReadSession, statement: AnySelect, *, descending: bool) -> bytes:
    """Stands for the query and every value it filters by, so that no caller can forget to state one."""
    compiled = statement.compile(dialect=session.session.get_bind().dialect)
    return hashlib.sha256(repr((str(compiled), compiled.params, descending)).encode()).digest()


def _tagged(value: Any) -> tuple[str, Any]:
    match value:
        case UUID():
            return "u", str(value)
        case datetime():
            return "t", value.isoformat()
        case date():
            return "d", value.isoformat()
        case int():
            return "i", value
        case str():
            return "s", value
    raise TypeError(f"{type(value).__name__} cannot be a page key")


def _strange_cursor() -> Invalid:
    return Invalid(
        Violation(
            "CURSOR_INVALID",
            "分页游标无效，或不属于本次查询条件",
            "the cursor is broken or belongs to another query",
            field="/query/cursor",
            remedy_zh="查询条件变更后请从第一页重新读取",
            remedy_en="begin with the first page after changing a filter",
        ),
    )

"""The bulletin (公示公告栏): notices that hang out, for everybody, with exactly the fields of their templates."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Boolean, Date, LargeBinary, Text, Uuid, column, select, table
from sqlalchemy.dialects.postgresql import JSONB

from shared.contracts.wire import Area
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode

_notice = table(
    "case_notice",
    column("id", Uuid),
    column("case_id", Uuid),
    column("level", Text),
    column("posted_on", Date),
    column("last_day", Date),
    column("permanent", Boolean),
    column("content", JSONB),
    column("content_sha256", LargeBinary),
    column("area_code", BigInteger),
    column("closed_on", Date),
)


class Posted(BaseModel):
    """One notice; `content` is the published text, `sha256` proves that it was not changed since."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    case_id: UUID
    area_code: Area
    level: str
    posted_on: date
    last_day: date
    permanent: bool
    content: dict[str, Any]
    sha256: str


async def posted_notices(session: ReadSession, area: AreaCode, page: PageRequest) -> Page[Posted]:
    """The notices that hang out in `area` and below it, the newest first."""
    low, high = area.span
    shown = [_notice.c[name] for name in ("id", "case_id", "area_code", "level", "posted_on", "last_day")]
    statement = select(*shown, _notice.c.permanent, _notice.c.content, _notice.c.content_sha256).where(
        _notice.c.closed_on.is_(None),
        _notice.c.area_code.between(low, high),
    )
    return await fetch_page(session, statement, (_notice.c.posted_on, _notice.c.id), page, _posted, descending=True)


def _posted(row: AnyRow) -> Posted:
    found = row._mapping  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
    return Posted(
        **{name: found[name] for name in Posted.model_fields if name != "sha256"},
        sha256=bytes(found["content_sha256"]).hex(),
    )

"""The metadata of monitoring's tables, and the column types they share."""

from typing import Annotated

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import DeclarativeBase, mapped_column

from shared.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of the mapped rows."""

    metadata = new_metadata()


Area = Annotated[int, mapped_column(BigInteger)]
"""A 12-digit area code; the wall between areas compares it with the session's scope."""

Sealed = Annotated[bytes, mapped_column(LargeBinary)]
"""A personal field, sealed under `table.column` and the row's id."""

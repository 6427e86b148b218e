"""The metadata that all tables of this service share, and a column they have in common."""

from typing import Annotated

from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, mapped_column

from shared.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of the mapped rows; columns only."""

    metadata = new_metadata()


AreaNumber = Annotated[int, mapped_column(BigInteger)]
"""An area code that nobody searches by: of an owner, or of a row that is found through its parent."""

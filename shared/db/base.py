"""What every mapped table shares: names of constraints, and column types of the field."""

from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """The metadata of one service; services share no table."""
    return MetaData(naming_convention=NAMING)


RowId = Annotated[UUID, mapped_column(primary_key=True)]
"""A UUIDv7 made in Python."""

FenColumn = Annotated[int, mapped_column(BigInteger)]
"""An amount in fen."""

AreaColumn = Annotated[int, mapped_column(BigInteger, index=True)]
"""A 12-digit area code; forced row-level security compares it with the scope of the session."""

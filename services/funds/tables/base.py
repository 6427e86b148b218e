"""The metadata that all tables of this service share."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of the mapped rows; columns only."""

    metadata = new_metadata()

"""The metadata that all tables of this service share."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from shared.db.base import new_metadata


class Base(DeclarativeBase):
    """Base of the mapped rows; columns only."""

    metadata = new_metadata()
    type_annotation_map = {str: Text(), datetime: DateTime(timezone=True)}  # noqa: RUF012  SQLAlchemy's own name

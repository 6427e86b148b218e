"""What every answer of this service shares, and where the cases of a subject stand as a column of a SELECT."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Boolean, ColumnElement, Text, Uuid, column, select, table
from sqlalchemy.orm import InstrumentedAttribute

from shared.workflow.model import Workflow


class Shown(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(frozen=True)


CASE_FILE = table(
    "case_file",
    column("workflow", Text),
    column("subject_id", Uuid),
    column("state", Text),
    column("is_open", Boolean),
)


def state_of(
    workflow: Workflow, subject: ColumnElement[Any] | InstrumentedAttribute[UUID]
) -> ColumnElement[str | None]:
    """The state of the subject's case; NULL when it has none."""
    query = select(CASE_FILE.c.state).where(
        CASE_FILE.c.workflow == workflow.name,
        CASE_FILE.c.subject_id == subject,
    )
    return query.scalar_subquery()

"""The floor's table of cases, for queries that show the state of a row."""

from uuid import UUID

from sqlalchemy import ColumnElement, column, table
from sqlalchemy.orm import QueryableAttribute

CASE = table(
    "case_file",
    *(column(name) for name in ("workflow", "subject_id", "state", "version", "due_on", "escalated")),
)


def case_of(subject: QueryableAttribute[UUID], workflow: str) -> ColumnElement[bool]:
    """Joins CASE to the row whose id is `subject`."""
    return (CASE.c.workflow == workflow) & (CASE.c.subject_id == subject)

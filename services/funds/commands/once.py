"""Tells a broken uniqueness rule of the database as the refusal it means: the same paper is never used twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import IntegrityError

from shared.db.faults import constraint
from shared.kernel.errors import Refused, Violation


@asynccontextmanager
async def once(rule: str, violation: Violation) -> AsyncIterator[None]:
    """Raise Refused with `violation` when what is done inside breaks the index or constraint `rule`."""
    try:
        yield
    except (IntegrityError, asyncpg.UniqueViolationError) as fault:
        if constraint(fault) != rule:
            raise
        raise Refused(violation) from fault

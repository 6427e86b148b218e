"""The numbered outbox as the relay and the embedded transport read it: records in the order of `pos`."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from shared.db.sessions import session_settings
from shared.kernel.actors import SYSTEM
from shared.messaging.transport import Record

READ = "SELECT pos, topic, key, sequence, id, type, envelope::text AS envelope FROM outbox_log"
UNSENT = """
SELECT at FROM outbox WHERE pos IS NULL
UNION ALL
SELECT at FROM outbox WHERE published_at IS NULL AND pos > (SELECT sent_upto FROM outbox_counter)"""
"""When that was committed which is not on the log yet, or not known to be."""

_SECONDS = 30
# Row-level security hides from the planner how many rows there are: it must not choose to read the whole log.
_BY_INDEX = {"enable_seqscan": "off", "enable_bitmapscan": "off"}


async def connect(dsn: str, name: str, **settings: str) -> asyncpg.Connection:
    """A connection of our own, not of a pool: it holds a session lock and sees events of every area."""
    connection: asyncpg.Connection = await asyncpg.connect(
        dsn,
        timeout=_SECONDS,
        command_timeout=_SECONDS,
        server_settings={**session_settings(SYSTEM), **_BY_INDEX, "application_name": name, **settings},
    )
    return connection


def to_records(source: str, rows: Sequence[Any]) -> tuple[Record, ...]:
    """Numbered rows as records; the body is what `catalogue.encode` makes of the envelope with its number."""
    return tuple(
        Record(
            source=source,
            pos=row["pos"],
            topic=row["topic"],
            key=row["key"],
            sequence=row["sequence"],
            id=row["id"],
            type=row["type"],
            body=_body(row["envelope"], row["sequence"]),
        )
        for row in rows
    )


def _body(envelope: str, sequence: int) -> bytes:
    parsed = orjson.loads(envelope)
    if isinstance(parsed, dict):
        parsed["sequence"] = f"{sequence:012d}"
    return orjson.dumps(parsed, option=orjson.OPT_SORT_KEYS)

"""The same file is taken in by one command at a time, so that the next finds what the first has made of it."""

import asyncpg

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def alone(raw: asyncpg.Connection, *named: object) -> None:
    """Wait until no other transaction holds this name; it is held to the end of this one."""
    await raw.execute(_ALONE, "/".join(map(str, named)))

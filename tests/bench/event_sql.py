"""The limit of delivery: the same events numbered, read and claimed by bare SQL in the same batches, nothing decoded."""

from dataclasses import dataclass

import asyncpg

_NUMBERED, _READ = 1000, 500
"""The batches of relay and dispatch."""

_TABLES = """
CREATE TABLE bench_outbox (LIKE outbox INCLUDING ALL);
CREATE TABLE bench_key (topic text, key uuid, last_sequence bigint NOT NULL, PRIMARY KEY (topic, key))"""
_COPY = """
INSERT INTO bench_outbox(id, topic, key, type, area_code, envelope, at)
SELECT id, topic, key, type, area_code, envelope, at FROM outbox WHERE pos IS NULL ORDER BY seq"""
_NUMBER = """
WITH fresh AS MATERIALIZED (SELECT id, seq FROM bench_outbox WHERE pos IS NULL ORDER BY seq LIMIT $1)
UPDATE bench_outbox SET pos = fresh.seq, sequence = fresh.seq, published_at = now() FROM fresh
 WHERE bench_outbox.id = fresh.id"""
_NEXT = """
SELECT pos, topic, key, sequence, id, type, envelope::text FROM bench_outbox WHERE pos > $1 ORDER BY pos LIMIT $2"""
_CLAIM = """
INSERT INTO bench_key AS known (topic, key, last_sequence)
SELECT topic, key, max(sequence) FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS new(topic, key, sequence)
 GROUP BY topic, key
ON CONFLICT (topic, key) DO UPDATE SET last_sequence = excluded.last_sequence"""


@dataclass(slots=True)
class BareLog:
    """A copy of the outbox, and how far it has been read."""

    connection: asyncpg.Connection
    position: int = 0

    @classmethod
    async def create(cls, connection: asyncpg.Connection) -> "BareLog":
        """Make the tables."""
        await connection.execute(_TABLES)
        return cls(connection)

    async def copy_backlog(self) -> None:
        """Take what has no number yet; needs a superuser, whom the wall lets through."""
        await self.connection.execute(_COPY)
        await self.connection.execute("ANALYZE bench_outbox")

    async def move(self) -> None:
        """Number, read and claim all that was taken."""
        while await self.connection.execute(_NUMBER, _NUMBERED) != "UPDATE 0":
            for _ in range(_NUMBERED // _READ):
                rows = await self.connection.fetch(_NEXT, self.position, _READ)
                if rows:
                    await self.connection.execute(
                        _CLAIM, *([row[name] for row in rows] for name in ("topic", "key", "sequence"))
                    )
                    self.position = rows[-1]["pos"]

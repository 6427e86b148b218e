"""Takes an import to its end: one command for each part, so that a crash costs one part and whoever comes next goes on."""

import asyncio
from uuid import UUID

from services.monitoring.bulk import batches, parts
from services.monitoring.bulk.import_reports import ImportReport
from services.monitoring.bulk.parts import SealedPart
from services.monitoring.bulk.reading import Reading, Ready, read_part, reading_of
from services.monitoring.commands.imports import MergeImport
from shared.commands.pipeline import Pipeline
from shared.kernel.actors import Actor

DONE = "DONE"


async def merge_all(
    pipeline: Pipeline,
    actor: Actor,
    import_id: UUID,
    correlation: UUID | None = None,
) -> ImportReport:
    """Take what is left of an import; raises NotFound. While the database takes a part, the next one is read.

    Two callers at once share the parts: each is taken under a lock, once.
    """
    ahead = _Ahead(pipeline, actor, import_id)
    try:
        after_row = await ahead.standing()
        while True:
            outcome = await pipeline.run(
                MergeImport(import_id=import_id, after_row=after_row, ready=await ahead.take(after_row)),
                actor=actor,
                key=f"import:{import_id}:{after_row}",
                correlation=correlation,
            )
            standing = ImportReport.model_validate(outcome.result)
            if standing.status == DONE:
                return standing
            after_row = standing.last_row
    finally:
        await ahead.close()


class _Ahead:
    """Reads the parts of one import, one part ahead, in a thread: a part takes as long to read as to store."""

    def __init__(self, pipeline: Pipeline, actor: Actor, import_id: UUID) -> None:
        self._database, self._keys = pipeline.database, pipeline.resources.keys
        self._actor, self._import_id = actor, import_id
        self._reading: Reading | None = None
        self._task: asyncio.Task[tuple[int, Ready | None]] | None = None

    async def standing(self) -> int:
        """The row up to which the import is taken. Of an import that is finished or not seen, nothing is read."""
        async with self._database.read(self._actor) as session:
            batch = await batches.found(session.raw, self._import_id)
            if batch is not None and not batch.is_done:
                self._reading = await reading_of(session.raw, self._keys, batch)
        return parts.HEADINGS if batch is None else batch.last_row

    async def take(self, after_row: int) -> Ready | None:
        """The part behind `after_row`, and the next one begun; None when there is none."""
        if self._reading is None:
            return None
        read_from, ready = await self._task if self._task else (after_row, await self._read(self._reading, after_row))
        if read_from != after_row:  # somebody else has taken parts in the meantime
            ready = await self._read(self._reading, after_row)
        if ready is not None:
            self._task = asyncio.create_task(self._read_from(self._reading, ready.last_row))
        return ready

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _read_from(self, reading: Reading, after_row: int) -> tuple[int, Ready | None]:
        return after_row, await self._read(reading, after_row)

    async def _read(self, reading: Reading, after_row: int) -> Ready | None:
        part: SealedPart | None
        async with self._database.read(self._actor) as session:
            part = await parts.part_after(session.raw, self._import_id, after_row)
        return None if part is None else await asyncio.to_thread(read_part, self._keys, reading, part)

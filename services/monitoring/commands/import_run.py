"""Takes an import to its end: one command for each chunk, so that a crash costs one chunk and whoever comes next goes on."""

from uuid import UUID

from services.monitoring.bulk.import_reports import ImportReport
from services.monitoring.commands.imports import MergeImport
from shared.commands.pipeline import Pipeline
from shared.kernel.actors import Actor

DONE = "DONE"


async def merge_all(
    pipeline: Pipeline,
    actor: Actor,
    import_id: UUID,
    correlation: UUID | None = None,
    *,
    after_row: int = 0,
) -> ImportReport:
    """Merge what is left of an import; raises NotFound. Chunks that were merged before only tell where the import stands.

    Two callers at once share the chunks: each is merged under a lock, once.
    """
    while True:
        outcome = await pipeline.run(
            MergeImport(import_id=import_id, after_row=after_row),
            actor=actor,
            key=f"import:{import_id}:{after_row}",
            correlation=correlation,
        )
        standing = ImportReport.model_validate(outcome.result)
        if standing.status == DONE:
            return standing
        after_row = standing.last_row

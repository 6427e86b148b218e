"""Takes an import to its end: one command for each chunk, so that a crash costs one chunk and whoever comes next goes on."""

from uuid import UUID

from services.monitoring.commands.imports import ImportReport, MergeImport
from shared.commands.pipeline import Pipeline
from shared.kernel.actors import Actor


async def merge_all(
    pipeline: Pipeline,
    actor: Actor,
    standing: ImportReport,
    correlation: UUID | None = None,
) -> ImportReport:
    """Merge what is left of an import. Two callers at once share the chunks: each chunk is merged under a lock, once."""
    while standing.status != "DONE":
        outcome = await pipeline.run(
            MergeImport(import_id=standing.id, after_row=standing.last_row),
            actor=actor,
            key=f"import:{standing.id}:{standing.last_row}",
            correlation=correlation,
        )
        standing = ImportReport.model_validate(outcome.result)
    return standing

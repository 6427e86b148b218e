"""What ends with a household that nobody belongs to any more (A53): its episode, its helpers, its measures, its clues."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from services.monitoring.commands.dispositions import dispose_clues_of_risk
from services.monitoring.commands.episodes import end_naturally, open_episode, release_helpers
from services.monitoring.commands.identification_steps import IDENTIFICATION_BINDING
from services.monitoring.commands.measures import MEASURE_BINDING
from services.monitoring.commands.risks import clear_risk
from services.monitoring.domain.clues import Disposition
from services.monitoring.domain.risk import Outcome
from services.monitoring.tables.measures import MeasureRow
from shared.cases.advance import Move, advance
from shared.commands.command import Context, Write
from shared.kernel.actors import SYSTEM

_STATE = "SELECT state FROM case_file WHERE workflow = $1 AND subject_id = $2"
_UNFINISHED = frozenset({"ENROLLED", "PLANNED"})


async def end_with_household(tx: Write, ctx: Context, household_id: UUID) -> None:
    """End the episode naturally, release helpers, cancel open measures, and close the risk (§6.5).

    The household must be closed. What follows from that no person decides, so the steps are the system's.
    """
    await tx.session.flush()
    await release_helpers(tx, ctx, household_id)
    episode = await open_episode(tx, household_id)
    if episode is None:
        return
    end_naturally(episode, ctx)
    await tx.session.flush()
    tx.changed("episode", episode.id, episode.area_code)
    by_system = replace(ctx, actor=SYSTEM)
    for measure_id in await _undelivered(tx, episode.id):
        await advance(tx, by_system, MEASURE_BINDING, measure_id, Move("cancel", reason="农户销户"))
    name = IDENTIFICATION_BINDING.workflow.name
    if await tx.raw.fetchval(_STATE, name, episode.identification_id) in _UNFINISHED:
        await advance(tx, by_system, IDENTIFICATION_BINDING, episode.identification_id, Move("end_with_episode"))
    await clear_risk(tx, ctx, episode.risk_id, Outcome.EPISODE_ENDED)
    await dispose_clues_of_risk(tx, ctx, episode.risk_id, Disposition.DECEASED_OR_MOVED)


async def _undelivered(tx: Write, episode_id: UUID) -> list[UUID]:
    found = await tx.session.scalars(
        select(MeasureRow.id)
        .where(MeasureRow.episode_id == episode_id)
        .where(MeasureRow.delivered_on.is_(None), MeasureRow.cancelled_on.is_(None))
        .order_by(MeasureRow.id),
    )
    return list(found)

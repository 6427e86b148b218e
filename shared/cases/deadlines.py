"""The deadline sweep (超期预警): collects overdue cases only; each is checked again under lock by its own command."""

from datetime import date
from uuid import UUID

from shared.cases.commands import EscalateCase
from shared.commands.pipeline import Pipeline
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import NATION
from shared.parameters.floor import ESCALATION_DAYS
from shared.parameters.lookup import Parameters

_OVERDUE = """
SELECT id, escalated FROM case_file
 WHERE is_open AND least(due_on, total_due_on) + escalated * $2::int < $1 AND escalated < 3 AND id > $3
 ORDER BY id LIMIT 500"""


async def sweep(pipeline: Pipeline, today: date) -> int:
    """Escalate each overdue case one level (village, township, county), some days apart; gives how many."""
    last, count = UUID(int=0), 0
    async with pipeline.database.read(SYSTEM) as session:
        parameters = Parameters(session.raw, pipeline.resources.parameters)
        days_between: int = await parameters.get(ESCALATION_DAYS.name, NATION, today)
    while True:
        async with pipeline.database.read(SYSTEM) as session:
            rows = await session.raw.fetch(_OVERDUE, today, days_between, last)
        if not rows:
            return count
        for row in rows:
            key = f"escalate:{row['id']}:{row['escalated']}"
            await pipeline.run(EscalateCase(case_id=row["id"]), actor=SYSTEM, scope="deadlines", key=key)
        last, count = rows[-1]["id"], count + len(rows)

"""The rent sweep (租金逾期巡查): collects contracts in arrears; each is checked again under lock by its own step."""

from datetime import date
from uuid import UUID

from services.assets.workflows.operation import OPERATION
from shared.cases.commands import TakeStep
from shared.commands.pipeline import Pipeline
from shared.kernel.actors import SYSTEM

_LATE = """
SELECT DISTINCT contract_id FROM rent_instalment
  JOIN case_file ON subject_id = contract_id AND workflow = $1
 WHERE case_file.state = 'ACTIVE' AND paid_fen < amount_fen AND rent_instalment.due_on < $2 AND contract_id > $3
 ORDER BY contract_id LIMIT 500"""


async def sweep_rent(pipeline: Pipeline, today: date) -> int:
    """Mark each active contract with unpaid rent past its day as overdue; gives how many."""
    last, count = UUID(int=0), 0
    while True:
        async with pipeline.database.read(SYSTEM) as session:
            rows = await session.raw.fetch(_LATE, OPERATION.name, today, last)
        if not rows:
            return count
        for row in rows:
            step = TakeStep(workflow=OPERATION.name, subject_id=row["contract_id"], step="mark_overdue")
            await pipeline.run(step, actor=SYSTEM, scope="rent", key=f"overdue:{row['contract_id']}:{today}")
        last, count = rows[-1]["contract_id"], count + len(rows)

"""Facts of progress made by night (进度日结): all counties of a day in one statement, so that a province is read at once."""

from datetime import date, timedelta
from typing import ClassVar

from pydantic import BaseModel

from services.funds.bulk.progress_facts import make_facts
from services.funds.domain.refusals import refusal
from shared.commands.command import Command, Context, Handler, Write
from shared.commands.pipeline import Pipeline
from shared.contracts.parts import Count, Year
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Invalid
from shared.kernel.roles import Role


class MakeProgressFacts(Command):
    """Make the facts of a day that is over; made again they are replaced."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM, Role.OPERATOR})

    fiscal_year: Year
    as_of: date


class FactsMade(BaseModel):
    """How many units have facts of that day."""

    units: Count


async def make_progress_facts(tx: Write, command: MakeProgressFacts, ctx: Context) -> FactsMade:
    """One statement over the ledger of all areas in the actor's scope."""
    if command.as_of >= ctx.today:
        raise Invalid(
            refusal(
                "CUT_OFF",
                "§4.4",
                "截止日须在今天之前",
                "the day has to be over",
                ("以前一日24时的数据为准", "take the state at the end of a day that is over"),
                field="/as_of",
            ),
        )
    return FactsMade(units=await make_facts(tx.raw, command.fiscal_year, command.as_of, ctx.now))


async def sweep_progress(pipeline: Pipeline, today: date) -> int:
    """Once a day: the facts of yesterday, of its year and of the one before; gives how many commands it gave."""
    yesterday = today - timedelta(days=1)
    given = 0
    for year in (yesterday.year, yesterday.year - 1):
        command = MakeProgressFacts(fiscal_year=year, as_of=yesterday)
        outcome = await pipeline.run(command, actor=SYSTEM, scope="progress", key=f"{year}:{yesterday}")
        given += not outcome.replayed
    return given


HANDLERS: dict[type[Command], Handler] = {MakeProgressFacts: make_progress_facts}

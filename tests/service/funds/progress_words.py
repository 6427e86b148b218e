"""Facts of progress made, read and issued as a province does it; the words of tests and benches."""

from datetime import date

from services.funds.commands.progress import MakeProgressFacts
from services.funds.queries.progress_facts import AreaProgress, progress_of
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.areas import AreaCode
from shared.reports.commands import IssueReport
from shared.reports.model import Rhythm
from shared.reports.periods import period_of
from shared.testing.services import Bench


async def make_facts(it: Bench, year: int, as_of: date) -> int:
    """Make the facts of a day, by one command; gives how many units have them."""
    outcome = await it.run(MakeProgressFacts(fiscal_year=year, as_of=as_of), SYSTEM)
    units: int = outcome.result["units"]
    return units


async def read_facts(it: Bench, reader: Actor, area: str, year: int) -> AreaProgress:
    """What the route answers, in a session of the reader's own."""
    async with it.database.read(reader) as session:
        return await progress_of(session, AreaCode.parse(area), year, None)


async def issue(it: Bench, issuer: Actor, area: str, as_of: date, note: str = "") -> int:
    """Freeze the report of the half month in which the day lies; gives its rows."""
    start = period_of(Rhythm.FORTNIGHT, as_of)
    command = IssueReport(report_id="funds.progress", area_code=area, period_start=start, as_of=as_of, note=note)
    rows: int = (await it.run(command, issuer)).result["rows"]
    return rows

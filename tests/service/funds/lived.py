"""A county in the middle of its year: works settled, households paid, money in transit with its alert, a report issued."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.funds.commands.progress import sweep_progress
from shared.checks.commands import RunChecks
from shared.kernel.actors import SYSTEM
from shared.kernel.days import local_day
from shared.kernel.ids import new_id
from shared.reports.commands import IssueReport
from shared.reports.model import Rhythm
from shared.reports.periods import period_of
from tests.service.funds.county import COUNTY, FUND, County, bureau_clerk, entry, finance_leader
from tests.service.funds.households import POLICY, Households, line
from tests.service.funds.works import Works, funded


@dataclass(frozen=True)
class Lived:
    """What the story leaves: works, households, and the batch that the bank has not answered."""

    works: Works
    households: Households
    answered: UUID
    waiting: UUID

    @property
    def county(self) -> County:
        return self.works.county


async def live(county: County) -> Lived:
    """The clock stands ten days behind the last instruction, and one night has looked at it."""
    works = await funded(county)
    contract = await built(works)
    households = await for_households(works)
    answered = await households.sent("1500.00", "1500.00", "800.00", total="3800.00")
    await households.answer(answered, paid=[1, 3], failed=[2])
    again = [line(seq, "1000.00", period="2023-06") for seq in (1, 2)]
    waiting = await households.make(again, "2000.00")
    await households.instruct(waiting)
    await works.pay(contract, "balance", "154697.54")
    county.bench.clock.forward(days=10)
    await nightly(county)
    await report(county)
    return Lived(works, households, answered, waiting)


async def built(works: Works) -> UUID:
    """The worked example up to its settlement (§3.10, steps 1 to 6)."""
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    for _ in range(2):
        await works.certify(contract, "480000.00")
        await works.pay(contract, "progress", "240000.00", "144000.00")
    await works.complete(contract)
    await works.review(contract, "951234.57")
    await works.settle(contract, "28537.03")
    form = {"settled_on": works.today.isoformat(), "approval_document": "同财评〔2023〕15号"}
    await works.county.take(finance_leader, "project", works.project, "settle", "settlement_approval", form=form)
    return contract


async def for_households(works: Works) -> Households:
    """A second project, paid to households out of a document of its own."""
    county = works.county
    await county.adopt({"household_subsidy.standards": f"{POLICY}=10000.00"})
    funding = [{"year": 2023, "level": "central", "category": FUND, "amount": "50000.00"}]
    project = await county.in_library(entry("大同镇八井子村雨露计划", funding=funding, is_household_project=True))
    source = await county.indicator("50000.00", document_no="黑财指(农)〔2023〕50号", is_integratable=True)
    await county.publish(await county.plan({project: [("central", "50000.00")]}, batch=2))
    await county.take(bureau_clerk, "project", project, "plan", form={"design_ready": True, "land_ready": True})
    await county.allocate((project, source, "50000.00"))
    return Households(Works(county, project, source, works.own))


async def nightly(county: County) -> None:
    """What every night does: the facts of the day that is over, all checks, and the alerts that follow."""
    await sweep_progress(county.bench.assembled.pipeline, local_day(county.bench.clock.now()))
    await county.bench.assembled.pipeline.run(RunChecks(), actor=SYSTEM, key=f"checks:{new_id()}")


async def report(county: County) -> UUID:
    """The progress report of yesterday's half month, frozen."""
    yesterday = local_day(county.bench.clock.now()) - timedelta(days=1)
    start = period_of(Rhythm.FORTNIGHT, yesterday)
    command = IssueReport(report_id="funds.progress", area_code=COUNTY, period_start=start)
    return UUID((await county.run(command, finance_leader)).result["id"])

"""What people do while the system is killed: money is allocated from one hot indicator, households get into risk."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import httpx2

from services.suite.demo import papers
from services.suite.demo.cast import Cast
from services.suite.demo.client import Client
from services.suite.demo.teller import Teller
from services.suite.people import COUNTY, VILLAGE
from shared.kernel.money import format_yuan
from tests.service.monitoring.people import member
from tests.system.kill_kit import Account, Stubborn, Witness

_PROJECT = papers.Listed("扶贫小额贷款贴息", "产业类", "小额贷款贴息", 10_000_000)
_SHARE = "1.00"
_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """A planned project and money that waits for it."""

    project: str
    indicator: str
    minutes: str


async def set_up(http: httpx2.AsyncClient) -> Stage:
    """One project through the library into the plan, and one indicator received; in the story's own time."""
    cast = Cast(Client(http), Teller())
    await cast.on(2022, 9, 1)
    entry = {"area_code": str(COUNTY), "content": papers.entry(_PROJECT, [("central", _PROJECT.amount)])}
    project = (await cast.client.post("sector_clerk", "/funds/v1/projects", entry))["id"]
    await _into_the_library(cast, project)
    indicator = await _receive(cast)
    await _plan(cast, project)
    (minutes,) = await cast.client.evidence("leading_group", "funds", str(COUNTY), "meeting_minutes")
    return Stage(project, indicator, minutes)


async def allocate(client: Stubborn, stage: Stage) -> None:
    """One yuan from the indicator to the project: drafted, submitted, approved, posted."""
    line = {"project_id": stage.project, "indicator_id": stage.indicator, "amount": _SHARE}
    body = {"area_code": str(COUNTY), "year": 2023, "title": "一元", "lines": [line]}
    made = await client.post("finance_clerk", "/funds/v1/allocations", body)
    case = f"funds/v1/allocations/{made['id']}"
    await client.step("finance_clerk", case, "submit")
    await client.step("leading_group", case, "approve", {"evidence": [stage.minutes]})
    await client.step("finance_leader", case, "post")


async def report(client: Stubborn, serials: "itertools.count[int]") -> None:
    """A household is registered, and a cadre reports its risk."""
    body = {"area_code": str(VILLAGE), "household_type": "ORDINARY", "members": [member(next(serials))]}
    made = await client.post("village_committee", "/monitoring/v1/households", body)
    clue = {
        "area_code": str(VILLAGE),
        "source": "CADRE",
        "item": "serious_illness",
        "event_on": "2023-01-10",
        "household_id": made["household_id"],
    }
    await client.post("village_committee", "/monitoring/v1/clues", clue)


@asynccontextmanager
async def at_work(client: Stubborn, stage: Stage, *, people: int = _PEOPLE) -> AsyncIterator[None]:
    """So many people allocate, as many report; at the end each brings to an end what it began."""
    stop, serials = asyncio.Event(), itertools.count(1)

    async def again_and_again(deed: Callable[[], Awaitable[None]]) -> None:
        while not stop.is_set():
            await deed()

    async with asyncio.TaskGroup() as desks:
        for _ in range(people):
            desks.create_task(again_and_again(lambda: allocate(client, stage)))
            desks.create_task(again_and_again(lambda: report(client, serials)))
        try:
            yield
        finally:
            stop.set()


async def nothing_lost_nothing_doubled(client: Stubborn, witness: Witness, stage: Stage, before: Account) -> Account:
    """The reckoning since `before`, after every assertion: what was acknowledged is there, once, and nothing else."""
    account = await witness.settled()
    done = account.keys - before.keys
    assert done == client.acknowledged.keys()
    assert account.commands - before.commands == len(done)
    assert (account.undelivered, account.doubled, account.misnumbered, account.parked) == (0, 0, 0, 0)
    allocations = sum("amount" in result for result in client.acknowledged.values())
    shown = await Client(client.http).get("auditor", f"/funds/v1/indicators/{stage.indicator}")
    assert shown["balances"]["allocated"] == f"{allocations}.00"
    assert await witness.offences() == {}
    households = [UUID(made["household_id"]) for made in client.acknowledged.values() if "member_ids" in made]
    assert await witness.missing("monitoring", "household", "id", households) == 0
    assert await witness.missing("assets", "ref_household", "household_id", households) == 0
    return account


async def _into_the_library(cast: Cast, project: str) -> None:
    subject = ("funds/projects", project)
    await cast.take("sector_clerk", *subject, "apply_for_county", "application_form")
    await cast.take("sector_leader", *subject, "appraise", "appraisal_opinion", form=papers.APPRAISAL)
    for persona in ("bureau_clerk", "finance_reviewer"):
        await cast.take(persona, *subject, "finish_county_review", form={"goals_agreed": True})
    meeting = papers.meeting("同农组纪要〔2022〕9号", "2022-08-22")
    decided = await cast.take("leading_group", *subject, "decide", "meeting_minutes", form=meeting)
    await cast.hang("bureau_leader", "funds", [decided["case_id"]], 10)
    await cast.take("bureau_leader", *subject, "enter_library")


async def _receive(cast: Cast) -> str:
    await cast.on(2022, 12, 1)
    body = {
        "area_code": str(COUNTY),
        "issuer": "黑龙江省财政厅",
        "document_no": "黑财指(农)〔2023〕34号",
        "title": "中央财政衔接推进乡村振兴补助资金",
        "issued_on": "2022-11-29",
        "received_on": "2022-12-01",
        "fiscal_year": 2023,
        "level": "central",
        "category": papers.FUND,
        "functional_class": "2130505",
        "amount": format_yuan(_PROJECT.amount),
    }
    indicator: str = (await cast.client.post("finance_clerk", "/funds/v1/indicators", body))["id"]
    await cast.take("finance_clerk", "funds/indicators", indicator, "submit", "indicator_document")
    await cast.take("finance_reviewer", "funds/indicators", indicator, "confirm")
    return indicator


async def _plan(cast: Cast, project: str) -> None:
    await cast.on(2023, 1, 5)
    opened = {"area_code": str(COUNTY), "year": 2023, "batch": 1, "title": "2023年度计划"}
    plan = (await cast.client.post("bureau_clerk", "/funds/v1/plans", opened))["id"]
    source = {"level": "central", "category": papers.FUND, "amount": format_yuan(_PROJECT.amount)}
    line = {"project_id": project, "sources": [source]}
    await cast.client.post("bureau_clerk", f"/funds/v1/plans/{plan}/lines", line)
    for persona in ("bureau_clerk", "finance_reviewer"):
        await cast.take(persona, "funds/plans", plan, "propose")
    meeting = papers.meeting("同农组纪要〔2023〕1号", "2023-01-05")
    await cast.take("leading_group", "funds/plans", plan, "approve", "meeting_minutes", form=meeting)
    await cast.on(2023, 1, 11)
    number = {"document_no": "同农组发〔2023〕1号"}
    await cast.take("bureau_leader", "funds/plans", plan, "publish", "plan_document", form=number)
    ready = {"design_ready": True, "land_ready": True}
    await cast.take("bureau_clerk", "funds/projects", project, "plan", form=ready)

"""The system behind its one door for the browser, with the story played as far as one household's share of a rent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx2

from services.suite import front
from services.suite.calm_clock import CalmClock
from services.suite.demo import custody, library, papers, villagers, works
from services.suite.demo.cast import Cast
from services.suite.demo.client import Client
from services.suite.demo.teller import Teller
from services.suite.embedded import AUDIENCE, DIVISIONS
from services.suite.people import COUNTY, PERSONAS, VILLAGE
from services.suite.services import SERVICES
from services.suite.system import System, assembled_system
from shared.http.dev_app import dev_app
from shared.http.dev_issuer import DevIssuer
from shared.http.tokens import Verifier
from shared.kernel.money import Fen, format_yuan, parse_wan
from shared.runtime.clock import OffsetClock
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.runtime.serving import listening, serving
from shared.runtime.supervisor import Supervisor, Task
from shared.runtime.surroundings import Surroundings
from shared.testing.postgres import Clones
from shared.vault.keys import KeyRing

HOUSEHOLDS = 3
UNDER_NOTICE = "村内排水沟"


@asynccontextmanager
async def running_suite(
    template_for: Callable[..., Clones],
    log_reader: str,
    evidence_dir: Path,
) -> AsyncIterator[str]:
    """The address of a fresh system on copies of prepared databases; events are delivered."""
    listener = listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    issuer = DevIssuer("embedded", f"{address}/dev", AUDIENCE, PERSONAS)
    clock = OffsetClock()
    verifier = Verifier(issuer.issuer, AUDIENCE, issuer.keys)
    around = Surroundings(clock=clock, keys=KeyRing.fresh(), verifier=verifier, evidence_dir=evidence_dir)
    async with AsyncExitStack() as stack:
        databases = {
            service.name: await stack.enter_async_context(_clones(template_for, service, log_reader).borrow())
            for service in SERVICES
        }
        system = await stack.enter_async_context(assembled_system(SERVICES, databases, around, pool_size=5))
        await clock.keep_in(*(made.database for made in system.assembled.values()))
        app = front.create({name: made.database for name, made in system.assembled.items()})
        app.mount("/dev", dev_app(issuer, CalmClock(clock, system.assembled)))
        for part in system.parts.values():
            app.mount(f"/{part.name}", part.app)
        await stack.enter_async_context(_delivering(system))
        await stack.enter_async_context(serving(app, listener))
        yield address


def _clones(template_for: Callable[..., Clones], service: Service, log_reader: str) -> Clones:
    async def build(owner_dsn: str) -> None:
        await prepare(owner_dsn, service, log_reader=log_reader, divisions=[DIVISIONS])

    return template_for(service.name, build, "suite")


@asynccontextmanager
async def _delivering(system: System) -> AsyncIterator[None]:
    tasks: dict[str, Task] = {}
    for name, part in system.parts.items():
        tasks |= {f"{name} relay": part.relay.run, f"{name} dispatch": part.dispatch.run}
    supervisor = Supervisor(tasks, grace=5)
    running = asyncio.create_task(supervisor.run())
    try:
        yield
    finally:
        supervisor.stop()
        await running


async def play(address: str) -> None:
    """From two documents to the rent that reaches three households; then one more project, whose notice still hangs."""
    async with httpx2.AsyncClient(base_url=address, timeout=60, trust_env=False) as http:
        cast = Cast(Client(http), Teller())
        await _one_project(cast)
        await works.tell(cast)
        await custody.tell_asset(cast)
        await _register(cast)
        await custody.tell_rent(cast)
        await _hang_a_notice(cast)


async def _one_project(cast: Cast) -> None:
    """The story's first chapter with one of its eight projects, for time: planned and funded by both documents."""
    given = papers.shares(papers.listed(), papers.documents())
    projects = [project for project in papers.listed() if project.name == papers.BASE]
    await library._policy(cast)
    await library._into_the_library(cast, projects, given)
    await library._documents(cast)
    await _plan(cast, cast.ids[papers.BASE], given[papers.BASE])
    await _allocation(cast, cast.ids[papers.BASE], given[papers.BASE])


async def _plan(cast: Cast, project: str, given: list[tuple[str, Fen]]) -> None:
    await cast.on(2023, 1, 5)
    opened = {"area_code": str(COUNTY), "year": 2023, "batch": 1, "title": "大同区2023年度衔接资金项目计划"}
    plan = (await cast.client.post("bureau_clerk", "/funds/v1/plans", opened))["id"]
    sources = [{"level": level, "category": papers.FUND, "amount": format_yuan(fen)} for level, fen in given]
    line = {"project_id": project, "sources": sources}
    await cast.client.post("bureau_clerk", f"/funds/v1/plans/{plan}/lines", line)
    await cast.take("bureau_clerk", "funds/plans", plan, "propose")
    await cast.take("finance_reviewer", "funds/plans", plan, "propose")
    decision = papers.meeting("同农组纪要〔2023〕1号", "2023-01-05")
    await cast.take("leading_group", "funds/plans", plan, "approve", "meeting_minutes", form=decision)
    number = {"document_no": "同农组发〔2023〕1号"}
    await cast.take("bureau_leader", "funds/plans", plan, "publish", "plan_document", form=number)
    ready = {"design_ready": True, "land_ready": True}
    await cast.take("bureau_clerk", "funds/projects", project, "plan", form=ready)


async def _allocation(cast: Cast, project: str, given: list[tuple[str, Fen]]) -> None:
    lines = [
        {"project_id": project, "indicator_id": cast.ids[level], "amount": format_yuan(fen)} for level, fen in given
    ]
    allocation = await library._draft(cast, lines)
    await cast.take("finance_clerk", "funds/allocations", allocation, "submit")
    await cast.take("leading_group", "funds/allocations", allocation, "approve", "meeting_minutes")
    await cast.take("finance_leader", "funds/allocations", allocation, "post")


async def _register(cast: Cast) -> None:
    for household in villagers.households()[:HOUSEHOLDS]:
        head = household.members[0]
        member = {"name": head.name, "id_number": head.number, "relation": "HEAD", "labour": "NORMAL"}
        body = {"area_code": str(VILLAGE), "household_type": "ORDINARY", "members": [member]}
        made = await cast.client.post("village_committee", "/monitoring/v1/households", body)
        cast.ids.setdefault("household", made["household_id"])


async def _hang_a_notice(cast: Cast) -> None:
    project = replace(papers.listed()[0], name=UNDER_NOTICE, amount=parse_wan("20"))
    content = papers.entry(project, [("central", project.amount)])
    made = await cast.client.post(
        "village_committee", "/funds/v1/projects", {"area_code": str(VILLAGE), "content": content}
    )
    steps: Sequence[tuple[str, tuple[str, ...]]] = (("resolve", ("resolution_minutes",)), ("post_in_village", ()))
    for step, evidence in steps:
        form = papers.RESOLUTION if evidence else None
        await cast.take("village_committee", "funds/projects", made["id"], step, *evidence, form=form)

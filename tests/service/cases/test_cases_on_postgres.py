"""Cases on a real database: moves, notices, duties, keys, and the wall between areas."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from pydantic import BaseModel
from sqlalchemy import event

from shared.cases.advance import open_case
from shared.cases.binding import Binding
from shared.cases.commands import FileObjection, ResolveObjection, TakeStep
from shared.cases.deadlines import sweep
from shared.commands.command import Command, Context, Write
from shared.contracts.wire import Area
from shared.db.base import new_metadata
from shared.kernel.errors import Conflict, Forbidden, NotFound, Problem, Refused, Stale
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.parameters.model import Kind, Parameter
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.testing.clocks import SetClock
from shared.testing.services import Bench, bench, person
from shared.vault.keys import KeyRing
from shared.workflow.model import Due, Evidence, Publicity, State, Step, Workflow

VILLAGE = frozenset({Role.VILLAGE_COMMITTEE})
TOWN = frozenset({Role.TOWNSHIP_CLERK})
HERE, ELSEWHERE = "230606101200", "430626100201"

PERMIT = Workflow(
    name="toy.permit",
    zh="示例许可",
    en="sample permit",
    subject="permit",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft", due=Due("toy.draft_days", Role.TOWNSHIP_CLERK)),
        State("SHOWN", "公示中", "shown", publicity=Publicity("village", "toy.notice_days")),
        State("GRANTED", "已批准", "granted", terminal=True),
    ),
    steps=(
        Step("show", "公示", "show", ("DRAFT",), "SHOWN", VILLAGE, evidence=(Evidence("minutes", "会议记录"),)),
        Step("grant", "批准", "grant", ("SHOWN",), "GRANTED", TOWN | VILLAGE, different_from=("show",)),
    ),
)


class OpenPermit(Command):
    """Open a toy permit."""

    ROLES: ClassVar[frozenset[Role]] = VILLAGE

    area_code: Area


class Opened(BaseModel):
    """What was opened."""

    permit_id: UUID
    case_id: UUID


BINDING = Binding(PERMIT, "permits")


async def open_permit(tx: Write, command: OpenPermit, ctx: Context) -> Opened:
    permit_id = new_id()
    case = await open_case(tx, ctx, BINDING, permit_id, command.area_code)
    return Opened(permit_id=permit_id, case_id=case.id)


SERVICE = Service(
    name="toy",
    zh="示例",
    metadata=new_metadata(),
    handlers={OpenPermit: open_permit},
    bindings=(BINDING,),
    parameters=(
        Parameter("toy.notice_days", Kind.DURATION, "10 natural", "days", "test", "公示天数", "days of notice"),
        Parameter("toy.draft_days", Kind.DURATION, "3 natural", "days", "test", "办理天数", "days of work"),
    ),
    routers=(),
)

village = person("village", HERE, Role.VILLAGE_COMMITTEE)
second = person("second", HERE, Role.VILLAGE_COMMITTEE)
town = person("town", "230606101000", Role.TOWNSHIP_CLERK)
stranger = person("stranger", ELSEWHERE, Role.VILLAGE_COMMITTEE, Role.TOWNSHIP_CLERK)


@pytest_asyncio.fixture
async def toy(fresh_database: Callable[..., Awaitable[ServiceDatabase]]) -> AsyncIterator[Bench]:
    names = await fresh_database("toy", lambda owner_dsn: prepare(owner_dsn, SERVICE))
    clock = SetClock(datetime(2023, 6, 9, 2, tzinfo=UTC))
    async with bench(SERVICE, names, clock, KeyRing.fresh()) as it:
        yield it


async def opened(toy: Bench) -> tuple[UUID, UUID]:
    made = Opened.model_validate((await toy.run(OpenPermit(area_code=HERE), village)).result)
    return made.permit_id, made.case_id


async def shown(toy: Bench) -> tuple[UUID, UUID]:
    permit, case = await opened(toy)
    minutes = await toy.evidence(village, HERE, "minutes")
    await toy.step(village, "toy.permit", permit, "show", evidence=minutes)
    return permit, case


async def refusal(attempt: Awaitable[object]) -> str:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value.code


@pytest.mark.asyncio
async def test_a_case_goes_its_whole_way(toy: Bench) -> None:
    permit, case = await shown(toy)
    await toy.run_notice(village, case, HERE, last_day_in=10)
    done = await toy.step(town, "toy.permit", permit, "grant")
    assert (done.state, done.version) == ("GRANTED", 3)


@pytest.mark.asyncio
async def test_scenario_3_a_notice_is_not_left_early_nor_without_proof(toy: Bench) -> None:
    permit, _ = await shown(toy)
    toy.clock.set(datetime(2023, 6, 19, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai, the last day
    assert await refusal(toy.step(town, "toy.permit", permit, "grant")) == "PUBLICITY_RUNNING"
    toy.clock.set(datetime(2023, 6, 19, 16, 0, tzinfo=UTC))  # the first minute of 20 June
    assert await refusal(toy.step(town, "toy.permit", permit, "grant")) == "PUBLICITY_PROOF_MISSING"


@pytest.mark.asyncio
async def test_scenario_4_an_open_objection_blocks_until_it_is_resolved(toy: Bench) -> None:
    permit, case = await shown(toy)
    objection = await toy.run(FileObjection(case_id=case, channel="written", wording="不同意"), second)
    await toy.run_notice(village, case, HERE, last_day_in=10)
    assert await refusal(toy.step(town, "toy.permit", permit, "grant")) == "OPEN_OBJECTION"
    answer = ResolveObjection(objection_id=objection.result["id"], upheld=False, reply="已核实")
    with pytest.raises(Forbidden):
        await toy.run(answer, second)
    await toy.run(answer, town)
    assert (await toy.step(town, "toy.permit", permit, "grant")).state == "GRANTED"


@pytest.mark.asyncio
async def test_who_showed_may_not_grant(toy: Bench) -> None:
    permit, case = await shown(toy)
    await toy.run_notice(second, case, HERE, last_day_in=10)
    assert await refusal(toy.step(village, "toy.permit", permit, "grant")) == "SEPARATION_OF_DUTIES"


@pytest.mark.asyncio
async def test_missing_evidence_names_what_is_missing_and_changes_nothing(toy: Bench) -> None:
    permit, _ = await opened(toy)
    assert await refusal(toy.step(village, "toy.permit", permit, "show")) == "EVIDENCE_MISSING"
    assert await refusal(toy.step(village, "toy.permit", permit, "show", evidence=(new_id(),))) == "EVIDENCE_UNKNOWN"
    async with toy.database.read(village) as session:
        rows = await session.raw.fetch("SELECT step FROM case_step")
    assert [row["step"] for row in rows] == ["open"]


@pytest.mark.asyncio
async def test_a_stale_version_is_refused(toy: Bench) -> None:
    permit, _ = await opened(toy)
    minutes = await toy.evidence(village, HERE, "minutes")
    with pytest.raises(Stale):
        await toy.step(village, "toy.permit", permit, "show", evidence=minutes, version=7)


@pytest.mark.asyncio
async def test_a_foreign_area_does_not_exist(toy: Bench) -> None:
    permit, case = await shown(toy)
    with pytest.raises(NotFound):
        await toy.step(stranger, "toy.permit", permit, "grant")
    with pytest.raises(NotFound):
        await toy.run(OpenPermit(area_code=HERE), stranger)
    with pytest.raises(NotFound):
        await toy.run(FileObjection(case_id=case, channel="written", wording="x"), stranger)


@pytest.mark.asyncio
async def test_the_wall_holds_with_the_applications_checks_off(toy: Bench) -> None:
    await shown(toy)
    connection = await asyncpg.connect(toy.names.app_dsn)
    try:
        for table in ("case_file", "case_step", "case_notice", "case_evidence", "journal", "outbox"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608
    finally:
        await connection.close()
    async with toy.database.read(stranger) as session:
        assert await session.raw.fetchval("SELECT count(*) FROM case_file") == 0
    async with toy.database.read(village) as session:
        assert await session.raw.fetchval("SELECT count(*) FROM case_file") == 1


@pytest.mark.asyncio
async def test_g2_the_same_key_has_one_effect_and_another_body_is_a_conflict(toy: Bench) -> None:
    answers = await asyncio.gather(*(toy.run(OpenPermit(area_code=HERE), village, key="k") for _ in range(40)))
    assert len({answer.result["permit_id"] for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 39
    with pytest.raises(Conflict) as caught:
        await toy.run(
            OpenPermit(area_code="230606101201"), person("village", "230606", Role.VILLAGE_COMMITTEE), key="k"
        )
    assert caught.value.code == "KEY_REUSED"
    await toy.run(OpenPermit(area_code=HERE), second, key="k")


@pytest.mark.asyncio
async def test_two_clerks_at_once_make_one_move(toy: Bench) -> None:
    permit, case = await shown(toy)
    await toy.run_notice(village, case, HERE, last_day_in=10)
    attempts = [toy.step(town, "toy.permit", permit, "grant") for _ in range(8)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {Refused}


@pytest.mark.asyncio
async def test_a_dry_run_answers_and_leaves_nothing(toy: Bench) -> None:
    permit, _ = await opened(toy)
    minutes = await toy.evidence(village, HERE, "minutes")
    command = TakeStep(workflow="toy.permit", subject_id=permit, step="show", evidence=minutes)
    outcome = await toy.assembled.pipeline.run(command, actor=village, key="dry", dry_run=True)
    assert outcome.result["state"] == "SHOWN"
    assert (await toy.step(village, "toy.permit", permit, "show", evidence=minutes)).version == 2


@pytest.mark.asyncio
async def test_m_clk_06_overdue_cases_escalate_and_stay_open(toy: Bench) -> None:
    await opened(toy)
    toy.clock.forward(days=3)
    today = toy.clock.now().date()
    assert await sweep(toy.assembled.pipeline, today) == 0
    toy.clock.forward(days=1)
    assert await sweep(toy.assembled.pipeline, toy.clock.now().date()) == 1
    assert await sweep(toy.assembled.pipeline, toy.clock.now().date()) == 0
    async with toy.database.read(village) as session:
        assert await session.raw.fetchval("SELECT escalated FROM case_file WHERE is_open") == 1


@pytest.mark.asyncio
async def test_d13_a_step_takes_few_statements(toy: Bench) -> None:
    """Scope, key, case, past, evidence, parameters, move, notice, one closing statement: at most one a table."""
    permit, _ = await opened(toy)
    minutes = await toy.evidence(village, HERE, "minutes")
    said: list[str] = []

    def listen(dbapi_connection: Any, *_: object) -> None:
        dbapi_connection.driver_connection.add_query_logger(lambda record: said.append(record.query))

    event.listen(toy.database.engine.sync_engine, "checkout", listen)
    await toy.step(village, "toy.permit", permit, "show", evidence=minutes)
    written = [query for query in said if query.lstrip().upper().startswith(("INSERT", "UPDATE", "WITH"))]
    assert 4 <= len(written) <= 6, written
    assert len(said) <= 18, said

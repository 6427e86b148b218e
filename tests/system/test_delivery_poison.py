"""Poison, gaps and refusals are parked with their key; everything else goes on, and nothing is dropped (G10, D7)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest
import pytest_asyncio

from shared.contracts.catalogue import wrap
from shared.contracts.funds import IndicatorAdjusted
from shared.delivery import parked
from shared.delivery.attempt import Patience
from shared.delivery.order import Reason
from shared.kernel.actors import SYSTEM, Actor, Grant
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.errors import Forbidden, NotFound, Refused
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.runtime.postgres_server import Server
from shared.testing.bus import drain
from shared.testing.postgres import Clones
from tests.system.delivery_kit import (
    AREA,
    NOW,
    TRANSPORTS,
    Note,
    World,
    adjusted,
    bootstrap_for,
    open_world,
    record,
    write_down,
)
from tests.system.delivery_scripts import Scripted

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]

OPERATOR, SECOND = (Actor(new_id(), (Grant(Role.OPERATOR, NATION),)) for _ in range(2))
UNKNOWN = "funds.indicator.frozen.v1"


@pytest_asyncio.fixture(params=TRANSPORTS)
async def world(
    request: pytest.FixtureRequest, postgres_server: Server, template_for: Callable[..., Clones]
) -> AsyncIterator[World]:
    async with open_world(postgres_server, template_for, bootstrap=bootstrap_for(request)) as world:
        yield world


def reasons(rows: list[parked.ParkedEvent]) -> list[tuple[int | None, Reason, str]]:
    return [(row.sequence, row.reason, row.detail) for row in rows]


async def listed(world: World) -> list[parked.ParkedEvent]:
    rows = await parked.list_parked(world.assets.database, "assets", OPERATOR)
    return sorted(rows, key=lambda row: (str(row.key), row.sequence or 0))


async def test_one_in_a_hundred_is_poison(world: World) -> None:
    """T15: the good ones are applied once, each bad one is parked with its reason, and replay applies it once."""
    tallies = [new_id() for _ in range(100)]
    await world.count_many(tallies, 20)
    await world.number_all()
    broken, breaking, strange, refused = tallies[:5], tallies[5:10], tallies[10:15], tallies[15:20]
    async with world.server.admin(world.funds.names.name) as admin:  # no command of ours would write these
        bad = "UPDATE outbox SET {} WHERE key = ANY($1) AND sequence = 10"
        await admin.execute(bad.format("""envelope = '"\\u001b[2J"'"""), broken)
        await admin.execute(
            bad.format("envelope = jsonb_set(envelope, '{data,amount}', to_jsonb('many'::text))"), strange
        )
    await world.assets.trouble("raises", [(tally, 10) for tally in breaking])
    await world.assets.trouble("refused", [(tally, 10) for tally in refused])
    dispatch = world.dispatch(parallel=8)
    await drain(world.bus(dispatch))

    notes, everything = await world.assets.notes(), list(range(1, 21))
    assert [notes[tally] for tally in tallies[20:]] == [everything] * 80
    assert [notes[tally] for tally in tallies[:20]] == [everything[:9]] * 20
    first: dict[UUID | None, tuple[Reason, str, int]] = {}
    for row in sorted(await all_parked(world), key=lambda row: row.sequence or 0):
        first.setdefault(row.key, (row.reason, row.detail, row.attempts))
    assert {first[tally] for tally in strange} == {(Reason.UNREADABLE, STRANGE, 0)}
    assert {first[tally] for tally in breaking} == {(Reason.FAILED, "ZeroDivisionError", 5)}
    assert {first[tally] for tally in refused} == {(Reason.REFUSED, "NOT_NOW", 1)}
    if world.kafka:  # bytes that do not say whose they are take nobody's place
        assert first[None] == (Reason.UNREADABLE, NOBODYS, 0)
        assert {first[tally] for tally in broken} == {(Reason.GAP, "", 0)}
    else:
        assert {first[tally] for tally in broken} == {(Reason.UNREADABLE, UNREADABLE, 0)}
    assert len(await all_parked(world)) == 20 * 11
    assert {row.key for row in await all_parked(world) if row.reason is Reason.BEHIND} == set(tallies[:20])

    await world.assets.trouble("", [(tally, 10) for tally in (*breaking, *refused)])
    done = await parked.replay(dispatch, [row.id for row in await all_parked(world)], OPERATOR)
    assert (done.handled, done.stopped_keys) == (10 * 11, 10)
    notes = await world.assets.notes()
    assert [notes[tally] for tally in (*breaking, *refused)] == [everything] * 10
    assert [notes[tally] for tally in (*broken, *strange)] == [everything[:9]] * 10


NOBODYS = "neither key nor sequence nor id"
UNREADABLE = "not an event envelope: data: model_type"
STRANGE = "not a funds.indicator.adjusted.v1: amount: value_error"


async def all_parked(world: World) -> list[parked.ParkedEvent]:
    """Page by page."""
    found: list[parked.ParkedEvent] = []
    while page := await parked.list_parked(
        world.assets.database, "assets", OPERATOR, limit=37, after=found[-1] if found else None
    ):
        found += page
    assert len({row.id for row in found}) == len(found)
    return found


async def test_an_unknown_type_is_counted_and_keeps_its_place(world: World) -> None:
    tally = new_id()
    other = new_id()
    later = wrap(adjusted(tally, 2), id=other, time=NOW, sequence=0, correlation=other, causation=other)
    body = later.model_dump(mode="json") | {"type": UNKNOWN, "data": {"anything": 1}}
    await world.count(tally)
    await world.inject(tally, body, wire_type=UNKNOWN, event_id=other)
    await world.count(tally)
    dispatch = world.dispatch()
    await drain(world.bus(dispatch))
    assert dispatch.counts.unknown == 1
    assert await world.assets.notes() == {tally: [1, 2]}
    assert await listed(world) == []


async def test_an_envelope_that_names_another_event_is_parked(world: World) -> None:
    tally, other = new_id(), new_id()
    envelope = wrap(adjusted(tally, 1), id=other, time=NOW, sequence=0, correlation=other, causation=other)
    await world.inject(tally, envelope.model_dump(mode="json"))
    await drain(world.bus(world.dispatch()))
    detail = "not an event envelope: it names another event than the log does"
    assert reasons(await listed(world)) == [(1, Reason.UNREADABLE, detail)]
    assert await world.assets.notes() == {}


async def test_later_events_wait_behind_over_many_batches_and_come_back_in_order(world: World) -> None:
    sick, well = new_id(), new_id()
    await world.assets.trouble("refused", [(sick, 2)])
    dispatch = world.dispatch(batch=3)
    for _ in range(4):
        await world.count(sick, 2)
        await world.count(well, 2)
        await drain(world.bus(dispatch))
    assert await world.assets.notes() == {sick: [1], well: list(range(1, 9))}
    rows = await listed(world)
    assert reasons(rows) == [(2, Reason.REFUSED, "NOT_NOW"), *((n, Reason.BEHIND, "") for n in range(3, 9))]

    again = await parked.replay(dispatch, [rows[-1].id], OPERATOR)
    assert (again.handled, again.stopped_keys) == (0, 1)
    assert (await listed(world))[0].attempts == 2

    await world.assets.trouble("", [(sick, 2)])
    assert (await parked.replay(dispatch, [rows[-1].id], OPERATOR)).handled == 7
    assert (await world.assets.notes())[sick] == list(range(1, 9))
    assert await listed(world) == []
    assert (await parked.replay(dispatch, [row.id for row in rows], OPERATOR)).handled == 0
    settled = await world.assets.fetch("SELECT DISTINCT outcome, settled_at, settled_by FROM parked_event")
    assert settled == [("REPLAYED", NOW, OPERATOR.id)]


async def test_a_missing_event_parks_the_next_until_somebody_accepts_the_gap(world: World) -> None:
    tally = new_id()
    script = [[record(tally, 1)], [record(tally, 4), record(tally, 5)]]
    dispatch = world.dispatch(transport=Scripted(script))
    for _ in script:
        await dispatch.step()
    assert reasons(await listed(world)) == [(4, Reason.GAP, ""), (5, Reason.BEHIND, "")]
    ids = [row.id for row in await listed(world)]
    assert (await parked.replay(dispatch, ids, OPERATOR)).handled == 0
    assert (await parked.replay(dispatch, ids, OPERATOR, accept_gap=True)).handled == 2
    assert await world.assets.notes() == {tally: [1, 4, 5]}


async def test_a_gap_closes_by_itself_when_the_missing_one_comes(world: World) -> None:
    tally = new_id()
    script = [[record(tally, n)] for n in (1, 3, 5, 4, 2, 6)]
    dispatch = world.dispatch(transport=Scripted(script))
    for _ in script:
        await dispatch.step()
    assert await world.assets.notes() == {tally: [1, 2, 3, 4, 5, 6]}
    assert await listed(world) == []
    assert dispatch.counts.parked == 3


async def test_two_persons_discard_the_first_and_the_rest_goes_on(world: World) -> None:
    tally = new_id()
    await world.assets.trouble("refused", [(tally, 1)])
    await world.count(tally, 3)
    dispatch = world.dispatch()
    await drain(world.bus(dispatch))
    first, second, _ = await listed(world)
    give_up = ("重复指标，已人工核实", OPERATOR)
    with pytest.raises(Refused, match="SECOND_PERSON"):
        await parked.discard(world.assets.pipeline, first.id, *give_up, OPERATOR)
    with pytest.raises(Refused, match="SECOND_PERSON"):
        await parked.discard(world.assets.pipeline, first.id, *give_up, Actor(new_id(), ()))
    with pytest.raises(Forbidden):
        await parked.discard(world.assets.pipeline, first.id, give_up[0], SYSTEM, SECOND)
    with pytest.raises(Refused, match="NOT_FIRST_OF_KEY"):
        await parked.discard(world.assets.pipeline, second.id, *give_up, SECOND)
    with pytest.raises(NotFound):
        await parked.discard(world.assets.pipeline, new_id(), *give_up, SECOND)
    assert len(await listed(world)) == 3

    await parked.discard(world.assets.pipeline, first.id, *give_up, SECOND)
    dispatch._next_sweep = 0
    await dispatch.step()
    assert await world.assets.notes() == {tally: [2, 3]}
    assert await listed(world) == []
    settled = await world.assets.fetch(
        "SELECT outcome, settled_by, settled_second, settled_reason FROM parked_event WHERE id = $1", first.id
    )
    assert settled == [("DISCARDED", OPERATOR.id, SECOND.id, give_up[0])]
    journal = await world.assets.fetch("SELECT actor, subjects FROM journal WHERE command = 'DiscardParked'")
    assert [row["actor"] for row in journal] == [OPERATOR.id]
    assert [subject["id"] for subject in journal[0]["subjects"]] == [str(first.id)]


async def test_inspecting_shows_the_envelope_and_hides_what_cannot_be_read(world: World) -> None:
    tally = new_id()
    await world.assets.trouble("refused", [(tally, 1)])
    await world.count(tally)
    await world.inject(tally, {"name": "张三"})
    await drain(world.bus(world.dispatch()))
    refused, unreadable = await listed(world)
    seen = await parked.inspect(world.assets.database, refused.id, OPERATOR)
    assert seen.envelope is not None
    assert seen.envelope["data"]["amount"] == "0.01"
    assert seen.envelope["sequence"] == "000000000001"
    assert (await parked.inspect(world.assets.database, unreadable.id, OPERATOR)).envelope is None
    with pytest.raises(NotFound):
        await parked.inspect(world.assets.database, new_id(), OPERATOR)


async def test_an_operator_sees_only_what_is_parked_in_his_area(world: World) -> None:
    tally = new_id()
    await world.assets.trouble("refused", [(tally, 1)])
    await world.count(tally)
    await drain(world.bus(world.dispatch()))
    (row,) = await listed(world)
    assert row.area_code == AREA
    stranger = Actor(new_id(), (Grant(Role.OPERATOR, AreaCode.parse("520525")),))
    assert await parked.list_parked(world.assets.database, "assets", stranger) == []
    with pytest.raises(NotFound):
        await parked.inspect(world.assets.database, row.id, stranger)
    with pytest.raises(NotFound):
        await parked.discard(world.assets.pipeline, row.id, "不属于本区域", stranger, SECOND)


async def test_a_record_without_a_key_is_parked_alone_and_once(world: World) -> None:
    """Raw bytes on a topic (peers #2): what cannot be assigned to a key holds up nobody."""
    tally = new_id()
    bare = record(tally, 1)
    stray = type(bare)(
        source="funds", pos=9, topic=bare.topic, key=None, sequence=None, id=None, type="", body=b"\xff{"
    )
    dispatch = world.dispatch(transport=Scripted([[stray, bare], [stray], [record(tally, 2)]]))
    for _ in range(3):
        await dispatch.step()
    assert await world.assets.notes() == {tally: [1, 2]}
    assert [(row.key, row.reason) for row in await listed(world)] == [(None, Reason.UNREADABLE)]
    (stray_row,) = await listed(world)
    await parked.discard(world.assets.pipeline, stray_row.id, "无法识别的字节", OPERATOR, SECOND)
    assert await listed(world) == []


async def test_what_passes_is_tried_again(world: World) -> None:
    """A lock held too long is nobody's fault: after it is free the same event goes through."""
    tally = new_id()
    await world.count(tally, 2)
    dispatch = world.dispatch(patience=Patience(tries=5, first_pause=0.05, factor=2))
    await drain(world.bus())
    world.assets.database._lock_timeout = "50ms"
    async with world.server.admin(world.assets.names.name) as admin, admin.transaction():
        await admin.execute("LOCK TABLE note")
        delivering = asyncio.create_task(drain(world.bus(dispatch)))
        async with asyncio.timeout(5):
            while not dispatch.counts.retries:
                await asyncio.sleep(0.01)
    await delivering
    assert await world.assets.notes() == {tally: [1, 2]}
    assert await listed(world) == []


async def test_the_reaction_itself_may_be_broken(world: World) -> None:
    tally, well = new_id(), new_id()

    def stumble(event: IndicatorAdjusted) -> Note:
        assert event.indicator_id != tally, "cannot read this one"
        return write_down(event)

    await world.count(tally)
    await world.count(well)
    dispatch = world.dispatch(reactions={IndicatorAdjusted: (stumble,)})
    await drain(world.bus(dispatch))
    assert await world.assets.notes() == {well: [1]}
    assert reasons(await listed(world)) == [(1, Reason.FAILED, "AssertionError")]


async def test_another_release_made_another_command_of_an_applied_event(world: World) -> None:
    """G4: redelivered after an upgrade, the event has had its effect; it is neither repeated nor parked."""
    tally = new_id()
    first = record(tally, 1)

    def write_down_differently(event: IndicatorAdjusted) -> Note:
        return Note(tally_id=event.indicator_id, n=event.amount + 100)

    write_down_differently.__name__ = write_down.__name__
    await world.dispatch(transport=Scripted([[first]])).step()
    await world.assets.execute("DELETE FROM delivery_key")
    after = world.dispatch(transport=Scripted([[first]]), reactions={IndicatorAdjusted: (write_down_differently,)})
    await after.step()
    assert await world.assets.notes() == {tally: [1]}
    assert (after.counts.replayed, after.counts.parked) == (1, 0)

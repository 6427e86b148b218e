"""Groups of readers on the pinned broker: how partitions move when members join, leave, come back or appear twice."""

import asyncio

import pytest

from tests.kafka.clients import SESSION_SECONDS, Member, group_of, make_topic, producer_of, put, until

pytestmark = [pytest.mark.kafka, pytest.mark.asyncio]

PARTITIONS = 6


def share(*members: Member) -> bool:
    """Whether every member holds something and together they hold each partition once."""
    held = [n for member in members for n in member.held]
    return sorted(held) == list(range(PARTITIONS)) and all(member.held for member in members)


@pytest.mark.parametrize("size", [2, 3])
async def test_a_group_reads_everything_once(broker: str, kafka_namespace: str, size: int) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.shared", PARTITIONS)
    members = [Member(broker, f"{kafka_namespace}.g", topic) for _ in range(size)]
    async with group_of(*members), producer_of(broker) as producer:
        await until(lambda: share(*members))
        await put(producer, topic, range(600))
        await until(lambda: sum(len(member.got) for member in members) >= 600)
    assert sorted(n for member in members for n in member.got) == list(range(600))
    assert all(len(member.got) == 600 // size for member in members)


async def test_partitions_move_when_a_member_joins_and_leaves(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.moving", PARTITIONS)
    first, second, third = (Member(broker, f"{kafka_namespace}.g", topic) for _ in range(3))
    async with producer_of(broker) as producer, group_of(first):
        await until(lambda: share(first))
        await put(producer, topic, range(200))
        async with group_of(second):
            await until(lambda: share(first, second))
            await put(producer, topic, range(200, 400))
            async with group_of(third):
                await until(lambda: share(first, second, third))
                await put(producer, topic, range(400, 600))
                await until(lambda: len({*first.got, *second.got, *third.got}) == 600)
            await until(lambda: share(first, second), SESSION_SECONDS)  # a member that leaves says so
        await until(lambda: share(first), SESSION_SECONDS)
        await put(producer, topic, range(600, 700))
        await until(lambda: {*first.got} >= set(range(600, 700)))
    assert {*first.got, *second.got, *third.got} == set(range(700))


async def test_a_static_member_that_comes_back_moves_nothing(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.static", PARTITIONS)
    group = f"{kafka_namespace}.g"
    stays, goes, back = (Member(broker, group, topic, instance) for instance in ("a", "b", "b"))
    async with group_of(stays):
        async with group_of(goes):
            await until(lambda: share(stays, goes))
            held, changes = goes.held, stays.assignments
        await asyncio.sleep(1)
        async with group_of(back):
            await until(lambda: share(stays, back))
            assert (back.held, stays.assignments) == (held, changes)


async def test_a_static_member_that_stays_away_is_replaced(broker: str, kafka_namespace: str) -> None:
    topic = await make_topic(broker, f"{kafka_namespace}.away", PARTITIONS)
    stays, goes = (Member(broker, f"{kafka_namespace}.g", topic, instance) for instance in ("a", "b"))
    async with group_of(stays):
        async with group_of(goes):
            await until(lambda: share(stays, goes))
        await until(lambda: share(stays), SESSION_SECONDS * 3)


async def test_two_processes_under_one_name_are_not_kept_apart(broker: str, kafka_namespace: str) -> None:
    """The library is never fenced: each twin takes the partitions back from the other.

    So nothing may rest on Kafka to keep a second reader out; the positions in the database do that.
    """
    topic = await make_topic(broker, f"{kafka_namespace}.twins", PARTITIONS)
    one, twin = (Member(broker, f"{kafka_namespace}.g", topic, "same") for _ in range(2))
    async with group_of(one):
        await until(lambda: share(one))
        async with group_of(twin):
            await until(lambda: one.assignments > 2 and twin.assignments > 2)
            assert one.held | twin.held == set(range(PARTITIONS))

"""T13: the connection breaks around a COMMIT, so that nobody knows whether it happened; the key finds out (G2)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from shared.db.sessions import Database
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Unavailable
from shared.kernel.ids import new_id
from shared.runtime.postgres_server import Server
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from tests.system.delivery_kit import NOW, Count, Tiny, open_world, pipeline_on

pytestmark = [pytest.mark.asyncio, pytest.mark.commit]


class Cut(Enum):
    """Where the connection breaks."""

    BEFORE = auto()
    """The server never hears of the commit."""
    AFTER = auto()
    """The server commits, and its answer is lost."""


@dataclass
class Cable:
    """A TCP proxy before PostgreSQL that is cut at the next commits."""

    host: str
    port: int
    cuts: list[Cut]

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        upstream, downstream = await asyncio.open_connection(self.host, self.port)
        lost = asyncio.Event()
        ways = [asyncio.create_task(self._requests(reader, downstream, lost))]
        ways += [asyncio.create_task(self._answers(upstream, writer, lost))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, downstream):
            end.transport.abort()

    async def _requests(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, lost: asyncio.Event) -> None:
        while data := await source.read(65_536):
            if b"COMMIT" in data and self.cuts:
                if self.cuts.pop(0) is Cut.BEFORE:
                    return
                lost.set()
            target.write(data)

    async def _answers(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, lost: asyncio.Event) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                if lost.is_set():
                    return
                target.write(data)


@dataclass
class Wired:
    """A service behind the cable, and the same database past it."""

    service: Tiny
    database: Database
    cable: Cable


@pytest_asyncio.fixture
async def wired(postgres_server: Server, template_for: Callable[..., Clones]) -> AsyncIterator[Wired]:
    async with open_world(postgres_server, template_for, consumers=()) as world:
        parts = urlsplit(world.funds.names.app_dsn)
        cable = Cable(parts.hostname or "", parts.port or 0, [])
        proxy = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
        port = proxy.sockets[0].getsockname()[1]
        database = Database(world.funds.names.app_dsn.replace(f":{parts.port}/", f":{port}/"), pool_size=4)
        yield Wired(world.funds, database, cable)
        await database.close()
        proxy.close()


@pytest.mark.parametrize(
    "cuts, replayed",
    [
        ([Cut.BEFORE], False),
        ([Cut.AFTER], True),
        ([Cut.BEFORE, Cut.BEFORE, Cut.AFTER], True),
    ],
    ids=str,
)
async def test_t13_a_commit_of_unknown_outcome_has_one_effect(wired: Wired, cuts: list[Cut], replayed: bool) -> None:
    tally, pipeline = new_id(), pipeline_on(wired.database, SetClock(NOW))
    wired.cable.cuts = list(cuts)
    outcome = await pipeline.run(Count(tally_id=tally), actor=SYSTEM, key="one")
    assert (outcome.result, outcome.replayed) == ({"n": 1}, replayed)
    assert wired.cable.cuts == []
    assert [row["n"] for row in await wired.service.fetch("SELECT n FROM tally")] == [1]
    assert len(await wired.service.fetch("SELECT FROM outbox")) == 1
    assert len(await wired.service.fetch("SELECT FROM journal")) == 1


async def test_t13_a_caller_who_was_told_to_retry_finds_the_answer(wired: Wired) -> None:
    tally, pipeline = new_id(), pipeline_on(wired.database, SetClock(NOW))
    wired.cable.cuts = [Cut.BEFORE] * 3 + [Cut.AFTER]
    with pytest.raises(Unavailable):
        await pipeline.run(Count(tally_id=tally), actor=SYSTEM, key="one")
    outcome = await pipeline.run(Count(tally_id=tally), actor=SYSTEM, key="one")
    assert (outcome.result, outcome.replayed) == ({"n": 1}, True)
    assert len(await wired.service.fetch("SELECT FROM journal")) == 1

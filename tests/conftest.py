"""The database server of a test run, shared by all workers, and fresh databases on it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.postgres import Build, Clones, RunServer

pytest_plugins = ["tests.kafka.broker_plugin"]

_RUN = pytest.StashKey[RunServer]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a worker joins the run that the first process opened
        config.stash[_RUN] = RunServer.create()


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(_RUN, None):
        asyncio.run(run.end())


@pytest.fixture(scope="session")
def run_server() -> RunServer:
    return RunServer.current()


@pytest_asyncio.fixture(scope="session")
async def postgres_server(run_server: RunServer) -> AsyncIterator[Server]:
    async with run_server.server() as server:
        yield server


@pytest.fixture(scope="session")
def template_for(run_server: RunServer, postgres_server: Server) -> Callable[..., Clones]:
    """`template_for(service, build, variant="")`: the copies of one service's migrated database."""

    def make(service: str, build: Build, variant: str = "") -> Clones:
        return Clones(postgres_server, service, build, prefix=run_server.prefix, variant=variant)

    return make


@pytest_asyncio.fixture
async def fresh_database(
    template_for: Callable[..., Clones],
) -> AsyncIterator[Callable[..., Awaitable[ServiceDatabase]]]:
    """Databases for one test, each called by service, build and variant, and dropped afterwards."""
    made: list[tuple[Clones, ServiceDatabase]] = []

    async def make(service: str, build: Build, variant: str = "") -> ServiceDatabase:
        clones = template_for(service, build, variant)
        made.append((clones, await clones.fresh()))
        return made[-1][1]

    yield make
    for clones, copy in made:
        await clones.drop(copy)

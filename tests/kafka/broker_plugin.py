"""The fixtures of tests that need Kafka, and what a run tells about them at its end."""

import itertools
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from deploy.kafka.cluster import Cluster
from deploy.kafka.problems import KafkaUnavailable
from tests.kafka.broker_run import BrokerRun

MARK = "kafka"
StartCluster = Callable[..., Awaitable[Cluster]]
_RUN = pytest.StashKey[BrokerRun]()
_TOLD = pytest.StashKey["Told"]()


class Told:
    """Counts the tests marked `kafka` by outcome, in the process that sees all reports."""

    def __init__(self) -> None:
        self.ran = 0
        self.skipped: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if MARK not in report.keywords:
            return
        if report.skipped:
            self.skipped.append(report.nodeid)
        elif report.when == "call":
            self.ran += 1


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = BrokerRun.create()
        config.stash[_TOLD] = Told()
        config.pluginmanager.register(config.stash[_TOLD], "kafka-told")


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(_RUN, None):
        run.end()


def pytest_sessionfinish(session: pytest.Session) -> None:
    told = session.config.stash.get(_TOLD, None)
    if (
        told
        and told.skipped
        and is_ci()
        and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    told, answer = config.stash[_TOLD], config.stash[_RUN].answer()
    if told.ran:
        server = f"{answer.server}, {answer.bootstrap}" if answer and answer.bootstrap else "own brokers only"
        terminalreporter.write_line(f"Kafka: {told.ran} 项测试 / tests, {server}")
    if told.skipped:
        terminalreporter.write_sep("=", "没有 Kafka / no Kafka", red=True, bold=True)
        terminalreporter.write_line(
            f"{len(told.skipped)} 项 Kafka 测试没有运行：请设置 KAFKA_BOOTSTRAP，或启动容器引擎，或安装 Java 17 与 Maven。\n"
            f"{len(told.skipped)} Kafka tests DID NOT RUN: set KAFKA_BOOTSTRAP, or start a container engine, "
            "or install Java 17 and Maven.",
            red=True,
        )


def is_ci() -> bool:
    """Whether a build server runs us: there a missing broker is a failure."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def missing(problem: str) -> NoReturn:
    """End the test that has no broker: failed on a build server, skipped elsewhere and told at the end."""
    if is_ci():
        pytest.fail(problem, pytrace=False)
    pytest.skip(problem)


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The address of the run's broker, for clients without password. All workers share it: use a namespace."""
    with BrokerRun.current() as run:
        answer = run.broker()
        if answer.problem:
            missing(answer.problem)
        yield answer.bootstrap


@pytest_asyncio.fixture
async def kafka_namespace(broker: str) -> AsyncIterator[str]:
    """A name that only this test has; topics `<name>.…` are deleted afterwards."""
    name = f"test-{secrets.token_hex(5)}"
    yield name
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        if topics := [topic for topic in await admin.list_topics() if topic.startswith(f"{name}.")]:
            await admin.delete_topics(topics)
    finally:
        await admin.close()


@asynccontextmanager
async def running(directory: Path, brokers: int = 1) -> AsyncIterator[Cluster]:
    """Brokers of their own, one or three, deleted afterwards; needs Java and Maven."""
    cluster = Cluster(directory, brokers=brokers, quick=True)
    try:
        await cluster.start()
    except KafkaUnavailable as problem:
        missing(str(problem))
    try:
        yield cluster
    finally:
        await cluster.remove()


@pytest_asyncio.fixture
async def own_cluster(tmp_path: Path) -> AsyncIterator[StartCluster]:
    """Starts brokers of this test alone, one or three, to be killed and restarted."""
    async with AsyncExitStack() as stack:
        numbers = itertools.count()

        async def start(brokers: int = 1) -> Cluster:
            return await stack.enter_async_context(running(tmp_path / f"cluster-{next(numbers)}", brokers))

        yield start

"""`python -m tests.kafka.broker_keeper DIRECTORY`: starts the broker of a test run, and ends it when the run is over."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.kafka import jars
from deploy.kafka.cluster import Cluster
from deploy.kafka.probe import brokers_seen
from deploy.kafka.problems import KafkaUnavailable
from tests.kafka.broker_container import NoContainer, container
from tests.kafka.broker_run import Answer, BrokerRun


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[Answer]:
    """The broker that $KAFKA_BOOTSTRAP names, else one in a container, else one started here."""
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield await _given(given)
        return
    try:
        async with container() as (bootstrap, image):
            yield Answer(bootstrap, f"{image}")
            return
    except NoContainer as none:
        sys.stderr.write(f"{none}\n")
    try:
        async with Cluster(directory / "cluster", quick=True) as cluster:
            yield Answer(cluster.bootstrap, f"Apache Kafka {jars.version()} (Java)")
    except KafkaUnavailable as problem:
        yield Answer(problem=str(problem))


async def _given(bootstrap: str) -> Answer:
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    if port.isdigit() and await brokers_seen(host, int(port)):
        return Answer(bootstrap, "KAFKA_BOOTSTRAP")
    return Answer(problem=f"KAFKA_BOOTSTRAP={bootstrap} 没有应答。 / KAFKA_BOOTSTRAP={bootstrap} does not answer.")


async def keep(run: BrokerRun) -> None:
    """Serve until no process of the run is left."""
    async with served(run.directory) as answer:
        run.tell(answer)
        await asyncio.to_thread(run.wait_until_unused)


if __name__ == "__main__":
    of_run = BrokerRun(Path(sys.argv[1]))
    asyncio.run(keep(of_run))
    shutil.rmtree(of_run.directory, ignore_errors=True)

"""Kafka on this machine, from Maven artifacts: `python -m deploy.kafka up | down | status | fetch | lock`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.kafka import jars
from deploy.kafka.cluster import Cluster
from deploy.kafka.node import USER
from deploy.kafka.problems import KafkaUnavailable
from deploy.kafka.runtime import Runtime
from shared.runtime.postgres_account import default_state_dir

_ROOT = Path(__file__).resolve().parents[2]
_PORT = 9092
_NOT_RUNNING = 3


def parser() -> argparse.ArgumentParser:
    """Commands and their options."""
    top = argparse.ArgumentParser(prog="python -m deploy.kafka", description=f"Apache Kafka {jars.version()}")
    top.add_argument("--data", type=Path, default=None, help="数据目录 / where data, logs and state lie")
    commands = top.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="启动 / start, or find running")
    up.add_argument("--brokers", type=int, choices=(1, 3), default=1)
    up.add_argument("--port", type=int, default=_PORT, help="首个节点的端口，0 为任意 / of the first node, 0 for any")
    up.add_argument("--foreground", action="store_true", help="留在前台 / stay, and stop at SIGTERM or Ctrl-C")
    down = commands.add_parser("down", help="停止 / stop")
    down.add_argument("--remove", action="store_true", help="同时删除数据 / and delete the data")
    commands.add_parser("status", help="状态 / addresses and processes; exit code 3 when not running")
    commands.add_parser("fetch", help="预先下载 / fetch and check the jars, for a later start without network")
    commands.add_parser("lock", help="更新校验和 / write jars.sha256 from what pom.xml names")
    return top


async def up(directory: Path, brokers: int, port: int, *, foreground: bool) -> int:
    """Start the cluster; in the foreground stay until a signal."""
    cluster = Cluster(directory, brokers=brokers, port=port or None)
    await cluster.start(detached=not foreground)
    if not foreground:
        tell(cluster)
        return 0
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    try:
        tell(cluster)  # whoever reads it may send a signal at once
        await asked.wait()
    finally:
        await cluster.stop()
    return 0


async def down(directory: Path, *, remove: bool) -> int:
    """Stop the cluster, if there is one."""
    if cluster := Cluster.at(directory):
        await (cluster.remove() if remove else cluster.stop())
    return 0


def status(directory: Path) -> int:
    """Print where the cluster listens; the exit code says whether it runs."""
    cluster = Cluster.at(directory)
    if cluster is None or not cluster.is_running:
        print("Kafka 未运行。 / Kafka does not run.")
        return _NOT_RUNNING
    tell(cluster)
    return 0


def tell(cluster: Cluster) -> None:
    """Addresses, user, processes and directory."""
    pids = ", ".join(str(node.pid()) for node in cluster.nodes)
    print(f"Apache Kafka {jars.version()}  {cluster.bootstrap}", flush=True)
    print(f"SASL/SCRAM {USER}  {cluster.sasl_bootstrap}")
    print(f"pid {pids}  {cluster.directory}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = parser().parse_args(arguments)
    directory = given.data or default_state_dir(_ROOT) / "kafka"
    try:
        match given.command:
            case "up":
                return asyncio.run(up(directory, given.brokers, given.port, foreground=given.foreground))
            case "down":
                return asyncio.run(down(directory, remove=given.remove))
            case "status":
                return status(directory)
            case "fetch":
                print(Runtime.find().classpath.partition(os.pathsep)[0].rpartition(os.sep)[0])
            case _:
                print(f"{jars.lock()} jars")
    except KafkaUnavailable as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

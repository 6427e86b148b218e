"""The services of docker-compose.yml as plain processes: `python -m deploy.native up | down | status | run`."""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from deploy import env
from deploy.kafka.cluster import Cluster
from deploy.kafka.problems import KafkaUnavailable
from deploy.native.compose import Service, awake, load
from deploy.native.keeper import exec_as
from deploy.native.places import ROOT, Places
from deploy.native.problems import NativeUnavailable
from deploy.native.state import State, Status, state_of
from deploy.native.system import System, keep
from deploy.native.variables import read_env_file
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_account import PostgresUnavailable

_LOOK_SECONDS = 0.2
_END_SECONDS = 120
_NOT_RUNNING = 3


def parser() -> argparse.ArgumentParser:
    """Commands and their options."""
    top = argparse.ArgumentParser(
        prog="python -m deploy.native", description="按 docker-compose.yml 原生运行 / run natively"
    )
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="启动并等待就绪 / start, and return when all is healthy")
    down = commands.add_parser("down", help="停止 / stop")
    down.add_argument("--remove", action="store_true", help="同时删除数据与日志 / and delete data and logs")
    commands.add_parser("status", help="状态 / what runs; exit code 3 when nothing does")
    run = commands.add_parser("run", help="以某服务的环境运行命令 / run a command as one of the services")
    run.add_argument("service")
    run.add_argument("words", nargs=argparse.REMAINDER, metavar="-- command …")
    commands.add_parser("keep", help=argparse.SUPPRESS)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    asked = parser().parse_args(arguments)
    state = state_of(os.environ)
    try:
        match asked.command:
            case "up":
                return up(state)
            case "down":
                return down(state, remove=asked.remove)
            case "status":
                return status(state)
            case "run":
                return run(state, asked.service, [word for word in asked.words if word != "--"])
            case _:
                return asyncio.run(_keep(state))
    except (NativeUnavailable, PostgresUnavailable, KafkaUnavailable) as problem:
        print(problem, file=sys.stderr)
        return 1


def variables() -> dict[str, str]:
    """Those of `.env`, completed first where it lacks some; the environment's win."""
    path = env.env_file()
    if env.complete(path):
        print(f"{path}：已补全变量与随机口令 / completed with random passwords")
    return {**read_env_file(path), **os.environ}


def services(given: Mapping[str, str]) -> dict[str, Service]:
    """All services of the file, also those that sleep."""
    return load(ROOT / "docker-compose.yml", given)


def up(state: State) -> int:
    """Start everything in a process of its own, which stays; return when it is ready, or has failed."""
    if keeper := state.keeper():
        print(f"已在运行（pid {keeper}）。 / Already running (pid {keeper}).")
        return _shown(state.status())
    given = variables()
    awake(services(given), given.get("COMPOSE_PROFILES", ""))  # what is wrong is told here, not in a log
    state.prepare()
    state.tell(Status())
    print("首次启动需下载 Kafka 并初始化数据库 / the first start fetches Kafka and sets up the databases …", flush=True)
    with state.log("native").open("ab") as log:
        keeping = subprocess.Popen(
            [sys.executable, "-m", "deploy.native", "keep"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        while keeping.poll() is None and state.status().state == "starting":
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        keeping.send_signal(signal.SIGTERM)
        keeping.wait()
        return 130
    return _outcome(state)


def _outcome(state: State) -> int:
    told = state.status()
    if told.state == "ready":
        return _shown(told)
    print(told.why or state.tail("native"), file=sys.stderr)
    for name, each in told.services.items():
        if each.state in {"failed", "unhealthy"} or (each.code and each.restarts):
            print(f"── {state.log(name)}\n{state.tail(name)}", file=sys.stderr)
    return 1


async def _keep(state: State) -> int:
    """The process that stays; `up` starts it."""
    if not state.take():
        return 1
    given = variables()
    state.remember({name: value for name, value in given.items() if name in env.names()})
    chosen = services(given)
    system = System.of(awake(chosen, given.get("COMPOSE_PROFILES", "")), Places(chosen, state.volumes), state)
    return await keep(system)


def down(state: State, *, remove: bool) -> int:
    """Stop everything, also what a keeper that was killed has left."""
    if keeper := state.keeper():
        os.kill(keeper, signal.SIGTERM)
        end = time.monotonic() + _END_SECONDS
        while state.keeper() == keeper:
            if time.monotonic() > end:
                raise NativeUnavailable(f"进程 {keeper} 未能停止。 / Process {keeper} does not stop.")
            time.sleep(_LOOK_SECONDS)
    asyncio.run(_clear(state, remove=remove))
    print("已停止。 / Stopped.")
    return 0


async def _clear(state: State, *, remove: bool) -> None:
    if not state.directory.is_dir():
        return
    postgres = EmbeddedPostgres(state.directory / "postgres")
    is_clean = state.status().state == "stopped"
    if remove:
        await postgres.remove()
    elif not is_clean:
        await postgres.stop()
    if not is_clean and (kafka := await asyncio.to_thread(Cluster.at, state.directory / "kafka")):
        await kafka.stop()
    if remove:
        await asyncio.to_thread(shutil.rmtree, state.directory)
    elif not is_clean:
        state.tell(Status(state="stopped"))


def status(state: State) -> int:
    """Print what runs."""
    if state.keeper() is None:
        print("未运行。 / Not running.")
        return _NOT_RUNNING
    code = _shown(state.status())
    print(f"{state.directory}/logs")
    return code


def _shown(told: Status) -> int:
    for name, each in told.services.items():
        pid = f"pid {each.pid}" if each.pid else ""
        print(f"{name:<20} {each.state:<10} {pid:<12} {f'restarts {each.restarts}' if each.restarts else ''}".rstrip())
    print(f"{told.state}  {told.front}".rstrip(), flush=True)
    return 0 if told.state == "ready" else 1


def run(state: State, name: str, words: Sequence[str]) -> int:
    """Become a command with the environment of one service."""
    chosen = services({**variables(), **state.remembered()})
    if name not in chosen or not chosen[name].is_ours or not words:
        ours = ", ".join(each.name for each in chosen.values() if each.is_ours)
        print(f"用法 / usage: run SERVICE -- COMMAND …；SERVICE: {ours}", file=sys.stderr)
        return 2
    exec_as(Places(chosen, state.volumes).environment(chosen[name]), words)
    return 0


if __name__ == "__main__":
    sys.exit(main())

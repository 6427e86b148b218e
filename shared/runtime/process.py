"""The command line of one service: `python -m services.<name> serve | worker | migrate | topics | events`."""

import argparse
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg

from shared.db.migrate import NewerDatabase
from shared.kernel.errors import Problem
from shared.messaging.kafka import TopicsFault
from shared.runtime import api, parked_events, provision, worker
from shared.runtime.assemble import BrokenDeclaration
from shared.runtime.logs import set_up_logs
from shared.runtime.loop import run
from shared.runtime.postgres_account import PostgresUnavailable
from shared.runtime.readiness import NotPrepared
from shared.runtime.service import Service
from shared.runtime.serving import PortTaken, until_stopped
from shared.runtime.settings import BadSettings, Settings
from shared.vault.keys import BrokenRing

REFUSALS = (
    *(NewerDatabase, NotPrepared, BrokenRing, BrokenDeclaration),
    *(PostgresUnavailable, TopicsFault, OSError, TimeoutError),
    *(asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError),
)
"""What keeps a process from starting and is told in a line; anything else is a fault of ours, with its traceback."""

_ENDLESS = ("serve", "worker")
_CUT_SHORT = 143
_Command: TypeAlias = Callable[[Service, Settings, argparse.Namespace], Coroutine[Any, Any, None]]


def main(service: Service, arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 when it did what it should, 2 for wrong settings, 1 for what else stops the start.

    Serving and working end well at SIGTERM; what runs once and is cut short by it does not.
    """
    asked = parser(service).parse_args(arguments)
    needs, command = _COMMANDS[asked.command]
    try:
        settings = Settings.load()
        settings.need(*needs)
        set_up_logs("ERROR" if asked.command == "events" else settings.log_level)
        has_ended = run(until_stopped(command(service, settings, asked)))
    except (BadSettings, PortTaken) as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except REFUSALS as fault:
        sys.stderr.write(f"{str(fault) or type(fault).__name__}\n")
        return 1
    except Problem as problem:
        sys.stderr.writelines(f"{each.code}: {each.zh} / {each.en}\n" for each in problem.violations)
        return 1
    return 0 if has_ended or asked.command in _ENDLESS else _CUT_SHORT


def parser(service: Service) -> argparse.ArgumentParser:
    """Commands and their options."""
    top = argparse.ArgumentParser(prog=f"python -m services.{service.name}", description=f"守望 · {service.zh}")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="接口进程 / answer requests")
    commands.add_parser("worker", help="后台进程：收发事件、巡查、夜间检查 / move events, sweep, check by night")
    commands.add_parser("migrate", help="建库与升级，执行一次 / make and migrate the database, once")
    commands.add_parser("topics", help="建主题，执行一次 / create this service's topics, once")
    parked_events.add_to(commands)
    return top


def _alone(command: Callable[[Service, Settings], Coroutine[Any, Any, None]]) -> _Command:
    """A command without arguments of its own."""
    return lambda service, settings, _asked: command(service, settings)


_COMMANDS: Mapping[str, tuple[Sequence[str], _Command]] = {
    "serve": (api.NEEDS, _alone(api.serve)),
    "worker": (worker.NEEDS, _alone(worker.work)),
    "migrate": (provision.MIGRATE_NEEDS, _alone(provision.migrate_service)),
    "topics": (provision.TOPICS_NEEDS, _alone(provision.make_topics)),
    "events": (worker.NEEDS, parked_events.look_after),
}

"""What an operator does about the parked events of one service: `python -m services.<name> events …`."""

import argparse
import json
import sys
from uuid import UUID

from shared.delivery import parked
from shared.delivery.dispatch import Dispatch
from shared.kernel.actors import SYSTEM, Actor, Grant
from shared.kernel.areas import NATION
from shared.kernel.roles import Role
from shared.messaging.kafka import KafkaTransport
from shared.runtime.node import node
from shared.runtime.service import Service
from shared.runtime.settings import Settings
from shared.runtime.worker import broker_of

_MOST = 200


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command `events` with its own."""
    events = commands.add_parser("events", help="搁置事件 / parked events").add_subparsers(dest="action", required=True)
    events.add_parser("parked", help=f"列出最早的 {_MOST} 条 / list the oldest {_MOST}")
    events.add_parser("inspect", help="查看 / show one").add_argument("id", type=UUID)
    replay = events.add_parser("replay", help="重放 / handle again, in order")
    replay.add_argument("ids", type=UUID, nargs="+")
    replay.add_argument("--accept-gap", action="store_true", help="不等缺失的事件 / do not wait for what is missing")
    discard = events.add_parser("discard", help="放弃，须两人 / give up one, by two persons")
    discard.add_argument("id", type=UUID)
    discard.add_argument("--reason", required=True)
    discard.add_argument("--by", type=UUID, required=True, help="经办人编号 / id of the operator, `sub` of the token")
    discard.add_argument("--second", type=UUID, required=True, help="复核人编号 / id of the second operator")


async def look_after(service: Service, settings: Settings, asked: argparse.Namespace) -> None:
    """Carry out one action; the worker may run meanwhile. Raises Problem, and what `node` raises."""
    async with node(service, settings) as here:
        pipeline = here.assembled.pipeline
        match asked.action:
            case "parked":
                for event in await parked.list_parked(here.assembled.database, service.name, SYSTEM, limit=_MOST):
                    _say(event.id, event.type, event.topic, event.sequence, event.reason, event.detail)
            case "inspect":
                shown = await parked.inspect(here.assembled.database, asked.id, SYSTEM)
                _say(json.dumps(shown.envelope, ensure_ascii=False, indent=2))
            case "replay":
                transport = KafkaTransport(broker_of(settings.kafka, "operator"))
                dispatch = Dispatch(service.name, pipeline, service.reactions, transport)
                done = await parked.replay(dispatch, asked.ids, SYSTEM, accept_gap=asked.accept_gap)
                _say(f"handled={done.handled} stopped_keys={done.stopped_keys}")
            case _:
                await parked.discard(pipeline, asked.id, asked.reason, _operator(asked.by), _operator(asked.second))
                _say("已放弃 / discarded")


def _operator(person: UUID) -> Actor:
    """Whoever reaches this command line holds the service's secrets: an operator, whose name is taken on trust."""
    return Actor(person, (Grant(Role.OPERATOR, NATION),))


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")

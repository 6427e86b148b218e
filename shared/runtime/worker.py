"""The process that moves one service's events and looks after its days: `python -m services.<name> worker`."""

import asyncio
import socket
from functools import partial

from shared.delivery.dispatch import Dispatch
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport
from shared.messaging.relay import Relay
from shared.runtime.api import supervised
from shared.runtime.clock import OffsetClock
from shared.runtime.loop import settle
from shared.runtime.node import Node, node
from shared.runtime.service import Service
from shared.runtime.serving import listening, serving
from shared.runtime.settings import Settings
from shared.runtime.settings_parts import KafkaSettings
from shared.runtime.supervisor import Task
from shared.runtime.sweeping import keep_sweeping
from shared.runtime.worker_health import worker_app

NEEDS = ("DATABASE__APP_DSN", "KAFKA__BOOTSTRAP")
_STORY_IS_OVER_SECONDS = 600.0
"""In a demo nobody is late while the clock leaps; so long after the last leap, days count."""


def broker_of(kafka: KafkaSettings, member: str = "") -> Broker:
    """The event log as the settings name it; `member`: what this process does."""
    return Broker(
        bootstrap=kafka.bootstrap,
        namespace=kafka.namespace,
        security=kafka.security.value,
        username=kafka.username,
        password=kafka.password.get_secret_value(),
        ca_file=kafka.ca_file,
        instance=kafka.instance or f"{socket.gethostname()}-{member}",
    )


async def work(service: Service, settings: Settings) -> None:
    """Work until cancelled. Raises what `node` raises, and PortTaken."""
    broker = broker_of(settings.kafka, service.name)
    with listening(settings.http.host, settings.http.port) as listener:
        async with node(service, settings) as here:
            pipeline = here.assembled.pipeline
            sender = KafkaSender(broker)
            relay = Relay(service.name, here.app_dsn, here.clock, sender=sender)
            dispatch = Dispatch(service.name, pipeline, service.reactions, KafkaTransport(broker))
            tasks: dict[str, Task] = {
                "relay": relay.run,
                "dispatch": dispatch.run,
                "sweeps": _sweeps(here, settings.checks_hour),
            }
            try:
                async with supervised(here.clock_tasks()):
                    await here.until_clock_is_right()
                    async with supervised(tasks) as supervisor:
                        settle()
                        app = worker_app(service.name, pipeline, dispatch, supervisor)
                        async with serving(app, listener):
                            await asyncio.Event().wait()
            finally:
                await sender.close()


def _sweeps(here: Node, hour: int) -> Task:
    async def at_once() -> None:
        pass

    clock = here.clock
    begin = partial(clock.still, _STORY_IS_OVER_SECONDS) if isinstance(clock, OffsetClock) else at_once
    return partial(keep_sweeping, here.assembled, hour, begin)

"""Relay and dispatch in processes of their own, to be killed with -9."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Sequence
from typing import Any

from shared.db.sessions import Database
from shared.delivery.dispatch import Dispatch
from shared.kernel.clock import SystemClock
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport
from shared.messaging.pglog import PgLog
from shared.messaging.relay import Relay
from shared.messaging.transport import Record
from shared.testing.clocks import SetClock
from tests.system.delivery_kit import NOW, QUICK, REACTIONS, pipeline_on

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


def start(work: Callable[..., None], *values: Any) -> multiprocessing.process.BaseProcess:
    """A process that works until it is killed; the imports are done only once."""
    process = _context.Process(target=work, args=values, daemon=True)
    process.start()
    return process


def consume(app_dsn: str, log: str | Broker) -> None:
    """The consumer of `assets`, in small batches; `log`: the producer's database or the cluster."""
    asyncio.run(_consume(app_dsn, log))


async def _consume(app_dsn: str, log: str | Broker) -> None:
    pipeline = pipeline_on(Database(app_dsn, pool_size=6), SetClock(NOW))
    transport = KafkaTransport(log, batch=60) if isinstance(log, Broker) else PgLog({"funds": log}, batch=60)
    await Dispatch("assets", pipeline, REACTIONS, transport, patience=QUICK).run()


def send(app_dsn: str, log: str | Broker) -> None:
    """The relay of `funds`; `log`: a file or the cluster."""
    asyncio.run(_send(app_dsn, log))


async def _send(app_dsn: str, log: str | Broker) -> None:
    sender = KafkaSender(log) if isinstance(log, Broker) else FileLog(log)
    await Relay("funds", app_dsn, SystemClock(), sender=sender, batch=20).run()


class FileLog:
    """A log outside: one line per event, written at once, answered late."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def append(self, records: Sequence[Record]) -> None:
        lines = [f"{record.pos} {record.key} {record.sequence} {record.id}\n" for record in records]
        os.write(self._file, "".join(lines).encode())
        await asyncio.sleep(0.01)

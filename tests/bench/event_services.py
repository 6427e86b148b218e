"""Two services with one command each on the real floor: `funds` tells of a payment, `assets` writes down that it heard."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

import asyncpg
from pydantic import BaseModel
from sqlalchemy import MetaData

from shared.commands.command import Command, Context, Handlers, Write
from shared.contracts.funds_project import PaymentDisbursed
from shared.contracts.parts import IndicatorAmount
from shared.delivery.dispatch import Dispatch
from shared.delivery.reactions import Reactions
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport
from shared.messaging.pglog import PgLog
from shared.messaging.relay import Relay
from shared.messaging.transport import Transport
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.service import Service
from shared.vault.keys import KeyRing
from tests.bench.stage import Stage

AREA = AreaCode.parse("230606001002")
TOPIC = PaymentDisbursed.TOPIC
_EVENTS_OF_A_KEY = 5

_TABLES = "CREATE TABLE bench_{0}(id uuid PRIMARY KEY); SELECT floor_grant('bench_{0}', 'append')"
# As many events as commands would have left, in one statement, with the envelope that a command wrote.
_BACKLOG = """
INSERT INTO outbox(id, topic, key, type, area_code, envelope, at)
SELECT id, topic, key, type, area_code, envelope || jsonb_build_object('id', id, 'subject', key, 'partitionkey', key,
         'data', envelope -> 'data' || jsonb_build_object('payment_id', id, 'project_id', key)), at
  FROM (SELECT topic, type, area_code, envelope, at FROM outbox ORDER BY seq LIMIT 1) AS sample,
       (SELECT gen_random_uuid() AS id, md5($2 || (n / $3))::uuid AS key FROM generate_series(1, $1) AS n) AS fresh"""


class Done(BaseModel):
    """Nothing to say."""


class Tell(Command):
    """Tell of a payment."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    payment_id: UUID


class Note(Command):
    """Write down what was heard."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    payment_id: UUID


async def tell(tx: Write, command: Tell, _ctx: Context) -> Done:
    await tx.raw.execute("INSERT INTO bench_told(id) VALUES ($1)", command.payment_id)
    tx.emit(
        PaymentDisbursed(
            area_code=AREA,
            project_id=command.payment_id,
            payment_id=command.payment_id,
            contract_id=command.payment_id,
            amount=12_345_600,
            split=(
                IndicatorAmount(
                    indicator_id=command.payment_id, document_no="黑财指(农)〔2023〕34号", amount=12_345_600
                ),
            ),
            stage="progress",
            paid_on=date(2025, 6, 1),
        ),
    )
    tx.changed("payment", command.payment_id, AREA)
    return Done()


async def note(tx: Write, command: Note, _ctx: Context) -> Done:
    await tx.raw.execute("INSERT INTO bench_noted(id) VALUES ($1)", command.payment_id)
    tx.changed("payment", command.payment_id, AREA)
    return Done()


def write_down(event: PaymentDisbursed) -> Note:
    return Note(payment_id=event.payment_id)


def ignore(_event: PaymentDisbursed) -> None:
    """Asks nothing of us."""


NOTING: Reactions = {PaymentDisbursed: (write_down,)}
IGNORING: Reactions = {PaymentDisbursed: (ignore,)}


def _service(name: str, handlers: Handlers, table: str) -> Service:
    async def make_table(connection: asyncpg.Connection) -> None:
        await connection.execute(_TABLES.format(table))

    return Service(name, name, MetaData(), handlers, (), (), (), seed=make_table)


FUNDS = _service("funds", {Tell: tell}, "told")
ASSETS = _service("assets", {Note: note}, "noted")


@dataclass(frozen=True, slots=True)
class Pair:
    """The two services, and Kafka between them if there is a `broker`."""

    funds: Assembled
    assets: Assembled
    funds_names: ServiceDatabase
    assets_names: ServiceDatabase
    broker: Broker | None
    sender: KafkaSender | None

    def relay(self) -> Relay:
        """The relay of `funds`; one at a time."""
        return Relay("funds", self.funds_names.app_dsn, SystemClock(), sender=self.sender)

    def dispatch(self, consumer: str, reactions: Reactions) -> Dispatch:
        """A consumer of its own on the database of `assets`."""
        log: Transport = (
            KafkaTransport(self.broker) if self.broker else PgLog({"funds": self.funds_names.log_reader_dsn})
        )
        return Dispatch(consumer, self.assets.pipeline, reactions, log)

    async def tell(self) -> UUID:
        """One command of `funds`."""
        payment = new_id()
        await self.funds.pipeline.run(Tell(payment_id=payment), actor=SYSTEM, key=str(payment))
        return payment

    async def note(self) -> None:
        """The command of the reaction, given directly."""
        payment = new_id()
        await self.assets.pipeline.run(Note(payment_id=payment), actor=SYSTEM, key=str(payment))

    async def backlog(self, connection: asyncpg.Connection, events: int) -> None:
        """Leave `events` in the outbox, five of each key; one told event has to be there."""
        await connection.execute(_BACKLOG, events, str(new_id()), _EVENTS_OF_A_KEY)
        await connection.execute("ANALYZE outbox")


@asynccontextmanager
async def open_pair(stage: Stage, broker: Broker | None = None) -> AsyncIterator[Pair]:
    """The two services on databases of their own."""
    async with AsyncExitStack() as stack:
        names = [await stack.enter_async_context(stage.database(service)) for service in (FUNDS, ASSETS)]
        connection = await asyncpg.connect(names[0].app_dsn)
        calendar = await WorkdayCalendar.from_connection(connection)
        await connection.close()
        made: list[Assembled] = []
        for service, own in zip((FUNDS, ASSETS), names, strict=True):
            made.append(
                assemble(
                    service, own.app_dsn, clock=SystemClock(), calendar=calendar, keys=KeyRing.fresh(), pool_size=10
                )
            )
            stack.push_async_callback(made[-1].database.close)
        sender = None
        if broker:
            sender = KafkaSender(broker)
            stack.push_async_callback(sender.close)
        yield Pair(made[0], made[1], names[0], names[1], broker, sender)

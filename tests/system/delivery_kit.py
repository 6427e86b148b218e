"""Tiny services on the real floor: `funds` counts and tells it, the others write down what they hear."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import BaseModel

from shared.commands.command import Command, Context, Handlers, Write
from shared.commands.pipeline import Pipeline, Resources
from shared.contracts.catalogue import encode, wrap
from shared.contracts.funds import AlertClosed, IndicatorAdjusted
from shared.db.migrate import migrate
from shared.db.sessions import Database
from shared.delivery.attempt import Patience
from shared.delivery.dispatch import Dispatch
from shared.delivery.reactions import Reactions
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.messaging.kafka import Broker, KafkaSender, KafkaTransport, create_topics
from shared.messaging.pglog import PgLog
from shared.messaging.relay import Backlog, Relay
from shared.messaging.topics import DECLARED
from shared.messaging.transport import Record, SendFailed, Transport
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.bus import Bus
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from shared.vault.keys import KeyRing

AREA = AreaCode.parse("230606001002")
NOW = datetime(2025, 6, 1, 1, tzinfo=UTC)
QUICK = Patience(tries=5, first_pause=0.002, factor=1.5)
TRANSPORTS = ("embedded", pytest.param("kafka", marks=pytest.mark.kafka))
"""The conformance suite runs over each of them."""

_TABLES = """
CREATE TABLE tally(id uuid PRIMARY KEY, n bigint NOT NULL);
CREATE TABLE note(seq bigint GENERATED ALWAYS AS IDENTITY, tally_id uuid NOT NULL, n bigint NOT NULL);
CREATE TABLE trouble(tally_id uuid, n bigint, kind text NOT NULL, PRIMARY KEY (tally_id, n));
SELECT floor_grant('tally', 'rows'), floor_grant('note', 'append'), floor_grant('trouble', 'rows');
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(coalesce(nullif(current_setting('tiny.hold', true), ''), '0')::float);
  RETURN NULL;
END $$;
CREATE TRIGGER hold AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION hold();"""
_COUNT = """
INSERT INTO tally AS known (id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = known.n + 1 RETURNING n"""
_INJECT = """
INSERT INTO outbox(id, topic, key, type, area_code, envelope, at) VALUES ($1, $2, $3, $4, $5, $6, $7)"""


class Done(BaseModel):
    n: int


class Count(Command):
    """Count one further and tell it; the transaction may stay open for a while after its event has been inserted."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    tally_id: UUID
    hold_seconds: float = 0


class Note(Command):
    """Write down what was heard."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})

    tally_id: UUID
    n: int


async def count(tx: Write, command: Count, context: Context) -> Done:
    n = await tx.raw.fetchval(_COUNT, command.tally_id)
    tx.emit(adjusted(command.tally_id, n))
    tx.changed("tally", command.tally_id, AREA)
    if command.hold_seconds:
        await tx.raw.execute("SELECT set_config('tiny.hold', $1, true)", str(command.hold_seconds))
    return Done(n=n)


async def note(tx: Write, command: Note, context: Context) -> Done:
    await tx.raw.execute("INSERT INTO note(tally_id, n) VALUES ($1, $2)", command.tally_id, command.n)
    kind = await tx.raw.fetchval("SELECT kind FROM trouble WHERE (tally_id, n) = ($1, $2)", command.tally_id, command.n)
    if kind == "refused":
        raise Refused(Violation("NOT_NOW", "不予受理", "not now"))
    if kind == "raises":
        raise ZeroDivisionError("the handler is broken")
    if kind == "slow":
        await asyncio.sleep(2)
    return Done(n=command.n)


def adjusted(tally_id: UUID, n: int) -> IndicatorAdjusted:
    return IndicatorAdjusted(
        area_code=AREA,
        indicator_id=tally_id,
        document_no="黑财指(农)〔2023〕34号",
        level="central",
        category="1301",
        fiscal_year=2023,
        delta=1,
        amount=n,
        adjusted_on=date(2025, 6, 1),
    )


def record(tally_id: UUID, n: int, *, pos: int = 0) -> Record:
    """The n-th event of a tally as it lies on a log."""
    event, event_id = adjusted(tally_id, n), new_id()
    envelope = wrap(event, id=event_id, time=NOW, sequence=n, correlation=new_id(), causation=new_id())
    return Record("funds", pos or n, event.TOPIC, event.key, n, event_id, envelope.type, encode(envelope))


def write_down(event: IndicatorAdjusted) -> Note:
    return Note(tally_id=event.indicator_id, n=event.amount)


REACTIONS: Reactions = {IndicatorAdjusted: (write_down,)}
HANDLERS: Handlers = {Count: count, Note: note}


class NoHolidays:
    def is_workday(self, day: date) -> bool:  # noqa: ARG002  every day is worked
        return True


def pipeline_on(database: Database, clock: SetClock) -> Pipeline:
    return Pipeline(database, HANDLERS, Resources(clock, NoHolidays(), KeyRing.fresh(), {}))


@dataclass
class Tiny:
    """One tiny service on its own database."""

    name: str
    names: ServiceDatabase
    database: Database
    pipeline: Pipeline

    async def notes(self) -> dict[UUID, list[int]]:
        """What was heard, in the order in which it was written down."""
        async with self.database.read(SYSTEM) as tx:
            heard: dict[UUID, list[int]] = {}
            for row in await tx.raw.fetch("SELECT tally_id, n FROM note ORDER BY seq"):
                heard.setdefault(row["tally_id"], []).append(row["n"])
            return heard

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self.database.read(SYSTEM) as tx:
            return await tx.raw.fetch(sql, *values)

    async def execute(self, sql: str, *values: Any) -> None:
        async with self.database.write(SYSTEM) as tx:
            await tx.raw.execute(sql, *values)
            await tx.session.commit()

    async def trouble(self, kind: str, marks: Iterable[tuple[UUID, int]]) -> None:
        """Let the handler fail on these, or no more when `kind` is empty."""
        ids, numbers = zip(*marks, strict=True)
        await self.execute(
            "DELETE FROM trouble WHERE (tally_id, n) IN (SELECT * FROM unnest($1::uuid[], $2::bigint[]))", ids, numbers
        )
        if kind:
            await self.execute(
                "INSERT INTO trouble SELECT *, $3 FROM unnest($1::uuid[], $2::bigint[])", ids, numbers, kind
            )

    async def parked(self) -> list[Any]:
        return await self.fetch("SELECT * FROM parked_event WHERE outcome IS NULL ORDER BY topic, key, sequence")


@dataclass
class World:
    """A producer, its consumers, and the log between them."""

    server: Server
    kafka: Broker | None
    """The cluster that lies between, None where the outbox itself is read."""
    clock: SetClock
    services: Mapping[str, Tiny]
    opened: list[Bus] = field(default_factory=list)
    senders: list[KafkaSender] = field(default_factory=list)
    first_relay: Relay | None = None

    @property
    def funds(self) -> Tiny:
        return self.services["funds"]

    @property
    def assets(self) -> Tiny:
        return self.services["assets"]

    def transport(self, *, batch: int = 500) -> Transport:
        """The log that the consumers read."""
        if self.kafka:
            return KafkaTransport(self.kafka, batch=batch)
        return PgLog({"funds": self.funds.names.log_reader_dsn}, batch=batch)

    def relay(self, *, batch: int = 1000) -> Relay:
        sender = None
        if self.kafka:
            sender = KafkaSender(self.kafka)
            self.senders.append(sender)
        return Relay("funds", self.funds.names.app_dsn, self.clock, sender=sender, batch=batch)

    def dispatch(
        self,
        consumer: str = "assets",
        *,
        reactions: Reactions = REACTIONS,
        transport: Transport | None = None,
        batch: int = 500,
        parallel: int = 4,
        patience: Patience = QUICK,
    ) -> Dispatch:
        log = transport or self.transport(batch=batch)
        pipeline = self.services[consumer].pipeline
        return Dispatch(consumer, pipeline, reactions, log, parallel=parallel, patience=patience)

    def bus(self, *dispatches: Dispatch) -> Bus:
        """The world's relay and these; closed with the world."""
        self.first_relay = self.first_relay or self.relay()
        self.opened.append(Bus([self.first_relay], dispatches))
        return self.opened[-1]

    async def number_all(self) -> None:
        """Give every event its number, and send none if there is a log outside."""
        relay = Relay("funds", self.funds.names.app_dsn, self.clock, sender=Deaf() if self.kafka else None)
        while (await relay.backlog()).unnumbered:
            await relay.step()
        await relay.close()

    async def on_the_log(self) -> list[Record]:
        """Everything that lies on the cluster, partition by partition."""
        assert self.kafka
        records: list[Record] = []
        reading = KafkaTransport(replace(self.kafka, instance=None)).subscribe(
            "inspector", [IndicatorAdjusted.TOPIC], nowhere
        )
        ends = await reading.heads()
        while len(records) < sum(end or 0 for end in ends.values()):
            if batch := await reading.receive(5):
                records += batch.records
                await reading.ack(batch)
        await reading.close()
        return records

    async def relay_backlog(self) -> Backlog:
        """What the world's relay would still have to do."""
        self.first_relay = self.first_relay or self.relay()
        return await self.first_relay.backlog()

    async def count(self, tally_id: UUID, times: int = 1, *, hold_seconds: float = 0) -> None:
        """Count on, one command after the other."""
        for _ in range(times):
            command = Count(tally_id=tally_id, hold_seconds=hold_seconds)
            await self.funds.pipeline.run(command, actor=SYSTEM, key=str(new_id()))

    async def count_many(self, tallies: Sequence[UUID], times: int) -> None:
        """The events that counting every tally so often would make, in one transaction."""
        rows = []
        for n in range(1, times + 1):
            for tally_id in tallies:
                event, event_id = adjusted(tally_id, n), new_id()
                envelope = wrap(event, id=event_id, time=NOW, sequence=0, correlation=event_id, causation=event_id)
                rows.append(
                    (event_id, event.TOPIC, event.key, envelope.type, int(AREA), encode(envelope).decode(), NOW)
                )
        async with self.funds.database.write(SYSTEM) as tx:
            await tx.raw.executemany(_INJECT, rows)
            await tx.session.commit()

    async def inject(self, tally_id: UUID, body: Any, *, wire_type: str = "", event_id: UUID | None = None) -> None:
        """Put something on the log that no command of ours would have published."""
        kind = wire_type or IndicatorAdjusted.wire_type()
        values = (event_id or new_id(), IndicatorAdjusted.TOPIC, tally_id, kind, int(AREA), orjson.dumps(body).decode())
        await self.funds.execute(_INJECT, *values, NOW)

    async def break_off(self, service: Tiny) -> None:
        """Cut every connection to a service's database and admit no new one."""
        async with self.server.admin() as admin:
            await admin.execute(f"ALTER DATABASE {service.names.name} ALLOW_CONNECTIONS false")
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", service.names.name
            )

    async def restore(self, service: Tiny) -> None:
        """Admit connections again."""
        async with self.server.admin() as admin:
            await admin.execute(f"ALTER DATABASE {service.names.name} ALLOW_CONNECTIONS true")


async def nowhere() -> Mapping[str, int]:
    """The positions of a consumer that has read nothing."""
    return {}


class Deaf:
    """A log that takes nothing."""

    async def append(self, records: Sequence[Record]) -> None:  # noqa: ARG002  the port
        raise SendFailed("deaf")


@asynccontextmanager
async def open_world(
    server: Server,
    template_for: Callable[..., Clones],
    *,
    bootstrap: str = "",
    replication: int = 1,
    consumers: Sequence[str] = ("assets",),
    pool_size: int = 12,
) -> AsyncIterator[World]:
    """Fresh databases for `funds` and its consumers, and fresh topics between them if there is a `bootstrap`."""
    clock = SetClock(NOW)
    async with AsyncExitStack() as stack:
        kafka = await stack.enter_async_context(fresh_topics(bootstrap, replication)) if bootstrap else None
        services = {}
        for name in ("funds", *consumers):
            names = await stack.enter_async_context(template_for(name, _build, "tiny").borrow())
            database = Database(names.app_dsn, pool_size=pool_size)
            stack.push_async_callback(database.close)
            services[name] = Tiny(name, names, database, pipeline_on(database, clock))
        world = World(server, kafka, clock, services)
        try:
            yield world
        finally:
            for bus in world.opened:
                await bus.close()
            if world.first_relay:
                await world.first_relay.close()
            for sender in world.senders:
                await sender.close()


@asynccontextmanager
async def fresh_topics(bootstrap: str, replication: int) -> AsyncIterator[Broker]:
    """A namespace of our own on a cluster, with the topics of the tiny services."""
    broker = Broker(bootstrap, namespace=f"test-{new_id().hex[-12:]}")
    topics = [DECLARED[event.TOPIC] for event in (IndicatorAdjusted, AlertClosed)]
    await create_topics(broker, topics, replication=replication)
    yield broker
    admin = AIOKafkaAdminClient(**broker.connection())
    await admin.start()
    await admin.delete_topics([broker.wire(topic.name) for topic in topics])
    await admin.close()


def bootstrap_for(request: pytest.FixtureRequest) -> str:
    """The cluster for a test that runs over the transports; starts it only where it is needed."""
    return str(request.getfixturevalue("broker")) if request.param == "kafka" else ""


async def _build(owner_dsn: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        owner = await connection.fetchval("SELECT current_user")
        prefix = owner.removesuffix("_owner").rpartition("_")[0]
        await migrate(owner_dsn, "tiny", log_reader=f"{prefix}_log_reader")
        await connection.execute(_TABLES)
    finally:
        await connection.close()


AN_ALERT_CLOSED = AlertClosed.wire_type()
"""A type on another topic that nobody here reads."""

"""The embedded system in a process that can be killed, clients that ask until they are answered, and a witness."""

import asyncio
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import orjson

from shared.checks.model import Severity
from shared.checks.policy import Policy
from shared.checks.run import run_check
from shared.contracts.catalogue import unwrap
from shared.contracts.envelope import Envelope
from shared.kernel.actors import SYSTEM
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_server import Server
from shared.runtime.service import Service

ROOT = Path(__file__).resolve().parents[2]
_CREATED = (httpx2.codes.OK, httpx2.codes.CREATED)
_PATIENCE_SECONDS = 120.0
_PAUSE = 0.1

_EVENTS = "SELECT id, pos, topic, key, sequence, envelope::text AS envelope FROM outbox ORDER BY pos, seq"
_PLACES = "SELECT id, pos FROM outbox"
_CURSORS = "SELECT source, pos FROM delivery_cursor"
_EFFECTS = "SELECT cause, count(*) AS times FROM journal WHERE cause IS NOT NULL GROUP BY cause"
_COMMANDS = f"SELECT count(*) FROM journal WHERE cause IS NULL AND actor <> '{SYSTEM.id}'"  # noqa: S608
_KEYS = f"SELECT key FROM command_key WHERE scope NOT LIKE 'event:%' AND scope <> '{SYSTEM.id}'"  # noqa: S608
_PARKED = "SELECT count(*) FROM parked_event"


class Nursery:
    """Starts `services.suite serve` again and again, each time as a new process on the same state and port."""

    def __init__(self, state_dir: Path, port: int, *, log_level: str = "WARNING") -> None:
        self.state_dir = state_dir
        self.port = port
        self.pid = 0
        self.log = state_dir.with_suffix(".log")
        self._log_level = log_level
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where the system answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start a process of the system; it needs a moment to be ready."""
        if self._process is None:
            environment = os.environ | {
                "SHOUWANG_STATE_DIR": str(self.state_dir),
                "SHOUWANG_LOG_LEVEL": self._log_level,
            }
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.system.kill_nursery"),
                    cwd=ROOT,
                    env=environment,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    start_new_session=True,
                )
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"serve --port {self.port}\n".encode())
        self.pid = int(await self._process.stdout.readline())

    async def kill(self) -> None:
        """`kill -9`, and wait until nothing of the process is left."""
        os.kill(self.pid, signal.SIGKILL)
        await self._gone(5)

    async def interrupt(self, seconds: float = 10) -> None:
        """Ctrl-C; raises TimeoutError when the process does not end in time."""
        os.kill(self.pid, signal.SIGINT)
        await self._gone(seconds)

    async def close(self) -> None:
        """End whatever still runs."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, TimeoutError):
            await self.interrupt()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()

    async def _gone(self, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            with suppress(ProcessLookupError):
                while True:
                    os.kill(self.pid, 0)
                    await asyncio.sleep(0.01)


@dataclass(slots=True)
class Counts:
    """What the clients saw."""

    acknowledged: int = 0
    retries: int = 0
    replays: int = 0
    """Answers to a command that had been carried out before: its first answer was lost after the commit."""


@dataclass(slots=True)
class Stubborn:
    """A client that sends a command with one key until it is answered, however often the system dies."""

    http: httpx2.AsyncClient
    counts: Counts = field(default_factory=Counts)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The result of each command by its key."""
    _tokens: dict[str, str] = field(default_factory=dict)

    async def post(self, persona: str, path: str, body: Mapping[str, Any], *, etag: str = "") -> dict[str, Any]:
        """The result of a command; raises AssertionError when it is refused."""
        return await self.send(persona, path, json=dict(body), headers={"If-Match": etag} if etag else {})

    async def send(self, persona: str, path: str, *, headers: Mapping[str, str], **request: Any) -> dict[str, Any]:
        """Likewise, whatever the body is."""
        key = str(new_id())
        headers = {**headers, **await self.login(persona), "Idempotency-Key": key}
        answer = await self._insist("POST", path, headers=headers, **request)
        assert answer.status_code in _CREATED, f"{path}: {answer.status_code} {answer.text[:500]}"
        self.counts.acknowledged += 1
        self.counts.replays += answer.headers.get("idempotency-replayed") == "true"
        body: dict[str, Any] = answer.json()
        self.acknowledged[key] = body.get("result", body)
        return self.acknowledged[key]

    async def step(self, persona: str, case: str, step: str, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Take a step of a case, such as `funds/v1/indicators/<id>`, in the version it has now."""
        seen = await self._insist("GET", f"/{case}/case", headers=await self.login(persona))
        return await self.post(persona, f"/{case}/{step}", form or {}, etag=seen.headers["etag"])

    async def login(self, persona: str) -> dict[str, str]:
        """The header of a persona."""
        if persona not in self._tokens:
            answer = await self._insist("POST", "/dev/token", json={"persona": persona})
            self._tokens[persona] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[persona]}"}

    async def _insist(self, method: str, path: str, **request: Any) -> httpx2.Response:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                try:
                    answer = await self.http.request(method, path, **request)
                    if answer.status_code < httpx2.codes.INTERNAL_SERVER_ERROR:
                        return answer
                except httpx2.TransportError:
                    pass
                self.counts.retries += 1
                await asyncio.sleep(_PAUSE)


@dataclass(frozen=True, slots=True)
class Account:
    """What the databases hold, against what was acknowledged and told."""

    keys: frozenset[str] = field(repr=False)
    """Under which persons' commands were carried out."""
    commands: int
    """Persons' commands in the journals."""
    events: int
    effects: int
    undelivered: int
    """Effects that an event should have and has not, events without a number among them."""
    doubled: int
    """Effects that an event has had more than once."""
    misnumbered: int
    """Events that break the unbroken line of their log or key."""
    parked: int


@dataclass(frozen=True, slots=True)
class Witness:
    """Looks into the databases past the system, as their superuser."""

    server: Server
    services: Sequence[Service]
    prefix: str = "shouwang"

    async def fetch(self, service: str, sql: str, *values: Any) -> list[Any]:
        """Rows of one service's database."""
        async with self.server.admin(f"{self.prefix}_{service}") as connection:
            return await connection.fetch(sql, *values)

    async def in_doubt(self) -> int:
        """Effects committed while their consumer has not yet moved on: their events will be delivered again."""
        places = {row["id"]: (name, row["pos"]) for name in self._names for row in await self.fetch(name, _PLACES)}
        doubtful = 0
        for name in self._names:
            done = {row["source"]: row["pos"] for row in await self.fetch(name, _CURSORS)}
            # The system goes on meanwhile: an effect whose event came after the first look is not in doubt yet.
            causes = [places[row["cause"]] for row in await self.fetch(name, _EFFECTS) if row["cause"] in places]
            doubtful += sum(pos > done.get(source, 0) for source, pos in causes)
        return doubtful

    async def account(self) -> Account:
        """The whole reckoning."""
        keys: list[str] = []
        commands = parked = events = misnumbered = 0
        expected: Counter[tuple[str, UUID]] = Counter()
        found: Counter[tuple[str, UUID]] = Counter()
        for name in self._names:
            keys += [row["key"] for row in await self.fetch(name, _KEYS)]
            commands += (await self.fetch(name, _COMMANDS))[0][0]
            parked += (await self.fetch(name, _PARKED))[0][0]
            log = await self.fetch(name, _EVENTS)
            events += len(log)
            misnumbered += _breaks(log)
            for row in log:
                expected += self._wanted(row)
            found += Counter({(name, row["cause"]): row["times"] for row in await self.fetch(name, _EFFECTS)})
        return Account(
            keys=frozenset(keys),
            commands=commands,
            events=events,
            effects=found.total(),
            undelivered=(expected - found).total(),
            doubled=(found - expected).total(),
            misnumbered=misnumbered,
            parked=parked,
        )

    async def settled(self, seconds: float = 30) -> Account:
        """The reckoning once every event has arrived; the last one when that does not come about in time."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            account = await self.account()
            if not (account.undelivered or account.misnumbered) or asyncio.get_running_loop().time() > end:
                return account
            await asyncio.sleep(0.2)

    async def offences(self) -> dict[str, int]:
        """The invariants that do not hold, the ledgers' among them, and how often; warnings speak of business, not of loss."""
        found = {}
        for service in self.services:
            async with self.server.admin(f"{self.prefix}_{service.name}") as connection:
                policy = Policy(service.declared_parameters, await WorkdayCalendar.from_connection(connection))
                for check in (each for each in service.checks if each.severity is Severity.ERROR):
                    run = await run_check(connection, check, now=SystemClock().now(), policy=policy)
                    if run.standing:
                        found[check.id] = run.standing
        return found

    async def missing(self, service: str, table: str, column: str, ids: Sequence[UUID]) -> int:
        """How many of `ids` are not there."""
        sql = f"SELECT count(*) FROM unnest($1::uuid[]) AS id WHERE id NOT IN (SELECT {column} FROM {table})"  # noqa: S608
        rows = await self.fetch(service, sql, list(ids))
        count: int = rows[0][0]
        return count

    @property
    def _names(self) -> list[str]:
        return [service.name for service in self.services]

    def _wanted(self, row: Any) -> Counter[tuple[str, UUID]]:
        """The effects that an event should have, by consumer."""
        event = unwrap(Envelope.model_validate(orjson.loads(row["envelope"])))
        return Counter(
            (service.name, row["id"])
            for service in self.services
            for reaction in service.reactions.get(type(event), ())  # type: ignore[arg-type]
            if reaction(event) is not None
        )


def _breaks(log: Iterable[Any]) -> int:
    """How many events do not follow on the one before, in the log or in the line of their key."""
    breaks, pos, last = 0, 0, Counter[tuple[str, UUID]]()
    for row in log:
        line = (row["topic"], row["key"])
        breaks += (row["pos"], row["sequence"]) != (pos + 1, last[line] + 1)
        pos, last[line] = row["pos"] or 0, row["sequence"] or 0
    return breaks


@asynccontextmanager
async def under_siege(
    state_dir: Path, services: Sequence[Service], *, log_level: str = "WARNING"
) -> AsyncIterator[tuple[Nursery, Stubborn, Witness]]:
    """A running system on a durable server of its own, with a client and a witness; nothing of it stays."""
    nursery = Nursery(state_dir, free_port(), log_level=log_level)
    embedded = EmbeddedPostgres(state_dir)
    limits = httpx2.Limits(max_connections=64)
    async with httpx2.AsyncClient(base_url=nursery.address, timeout=10, limits=limits, trust_env=False) as http:
        try:
            await nursery.start()
            await until_ready(http, services)
            yield nursery, Stubborn(http), Witness(await embedded.start(), services)
        finally:
            await nursery.close()
            await embedded.remove()


async def until_ready(http: httpx2.AsyncClient, services: Sequence[Service], seconds: float = 30) -> None:
    """Return when every service says that it can work."""
    async with asyncio.timeout(seconds):
        for service in services:
            while not await _is_ready(http, service.name):
                await asyncio.sleep(0.02)


async def _is_ready(http: httpx2.AsyncClient, name: str) -> bool:
    try:
        return (await http.get(f"/{name}/readyz")).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

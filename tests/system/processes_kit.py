"""The system in processes of its own, as operators start it: one-shots, APIs, workers and the front, on one broker."""

import asyncio
import multiprocessing
import os
import runpy
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import asyncpg
import httpx2

from services.suite.embedded import DIVISIONS
from services.suite.services import SERVICES
from shared.runtime.postgres_server import Server
from tests.system.kill_kit import free_port

NAMES = tuple(service.name for service in SERVICES)
START_SECONDS, END_SECONDS = 90, 15


_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["services.suite.operate", "shared.runtime.process"])


def _live(package: str, command: str, settings: Mapping[str, str], log: Path) -> None:
    """What `python -m services.<package> <command>` does, without importing everything once more."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    for name in [name for name in os.environ if name.startswith("SHOUWANG_")]:
        del os.environ[name]
    os.environ |= {f"SHOUWANG_{name}": value for name, value in settings.items()}
    sys.argv = [f"services.{package}", command]
    runpy.run_module(f"services.{package}", run_name="__main__", alter_sys=True)


@dataclass(slots=True)
class Started:
    """One process and what it was told."""

    process: ForkServerProcess
    log: Path

    async def end(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.terminate()
        return await self.ended(END_SECONDS)

    async def ended(self, seconds: float) -> int:
        """Its exit code; raises TimeoutError when it takes too long."""
        await asyncio.to_thread(self.process.join, seconds)
        if self.process.exitcode is None:
            raise TimeoutError(self.said())
        return self.process.exitcode

    def said(self) -> str:
        """Its output so far."""
        return self.log.read_text("utf-8")


@dataclass(slots=True)
class Town:
    """Where everything is, and what runs."""

    server: Server
    bootstrap: str
    home: Path
    prefix: str = field(default_factory=lambda: f"shouwang_{secrets.token_hex(4)}")
    running: dict[str, Started] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def port(self, name: str) -> int:
        """The port of a process, the same after a restart."""
        return self.ports.setdefault(name, free_port())

    def address(self, name: str) -> str:
        """Where a process answers."""
        return f"http://127.0.0.1:{self.port(name)}"

    def dsn(self, service: str, role: str = "app") -> str:
        """The address of a service's database."""
        base = f"{self.prefix}_{service}"
        return self.server.dsn(base, f"{base}_{role}", f"it's {role}'s")

    async def once(self, service: str, command: str) -> tuple[int, str]:
        """Run a one-shot to its end; exit code and output."""
        started = self._start(f"{service} {command}", self._once_settings(service, command), service, command)
        return await started.ended(START_SECONDS), started.said()

    def start(self, name: str) -> Started:
        """Start `funds serve`, `funds worker`, …, or `front`."""
        first, _, second = name.partition(" ")
        if first == "front":
            self.running[name] = self._start(name, self._front_settings(), "suite", "front")
        else:
            more = self._serve_settings(first) if second == "serve" else self._worker_settings(first)
            more |= {"HTTP__PORT": str(self.port(name))}
            self.running[name] = self._start(name, more, first, second)
        return self.running[name]

    async def until_ready(self, *names: str) -> None:
        """Return when all of these say that they can work."""
        async with asyncio.timeout(START_SECONDS), httpx2.AsyncClient(trust_env=False, timeout=10) as http:
            for name in names:
                while not await self._is_ready(http, name):
                    started = self.running[name]
                    assert started.process.exitcode is None, started.said()
                    await asyncio.sleep(0.1)

    async def rows(self, service: str, query: str, *values: object) -> list[asyncpg.Record]:
        """What stands in a service's database, walls left aside."""
        async with self.server.admin(f"{self.prefix}_{service}") as connection:
            found: list[asyncpg.Record] = await connection.fetch(query, *values)
            return found

    async def close(self) -> None:
        """End and remove what is left."""
        for started in self.running.values():
            started.process.kill()
            await started.ended(END_SECONDS)
        async with self.server.admin() as connection:
            for service in NAMES:
                base = f"{self.prefix}_{service}"
                await connection.execute(f"DROP DATABASE IF EXISTS {base} WITH (FORCE)")
                for role in ("owner", "app"):
                    await connection.execute(f"DROP ROLE IF EXISTS {base}_{role}")

    async def _is_ready(self, http: httpx2.AsyncClient, name: str) -> bool:
        path = "/healthz" if name == "front" else "/readyz"
        try:
            return (await http.get(self.address(name) + path)).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def beside_the_front(self) -> dict[str, str]:
        """The environment of a command of the suite that speaks to this system."""
        return {f"SHOUWANG_{name}": value for name, value in {"MODE": "demo", **self._front_settings()}.items()}

    def _once_settings(self, service: str, command: str) -> dict[str, str]:
        if command == "topics":
            return self._kafka()
        return {
            "DATABASE__ADMIN_DSN": self.server.dsn(self.server.maintenance),
            "DATABASE__OWNER_DSN": self.dsn(service, "owner"),
            "DATABASE__APP_DSN": self.dsn(service),
            "DIVISIONS": str(DIVISIONS),
        }

    def _serve_settings(self, service: str) -> dict[str, str]:
        issuer = f"{self.address('front')}/dev"
        oidc = {"OIDC__ISSUER": issuer, "OIDC__JWKS_URL": f"{issuer}/jwks"}
        return {"DATABASE__APP_DSN": self.dsn(service), "DATABASE__POOL_SIZE": "4", **oidc}

    def _worker_settings(self, service: str) -> dict[str, str]:
        return {"DATABASE__APP_DSN": self.dsn(service), "DATABASE__POOL_SIZE": "4", **self._kafka()}

    def _front_settings(self) -> dict[str, str]:
        services = {
            f"SERVICES__{service.upper()}__{what}": value
            for service in NAMES
            for what, value in (("URL", self.address(f"{service} serve")), ("APP_DSN", self.dsn(service)))
        }
        return {"HTTP__PORT": str(self.port("front")), "OIDC__ISSUER": f"{self.address('front')}/dev", **services}

    def _kafka(self) -> dict[str, str]:
        return {"KAFKA__BOOTSTRAP": self.bootstrap, "KAFKA__NAMESPACE": self.prefix}

    def _start(self, name: str, settings: Mapping[str, str], package: str, command: str) -> Started:
        told = {"MODE": "demo", "STATE_DIR": str(self.home / package), "LOG_LEVEL": "WARNING", **settings}
        log = self.home / f"{name.replace(' ', '-')}.log"
        process = _NURSERY.Process(target=_live, args=(package, command, told, log), name=name)
        process.start()
        return Started(process, log)


@asynccontextmanager
async def town(server: Server, bootstrap: str, home: Path) -> AsyncIterator[Town]:
    """A system whose one-shots have run; nothing of it stays."""
    made = Town(server, bootstrap, home)
    try:
        yield made
    finally:
        await made.close()

"""What the command line does: serve, play, reset, give tokens, write docs, load divisions, look after events and checks."""

import asyncio
import json
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from services.suite import docs, fingerprint
from services.suite.demo import run as demo
from services.suite.distributed import keep_front
from services.suite.embedded import ROOT, Running, embedded, issuer_of, state_dir
from services.suite.people import ALIASES, PERSONAS, to_read
from services.suite.services import SERVICES
from services.suite.settings import SuiteSettings
from shared.checks.commands import RunChecks
from shared.db.sessions import scope_settings
from shared.delivery import parked
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.ids import new_id
from shared.parameters import divisions_load
from shared.runtime.logs import set_up_logs
from shared.runtime.loop import settle
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_server import ensure_database
from shared.runtime.prepare import DIVISIONS_SINCE, SCOPE
from shared.runtime.serving import listening, serving, until_stopped
from shared.runtime.settings import Mode, Settings


async def run(asked: Namespace, settings: SuiteSettings) -> int:
    """Carry out one command."""
    commands: Mapping[str, Callable[[Namespace, SuiteSettings], Awaitable[int]]] = {
        "demo": _demo,
        "serve": _serve,
        "front": _front,
        "reset": _reset,
        "token": _token,
        "docs": _docs,
        "divisions": _divisions,
        "events": _events,
        "fingerprint": _fingerprint,
        "checks": _checks,
    }
    return await commands[asked.command](asked, settings)


def _port(asked: Namespace, settings: Settings) -> int:
    return asked.port or settings.http.port


async def _demo(asked: Namespace, settings: SuiteSettings) -> int:
    set_up_logs("ERROR")
    if asked.target or settings.mode is not Mode.EMBEDDED:
        settings.need_databases()
        return await demo.play_at(settings, asked.target or settings.public_address, once=asked.once)
    return await demo.play(settings, _port(asked, settings), once=asked.once)


async def _serve(asked: Namespace, settings: Settings) -> int:
    set_up_logs(settings.log_level)
    await until_stopped(_keep_serving(settings, _port(asked, settings)))
    return 0


async def _front(_asked: Namespace, settings: SuiteSettings) -> int:
    set_up_logs(settings.log_level)
    await until_stopped(keep_front(settings))
    return 0


async def _keep_serving(settings: Settings, port: int) -> None:
    listener = listening(settings.http.host, port)
    async with embedded(settings, port) as running, serving(running.app, listener):
        settle()
        print(f"http://{settings.http.host}:{port}", flush=True)
        await asyncio.Event().wait()


async def _reset(_asked: Namespace, settings: Settings) -> int:
    if not await EmbeddedPostgres(state_dir(settings)).remove():
        print("演示正在运行，请先停止。 / The demo is running; stop it first.")
        return 1
    print("演示数据已清除。 / The demo's data are gone.")
    return 0


async def _token(asked: Namespace, settings: SuiteSettings) -> int:
    name = ALIASES.get(asked.role, asked.role)
    known = {persona.name: persona for persona in PERSONAS}
    if name not in known:
        print(f"没有该角色 / no such role: {asked.role}\n{', '.join([*ALIASES, *known])}")
        return 2
    issuer = issuer_of(settings, _port(asked, settings))
    token = issuer.token(name)
    print(token)
    print(f"curl -s -H 'Authorization: Bearer {token}' {issuer.issuer.removesuffix('/dev')}{to_read(known[name])}")
    return 0


async def _docs(asked: Namespace, _settings: Settings) -> int:
    folder = ROOT / "docs"
    made = docs.documents()
    for change in docs.broken(folder, made):
        print(f"接口不再兼容 / breaks clients: {change}")
    if asked.check:
        stale = [name for name, text in made.items() if not _same(folder / name, text)]
        print("\n".join(stale) or "文档最新 / up to date")
        return 1 if stale else 0
    print("\n".join(docs.write(folder, made)) or "文档最新 / up to date")
    return 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


async def _divisions(asked: Namespace, settings: Settings) -> int:
    since = date.fromisoformat(asked.since) if asked.since else DIVISIONS_SINCE
    postgres = EmbeddedPostgres(state_dir(settings))
    async with postgres as server:
        for service in SERVICES:
            names = await ensure_database(server, service.name)
            connection = await asyncpg.connect(names.owner_dsn)
            try:
                async with connection.transaction():
                    await connection.execute(SCOPE, *scope_settings(SYSTEM).values())
                    loaded = await divisions_load.load(connection, asked.file, since)
            finally:
                await connection.close()
            print(f"{service.name}: {json.dumps(asdict(loaded))}")
    return 0


@asynccontextmanager
async def _system(settings: Settings) -> AsyncIterator[Running]:
    """The system for one operator's command; adopts the server of a running demo."""
    async with embedded(settings, settings.http.port, deliver=False) as running:
        yield running


async def _events(asked: Namespace, settings: Settings) -> int:
    set_up_logs("ERROR")
    async with _system(settings) as running:
        parts = running.system.parts
        if asked.action == "parked":
            for name, part in parts.items():
                for event in await parked.list_parked(part.assembled.database, name, SYSTEM, limit=200):
                    print(name, event.id, event.type, event.topic, event.sequence, event.reason)
            return 0
        part = parts[asked.service]
        if asked.action == "inspect":
            shown = await parked.inspect(part.assembled.database, UUID(asked.id), SYSTEM)
            print(json.dumps(shown.envelope, ensure_ascii=False, indent=2))
        elif asked.action == "replay":
            ids = [UUID(text) for text in asked.ids]
            print(await parked.replay(part.dispatch, ids, SYSTEM, accept_gap=asked.accept_gap))
        else:
            first, second = _persona(asked.by), _persona(asked.second)
            await parked.discard(part.assembled.pipeline, UUID(asked.id), asked.reason, first, second)
            print("已放弃 / discarded")
    return 0


def _persona(name: str) -> Actor:
    persona = next(each for each in PERSONAS if each.name == name)
    return Actor(persona.id, persona.grants)


async def _fingerprint(asked: Namespace, settings: SuiteSettings) -> int:
    async with fingerprint.addresses(settings) as dsns:
        made = await fingerprint.fingerprint(dsns)
    print(json.dumps(made.as_json(), indent=1) if asked.json else "\n".join(made.as_lines()))
    return 0


async def _checks(_asked: Namespace, settings: Settings) -> int:
    set_up_logs("ERROR")
    wrong = 0
    async with _system(settings) as running:
        for name, part in running.system.parts.items():
            outcome = await part.assembled.pipeline.run(RunChecks(), actor=SYSTEM, key=f"checks:{new_id()}")
            wrong += tell_checks(name, outcome.result)
    return 1 if wrong else 0


def tell_checks(service: str, made: Mapping[str, Any]) -> int:
    """Print what the checks of a service found and which failed; gives how much of both stands."""
    for row in made["runs"]:
        print(f"{service} {row['check_id']} opened={row['opened']} closed={row['closed']} standing={row['standing']}")
    for row in made["failed"]:
        print(f"{service} {row['check_id']} 未能完成 / failed: {', '.join(row['codes'])}")
    wrong: int = sum(row["standing"] for row in made["runs"]) + len(made["failed"])
    return wrong

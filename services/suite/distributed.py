"""The front of a demo in processes of its own (分布演示): front page, logins, clock, and one door to the three services."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from services.suite import front
from services.suite.calm_clock import CalmClock
from services.suite.people import PERSONAS
from services.suite.proxy import Proxy, proxy_client
from services.suite.services import SERVICES
from services.suite.settings import SuiteSettings
from shared.http.dev_app import dev_app
from shared.http.dev_issuer import DevIssuer
from shared.runtime.assemble import Assembled, assemble
from shared.runtime.clock import OffsetClock
from shared.runtime.node import warn_of_demo
from shared.runtime.readiness import until_prepared
from shared.runtime.serving import listening, serving
from shared.runtime.surroundings import calendar_of, limits_of
from shared.vault.keys import KeyRing

_POOL_SIZE = 4


async def keep_front(settings: SuiteSettings) -> None:
    """Serve the front until cancelled. Raises BadSettings, PortTaken, NotPrepared, NewerDatabase, NotForProduction."""
    settings.need_front()
    issuer = DevIssuer(
        settings.mode,
        settings.oidc.issuer,
        settings.oidc.audience,
        PERSONAS,
        key_file=settings.state_dir / "dev-issuer.json",
    )
    with listening(settings.http.host, settings.http.port) as listener:
        clock = OffsetClock()
        async with connected(settings, clock) as services, proxy_client() as client:
            databases = {name: made.database for name, made in services.items()}
            app = front.create(databases, limits_of(settings.http))
            app.mount("/dev", dev_app(issuer, CalmClock(clock, services)))
            for name, url in settings.urls.items():
                app.mount(f"/{name}", Proxy(client, name, url))
            warn_of_demo("front")
            async with serving(app, listener):
                await asyncio.Event().wait()


@asynccontextmanager
async def connected(settings: SuiteSettings, clock: OffsetClock) -> AsyncIterator[Mapping[str, Assembled]]:
    """The services' databases as an onlooker has them: without keys, and without anything that moves events.

    `clock` is kept in them from now on.
    """
    settings.need_databases()
    keys = KeyRing.fresh()
    made: dict[str, Assembled] = {}
    try:
        for service in SERVICES:
            app_dsn = settings.app_dsns[service.name]
            await until_prepared(app_dsn, service.name)
            calendar = await calendar_of(app_dsn)
            made[service.name] = assemble(
                service, app_dsn, clock=clock, calendar=calendar, keys=keys, pool_size=_POOL_SIZE
            )
        await clock.keep_in(*(each.database for each in made.values()))
        yield made
    finally:
        for each in made.values():
            await each.database.close()

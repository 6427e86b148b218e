"""The process that answers the requests to one service: `python -m services.<name> serve`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from shared.http.app import create_app
from shared.http.jwks import RemoteKeys
from shared.http.tokens import Verifier
from shared.runtime.loop import settle
from shared.runtime.node import node
from shared.runtime.service import Service
from shared.runtime.serving import listening, serving
from shared.runtime.settings import Settings
from shared.runtime.supervisor import Supervisor, Task
from shared.runtime.surroundings import Surroundings, edge_on, limits_of

NEEDS = ("DATABASE__APP_DSN", "OIDC__ISSUER", "OIDC__JWKS_URL")
_GRACE_SECONDS = 5


async def serve(service: Service, settings: Settings) -> None:
    """Serve until cancelled. Raises what `node` raises, and PortTaken."""
    oidc = settings.oidc
    with listening(settings.http.host, settings.http.port) as listener:
        async with node(service, settings) as here:
            around = Surroundings(
                clock=here.clock,
                keys=here.keys,
                verifier=Verifier(oidc.issuer, oidc.audience, RemoteKeys(oidc.jwks_url)),
                evidence_dir=settings.evidence_dir,
                limits=limits_of(settings.http),
            )
            app = create_app(service, edge_on(here.assembled, around))
            async with supervised(here.clock_tasks()):
                await here.until_clock_is_right()
                settle()
                async with serving(app, listener):
                    await asyncio.Event().wait()


@asynccontextmanager
async def supervised(tasks: Mapping[str, Task]) -> AsyncIterator[Supervisor]:
    """Keep `tasks` running until the block ends."""
    supervisor = Supervisor(tasks, grace=_GRACE_SECONDS)
    running = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        await running

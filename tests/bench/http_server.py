"""One server process under load, on loop and server of production: a service, or the reference.

`python -m tests.bench.http_server ours|orm|monitoring <port> <directory>`: there lie dsn, key ring and the issuer's key.
"""

import asyncio
import logging
import sys
from pathlib import Path

import asyncpg
import uvicorn
from fastapi import FastAPI

from services.funds.service import SERVICE as FUNDS
from services.monitoring.service import SERVICE as MONITORING
from services.suite.people import PERSONAS
from shared.db.migrate import expected_heads
from shared.db.paging import Cursors
from shared.http.app import create_app
from shared.http.dev_issuer import DevIssuer
from shared.http.edge import Edge
from shared.http.tokens import Verifier
from shared.kernel.clock import SystemClock
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.assemble import assemble
from shared.runtime.logs import set_up_logs
from shared.runtime.loop import run, settle
from shared.runtime.serving import listening, serving, until_stopped
from shared.vault.ring_file import load_or_create_ring
from tests.bench.payment_orm import create_reference

POOL_SIZE = 8
DSN_FILE = "app.dsn"
_OURS = {"ours": FUNDS, "monitoring": MONITORING}


def issuer_in(directory: Path) -> DevIssuer:
    """The issuer whose key lies in `directory`."""
    return DevIssuer("embedded", "http://bench/dev", "shouwang", PERSONAS, key_file=directory / "issuer.json")


async def create(which: str, directory: Path) -> FastAPI:
    """The application to serve."""
    dsn = (directory / DSN_FILE).read_text()
    issuer = issuer_in(directory)
    verifier = Verifier(issuer.issuer, issuer.audience, issuer.keys)
    if which == "orm":
        return create_reference(dsn, verifier, POOL_SIZE)
    service = _OURS[which]
    connection = await asyncpg.connect(dsn)
    calendar = await WorkdayCalendar.from_connection(connection)
    await connection.close()
    ring = load_or_create_ring(directory / "keys.json")
    made = assemble(service, dsn, clock=SystemClock(), calendar=calendar, keys=ring, pool_size=POOL_SIZE)
    edge = Edge(
        pipeline=made.pipeline,
        database=made.database,
        verifier=verifier,
        cursors=Cursors.of(ring),
        evidence_dir=directory / "evidence",
        heads=expected_heads(service.name),
    )
    return create_app(service, edge)


async def serve(which: str, port: int, directory: Path) -> None:
    """Until the process is ended. Ours as in production, the reference as uvicorn runs it by default; both log requests."""
    app = await create(which, directory)
    if which not in _OURS:
        config = uvicorn.Config(app, port=port, lifespan="off")
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # its greeting is no figure
        await uvicorn.Server(config).serve()
        return
    set_up_logs("INFO")
    settle()
    with listening("127.0.0.1", port) as listener:
        async with serving(app, listener):
            await asyncio.Event().wait()


if __name__ == "__main__":
    run(until_stopped(serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))

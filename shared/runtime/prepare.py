"""Makes a database ready for its service: migrations, working days, policy profiles, the service's own reference data."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import asyncpg

from shared.db.migrate import migrate
from shared.db.sessions import scope_settings
from shared.kernel.actors import SYSTEM
from shared.parameters import divisions_load, profiles_load, workdays
from shared.runtime.service import Service

DIVISIONS_SINCE = date(2021, 1, 1)
"""The published division codes (统计用区划代码, 2023 edition) are taken to hold since the transition period began."""

SCOPE = """
SELECT set_config('app.actor', $1, true), set_config('app.low', $2, true), set_config('app.high', $3, true),
       set_config('app.scope', $4, true)"""
"""Sets an explicit scope on a driver connection, with the values of `scope_settings`."""


async def prepare(
    owner_dsn: str,
    service: Service,
    *,
    log_reader: str = "",
    divisions: Sequence[Path] = (),
) -> None:
    """Bring one database up to date; repeatable. `divisions`: files of division codes to load."""
    await migrate(owner_dsn, service.name, log_reader=log_reader)
    connection = await asyncpg.connect(owner_dsn)
    try:
        async with connection.transaction():
            # The wall stands for the owner too: reference data is loaded under an explicit full scope.
            await connection.execute(SCOPE, *scope_settings(SYSTEM).values())
            await _reference_data(connection, service)
            for path in divisions:
                await divisions_load.load(connection, path, DIVISIONS_SINCE)
    finally:
        await connection.close()


async def _reference_data(connection: asyncpg.Connection, service: Service) -> None:
    await workdays.load(connection, workdays.published_years())
    await profiles_load.load(
        connection,
        profiles_load.read(profiles_load.SHIPPED / "profiles.csv"),
        profiles_load.read(profiles_load.SHIPPED / "values.csv"),
        service.declared_parameters,
    )
    if service.seed is not None:
        await service.seed(connection)

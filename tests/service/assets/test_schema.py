"""The mapped tables are those that the migration makes, it can be taken back, and the walls stand."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from services.assets.service import SERVICE
from shared.db import migrate
from shared.runtime.postgres_server import ServiceDatabase
from shared.runtime.prepare import prepare
from tests.service.assets.village import Village, stranger

SHARED_BY_ALL = {"asset_counter"}
"""Holds neither an area nor a person."""


@pytest.mark.asyncio
async def test_tables_equal_the_migration_and_come_and_go(
    fresh_database: Callable[..., Awaitable[ServiceDatabase]],
) -> None:
    names = await fresh_database("assets", lambda owner_dsn: prepare(owner_dsn, SERVICE))
    await migrate.check(names.owner_dsn, "assets", SERVICE.metadata)
    await migrate.downgrade(names.owner_dsn, "assets", "assets@base")
    await migrate.migrate(names.owner_dsn, "assets")
    await migrate.check(names.owner_dsn, "assets", SERVICE.metadata)


@pytest.mark.asyncio
async def test_no_table_shows_anything_without_scope_or_in_a_foreign_one(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    contract = await village.lease(asset)
    await village.receive(asset, "100.00", contract_id=contract)
    connection = await asyncpg.connect(village.bench.names.app_dsn)
    filled = 0
    try:
        for table in sorted(
            set(SERVICE.metadata.tables) - SHARED_BY_ALL - {"distribution_rule", "distribution_rule_part"}
        ):
            count = f"SELECT count(*) FROM {table}"  # noqa: S608  our own names
            assert await connection.fetchval(count) == 0, table
            async with village.bench.database.read(stranger) as session:
                assert await session.raw.fetchval(count) == 0, table
            filled += await village.value(count) > 0
    finally:
        await connection.close()
    assert filled >= 8

"""T27: with every check of the application off, no row of another area can be read, added, changed or removed (G7)."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from shared.db.migrate import migrate
from shared.db.sessions import scope_settings
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.roles import Role
from shared.runtime.prepare import SCOPE
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.postgres import Clones, RunServer
from shared.testing.services import person
from tests.migrations.catalogue import SERVICES, Table, tables
from tests.system.walls_rows import CannotFillError, Filling, filling, forget_rules, put

pytestmark = pytest.mark.asyncio

HERE, THERE = 230606101200, 430626100201
AT_HOME = person("county of the row", "230606000000", Role.COUNTY_READER)
"""Sees the row here, as does the system."""
ELSEWHERE = person("another county", "430626000000", Role.COUNTY_READER)
NEXT_DOOR = person("the next village", "230606101201", Role.VILLAGE_COMMITTEE)
ON_BOTH_SIDES = Actor(
    person("both neighbours", "230606101199", Role.VILLAGE_COMMITTEE).id,
    (
        *person("below", "230606101199", Role.VILLAGE_COMMITTEE).grants,
        *person("above", "230606101201", Role.VILLAGE_COMMITTEE).grants,
    ),
)
NOBODY = None

SEES = {"system": (SYSTEM, 2), "home": (AT_HOME, 1), "elsewhere": (ELSEWHERE, 1)} | {
    "next door": (NEXT_DOOR, 0),
    "both sides": (ON_BOTH_SIDES, 0),
    "nobody": (NOBODY, 0),
}
"""Readers, and how many of the two rows of each table they see: one lies here, one in the other county."""

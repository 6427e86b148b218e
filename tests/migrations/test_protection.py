"""Deny by default in the database itself: a table stands behind the wall of areas, or this list says why not (D17)."""

import re

import asyncpg
import pytest

from tests.migrations.catalogue import Table, tables

pytestmark = pytest.mark.asyncio

WITHOUT_WALL = {
    "alembic_version": "a revision",
    "outbox_counter": "the last position",
    "outbox_key": "topics, opaque keys and counts",
    "delivery_cursor": "positions",
    "delivery_key": "topics, opaque keys and counts",
    "policy_profile": "names and dates of policy profiles",
    "division": "published codes and names of divisions",
    "stage_division": "the same, on its way in",
    "workday": "the published calendar",
    "clock_offset": "seconds by which the demo's clock is turned",
    "check_run": "how many findings a check opened and closed",
    "category": "published kinds of projects",
    "fund_category": "published kinds of money",
    "disclosure_item": "the catalogue of what is published",
    "asset_counter": "the last number given out under a prefix",
    "invoice_use": "keyed hashes of invoice numbers and opaque payments, which all counties compare",
    "stage_member": "staging",
    "stage_spending": "staging",
}
"""Tables of all services that everybody on the app role may see whole; staging is D16's, the rest is nobody's."""

WALL = ("area_scope *",)
REFERENCE = ("area_scope *", "reading r")
OWN = {"command_key": ("own_keys *",)}
"""Walls of another kind: an answer belongs to whoever gave the command."""

_AREA = re.compile(r"(^|_)area(_code)?$")
_PERSON = re.compile(
    r"^(household|member|person|payee|recipient|subject)(_id)?$|_sealed$|_index$"
    r"|(^|_)(id_number|id_card|phone|mobile|card|birth\w*|disease|diagnosis)(_|$)",
)


def touching(table: Table, pattern: re.Pattern[str]) -> list[str]:
    return [name for name in table.columns if pattern.search(name)]


async def test_every_table_has_a_wall_or_a_reason(app: asyncpg.Connection) -> None:
    found = (await tables(app)).values()
    open_ones = {table.name for table in found if not table.is_walled}
    assert open_ones <= WITHOUT_WALL.keys(), f"no wall and no reason: {sorted(open_ones - WITHOUT_WALL.keys())}"
    odd = {
        table.name: table.policies
        for table in found
        if table.is_walled and table.policies not in {WALL, REFERENCE, OWN.get(table.name)}
    }
    assert odd == {}


async def test_all_walls_compare_alike_for_reading_and_writing(app: asyncpg.Connection) -> None:
    rules = await app.fetch(
        "SELECT DISTINCT pg_get_expr(polqual, polrelid) AS reads, pg_get_expr(polwithcheck, polrelid) AS writes"
        " FROM pg_policy WHERE polname = 'area_scope'"
    )
    assert len(rules) == 1
    assert "area_code <@ ( SELECT floor_scope()" in rules[0]["reads"]
    assert rules[0]["writes"] is None  # what may not be read may not be written


async def test_staging_is_unlogged_and_nothing_else_is(app: asyncpg.Connection) -> None:
    found = (await tables(app)).values()
    assert {table.name for table in found if table.is_unlogged} == {
        table.name for table in found if table.name.startswith("stage_")
    }


async def test_what_everybody_may_read_tells_of_no_person(app: asyncpg.Connection) -> None:
    for table in (await tables(app)).values():
        if table.policies == REFERENCE:
            assert not touching(table, _PERSON), table.name


async def test_every_table_with_a_person_or_an_area_is_walled(app: asyncpg.Connection) -> None:
    concerned = [
        table
        for table in (await tables(app)).values()
        if (touching(table, _AREA) or touching(table, _PERSON)) and WITHOUT_WALL.get(table.name) != "staging"
    ]
    assert {"journal", "case_file"} <= {table.name for table in concerned}
    assert [table.name for table in concerned if not table.is_walled] == []


async def test_no_exception_is_left_over(app: asyncpg.Connection) -> None:
    walled = {table.name for table in (await tables(app)).values() if table.is_walled}
    assert walled & WITHOUT_WALL.keys() == set()

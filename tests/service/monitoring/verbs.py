"""What tests of the register do again and again: import files, register households, look into tables."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest

from services.monitoring.bulk.import_reports import ImportReport
from services.monitoring.commands.households import HouseholdRegistered, RegisterHousehold
from services.monitoring.commands.import_run import merge_all
from services.monitoring.commands.imports import ReceiveDepartmentFile, ReceiveRegister
from shared.commands.command import Command
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.errors import Problem
from shared.testing.services import Bench
from tests.service.monitoring.people import (
    COUNTY,
    REGISTER_HEADINGS,
    SPENDING_HEADINGS,
    VILLAGE,
    bureau,
    committee,
    csv_file,
    member,
    sector,
)

Rows = Sequence[Mapping[str, str]]


async def receive(it: Bench, content: bytes, actor: Actor = sector, area: str = COUNTY) -> ImportReport:
    """Upload a medical file; staged and checked, not merged."""
    command = ReceiveDepartmentFile(
        area_code=area, content=content, department="medical_insurance", item="inpatient_self_paid"
    )
    return ImportReport.model_validate((await it.run(command, actor)).result)


async def imported(it: Bench, rows: Rows, actor: Actor = sector, area: str = COUNTY) -> ImportReport:
    """Upload a medical file and merge it."""
    standing = await receive(it, csv_file(SPENDING_HEADINGS, rows), actor, area)
    return await merge_all(it.assembled.pipeline, actor, standing.id)


async def register_file(it: Bench, rows: Rows, actor: Actor = bureau, area: str = COUNTY) -> ImportReport:
    """Upload a register and merge it."""
    command = ReceiveRegister(area_code=area, content=csv_file(REGISTER_HEADINGS, rows))
    standing = ImportReport.model_validate((await it.run(command, actor)).result)
    return await merge_all(it.assembled.pipeline, actor, standing.id)


async def household(
    it: Bench,
    *members: Mapping[str, object],
    household_type: str = "ORDINARY",
    area: str = VILLAGE,
    actor: Actor = committee,
) -> HouseholdRegistered:
    """Register a household by hand; without members given, of one person."""
    command = RegisterHousehold.model_validate(
        {"area_code": area, "household_type": household_type, "members": members or (member(1),)}
    )
    return HouseholdRegistered.model_validate((await it.run(command, actor)).result)


async def fetch(it: Bench, query: str, *arguments: Any) -> list[Any]:
    """Rows of any area."""
    async with it.database.read(SYSTEM) as session:
        return list(await session.raw.fetch(query, *arguments))


async def one(it: Bench, query: str, *arguments: Any) -> Any:
    """The one value of a query."""
    return (await fetch(it, query, *arguments))[0][0]


async def events(it: Bench, event_type: str) -> list[dict[str, Any]]:
    """The data of what was published, in order."""
    found = await fetch(
        it, "SELECT envelope->'data' AS data FROM outbox WHERE type = $1 ORDER BY seq", f"{event_type}.v1"
    )
    return [row["data"] for row in found]


async def refusal(attempt: Awaitable[object]) -> Problem:
    """The problem that an attempt ends in."""
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


async def refused(it: Bench, command: Command, actor: Actor) -> tuple[str, str, str]:
    """Code, rule and field of the first broken rule."""
    first = (await refusal(it.run(command, actor))).violations[0]
    return first.code, first.rule, first.field


def ids(*values: str) -> tuple[UUID, ...]:
    """Ids from text."""
    return tuple(map(UUID, values))

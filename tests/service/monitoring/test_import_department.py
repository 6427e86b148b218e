"""The medical file (demo story 4): bad rows are told and lose nothing, clues follow from thresholds, all of it once."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import pytest

from services.monitoring.commands.import_run import merge_all
from services.monitoring.commands.imports import ImportReport, ReceiveDepartmentFile, ReceiveRegister
from shared.kernel.actors import SYSTEM, Actor
from shared.testing.services import Bench
from tests.service.monitoring.people import (
    COUNTY,
    REGISTER_HEADINGS,
    SPENDING_HEADINGS,
    bureau,
    csv_file,
    number,
    registered,
    sector,
    spending,
)

pytestmark = pytest.mark.asyncio


async def receive(it: Bench, content: bytes, actor: Actor = sector) -> ImportReport:
    command = ReceiveDepartmentFile(
        area_code=COUNTY, content=content, department="medical_insurance", item="inpatient_self_paid"
    )
    return ImportReport.model_validate((await it.run(command, actor)).result)


async def imported(it: Bench, rows: Sequence[dict[str, str]], actor: Actor = sector) -> ImportReport:
    standing = await receive(it, csv_file(SPENDING_HEADINGS, rows), actor)
    return await merge_all(it.assembled.pipeline, actor, standing)


async def register(it: Bench, rows: Sequence[dict[str, str]]) -> ImportReport:
    command = ReceiveRegister(area_code=COUNTY, content=csv_file(REGISTER_HEADINGS, rows))
    standing = ImportReport.model_validate((await it.run(command, bureau)).result)
    return await merge_all(it.assembled.pipeline, bureau, standing)


async def fetch(it: Bench, query: str, *arguments: Any) -> list[Any]:
    async with it.database.read(SYSTEM) as session:
        return list(await session.raw.fetch(query, *arguments))


async def test_ten_thousand_rows_three_of_them_broken(monitoring: Bench) -> None:
    people = [registered(serial, serial // 3, "户主" if serial % 3 == 0 else "其他") for serial in range(9000)]
    started = perf_counter()
    taken = await register(monitoring, people)
    print("register", perf_counter() - started)
    assert (taken.taken, taken.refused) == (9000, 0)
    rows = [spending(serial, "21000.00" if serial % 40 == 0 else "310.50") for serial in range(10_000)]
    rows[10]["证件号码"] = number(10)[:17] + ("1" if number(10)[17] != "1" else "2")
    rows[20]["个人自付金额"] = "一千"
    rows[30]["行政区划代码"] = "230606999999"
    content = csv_file(SPENDING_HEADINGS, rows)
    started = perf_counter()
    standing = await receive(monitoring, content)
    staged = perf_counter() - started
    report = await merge_all(monitoring.assembled.pipeline, sector, standing)
    print("staged", staged, "all", perf_counter() - started, report.model_dump(exclude={"refusals"}))
    assert (report.total, report.taken, report.refused) == (10_000, 9997, 3)

"""Progress by county from the facts of the night: the same figures as the report, frozen with their day (§4.4)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.funds.bulk.progress_facts import standings
from services.funds.commands.progress import MakeProgressFacts, sweep_progress
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, PEOPLE
from tests.service.funds.door import Door, open_door
from tests.service.funds.works import Works, refused

pytestmark = pytest.mark.asyncio

PROVINCE = "230000000000"
READERS = {
    **PEOPLE,
    "province": person("province", PROVINCE, Role.PROVINCE_READER),
    "hunan": person("hunan", "430000000000", Role.PROVINCE_READER),
    "operator": person("operator", PROVINCE, Role.OPERATOR),
}
ASKED = {"area_code": PROVINCE, "fiscal_year": 2023}


@pytest_asyncio.fixture
async def works_door(works: Works, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(works.county, READERS, tmp_path) as opened:
        yield opened


async def night(works: Works) -> int:
    """The next day's sweep."""
    works.county.bench.clock.forward(days=1)
    return await sweep_progress(works.county.bench.assembled.pipeline, works.today)


async def test_a_province_reads_what_the_night_made(works: Works, works_door: Door) -> None:
    assert (await works_door.get("province", "/v1/progress", **ASKED)).status_code == 404
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    assert (await night(works), await night(works)) == (2, 2)
    day = works.today - timedelta(days=1)
    await works.certify(contract, "480000.00")
    await works.pay(contract, "progress", "240000.00", "144000.00")

    shown = (await works_door.get("province", "/v1/progress", **ASKED)).json()
    assert (shown["as_of"], shown["fiscal_year"]) == (day.isoformat(), 2023)
    (unit,) = shown["units"]
    assert (unit["area_code"], unit["name"], unit["rank"], unit["planned"]) == (COUNTY, "大同区", 1, None)
    assert (unit["received"], unit["linked"], unit["spent"]) == ("1000000.00", "1000000.00", "288000.00")
    assert (unit["progress"], unit["projects"], unit["started"], unit["completed"]) == ("28.80", 1, 1, 0)
    assert {name: shown["total"][name] for name in ("spent", "progress")} == {"spent": "288000.00", "progress": "28.80"}
    earlier = (await works_door.get("province", "/v1/progress", **ASKED, as_of="2022-12-31")).status_code
    assert earlier == 404
    assert (await works_door.get("hunan", "/v1/progress", **ASKED)).status_code == 404
    assert (await works_door.get("unit", "/v1/progress", **ASKED)).status_code == 403


async def test_a_night_is_made_once_and_again_on_demand(works: Works, works_door: Door) -> None:
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    pipeline = works.county.bench.assembled.pipeline
    assert await night(works) == 2
    assert await sweep_progress(pipeline, works.today) == 0
    day = works.today - timedelta(days=1)
    body = {"fiscal_year": 2023, "as_of": day.isoformat()}
    again = await works_door.send("operator", "/v1/progress-facts", body)
    assert (again.status_code, again.json()["result"]) == (201, {"units": 1})
    assert (await works_door.send("finance_clerk", "/v1/progress-facts", body)).status_code == 403
    early = MakeProgressFacts(fiscal_year=2023, as_of=works.today)
    assert (await refused(works.county.run(early, SYSTEM))).code == "CUT_OFF"
    (rows,) = await works.county.look("SELECT count(*) AS n FROM progress_fact")
    assert rows["n"] == 1


async def test_the_facts_are_the_issued_report_to_the_fen(works: Works, works_door: Door) -> None:
    """Both are of yesterday: what the report prints of the county is what the facts hold."""
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    await night(works)
    day = works.today - timedelta(days=1)
    body = {
        "report_id": "funds.progress",
        "area_code": PROVINCE,
        "period_start": day.replace(day=16 if day.day > 15 else 1).isoformat(),
    }
    issued = (await works_door.send("province", "/v1/report-issues", body)).json()["result"]
    (row,) = await works.county.look("SELECT content FROM report_issue WHERE id = $1::uuid", issued["id"])
    names = [column["name"] for column in row["content"]["columns"]]
    (printed,) = [dict(zip(names, cells, strict=True)) for cells in row["content"]["rows"]]
    async with works.county.bench.database.read(SYSTEM) as session:
        (fact,) = await standings(session.raw, AreaCode.parse(PROVINCE), 2023)
    for name in ("received", "linked", "spent", "linkage_linked", "linkage_spent", "industry_spent"):
        assert printed[name] == getattr(fact, f"{name}_fen"), name
    for name in ("projects", "started", "completed", "accepted", "alerts_open", "rank"):
        assert printed[name] == getattr(fact, name), name


FEN = ("received_fen", "linked_fen", "spent_fen", "linkage_linked_fen", "linkage_spent_fen", "industry_spent_fen")
COUNTS = ("projects", "started", "completed", "accepted", "alerts_open", "alerts_due", "alerts_handled")


async def plant(raw: Any, county: int, linked: int, spent: int) -> None:
    """A county's facts of one day."""
    values = dict.fromkeys((*FEN, *COUNTS), 0) | {"linked_fen": linked, "spent_fen": spent}
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(2, len(values) + 2))
    await raw.execute(
        f"INSERT INTO progress_fact(fiscal_year, as_of, area_code, name, made_at, {names})"  # noqa: S608  names of this test
        f" VALUES (2023, '2023-06-30', $1, '', '2023-07-01', {places})",
        county,
        *values.values(),
    )


async def test_60_61_ranks_and_rates_are_exact(works: Works) -> None:
    """100 %, 100 %, 96.74 % → 1, 1, 3; no money is blank and last; rates that differ by a hair differ in rank."""
    first = 230_101_000_000
    given = [(10_000, 10_000), (300, 300), (10_000, 9_674), (0, 0), (10**15, 10**15 - 1), (10**15 - 1, 10**15 - 2)]
    async with works.county.bench.database.write(SYSTEM) as tx:
        for place, (linked, spent) in enumerate(given):
            await plant(tx.raw, first + place * 10**6, linked, spent)
        found = await standings(tx.raw, AreaCode.parse(PROVINCE), 2023)
    assert [one.rank for one in found] == [1, 1, 5, 6, 3, 4]
    assert [one.progress for one in found] == [10_000, 10_000, 9_674, None, 10_000, 10_000]


@pytest.mark.parametrize(("spent", "shown"), [(12_345, 1_235), (12_344, 1_234), (1, 0), (5, 1), (4, 0)])
async def test_a_rate_is_rounded_half_up(works: Works, spent: int, shown: int) -> None:
    """Of 100 000 fen: 12.345 % is told as 12.35, 12.344 % as 12.34."""
    async with works.county.bench.database.write(SYSTEM) as tx:
        await plant(tx.raw, 230_101_000_000, 100_000, spent)
        (one,) = await standings(tx.raw, AreaCode.parse(PROVINCE), 2023)
    assert one.progress == shown

"""Citizens without login (§6): own payments by number and code, limits, the log, open data; no number is left anywhere."""

from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import structlog

from services.funds.commands.disclosures import PublishDisclosure
from tests.service.funds.county import COUNTY, PEOPLE, VILLAGE, County, bureau_clerk, town_clerk
from tests.service.funds.door import Door, open_door
from tests.service.funds.households import Households, id_number, line
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio

NATION = "000000000000"
OWN = "/v1/public/household-payments"


async def listed(households: Households) -> None:
    """Two households on a published roster."""
    county = households.county
    await county.adopt({"disclosure.local_phone": "0459-6180000"})
    batch = await households.make([line(1, "3000.00"), line(2, "2000.00")], "5000.00")
    await households.hang(batch)
    fields = PublishDisclosure(area_code=VILLAGE, item="village.household_list", subject_id=batch)
    await county.run(fields, town_clerk)


async def ask(door: Door, number: str, code: str) -> httpx2.Response:
    return await door.http.post(OWN, json={"id_number": number, "access_code": code})


async def issue(door: Door, seq: int = 1) -> str:
    answer = await door.send("village", "/v1/access-codes", {"area_code": VILLAGE, "id_number": id_number(seq)})
    code: str = answer.json()["result"]["code"]
    return code


async def everything(county: County) -> str:
    """Every row of every table as text."""
    names = await county.look(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    readable = [row["relname"] for row in names if not row["relname"].startswith("alembic")]
    return "".join([str(await county.look(f"SELECT t::text FROM {name} AS t")) for name in readable])  # noqa: S608  names of the catalogue


async def test_a_household_sees_its_own_payments_with_number_and_code(households: Households, tmp_path: Path) -> None:
    await listed(households)
    county = households.county
    async with open_door(county, PEOPLE, tmp_path) as door:
        code = await issue(door)
        answer = await ask(door, id_number(1), f"{code[:4]}-{code[4:8]}-{code[8:].lower()}")
        (own,) = answer.json()["items"]
        assert (own["amount"], own["policy"], own["period"]) == ("3000.00", "yulu", "2023-05")
        other = await ask(door, id_number(2), code)  # the neighbour's number does not open with this code
        assert (other.status_code, other.json()["code"]) == (403, "CODE_WRONG")
        newer = await issue(door)
        assert (await ask(door, id_number(1), code)).status_code == 403
        assert (await ask(door, id_number(1), newer)).status_code == 200
        county.bench.clock.forward(days=400)
        assert (await ask(door, id_number(1), newer)).status_code == 403
        nobody = await door.send("village", "/v1/access-codes", {"area_code": VILLAGE, "id_number": id_number(9)})
        assert nobody.status_code == 404


async def test_wrong_codes_close_the_number_for_a_day(households: Households, tmp_path: Path) -> None:
    await listed(households)
    async with open_door(households.county, PEOPLE, tmp_path) as door:
        code = await issue(door)
        wrong = [(await ask(door, id_number(1), f"WRONGCODE{n:03d}")).status_code for n in range(6)]
        assert wrong == [403] * 5 + [429]
        assert (await ask(door, id_number(1), code)).status_code == 429
        households.county.bench.clock.forward(days=2)
        assert (await ask(door, id_number(1), code)).status_code == 200


async def test_a_client_that_asks_too_often_waits_and_each_query_is_noted(works: Works, tmp_path: Path) -> None:
    county = works.county
    await county.adopt({"public_query.per_minute": "3"}, NATION)
    async with open_door(county, PEOPLE, tmp_path) as door:
        path, params = "/v1/public/disclosures", {"village": VILLAGE, "policy": id_number(3)}
        answers = [(await door.http.get(path, params=params)).status_code for _ in range(5)]
        assert answers == [200, 200, 200, 429, 429]
        county.bench.clock.forward(seconds=120)
        assert (await door.http.get("/v1/public/catalogue")).status_code == 200
    rows = await county.look("SELECT kind, verdict, filters, area_code FROM public_query ORDER BY id")
    assert [row["verdict"] for row in rows] == ["answered"] * 3 + ["limited"] * 2 + ["answered"]
    assert (rows[0]["filters"], rows[0]["area_code"]) == (["village", "policy"], int(VILLAGE))
    assert id_number(3) not in await everything(county)


async def test_no_number_no_code_and_no_address_is_left_behind(households: Households, tmp_path: Path) -> None:
    """The canaries of a query are in no table and no log, also not in an event or a stored answer."""
    await listed(households)
    county = households.county
    with structlog.testing.capture_logs() as logs:
        async with open_door(county, PEOPLE, tmp_path) as door:
            code = await issue(door)
            await ask(door, id_number(1), code)
            refused = await ask(door, id_number(2), "WRONGCODE000")
    kept = await everything(county)
    assert await county.look("SELECT FROM public_query WHERE kind = 'payments' AND verdict = 'answered'")
    for canary in (id_number(1), id_number(2), code, "WRONGCODE000", "127.0.0.1"):
        assert canary not in kept
        assert canary not in str(logs)
        assert canary not in refused.text


async def test_open_data_has_the_shape_of_oc4ids_and_comes_from_snapshots(works: Works, tmp_path: Path) -> None:
    county = works.county
    async with open_door(county, PEOPLE, tmp_path) as door:
        path, params = "/v1/public/open-data/projects", {"area_code": COUNTY}
        assert (await door.http.get(path, params=params)).json()["projects"] == []
        command = PublishDisclosure(area_code=COUNTY, item="county.library_entry", subject_id=works.project)
        await county.run(command, bureau_clerk)
        answer = await door.http.get(path, params=params)
        package: dict[str, Any] = answer.json()
        assert {"uri", "version", "publishedDate", "publisher", "projects"} <= package.keys()
        (project,) = package["projects"]
        assert project["id"].startswith("oc4ids-")
        assert UUID(project["id"].removeprefix("oc4ids-shouwang-")) == works.project
        assert project["status"] == "identification"
        assert project["period"] == {"startDate": "2023-04-01T00:00:00+08:00", "endDate": "2023-10-31T00:00:00+08:00"}
        assert '"budget":{"amount":{"amount":1000000.00,"currency":"CNY"}}' in answer.text
        assert project["locations"][0]["gazetteer"] == {"scheme": "CN-STATS-AREA", "identifiers": [VILLAGE]}
        roles = {party["id"]: party["roles"] for party in project["parties"]}
        assert roles == {"1": ["publicAuthority"], "2": ["administrativeEntity"]}
        assert project["publicAuthority"]["id"] == "1"
        assert [document["documentType"] for document in project["documents"]] == ["projectScope"]

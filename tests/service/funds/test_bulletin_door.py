"""The checker's door over HTTP: any table from anybody who is logged in, the answer of the command line, nothing kept."""

import asyncio
import io
import json
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from xlsxwriter import Workbook

from services.suite.__main__ import main
from shared.http import bulletin_routes
from shared.kernel.errors import Invalid
from tests.service.funds.door import Door

pytestmark = pytest.mark.asyncio

MICROCREDIT = Path(__file__).resolve().parents[2] / "cases" / "shangqiu-2021-microcredit" / "data.csv"
TABLE = MICROCREDIT.read_bytes()


async def check(door: Door, content: bytes, who: str = "village", kind: str = "text/csv") -> httpx2.Response:
    """Send a file to the door; without `who` as nobody."""
    login = {"authorization": f"Bearer {door.tokens[who]}"} if who else {}
    return await door.http.post("/v1/bulletin-checks", content=content, headers={"content-type": kind} | login)


async def test_the_door_says_what_the_command_line_says(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    main(["bulletin", "check", str(MICROCREDIT), "--json"])
    told = json.loads(capsys.readouterr().out)
    answer = await check(door, TABLE)
    assert answer.status_code == 200, answer.text
    assert answer.json() == told
    found = {(each["row"], each["printed"], each["recomputed"]) for each in answer.json()["findings"]}
    assert {("梁园区", "0.21", "0.24"), ("合计 商丘市", "14.72", "14.40"), ("合计 商丘市", "11.97", "11.71")} <= found


async def test_a_workbook_under_any_name_of_type(door: Door) -> None:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True, "strings_to_numbers": True}) as book:
        sheet = book.add_worksheet("通报")
        for row, line in enumerate(TABLE.decode().splitlines()):
            sheet.write_row(row, 0, line.split(","))
    answer = await check(door, buffer.getvalue(), "auditor", "application/octet-stream")
    findings = answer.json()["findings"]
    assert [each["recomputed"] for each in findings] == ["0.24", "217445", "8345", "11.71", "14.40"]
    assert {each["sheet"] for each in findings} == {"通报"}


async def test_only_who_is_logged_in_and_any_role_will_do(door: Door) -> None:
    assert (await check(door, TABLE, "")).status_code == 401
    assert (await check(door, TABLE, "stranger")).status_code == 200


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no workbook", b"\x89PNG\r\n\x1a\n\0\0\0\x0d"])
async def test_what_is_no_table_is_named(door: Door, content: bytes) -> None:
    answer = await check(door, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "TABLE_UNREADABLE"), answer.text


async def test_a_file_beyond_the_limit_is_not_taken(door: Door) -> None:
    answer = await check(door, b"1,2\n" * (bulletin_routes.MAX_BYTES // 4 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


async def test_a_table_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(Invalid) as caught:
        await bulletin_routes.checked(TABLE, seconds=0)
    assert caught.value.code == "TABLE_TOO_LARGE"


async def test_when_all_seats_are_taken_one_comes_back_later(door: Door) -> None:
    with ExitStack() as stack:
        while bulletin_routes._seats.free:
            stack.enter_context(bulletin_routes._seats.taken())
        answer = await check(door, TABLE)
        assert (answer.status_code, answer.json()["code"]) == (503, "CHECKER_BUSY")
        assert answer.headers["retry-after"]
    several = await asyncio.gather(*(check(door, TABLE) for _ in range(2)))
    assert [each.status_code for each in several] == [200, 200]

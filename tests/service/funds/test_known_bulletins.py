"""Known bulletins over HTTP: the published cases come in, our own reports give each of their figures again."""

import asyncio
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from shared.http.bulletin_routes import MAX_BYTES
from shared.kernel.ids import new_id
from shared.reports.model import Rhythm
from shared.reports.periods import period_of
from shared.reports.show import half_up
from shared.sheets.files import read_whole
from tests.service.funds import datong
from tests.service.funds.bulletin_cases import PUBLISHED, Figures, data, expected
from tests.service.funds.county import COUNTY, PEOPLE, County
from tests.service.funds.door import Door, open_door
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio

START = "2022-01-01"
_SCALES = {"（万元）": Fraction(1, 1_000_000), "（%）": Fraction(100)}
"""From our units to those of the tables."""


async def send(door: Door, content: bytes, kind: str, who: str = "bureau_clerk", **more: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {door.tokens[who]}", "idempotency-key": str(new_id())}
    asked = {"kind": kind, "area_code": COUNTY, "period_start": START} | more
    return await door.http.post(f"/v1/bulletins?{urlencode(asked)}", content=content, headers=headers)


async def taken(door: Door, content: bytes, kind: str, **more: str) -> dict[str, Any]:
    """The bulletin as it is shown after it came in."""
    received = await send(door, content, kind, **more)
    assert received.status_code == 201, received.text
    answer = await door.get("auditor", f"/v1/bulletins/{received.json()['result']['id']}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def figures_of(shown: dict[str, Any]) -> Figures:
    """Our exact figures by key and column, in the units of the tables."""
    found = {}
    for each in shown["figures"]:
        scale = next((scale for unit, scale in _SCALES.items() if each["heading"].endswith(unit)), Fraction(1))
        found[each["key"], each["column"]] = Fraction(each["exact"]) * scale
    return found


@pytest.mark.parametrize("name", PUBLISHED)
async def test_every_check_of_a_published_case_comes_out_of_our_own_report(door: Door, name: str) -> None:
    case, wanted = PUBLISHED[name], expected(name)
    shown = await taken(door, data(name), case.kind)
    figures = figures_of(shown)
    left = {check["id"] for check in wanted["checks"] if check["role"] != "trap"}
    for check in wanted["checks"]:
        if place := case.values.get(check["id"]):
            assert half_up(figures[place], check["decimals"]) == check["expected"], check["name"]
        elif rows := case.rows.get(check["id"]):
            for row, text in check["expected"].items():
                assert half_up(figures[rows[0].format(row), rows[1]], check["decimals"]) == text, check["name"]
        elif verdict := case.verdicts.get(check["id"]):
            assert verdict(figures) is check["expected"], check["name"]
        elif check["role"] == "trap":
            trap = Fraction(check["expected"])
            assert trap not in figures.values(), check["name"]
            assert any(check["published"] in each["printed"] and each["agrees"] for each in shown["figures"])
            continue
        left.remove(check["id"])
    assert not left


@pytest.mark.parametrize("name", PUBLISHED)
async def test_what_is_right_is_not_called_wrong_and_what_is_wrong_is_found(door: Door, name: str) -> None:
    case, wanted = PUBLISHED[name], expected(name)
    shown = await taken(door, data(name), case.kind)
    assert not [each for each in wanted["findings"] if each["severity"] == "error" and each["from_data"]]
    found = [(each["row_number"], each["printed"], each["recomputed"]) for each in shown["findings"]]
    assert found == list(case.warned)
    assert {each["severity"] for each in shown["findings"]} <= {"warning"}
    assert all(each["agrees"] for each in shown["figures"] if each["printed"])
    assert {"errors": shown["bulletin"]["errors"], "warnings": shown["bulletin"]["warnings"]} == {
        "errors": 0,
        "warnings": len(case.warned),
    }


async def test_printed_totals_are_compared_where_they_stand(door: Door) -> None:
    """北塔区: subtotals and the total of the sheet are claims, not items; 408 is not 1212."""
    shown = await taken(door, data("beita-2020-allocation"), "allocation")
    claims = {each["key"]: each["printed"] for each in shown["figures"] if each["printed"]}
    assert claims == {"all": ["408"], "group:一": ["160"], "group:二": ["236"]}


async def test_a_wrong_figure_is_named_once_with_its_formula(door: Door) -> None:
    """大同区 with the subtotal of 产业类 printed as 4179: printed, recomputed, formula, severity; nothing else is wrong."""
    content = data("datong-2023-project-plan").replace(b",5,4197", b",5,4179")
    shown = await taken(door, content, "plan")
    (finding,) = shown["findings"]
    assert (finding["row"], finding["column"]) == ("小计 产业类", "金额(万元)")
    assert (finding["printed"], finding["recomputed"], finding["severity"]) == ("4179", "4197", "error")
    assert finding["relation"] == "产业类金额之和（5行） / sum of 产业类 (5 rows)"
    assert (finding["row_number"], finding["column_number"]) == (13, 7)
    wrong = [each for each in shown["figures"] if each["agrees"] is False]
    assert [(each["key"], each["column"], each["ours"], each["printed"]) for each in wrong] == [
        ("large:产业类", "amount", "4197.00", ["4179"])
    ]


async def test_the_report_on_a_bulletin_is_frozen_and_exported(door: Door) -> None:
    """广汉市: the same figures as a report of the service, issued once, as a workbook."""
    await taken(door, data("guanghan-2025-library"), "library")
    asked = {"report_id": "bulletin-library", "area_code": COUNTY, "period_start": START}
    issued = await door.send("bureau_head", "/v1/report-issues", asked)
    assert issued.status_code == 201, issued.text
    path = f"/v1/report-issues/{issued.json()['result']['id']}"
    report = (await door.get("auditor", path)).json()["report"]
    columns = [each["name"] for each in report["columns"]]
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in report["rows"]}
    assert (rows["合计"]["projects"], rows["合计"]["amount"], rows["合计"]["mean"]) == ("50", "8328.38", "166.57")
    assert (rows["产业发展"]["share"], rows["产业发展"]["mean"]) == ("63.77", "312.41")
    book = await door.get("auditor", f"{path}/file", form="xlsx")
    assert "312.41" in {cell for line in read_whole(book.content)[1] for cell in line}
    preview = await door.get(
        "auditor", "/v1/report-kinds/bulletin-library/preview", area_code=COUNTY, period_start=START
    )
    assert preview.json()["rows"] == report["rows"]


async def test_a_plan_is_held_against_the_countys_own_rows(county: County, door: Door) -> None:
    """大同区 played as projects and indicators: the published table agrees with them, a spoilt one does not."""
    await datong.received(county)
    await datong.labelled(county)
    plan = await county.plan(dict((await datong.entered(county)).values()))
    await county.publish(plan)
    content = data("datong-2023-project-plan")
    shown = await taken(door, content, "plan", period_start="2023-01-01")
    path = f"/v1/bulletins/{shown['bulletin']['id']}/live"
    beside = (await door.get("auditor", path)).json()
    assert beside["findings"] == []
    agreed = {(each["key"], each["column"]): each["live"] for each in beside["figures"] if each["agrees"]}
    assert len(agreed) == len(beside["figures"])
    assert {
        place: agreed[place]
        for place in (
            ("items", "amount"),
            ("large:产业类", "share"),
            ("small:产业类/种植类", "amount"),
            ("source:中央", "amount"),
        )
    } == {
        ("items", "amount"): "6132.00",
        ("large:产业类", "share"): "68.44",
        ("small:产业类/种植类", "amount"): "1592.00",
        ("source:中央", "amount"): "3174.00",
    }
    assert beside["only_in_rows"] == []
    assert set(beside["only_in_bulletin"]) == {"subtotals", "gap"}

    # A table that agrees with itself: one project and its totals are 100 higher than the county's own.
    for right, wrong in (
        (",850", ",950"),
        ("2,1592", "2,1692"),
        ("5,4197", "5,4297"),
        ("安排使用,,6132", "安排使用,,6232"),
        (",2958", ",3058"),
        ("两笔合计,,6132", "两笔合计,,6232"),
    ):
        content = content.replace(right.encode(), wrong.encode())
    shown = await taken(door, content, "plan", period_start="2023-01-01")
    assert shown["findings"] == []
    found = (await door.get("auditor", f"/v1/bulletins/{shown['bulletin']['id']}/live")).json()["findings"]
    told = {(each["row"], each["column"], each["printed"], each["recomputed"], each["severity"]) for each in found}
    assert ("小计 产业类", "金额(万元)", "4297", "4197", "error") in told
    assert ("项目合计 安排使用", "金额(万元)", "6232", "6132", "error") in told
    assert {each["kind"] for each in found} == {"live"}


async def test_a_kind_without_rows_of_the_county_says_so(door: Door) -> None:
    shown = await taken(door, data("beita-2020-allocation"), "allocation")
    refused = await door.get("auditor", f"/v1/bulletins/{shown['bulletin']['id']}/live")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "BULLETIN_NOT_OURS")


async def test_a_progress_bulletin_is_held_against_the_ledger(works: Works, tmp_path: Path) -> None:
    """What the township says it has spent, and what arrived at payees up to the day it speaks of."""
    contract = await works.contract("960000.00")
    await works.pay(contract, "advance", "288000.00")
    day = works.today.isoformat()
    table = "单位,与项目对接资金(万元),实际支出(万元),支出进度(%)\n{0},100,{1},{1}\n合计,100,{1},{1}\n"
    async with open_door(works.county, PEOPLE, tmp_path) as door:
        start = period_of(Rhythm.FORTNIGHT, works.today).isoformat()
        asked = {"area_code": COUNTY, "period_start": start, "as_of": day}
        live = (await door.get("auditor", "/v1/report-kinds/funds.progress/preview", **asked)).json()
        township = live["rows"][1][0]
        right = await taken(door, table.format(township, "28.80").encode(), "progress", period_start="2023-01-01")
        beside = (await door.get("auditor", f"/v1/bulletins/{right['bulletin']['id']}/live", as_of=day)).json()
        assert [each["live"] for each in beside["figures"]] == ["28.80", "28.80"]
        assert beside["findings"] == []
        wrong = await taken(door, table.format(township, "38.80").encode(), "progress", period_start="2023-01-01")
        assert wrong["findings"] == []
        beside = (await door.get("auditor", f"/v1/bulletins/{wrong['bulletin']['id']}/live", as_of=day)).json()
        told = [(each["row"], each["printed"], each["recomputed"]) for each in beside["findings"]]
        assert told == [("合计", "38.80", "28.80"), (township, "38.80", "28.80")]


async def test_a_library_bulletin_is_held_against_the_imported_library(door: Door) -> None:
    """Each class as its own projects have it; one project more in the rows is a finding of that class and of all."""
    content = "类别,个数,金额(万元)\n产业发展,2,30\n就业,1,5.5\n合计,3,35.5\n".encode()
    shown = await taken(door, content, "library", period_start="2023-01-01")
    projects = (
        "产业发展,育苗棚建设项目,10",
        "产业发展,冷库建设项目,20",
        "产业发展,灌溉渠维修项目,1",
        "就业,公益岗位补贴项目,5.5",
    )
    rows = "\n".join(("项目类别,项目名称,总投资（万元）", *projects))
    asked = {
        "area_code": COUNTY,
        "plan_year": "2023",
        "sector_authority": "农业农村局",
        "implementing_unit": "服务中心",
    }
    headers = {"authorization": f"Bearer {door.tokens['bureau_clerk']}", "idempotency-key": str(new_id())}
    sent = await door.http.post(f"/v1/library-imports?{urlencode(asked)}", content=rows.encode(), headers=headers)
    assert sent.json()["result"]["taken"] == 4, sent.text
    beside = (await door.get("auditor", f"/v1/bulletins/{shown['bulletin']['id']}/live")).json()
    wrong = {
        (each["key"], each["column"], each["ours"], each["live"]) for each in beside["figures"] if not each["agrees"]
    }
    assert wrong == {
        ("label:产业发展", "projects", "2", "3"),
        ("label:产业发展", "amount", "30.00", "31.00"),
        ("all", "projects", "3", "4"),
        ("all", "amount", "35.50", "36.50"),
    }


async def test_the_same_file_again_is_the_same_bulletin(county: County, door: Door) -> None:
    content = data("zeku-2023-central-batch2")
    first, again = await send(door, content, "allocation"), await send(door, content, "allocation", who="finance_clerk")
    assert first.json()["result"] == again.json()["result"]
    (kept,) = await county.look("SELECT sha256, content_sealed FROM known_bulletin")
    assert kept["sha256"].hex() == first.json()["result"]["sha256"]
    assert "泽库".encode() not in kept["content_sealed"]
    assert len(await county.look("SELECT 1 FROM known_bulletin_row")) == 6


async def test_the_same_file_sent_by_many_at_once_is_one_bulletin(county: County, door: Door) -> None:
    content = data("zeku-2023-central-batch2")
    answers = await asyncio.gather(*(send(door, content, "allocation") for _ in range(5)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["result"]["id"] for each in answers}) == 1
    assert len(await county.look("SELECT 1 FROM known_bulletin_row")) == 6


async def test_bulletins_are_listed_within_the_readers_area(door: Door) -> None:
    ids = [
        (await send(door, data(name), PUBLISHED[name].kind)).json()["result"]["id"]
        for name in ("beita-2020-allocation", "longyan-2025-ethnic-funds", "datong-2023-project-plan")
    ]
    page = (await door.get("auditor", "/v1/bulletins", area_code=COUNTY, limit=2)).json()
    rest = (await door.get("auditor", "/v1/bulletins", area_code=COUNTY, limit=2, cursor=page["next_cursor"])).json()
    assert [each["id"] for each in (*page["items"], *rest["items"])] == ids[::-1]
    only = (await door.get("auditor", "/v1/bulletins", area_code=COUNTY, kind="plan")).json()["items"]
    assert [each["id"] for each in only] == ids[2:]
    assert (await door.get("stranger", f"/v1/bulletins/{ids[0]}")).status_code == 404
    assert (await door.get("village", "/v1/bulletins", area_code=COUNTY)).status_code == 403
    refused = await send(door, data("beita-2020-allocation"), "allocation", who="stranger")
    assert refused.status_code in {403, 404}


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        pytest.param("甲,乙\n一,2\n二,3\n", "plan", "BULLETIN_COLUMNS", id="no headings"),
        pytest.param("项目,金额\n道路,3\n水渠,4\n", "allocation", "UNIT_UNKNOWN", id="no unit"),
        pytest.param("项目,金额(万元)\n道路,3\n水渠,4\n", "adjustment", "BULLETIN_COLUMNS", id="another kind"),
        pytest.param("", "plan", "TABLE_UNREADABLE", id="empty"),
    ],
)
async def test_a_file_that_is_no_bulletin_of_its_kind_is_told_so(
    county: County, door: Door, content: str, kind: str, code: str
) -> None:
    refused = await send(door, content.encode(), kind)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert not await county.look("SELECT 1 FROM known_bulletin")


async def test_a_file_beyond_the_limit_is_not_taken(county: County, door: Door) -> None:
    answer = await send(door, b"1,2\n" * (MAX_BYTES // 4 + 1), "plan")
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert not await county.look("SELECT 1 FROM known_bulletin")


async def test_a_county_that_adopted_another_cap_is_measured_by_it(county: County, door: Door) -> None:
    """NL16 (泽库县): the fee of 14 is above 1 % of the batch and within 2 %, which the county adopted."""
    await county.adopt({"mgmt_fee.cap.central": "1/50"})
    shown = await taken(door, data("zeku-2023-central-batch2"), "allocation", period_start="2023-06-09")
    assert shown["findings"] == []
    assert figures_of(shown)["fee_cap", "amount"] == Fraction("25.18")

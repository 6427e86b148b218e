"""Divisions are dated: a load begins, changes and ends them, and never rewrites what was (M-DIV-01…06)."""

import gzip
import json
import lzma
from collections.abc import Callable
from datetime import date
from pathlib import Path

import asyncpg
import pytest
import xlsxwriter

from shared.kernel.areas import NATION, AreaCode
from shared.kernel.errors import Invalid, Refused
from shared.parameters.divisions import Division, children, exists, name_path, name_paths, successors
from shared.parameters.divisions_load import Loaded, load

pytestmark = pytest.mark.asyncio

DEMO = Path(__file__).parents[3] / "services" / "suite" / "data" / "divisions" / "demo.csv"
COUNTY = AreaCode.parse("230606")
TOWN = AreaCode.parse("230606101")
FIRST, LATER = date(2023, 6, 30), date(2024, 6, 30)
BEFORE = date(2024, 6, 29)

ABOVE = "code,name\n23,黑龙江省\n2306,大庆市\n230606,大同区\n230606101,高台子镇\n"
TWO_VILLAGES = ABOVE + "230606101201,高台子村\n230606101202,永胜村\n"


@pytest.fixture
def named(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def file(named: Callable[[str, bytes], Path]) -> Callable[[str], Path]:
    return lambda text: named("divisions.csv", text.encode())


async def test_the_demo_county_loads_once(connection: asyncpg.Connection) -> None:
    assert await load(connection, DEMO, FIRST) == Loaded(inserted=724, changed=0, closed=0, left=0)
    assert await load(connection, DEMO, FIRST) == Loaded(inserted=0, changed=0, closed=0, left=0)
    assert await load(connection, DEMO, LATER, [COUNTY]) == Loaded(inserted=0, changed=0, closed=0, left=0)
    assert await connection.fetchval("SELECT count(*) FROM division") == 724
    assert await connection.fetchval("SELECT count(*) FROM stage_division") == 0


async def test_the_tree_is_read_as_of_a_day(connection: asyncpg.Connection) -> None:
    await load(connection, DEMO, FIRST)
    assert [province.name for province in await children(connection, NATION, FIRST)] == ["黑龙江省", "湖南省"]
    assert await children(connection, AreaCode.parse("2306"), FIRST) == [
        Division(AreaCode.parse("230605"), "红岗区", "statutory"),
        Division(COUNTY, "大同区", "statutory"),
    ]
    assert Division(AreaCode.parse("230605480"), "黑龙江红岗经济开发区", "functional") in await children(
        connection, AreaCode.parse("230605"), FIRST
    )
    assert await exists(connection, TOWN, FIRST)
    assert not await exists(connection, TOWN, date(2023, 6, 29))
    assert not await exists(connection, AreaCode.parse("230604"), FIRST)


async def test_full_names(connection: asyncpg.Connection) -> None:
    await load(connection, DEMO, FIRST)
    assert await name_path(connection, TOWN, FIRST) == "黑龙江省大庆市大同区高台子镇"
    assert await name_path(connection, TOWN, date(2022, 11, 29)) == "黑龙江省大庆市大同区高台子镇"
    assert await name_path(connection, AreaCode.parse("110101"), FIRST) == "110101000000"
    pingjiang = AreaCode.parse("430626")
    assert await name_paths(connection, [COUNTY, pingjiang], FIRST) == {
        COUNTY: "黑龙江省大庆市大同区",
        pingjiang: "湖南省岳阳市平江县",
    }


async def test_grouping_levels_are_no_part_of_an_address(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, file("code,name\n50,重庆市\n5002,县\n500229,城口县\n5001,市辖区\n500101,万州区\n"), FIRST)
    assert await name_path(connection, AreaCode.parse("500229"), FIRST) == "重庆市城口县"
    assert await name_path(connection, AreaCode.parse("500101"), FIRST) == "重庆市万州区"


async def test_a_new_name_is_a_new_version(connection: asyncpg.Connection, file: Callable[[str], Path]) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    renamed = TWO_VILLAGES.replace("永胜村", "永兴村")
    assert await load(connection, file(renamed), LATER) == Loaded(inserted=0, changed=1, closed=0, left=0)
    village = AreaCode.parse("230606101202")
    assert (await name_path(connection, village, BEFORE)).endswith("永胜村")
    assert (await name_path(connection, village, LATER)).endswith("永兴村")
    assert await exists(connection, village, BEFORE)
    assert len(await children(connection, TOWN, LATER)) == 2


async def test_a_correction_of_the_same_day_leaves_no_version(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    corrected = TWO_VILLAGES.replace("永胜村", "永兴村")
    assert await load(connection, file(corrected), FIRST) == Loaded(inserted=0, changed=1, closed=0, left=0)
    assert await connection.fetchval("SELECT count(*) FROM division") == 6


async def test_absence_ends_a_division_only_where_the_file_is_whole(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, DEMO, FIRST)
    await load(connection, file(TWO_VILLAGES), FIRST)
    one_village = ABOVE + "230606101201,高台子村\n"
    assert (await load(connection, file(one_village), LATER)).closed == 0
    before = len(await children(connection, TOWN, FIRST))
    assert (await load(connection, file(one_village), LATER, [TOWN])).closed == before - 1
    assert [village.name for village in await children(connection, TOWN, LATER)] == ["高台子村"]
    assert len(await children(connection, TOWN, BEFORE)) == before
    assert await exists(connection, AreaCode.parse("430626"), LATER)


async def test_merged_villages_live_on_in_their_successor(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    merged = "code,name,replaces\n230606101203,新村,230606101201 230606101202\n"
    assert await load(connection, file(merged), LATER) == Loaded(inserted=1, changed=0, closed=2, left=0)
    assert await load(connection, file(merged), LATER) == Loaded(inserted=0, changed=0, closed=0, left=0)
    old, new = AreaCode.parse("230606101202"), AreaCode.parse("230606101203")
    assert await successors(connection, old, BEFORE) == [old]
    assert await successors(connection, old, LATER) == [new]
    assert not await exists(connection, old, LATER)


async def test_a_split_village_lives_on_in_several(connection: asyncpg.Connection, file: Callable[[str], Path]) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    split = "code,name,replaces\n230606101202,永胜村,230606101202\n230606101204,永利村,230606101202\n"
    assert await load(connection, file(split), LATER) == Loaded(inserted=2, changed=0, closed=1, left=0)
    assert await load(connection, file(split), LATER) == Loaded(inserted=0, changed=0, closed=0, left=0)
    kept, split_off = AreaCode.parse("230606101202"), AreaCode.parse("230606101204")
    assert await successors(connection, kept, LATER) == [kept, split_off]


async def test_an_older_file_does_not_undo_a_later_state(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    newer = ABOVE + "230606101201,新高台子村\n"
    await load(connection, file(newer), LATER, [TOWN])
    assert await load(connection, file(TWO_VILLAGES), FIRST) == Loaded(inserted=0, changed=0, closed=0, left=2)
    assert [village.name for village in await children(connection, TOWN, LATER)] == ["新高台子村"]


async def test_a_division_that_comes_back_begins_anew(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    await load(connection, file(TWO_VILLAGES), FIRST)
    await load(connection, file(ABOVE), LATER, [TOWN])
    assert (await load(connection, file(TWO_VILLAGES), date(2025, 6, 30))).inserted == 2
    village = AreaCode.parse("230606101201")
    in_force = [await exists(connection, village, date(year, 7, 1)) for year in (2022, 2023, 2024, 2025)]
    assert in_force == [False, True, False, True]


async def test_no_division_stands_without_the_one_above(
    connection: asyncpg.Connection, file: Callable[[str], Path]
) -> None:
    with pytest.raises(Refused) as refused:
        await load(connection, file("code,name\n230606101201,高台子村\n"), FIRST)
    assert refused.value.code == "DIVISION_PARENT_MISSING"
    assert refused.value.violations[0].facts["codes"] == ["230606101201"]


async def test_a_folder_with_one_file_per_level(
    connection: asyncpg.Connection, named: Callable[[str, bytes], Path], tmp_path: Path
) -> None:
    named("provinces.csv", 'code,name\n44,"广东省"\n'.encode())
    named("cities.csv", 'code,name,provinceCode\n4419,"东莞市",44\n'.encode())
    named("areas.csv", 'code,name,cityCode,provinceCode\n441900,"东莞市",4419,44\n'.encode())
    named("streets.csv", 'code,name,areaCode,provinceCode,cityCode\n441900003,"东城街道",441900,44,4419\n'.encode())
    assert (await load(connection, tmp_path, FIRST)).inserted == 3
    assert await name_path(connection, AreaCode.parse("441900003"), FIRST) == "广东省东莞市东城街道"


def _as_gb18030(path: Path) -> Path:
    path.with_suffix(".csv").write_text(TWO_VILLAGES, encoding="gb18030")
    return path.with_suffix(".csv")


def _as_utf8_with_mark(path: Path) -> Path:
    path.with_suffix(".csv").write_text(TWO_VILLAGES.replace("code,name", "区划代码,区划名称"), encoding="utf-8-sig")
    return path.with_suffix(".csv")


def _as_packed_csv(path: Path) -> Path:
    path.with_suffix(".csv.xz").write_bytes(lzma.compress(TWO_VILLAGES.encode()))
    return path.with_suffix(".csv.xz")


def _as_packed_json(path: Path) -> Path:
    entries = [dict(zip(("code", "name"), line.split(","), strict=True)) for line in TWO_VILLAGES.split()[1:]]
    path.with_suffix(".json.gz").write_bytes(gzip.compress(json.dumps(entries).encode()))
    return path.with_suffix(".json.gz")


def _as_workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path.with_suffix(".xlsx")) as book:
        sheet = book.add_worksheet()
        for at, line in enumerate(TWO_VILLAGES.split()):
            code, name = line.split(",")
            sheet.write_row(at, 0, [int(code) if at else code, name])
    return path.with_suffix(".xlsx")


@pytest.mark.parametrize("written", [_as_gb18030, _as_utf8_with_mark, _as_packed_csv, _as_packed_json, _as_workbook])
async def test_every_usual_form_of_a_file_is_read(
    connection: asyncpg.Connection, tmp_path: Path, written: Callable[[Path], Path]
) -> None:
    assert (await load(connection, written(tmp_path / "divisions"), FIRST)).inserted == 6
    assert [village.name for village in await children(connection, TOWN, FIRST)] == ["高台子村", "永胜村"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.csv", b"name\n\xe5\xa4\xa7\n", id="no code"),
        pytest.param("a.csv", b"code,name\n23060,x\n", id="five digits"),
        pytest.param("a.csv", b"code,name\n230606,\n", id="no name"),
        pytest.param("a.csv", b"code,name\n0,nation\n", id="the nation"),
        pytest.param("a.csv", b"code,name\n23\n", id="a short line"),
        pytest.param("a.csv", b"code,name,kind\n23,x,grid\n", id="unknown kind"),
        pytest.param("a.csv", b"code,name\n23,x\n23,y\n", id="one code, two names"),
        pytest.param("a.csv", b"\xff\xff\xff", id="no text"),
        pytest.param("a.csv", b"code,name\n23,\0\n", id="a NUL"),
        pytest.param("a.json", b"{", id="broken json"),
        pytest.param("a.json", b'{"23":"x"}', id="another json"),
        pytest.param("a.csv.xz", b"code,name", id="not packed"),
        pytest.param("a.xlsx", b"code,name", id="no workbook"),
        pytest.param("a.txt", b"code,name", id="unknown form"),
    ],
)
async def test_a_broken_file_is_refused_whole(
    connection: asyncpg.Connection, named: Callable[[str, bytes], Path], name: str, content: bytes
) -> None:
    with pytest.raises(Invalid) as refused:
        await load(connection, named(name, content), FIRST)
    assert refused.value.code == "DIVISIONS_FILE_INVALID"


async def test_a_file_that_is_not_there_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        await load(connection, tmp_path / "none.csv", FIRST)
    with pytest.raises(Invalid):
        await load(connection, tmp_path, FIRST)

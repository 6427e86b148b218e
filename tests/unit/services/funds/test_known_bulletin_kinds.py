"""Kinds of known bulletins on tables as counties print them, and on tables with one figure spoilt."""

import io
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from xlsxwriter import Workbook

from services.funds.domain.bulletins.examining import examine
from services.funds.domain.bulletins.fees import CAP
from services.funds.domain.bulletins.kinds import BY_KIND
from services.funds.domain.bulletins.reckoning import figures_of
from shared.bulletins.figures import as_printed
from shared.bulletins.findings import BulletinKind, Finding, Severity
from shared.kernel.errors import Invalid

CASES = Path(__file__).resolve().parents[3] / "cases"
POLICY = {CAP: Fraction(1, 100)}

Found = tuple[int, str, str]
"""Row in the sheet, printed, recomputed."""


def findings(kind: str, content: str, unit: str = "") -> list[Finding]:
    return examine(BY_KIND[BulletinKind(kind)], content.encode(), POLICY, unit).report.findings


def figures(kind: str, content: str, unit: str = "") -> dict[tuple[str, str], object]:
    known = BY_KIND[BulletinKind(kind)]
    lines = examine(known, content.encode(), POLICY, unit).lines
    return {(each.key, each.column.name): each.ours for each in figures_of(known, lines, POLICY)}


def errors(found: list[Finding]) -> list[Found]:
    return [(each.row_number, each.printed, each.recomputed) for each in found if each.severity is Severity.ERROR]


def case(name: str) -> str:
    return (CASES / name / "data.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("kind", "name", "right", "wrong", "found"),
    [
        pytest.param(
            "plan",
            "datong-2023-project-plan",
            "项目合计,,,,安排使用,,6132",
            "项目合计,,,,安排使用,,6123",
            [(20, "6123", "6132")],
            id="total of a plan",
        ),
        pytest.param(
            "plan",
            "datong-2023-project-plan",
            "鲜食玉米制品生产基地,1,1950",
            "鲜食玉米制品生产基地,1,1590",
            [(7, "1590", "1950")],
            id="an item that three totals speak for",
        ),
        pytest.param(
            "plan",
            "datong-2023-project-plan",
            "来源合计,,,,两笔合计,,6132",
            "来源合计,,,,两笔合计,,6312",
            [(4, "6312", "6132")],
            id="sum of the sources",
        ),
        pytest.param(
            "allocation",
            "beita-2020-allocation",
            "小计,二,,,,236",
            "小计,二,,,,263",
            [(18, "263", "236")],
            id="subtotal",
        ),
        pytest.param(
            "allocation",
            "longyan-2025-ethnic-funds",
            "绩效目标表,,资金总额,55",
            "绩效目标表,,资金总额,56",
            [(11, "56", "55")],
            id="the goals' sum",
        ),
        pytest.param(
            "library", "guanghan-2025-library", "合计,50,", "合计,51,", [(7, "51", "50")], id="projects of a library"
        ),
        pytest.param(
            "adjustment",
            "mengjin-2022-batch3-adjustment",
            "550号,39.23\n收回",
            "550号,39.32\n收回",
            [(4, "39.32", "39.23")],
            id="taken back",
        ),
        pytest.param(
            "adjustment",
            "mengjin-2022-batch3-adjustment",
            "饮水安全项目,,1273.25",
            "饮水安全项目,,1273.52",
            [(10, "2184.40", "2184.13")],
            id="uses beyond the sources",
        ),
    ],
)
def test_one_wrong_figure_is_one_error(kind: str, name: str, right: str, wrong: str, found: list[Found]) -> None:
    table = case(name)
    assert table.count(right) == 1
    assert errors(findings(kind, table)) == []
    assert errors(findings(kind, table.replace(right, wrong))) == found


def test_totals_off_by_the_same_follow_from_the_first() -> None:
    """A wrong item of 北塔区 spoils subtotal and total alike; which item it is nobody can tell."""
    found = findings(
        "allocation", case("beita-2020-allocation").replace("苗儿村,水果基地,续建,20", "苗儿村,水果基地,续建,28")
    )
    assert errors(found) == [(9, "160", "168"), (20, "408", "416")]
    assert [each.follows for each in found] == ["", "小计 一·资金(万元)"]


PRINTED = """某县2024年第一批资金分配表,,,
单位：万元,,,
序号,项目类别,项目名称,资金规模
1,产业发展,茶园改造,120.50
2,,冷库建设,80.25
3,乡村建设,村内道路,99.25
,产业发展小计,,200.75
,合计,,300.00
"""


def test_titles_units_above_and_bands_of_names_are_read() -> None:
    found = figures("allocation", PRINTED)
    assert found["category:产业发展", "amount"] == 200_750_000
    assert found["category:产业发展", "projects"] == 2
    assert found["all", "amount"] == 300_000_000
    assert errors(findings("allocation", PRINTED)) == []


def test_amounts_without_a_unit_take_the_one_that_is_given() -> None:
    table = PRINTED.replace("单位：万元", "")
    with pytest.raises(Invalid) as refused:
        findings("allocation", table)
    assert refused.value.code == "UNIT_UNKNOWN"
    assert figures("allocation", table, "元")["all", "amount"] == 30_000


WIDE = """项目名称,调整前(万元),调整后(万元),增减(万元)
茶园改造,120,100,-20
冷库建设,80,105.5,25.5
村内道路,60,54.5,-5.5
合计,260,260,0
"""


def test_an_adjustment_by_columns_is_recomputed_for_each_project() -> None:
    assert errors(findings("adjustment", WIDE)) == []
    assert errors(findings("adjustment", WIDE.replace("25.5", "22.5"))) == [(3, "22.5", "25.5")]
    assert figures("adjustment", WIDE)["item:1", "change"] == -20_000_000


LIBRARY = """项目类别,项目个数,总投资(万元),占比(%)
产业发展,17,5311,63.77
就业,3,483.6,5.81
乡村建设行动,27,2533.78,30.42
合计,47,8328.38,100.00
"""


def test_printed_shares_are_claims_of_their_own() -> None:
    assert errors(findings("library", LIBRARY)) == []
    assert errors(findings("library", LIBRARY.replace("5.81", "5.18"))) == [(3, "5.18", "5.81")]


@pytest.mark.parametrize(("printed", "severity"), [("1259.00", None), ("1258.99", "error")])
def test_money_is_exact_unless_its_column_is_rounded(printed: str, severity: str | None) -> None:
    """Whole numbers and amounts of different decimals are the amounts themselves; one fen less is a wrong total."""
    table = case("zeku-2023-central-batch2") + f"合计,,,{printed},,\n"
    found = [each for each in findings("allocation", table) if each.kind != "policy"]
    assert [each.severity.value for each in found] == ([severity] if severity else [])


def test_a_part_is_no_more_than_its_whole() -> None:
    spoilt = case("beita-2020-allocation").replace("兴旺村,葡萄基地,续建,10,6", "兴旺村,葡萄基地,续建,10,60")
    assert [(each.kind, each.printed, each.recomputed) for each in findings("allocation", spoilt)] == [
        ("part", "60", "10")
    ]


def test_a_plan_asks_about_its_fee_as_an_allocation_does() -> None:
    """NL16: 20 of 1 020 is more than 1 %."""
    table = "项目类别,项目名称,资金(万元)\n产业发展,茶园改造,1000\n项目管理费,前期设计和监理,20\n合计,,1020\n"
    (found,) = findings("plan", table)
    assert (found.kind, found.severity, found.printed, found.recomputed) == ("policy", Severity.WARNING, "20", "10.2")


def test_a_house_for_managing_a_project_is_no_fee() -> None:
    """NL16 is about the fee, not about works whose name has its words."""
    table = "项目,资金(万元)\n小型水利项目管理房建设,60\n村内道路,40\n合计,100\n"
    assert findings("allocation", table) == []
    assert ("fee", "amount") not in figures("allocation", table)


def test_a_workbook_with_merged_cells_is_read_as_it_looks() -> None:
    """A title, the unit above the table, headings over two rows, bands of merged cells."""
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("分配表")
        sheet.merge_range(0, 0, 0, 3, "某县2024年第二批衔接资金分配表")
        sheet.write(1, 3, "单位：万元")
        sheet.merge_range(2, 0, 3, 0, "序号")
        sheet.merge_range(2, 1, 3, 1, "项目类别")
        sheet.merge_range(2, 2, 3, 2, "项目名称")
        sheet.merge_range(2, 3, 2, 4, "资金规模")
        sheet.write_row(3, 3, ["总投资", "灾情因素"])
        sheet.merge_range(4, 1, 5, 1, "产业发展")
        sheet.write(6, 1, "乡村建设")
        sheet.write_column(4, 0, [1, 2, 3])
        sheet.write_column(4, 2, ["茶园改造", "冷库建设", "道路"])
        sheet.write_column(4, 3, [120.5, 80.25, 99.25])
        sheet.write(4, 4, 6)
        sheet.write_row(7, 2, ["合计", 300.5])
    known = BY_KIND[BulletinKind.ALLOCATION]
    examined = examine(known, buffer.getvalue(), POLICY)
    ours = {(each.key, each.column.name): each.ours for each in figures_of(known, examined.lines, POLICY)}
    assert ours["category:产业发展", "amount"] == 200_750_000
    assert ours["all", "disaster"] == 6_000_000
    assert errors(examined.report.findings) == [(8, "300.5", "300.0")]


def test_a_summary_beside_its_details_is_not_added_to_them() -> None:
    """Two tables in one file speak of the same money; the one with more of the columns is the bulletin."""
    summary = [["项目类别", "资金(万元)"], ["产业发展", 200.75], ["乡村建设", 99.25], ["合计", 300]]
    details = [
        ["序号", "项目类别", "项目名称", "资金(万元)"],
        [1, "产业发展", "茶园改造", 120.5],
        [2, "产业发展", "冷库建设", 80.25],
        [3, "乡村建设", "村内道路", 99.25],
    ]
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        for table in (summary, details):
            sheet = book.add_worksheet()
            for row, cells in enumerate(table):
                sheet.write_row(row, 0, cells)
    known = BY_KIND[BulletinKind.ALLOCATION]
    lines = examine(known, buffer.getvalue(), POLICY).lines
    ours = {(each.key, each.column.name): each.ours for each in figures_of(known, lines, POLICY)}
    assert (ours["all", "amount"], ours["all", "projects"]) == (300_000_000, 3)


def grown(seed: int) -> tuple[list[list[str]], list[int]]:
    """A correct allocation table, and where its subtotals and its total stand."""
    rng = Random(seed)
    places, number, whole = rng.choice([0, 1, 2, 4]), 0, 0
    rows, claims = [["序号", "项目类别", "实施单位", "项目名称", "资金(万元)"]], []
    for group in range(rng.randint(2, 6)):
        sub = 0
        for item in range(rng.randint(1, 12)):
            number, units = number + 1, rng.randint(1, 10**6)
            sub += units
            name = f"类别{chr(65 + group)}" if item == 0 else ""
            amount = as_printed(Fraction(units, 10**places), places)
            rows.append([str(number), name, rng.choice(["甲乡", "乙镇", "丙局"]), f"项目{number}", amount])
        whole += sub
        claims.append(len(rows))
        rows.append(["小计", f"类别{chr(65 + group)}", "", "", as_printed(Fraction(sub, 10**places), places)])
    claims.append(len(rows))
    return [*rows, ["合计", "", "", "", as_printed(Fraction(whole, 10**places), places)]], claims


@pytest.mark.parametrize("seed", range(12))
def test_any_spoilt_total_is_found_and_nothing_is_invented(seed: int) -> None:
    rows, claims = grown(seed)
    assert errors(findings("allocation", as_text(rows))) == []
    at = claims[seed % len(claims)]
    right = rows[at][4]
    rows[at][4] = wrong = ("1" if right[0] != "1" else "2") + right[1:]
    found = [each for each in findings("allocation", as_text(rows)) if not each.follows]
    assert errors(found) == [(at + 1, wrong, right)]


def as_text(rows: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in rows)

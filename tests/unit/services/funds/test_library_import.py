"""Library tables as counties send them: headings, words, places, rows (domain-funds-assets §1.2–§1.4, §0.2-1)."""

from typing import Any

import pytest

from services.funds.bulk.seed import SHIPPED
from services.funds.domain.library_columns import column_named, is_wan, places_of
from services.funds.domain.library_labels import Labelled, Lexicon, label_key
from services.funds.domain.library_places import Gazetteer, UnknownPlace
from services.funds.domain.library_rows import Defaults, entry_of, read_rows
from shared.kernel.areas import AreaCode
from shared.kernel.money import PPM
from shared.parameters.profiles_load import read
from shared.sheets.headings import Headings, find_headings

COUNTY = AreaCode.parse("230606")
DEFAULTS = Defaults(2026, wan=True, level="central", fund="fund.consolidation", authority="局", unit="中心")
MERGED = [
    ["某县2026年巩固拓展脱贫攻坚成果和乡村振兴项目库", *[""] * 12],
    ["", *[""] * 11, "单位：万元"],
    ["序号", "项目\n类别", "乡(镇)", "村", "项目名称", "建设内容\n及规模", "资金规模", "", "", "受益对象", "", "", ""],
    ["", "", "", "", "", "", "总投资", "其中：", "", "受益户数", "受益人口数", "其中", ""],
    ["", "", "", "", "", "", "", "衔接资金", "其他资金", "（户）", "（人）", "脱贫户数", "监测户数"],
    ["1", "产业发展", "大同镇", "八井子村", "育苗棚建设", "40栋", "50.5", "50", "0.5", "20", "60", "9", "1"],
    ["2", "", "大同镇", "八井子村、永兴村", "灌溉渠维修", "3公里", "12.345678", "", "", "8", "", "3", ""],
    ["小计", "", "", "", "2个", "", "62.845678", "50", "0.5", "", "", "", ""],
]


def lexicon(**mapped: str) -> Lexicon:
    taxonomy = [(row["code"], row["zh"]) for row in read(SHIPPED / "categories.csv") if row["valid_from"] < "2026"]
    return Lexicon.of(taxonomy, {label_key(label): code for label, code in mapped.items()})


def test_merged_headings_over_three_rows_below_a_title_are_found() -> None:
    found = find_headings(MERGED, column_named, 2)
    assert found is not None
    assert (found.first_row, found.depth, found.first_data_row) == (2, 3, 5)
    assert found.paths[7] == ("资金规模", "其中：", "衔接资金")
    assert places_of(found.paths) == {
        "seq": 0,
        "label1": 1,
        "township": 2,
        "village": 3,
        "name": 4,
        "content": 5,
        "total": 6,
        "money.linkage": 7,
        "money.self_raised": 8,
        "households": 9,
        "persons": 10,
        "out_of_poverty_households": 11,
        "monitored_households": 12,
    }
    assert is_wan(found.paths, MERGED[:2]) is True


def test_what_looks_like_no_headings_is_none() -> None:
    assert find_headings([["1", "2"], ["3", "4"]], column_named, 2) is None
    assert find_headings([["项目名称", "总投资(元)"]], column_named, 2) == Headings(
        0, 1, (("项目名称",), ("总投资(元)",))
    )


def rows_of_merged() -> list[Any]:
    headings = find_headings(MERGED, column_named, 2)
    assert headings is not None
    return read_rows(MERGED, headings.first_data_row, places_of(headings.paths), DEFAULTS)


def test_rows_are_read_with_merged_cells_and_without_totals() -> None:
    first, second = rows_of_merged()
    assert (first.number, first.labels, first.total) == (6, ("产业发展", "", ""), 50_500_000)
    assert first.funding == [("central", "fund.consolidation", 50_000_000), ("other", "self_raised", 500_000)]
    assert (second.number, second.labels, second.total) == (7, ("产业发展", "", ""), 12_345_678)
    assert first.faults == second.faults == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({6: "50.1234567"}, "AMOUNT_FORM", id="seven decimals are part of a fen"),
        pytest.param({6: "约50"}, "AMOUNT_FORM", id="no number"),
        pytest.param({6: "50.6"}, "TOTAL_DIFFERS", id="parts that are not the total"),
        pytest.param({6: "", 7: "", 8: ""}, "AMOUNT_MISSING", id="no amount"),
        pytest.param({9: "4", 12: "5"}, "BENEFIT_NUMBERS", id="11: five monitored of four households"),
        pytest.param({9: "若干"}, "COUNT_FORM", id="a count in words"),
        pytest.param({4: "棚"}, "NAME_LENGTH", id="a name too short"),
    ],
)
def test_a_bad_cell_is_told_and_the_row_refused(changed: dict[int, str], code: str) -> None:
    row = [changed.get(place, cell) for place, cell in enumerate(MERGED[5])]
    headings = find_headings(MERGED, column_named, 2)
    assert headings is not None
    (found,) = read_rows([*MERGED[:5], row], 5, places_of(headings.paths), DEFAULTS)
    assert code in {fault.code for fault in found.faults}


def test_a_band_above_rows_labels_them() -> None:
    rows = [
        ["一、产业发展", "", "300"],
        ["1", "育苗棚建设", "300"],
        ["二、就业项目", "", "5"],
        ["1", "务工补助项目", "5"],
    ]
    found = read_rows(rows, 0, {"seq": 0, "name": 1, "total": 2}, DEFAULTS)
    assert [row.labels for row in found] == [("产业发展",), ("就业项目",)]


def test_an_entry_keeps_every_fen_and_every_place() -> None:
    _, second = rows_of_merged()
    content = entry_of(
        second, "010301", [AreaCode(230606100200), AreaCode(230606100201), AreaCode(230606100202)], DEFAULTS
    )
    assert content.total == 12_345_678
    assert sum(place.share_ppm for place in content.places) == PPM
    assert (content.starts_on.isoformat(), content.ends_on.isoformat()) == ("2026-01-01", "2026-12-31")


@pytest.mark.parametrize(
    ("labels", "mapped", "expected"),
    [
        pytest.param(("产业发展",), {}, Labelled("产业发展", "01"), id="the nation's own word"),
        pytest.param(("产业发展", "种植业基地"), {}, Labelled("产业发展/种植业基地", "010101"), id="at level 3"),
        pytest.param(("就业项目",), {}, Labelled("就业项目", "02"), id="with a tail"),
        pytest.param(("基础设施建设",), {}, Labelled("基础设施建设", None), id="12: an unknown word waits"),
        pytest.param(
            ("基础设施建设",),
            {"基础设施建设": "03"},
            Labelled("基础设施建设", "03", "“基础设施建设”按县映射归入 03"),
            id="12: mapped, with a note",
        ),
        pytest.param(
            ("产业发展", "黄精种植"),
            {},
            Labelled("产业发展/黄精种植", "01", "“产业发展/黄精种植”按上级类别归入 01"),
            id="an unknown small word stays with the large one",
        ),
        pytest.param(
            ("产业类", "种植类"),
            {"产业类/种植类": "010101"},
            Labelled("产业类/种植类", "010101", "“产业类/种植类”按县映射归入 010101"),
            id="both words together",
        ),
        pytest.param(
            ("金融保险配套项目", "其他"), {}, Labelled("金融保险配套项目/其他", "010505"), id="the other one below it"
        ),
        pytest.param(("其他",), {}, Labelled("其他", "08"), id="the shortest of several of one name"),
        pytest.param(("",), {}, Labelled("", None), id="no word at all"),
    ],
)
def test_words_mean_categories(labels: tuple[str, ...], mapped: dict[str, str], expected: Labelled) -> None:
    assert lexicon(**mapped).resolve(labels) == expected


GAZETTEER = Gazetteer.of(
    COUNTY,
    [
        (230606000000, "大同区"),
        (230606100000, "大同镇"),
        (230606101000, "高台子镇"),
        (230606100200, "八井子村委会"),
        (230606100201, "永兴村民委员会"),
        (230606101200, "永兴村委会"),
        (230606101201, "红旗社区居委会"),
    ],
)


@pytest.mark.parametrize(
    ("township", "village", "codes"),
    [
        pytest.param("大同镇", "八井子村", [230606100200], id="one village"),
        pytest.param("大同", "八井子", [230606100200], id="without tails"),
        pytest.param("大同镇", "八井子村、永兴村", [230606100200, 230606100201], id="several in one cell"),
        pytest.param("", "大同镇八井子村\n高台子镇永兴村", [230606100200, 230606101200], id="each with its township"),
        pytest.param("", "八井子村和八井子村", [230606100200], id="twice is once"),
        pytest.param("高台子镇", "", [230606101000], id="a township"),
        pytest.param("", "全区", [230606000000], id="the whole county"),
        pytest.param("", "红旗社区", [230606101201], id="a community"),
    ],
)
def test_places_are_found_by_their_names(township: str, village: str, codes: list[int]) -> None:
    assert GAZETTEER.places(township, village) == codes


@pytest.mark.parametrize(
    ("township", "village"),
    [("", "永兴村"), ("大同镇", "红旗社区"), ("大同镇", "无此村"), ("无此镇", "永兴村")],
)
def test_a_word_for_no_place_or_two_is_refused(township: str, village: str) -> None:
    with pytest.raises(UnknownPlace):
        GAZETTEER.places(township, village)

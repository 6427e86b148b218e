"""Lists of named figures: what names ask for, and silence where a name could mean something that is not printed."""

import pytest

from shared.bulletins.check import check_bytes

HEAD = "编号,分组,指标,数值,单位\n"
WRONG = {
    "a rate": ("a,支出,到位资金,3200,万元\nb,支出,实际支出,2944,万元\nc,支出,资金支出率,96,%", ("96", "92")),
    "an average": ("a,分红,分红总额,13.41,万元\nb,分红,受益人口,419,人\nc,分红,人均分红,330,元", ("330", "320")),
    "a change": (
        "a,整合,2021年计划规模,27.34,亿元\nb,整合,2020年规模,26.82,亿元\nc,整合,比上年增加,0.62,亿元",
        ("0.62", "0.52"),
    ),
    "a sum": (
        "a,决算,决算总投资,588.5669,万元\nb,决算,建安工程费,546.5531,万元\nc,决算,其他费用,52.0138,万元",
        ("588.5669", "598.5669"),
    ),
    "growth": ("a,到位,累计到位资金,66185,万元\nb,到位,较上年同期增加,3893,万元\nc,到位,增长,6.52,%", ("6.52", "6.25")),
    "shares of a whole": ("a,比例,市级,50,%\nb,比例,区级,42.5,%\nc,比例,镇级,8.5,%", ("8.5", "7.5")),
}
SILENT = {
    "a rate of figures elsewhere": "a,甲,户数,487,户\nb,甲,人口,1953,人\nc,甲,贫困发生率,14.35,%",
    "a target": "a,产业,产业资金,8.04,亿元\nb,产业,全部资金,13.04,亿元\nc,产业,产业占比下限,60,%",
    "amounts of another group": "a,投入,市级,1.8,亿元\nb,投入,上级,13.11,亿元\nd,进度,已落实资金,14.81,亿元",
    "a rule beside its result": "a,收益,收益,7.3,万元\nb,收益,户分红,4.1,万元\nc,新比例,户分红占比,55,%",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_name_asks_for(name: str) -> None:
    text, (printed, recomputed) = WRONG[name]
    found = check_bytes((HEAD + text).encode()).findings
    assert [(f.printed, f.recomputed, f.severity.value) for f in found] == [(printed, recomputed, "error")]


@pytest.mark.parametrize("name", SILENT)
def test_too_little_is_silence(name: str) -> None:
    assert check_bytes((HEAD + SILENT[name]).encode()).findings == []

"""Tables of all the forms in which offices print them, each with one planted mistake: what is said, and where."""

import pytest

from shared.bulletins.check import check_bytes
from shared.bulletins.findings import Report

TABLES: dict[str, tuple[str, list[tuple[str, str, str, str, str]]]] = {
    "headings above their lines, with titles, units and a footnote": (
        """表1 2023年资金安排,,,
单位:万元,,,
项目,个数,计划,支出
合计,9,"1,230.50",812.30
一、产业发展,4,730.20,500.10
（一）种植,2,430.10,300.05
（二）养殖,2,300.10,200.05
二、基础设施,3,400.30,250.20
道路,1,150.10,100.10
饮水,2,250.30,150.10
三、其他,2,100.00,62.00
注：数据截至2023年底,,,""",
        [("二、基础设施", "计划", "400.30", "400.40", "error")],
    ),
    "one column and one total": (
        "乡镇,金额(万元)\n甲镇,120.5\n乙镇,88.31\n丙镇,45.2\n丁镇,301.77\n合计,565.78",
        [("合计", "金额(万元)", "565.78", "555.78", "error")],
    ),
    "a wrong subtotal under a right total": (
        "类别,名称,金额(万元)\n产业,a,120\n产业,b,80\n小计,,210\n基建,c,45\n基建,d,55\n小计,,100\n合计,,300",
        [("小计", "金额(万元)", "210", "200", "error")],
    ),
    "an item in yuan among ten thousands": (
        """县,到位资金(万元),支出(万元)
甲县,1234.56,1000.12
乙县,23450000,1800.10
丙县,3321.09,3000.5
丁县,876.54,700.3
合计,7777.19,6501.02""",
        [("乙县", "到位资金(万元)", "23450000", "2345", "error")],
    ),
    "number times price": (
        """项目,数量,单价(元),金额(万元)
甲,120,3500,42
乙,85,1200,10.2
丙,300,455,13.65
丁,64,9800,62.72
戊,77,1310,10.87
己,45,2200,9.9""",
        [("戊", "金额(万元)", "10.87", "10.09", "error")],
    ),
    "shares of a total": (
        """地区,户数,占比(%)
甲,1234,24.68
乙,866,17.32
丙,1500,30.00
丁,700,14.00
戊,700,15.00
合计,5000,100.00""",
        [("戊", "占比(%)", "15.00", "14.00", "error")],
    ),
    "counts of listed rows": (
        """序号,乡镇,村名,项目个数,金额(万元)
1,甲镇,a村,,12.3
2,甲镇,b村,,22.1
,甲镇小计,,2,34.4
3,乙镇,c村,,5.5
4,乙镇,d村,,6.5
5,乙镇,e村,,7.25
,乙镇小计,,4,19.25
6,丙镇,f村,,11
7,丙镇,g村,,12
,丙镇小计,,2,23
,合计,,7,76.65""",
        [("乙镇小计", "项目个数", "4", "3", "error")],
    ),
    "two lines of headings, full-width digits, separators and dashes": (
        """县区,到位资金,,,支出,,支出率,排名
,合计,中央,省级,合计,其中：产业,（%）,
甲县,"1,500.20","1,000.10",500.10,"1,200.00",700,79.99,3
乙县,"2,300.40","2,000.20",300.20,"2,100.00",1500,91.29,1
丙县,"3,100.00","2,900.00",200.00,"2,300.00",1300,74.19,5
丁县,１２００,１０００,３００,９００,400,75.00,4
戊县,980.55,700.55,280.00,880.00,—,89.75,2
己县,"1,100.00",800.00,300.00,700.00,350,63.64,6""",
        [("丁县", "到位资金 省级", "300", "200", "error")],
    ),
    "growth with its own column of change": (
        """县,2022年(万元),2023年(万元),增减额,增长(%)
甲,1200,1350,150,12.5
乙,980,1010,30,3.06
丙,1500,1420,-80,-5.33
丁,760,800,40,5.26
戊,1111,1311,200,17.00
己,640,720,80,12.5""",
        [("戊", "增长(%)", "17.00", "18.00", "error")],
    ),
    "ranks with a tie": (
        "县,得分,名次\n甲,95.5,1\n乙,92.1,3\n丙,94.0,2\n丁,92.1,3\n戊,90.0,5\n己,88.8,7\n庚,88.9,6\n辛,80.1,9",
        [("辛", "名次", "9", "8", "error")],
    ),
    "quantities by rows, units in their names": (
        """指标,甲县,乙县,丙县,丁县,全市
总户数(户),12000,15000,9800,20000,56800
贫困户数(户),1200,900,1470,1000,4570
贫困发生率(%),10.00,6.00,15.00,6.00,8.05""",
        [("贫困发生率(%)", "丁县", "6.00", "5.00", "error")],
    ),
    "two digits of a total exchanged": (
        """乡镇,户数(户),人数(人),金额(元)
甲镇,120,330,56000
乙镇,88,241,42300
丙镇,45,133,20150
丁镇,301,902,155020
合计,554,1660,273470""",
        [("合计", "人数(人)", "1660", "1606", "error")],
    ),
    "growth from year to year": (
        """年份,收入(元),增长(%)
2016年,8123,
2017年,8990,10.67
2018年,9876,9.86
2019年,10880,10.17
2020年,11544,6.10
2021年,12876,11.54
2022年,13790,7.01
2023年,14999,8.77""",
        [("2022年", "增长(%)", "7.01", "7.10", "error")],
    ),
    "a running total": (
        """月份,当月支出(万元),累计支出(万元)
1月,120.5,120.5
2月,88.3,208.8
3月,230.1,438.9
4月,145.6,584.5
5月,99.9,684.4
6月,310.2,1004.6
7月,77.7,1082.3
8月,65.4,1147.7""",
        [("6月", "当月支出(万元)", "310.2", "320.2", "error")],
    ),
    "a row at the edge that no column adds": (
        "县,户数,人数\n甲,120,300\n乙,88,201\n丙,45,133\n其他区,17,41\n合计,253,634",
        [("合计", "户数", "253", "270", "warning"), ("合计", "人数", "634", "675", "warning")],
    ),
    "one rate cut where the others are rounded": (
        """县,计划(户),完成(户),完成率(%)
甲,1234,1000,81.04
乙,2345,2001,85.33
丙,3456,1234,35.71
丁,4567,4001,87.61
戊,5678,1236,21.77
己,777,555,71.42""",
        [("己", "完成率(%)", "71.42", "71.43", "warning")],
    ),
}

RIGHT = {
    "parts that are not all printed": """县,项目数,其中:已开工,已完工
甲,40,12,28
乙,33,10,23
丙,51,20,31
丁,28,8,18
戊,60,25,35
己,44,14,30
庚,39,9,28""",
    "subtotals without a word, above": "地区,户数\n全市,100\n市区,60\n甲区,25\n乙区,35\n丙县,40",
    "subtotals without a word, below": "地区,户数\n甲区,25\n乙区,35\n市区,60\n丙县,18\n丁县,22\n县域,40\n全市,100",
    "parts of a part": "项目,金额\n产业,60\n其中:种植,20\n养殖,40\n基建,40\n合计,100",
    "numbers with points": """序号,项目,金额(万元),个数
1,产业,730.2,4
1.1,种植,430.1,2
1.2,养殖,300.1,2
2,基建,400.3,3
2.1,道路,150.1,1
2.2,饮水,250.3,2
,合计,1130.5,7""",
    "unpublished cells": "乡镇,户数,逾期\n甲,230,39\n乙,164,13\n丙,110,\n丁,99,\n全县,603,75",
    "averages in the total row": "县,户数,均价(元)\n甲,120,3.5\n乙,88,4.1\n丙,45,3.9\n合计,253,3.8",
    "wages in the total row": "县,户数,月工资(元)\n甲,120,3510\n乙,88,4120\n丙,45,3930\n合计,253,3850",
    "a total of rounded amounts": "县,金额(万元)\n甲,120.33\n乙,88.33\n丙,45.33\n合计,254.00",
    "unrelated figures": "县,甲数,乙数,丙数\nA,17,433,9\nB,25,18,77\nC,91,305,46\nD,64,220,13\nE,8,71,590",
}


def findings(report: Report) -> list[tuple[str, str, str, str, str]]:
    return [(f.row, f.column, f.printed, f.recomputed, f.severity.value) for f in report.findings]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", TABLES)
def test_a_planted_mistake_is_found_where_it_stands(name: str, encoding: str) -> None:
    text, expected = TABLES[name]
    assert findings(check_bytes(text.encode(encoding))) == expected


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_table_is_not_called_wrong(name: str) -> None:
    found = check_bytes(RIGHT[name].encode()).findings
    assert [f for f in found if f.severity.value != "info"] == []


def test_a_difference_of_rounding_is_information() -> None:
    found = findings(check_bytes(RIGHT["a total of rounded amounts"].encode()))
    assert found in ([], [("合计", "金额(万元)", "254.00", "253.99", "info")])


@pytest.mark.parametrize(
    ("name", "kind", "rounding"),
    [
        ("number times price", "product", "half_up"),
        ("shares of a total", "share", "half_up"),
        ("growth with its own column of change", "growth", "half_up"),
        ("counts of listed rows", "count", ""),
        ("ranks with a tie", "rank", ""),
    ],
)
def test_relations_are_named_by_kind(name: str, kind: str, rounding: str) -> None:
    relations = check_bytes(TABLES[name][0].encode()).relations
    assert [each.rounding for each in relations if each.kind == kind] == [rounding]

"""Progress and microcredit tables as counties print them: what is measured by what, and which wrong figure is found."""

from fractions import Fraction

import pytest

from services.funds.domain.bulletins.examining import examine
from services.funds.domain.bulletins.microcredit import MICROCREDIT
from services.funds.domain.bulletins.model import Known
from services.funds.domain.bulletins.progress import PROGRESS
from services.funds.domain.bulletins.reckoning import figures_of
from shared.bulletins.findings import Severity
from shared.kernel.errors import Invalid
from shared.reports.model import Unit
from shared.reports.show import shown

TITLED = """附件1,,,,,
2023年衔接资金支出进度通报,,,,,
单位：万元,,,,,
序号,县（市、区）,下达资金,已支出,支出进度,排名
1,甲县,12345.67,9876.54,80.00%,2
2,乙县,8888.00,7777.00,87.50%,1
3,丙区,4321.00,2345.00,54.27%,3
,合计,25554.67,19998.54,78.26%,
"""
BY_TOWNSHIP = """乡镇,到位资金(元),支付金额(元),支付率(%),结余资金(元)
东镇,1000000.00,650000.00,65.00,350000.00
西镇,500000.00,500000.00,100.00,0.00
南乡,0,0,,0
小计,1500000.00,1150000.00,76.67,350000.00
"""
WITH_PART = """县区,项目个数,衔接资金(万元),其中：产业资金(万元),产业占比(%),支出(万元),支出率(%),位次
一县,12,1000,620,62.00,800,80.00,1
二县,9,900,500,55.56,630,70.00,2
三县,7,700,420,60.00,490,70.00,2
全市,28,2600,1540,59.23,1920,73.85,
"""
TWO_BASES = """县区,到位资金(万元),对接资金(万元),实际支出(万元),支出进度(%)
一县,1000,900,450,45.00
二县,800,800,600,75.00
三县,500,400,310,62.00
合计,2300,2100,1360,59.13
"""
LOANS = """乡镇,贷款余额(万元),余额户数(户),逾期金额(万元),逾期率(%),当年新增户数(户),脱贫户数(户)
东镇,500.00,100,2.50,0.50,20,300
西镇,300.00,60,3.00,1.00,10,200
北镇,250.00,50,2.00,0.80,5,100
合计,1050.00,210,7.50,0.71,35,600
"""


def figures(known: Known, table: str) -> dict[tuple[str, str], str]:
    lines = examine(known, table.encode(), {}).lines
    return {
        (each.row, each.column.name): shown(each.column, Unit.WAN, each.ours) for each in figures_of(known, lines, {})
    }


def wrong(known: Known, table: str) -> set[tuple[str, str, str]]:
    found = examine(known, table.encode(), {}).report.findings
    return {(each.row, each.printed, each.recomputed) for each in found if each.severity is Severity.ERROR}


@pytest.mark.parametrize("table", [TITLED, BY_TOWNSHIP, WITH_PART, TWO_BASES])
def test_a_right_table_has_no_errors(table: str) -> None:
    assert wrong(PROGRESS, table) == set()


@pytest.mark.parametrize(
    ("table", "was", "is_now", "found"),
    [
        (TITLED, "78.26%", "73.92%", ("合计", "73.92%", "78.26")),  # the mean of the rates
        (TITLED, "54.27%,3", "54.72%,3", ("丙区", "54.72%", "54.27")),
        (TITLED, "87.50%,1", "87.50%,2", ("乙县", "2", "1")),
        (BY_TOWNSHIP, "65.00,350000.00", "65.00,360000.00", ("东镇", "360000.00", "350000.00")),
        (WITH_PART, "70.00,2\n三县", "70.00,3\n三县", ("二县", "3", "2")),
        (WITH_PART, "59.23", "58.23", ("全市", "58.23", "59.23")),
        (TWO_BASES, "59.13", "64.76", ("合计", "64.76", "59.13")),  # measured by another base than its units
        # an item, from which rates, ranks, balances and totals follow, is named alone
        (TITLED, "8888.00", "8088.00", ("乙县", "8088.00", "8888.00")),
        (BY_TOWNSHIP, "650000.00,65", "560000.00,65", ("东镇", "560000.00", "650000.00")),
        (WITH_PART, "1000,620", "1000,260", ("一县", "260", "620")),
        (TWO_BASES, "800,800,600", "800,800,660", ("二县", "660", "600")),
        (TWO_BASES, "800,800,600", "800,880,600", ("合计", "2100", "2180")),  # nothing else tells which it is
    ],
)
def test_a_wrong_figure_is_found(table: str, was: str, is_now: str, found: tuple[str, str, str]) -> None:
    assert was in table
    assert wrong(PROGRESS, table.replace(was, is_now)) == {found}


def test_a_rate_is_measured_by_what_most_of_the_printed_ones_are() -> None:
    """By what was received, though money linked is printed too; the share of industry by money and not by payments."""
    by_received, by_money = figures(PROGRESS, TWO_BASES), figures(PROGRESS, WITH_PART)
    assert (by_received["一县", "base"], by_received["合计", "progress"]) == ("1000.00", "59.13")
    assert (by_money["合计", "part_of"], by_money["合计", "part_rate"]) == ("2600.00", "59.23")


def test_a_unit_without_money_is_last_and_has_no_rate() -> None:  # 61
    ours = figures(PROGRESS, BY_TOWNSHIP)
    assert ("南乡", "progress") not in ours
    assert ours["南乡", "rank"] == "3"


@pytest.mark.parametrize(
    ("known", "table", "was"),
    [
        (PROGRESS, TITLED, "12345.67,9876.54,80.00%"),
        (PROGRESS, BY_TOWNSHIP, "650000.00,65.00,350000.00"),
        (PROGRESS, WITH_PART, "1000,620,62.00,800,80.00"),
        (MICROCREDIT, LOANS, "500.00,100,2.50,0.50,20,300"),
    ],
)
def test_what_a_unit_does_not_publish_makes_no_total_wrong(known: Known, table: str, was: str) -> None:
    cells = was.split(",")
    for place in range(len(cells)):
        blank = ",".join("" if at == place else cell for at, cell in enumerate(cells))
        assert wrong(known, table.replace(was, blank)) == set(), blank


def test_an_overdue_rate_on_the_line_passes_and_above_it_is_told() -> None:  # FW50
    policy = dict.fromkeys(MICROCREDIT.parameters, Fraction("0.008"))
    findings = examine(MICROCREDIT, LOANS.encode(), policy).report.findings
    assert [(each.row, each.severity) for each in findings] == [("西镇", Severity.INFO)]


def test_one_column_of_households_is_the_whole_base() -> None:
    ours = figures(MICROCREDIT, LOANS)
    assert (ours["合计", "households"], ours["合计", "balance_rate"], ours["东镇", "rank"]) == ("600", "35.00", "2")


@pytest.mark.parametrize(("known", "table"), [(PROGRESS, LOANS), (MICROCREDIT, WITH_PART)])
def test_another_kind_is_refused(known: Known, table: str) -> None:
    with pytest.raises(Invalid) as caught:
        examine(known, table.encode(), {})
    assert caught.value.code == "BULLETIN_COLUMNS"

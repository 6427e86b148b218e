"""Known bulletins of progress and microcredit over HTTP: our own reports give each published figure again (§4.4, 56-63)."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from shared.reports.show import half_up
from tests.service.funds.bulletin_cases import data, expected
from tests.service.funds.county import COUNTY
from tests.service.funds.door import Door
from tests.service.funds.test_known_bulletins import taken

pytestmark = pytest.mark.asyncio

Place = tuple[str, str]
"""Key and column of one of our figures."""
Figures = Mapping[Place, Fraction]
"""Ours, exact: fen, ones, parts of one."""
Wrong = tuple[int, str, str, str]
"""Row, printed, recomputed, severity."""

_FROM_OURS: Mapping[str, Fraction | int] = {
    "%": 100,
    "个百分点": 100,
    "亿元": Fraction(1, 10**10),
    "万元": Fraction(1, 10**6),
}
"""By the unit in which a case states a figure; the mean of 万元/人 is 万元 to us."""


class Case(NamedTuple):
    """A case: the figure for each check, mapped by hand, and what must be found."""

    kind: str
    values: Mapping[str, Place]
    rows: Mapping[str, str] = {}
    """For a check of each unit: the column."""
    ranks: Mapping[str, str] = {}
    verdicts: Mapping[str, Callable[[Figures], bool]] = {}
    found: tuple[Wrong, ...] = ()
    beside: frozenset[str] = frozenset()
    """Checks whose figures are of population and income, which funds do not keep."""


PUBLISHED = {
    "shangqiu-2021-fund-progress": Case(
        "progress",
        {
            "ind": ("industry", "part_rate"),
            "all": ("linked", "progress"),
            "xj": ("linkage", "progress"),
            "xj2": ("linkage", "progress"),
            "other_in": ("other", "base"),
            "other_spent": ("other", "spent"),
            "other_rate": ("other", "progress"),
            "int_diff": ("integration", "planned_change"),
            "county_prev": ("county", "before"),
            "by_level": ("levels", "base"),
            "secretaries": ("secretaries", "number"),
            "villages": ("villages", "number"),
        },
        verdicts={"ind_floor_met": lambda ours: ours["industry", "floor_lead"] >= 0},
        found=((8, "61.6", "61.7", "warning"), (16, "14.81", "14.91", "info")),
    ),
    "zhangye-2023-progress": Case(
        "progress",
        {
            "b1": ("first_batch", "base"),
            "rate": ("first_batch", "progress"),
            "rate_cum": ("received", "progress"),
            "time": ("first_batch", "elapsed"),
            "over": ("first_batch", "lead"),
            "prev": ("received", "before"),
            "g": ("received", "growth"),
            "g_prov": ("received", "growth_average"),
        },
    ),
    "yuncheng-2020-report": Case(
        "progress",
        {
            "reloc_pc": ("relocation", "mean"),
            "city_sh": ("city", "part_rate"),
            "avg": ("projects", "mean"),
            "done": ("reserve", "progress"),
            "plan": ("reserve", "whole"),
        },
        found=((22, "96", "98", "error"),),
        beside=frozenset({"base", "inc1", "vil", "reloc", "shop"}),
    ),
    "hunan-2020-51-counties": Case(
        "progress",
        {"deep_avg": ("deep", "mean")},
        beside=frozenset({"prov_red", "base", "i1", "rest_other", "rest_sh", "inc_growth", "rel_sh", "rel_other"}),
    ),
    "shangqiu-2021-microcredit": Case(
        "microcredit",
        {
            "sum_poor": ("all", "poor"),
            "sum_mon": ("all", "monitored"),
            "sum_poor_wo_yc": ("without:永城市", "poor"),
            "sum_mon_wo_yc": ("without:永城市", "monitored"),
            "sum_bal": ("all", "balance"),
            "sum_new": ("all", "new"),
            "tot_new_rate_printed": ("printed", "new_rate"),
            "tot_bal_rate_printed": ("printed", "balance_rate"),
            "tot_new_rate_true": ("all", "new_rate"),
            "tot_bal_rate_true": ("all", "balance_rate"),
        },
        rows={"row_new_rate": "new_rate", "row_balance_rate": "balance_rate"},
        ranks={"rank_balance": "rank"},
        found=(
            (6, "0.21", "0.24", "error"),
            (12, "212504", "217445", "error"),
            (12, "8337", "8345", "error"),
            (12, "11.97", "11.71", "error"),
            (12, "14.72", "14.40", "error"),
        ),
    ),
    "luoping-2023-10-microcredit": Case(
        "microcredit",
        {
            "s_hh": ("all", "balance"),
            "s_a": ("all", "balance_amount"),
            "n_hh": ("all", "new"),
            "n_a": ("all", "new_amount"),
            "od": ("all", "overdue_rate"),
            "od_ag": ("unit:阿岗镇", "overdue_rate"),
            "od_jl": ("unit:九龙街道", "overdue_rate"),
            "od_hh": ("all", "overdue_households"),
            "target_tot": ("all", "goal"),
        },
        rows={"target": "goal", "avg": "mean"},
        ranks={"rank": "rank"},
        verdicts={
            "threshold": lambda ours: ours["all", "overdue_rate"] > Fraction(8, 1000),
            "new_gt_stock": lambda ours: ours["unit:九龙街道", "new_beyond"] > 0,
        },
        found=((2, "11.99", "0.80", "info"), (15, "4.36", "0.80", "info")),
    ),
}


def figures_of(shown: dict[str, Any]) -> Figures:
    return {(each["key"], each["column"]): Fraction(each["exact"]) for each in shown["figures"]}


def printed(check: dict[str, Any], figure: Fraction) -> str:
    """One of our figures as the case states it."""
    return half_up(figure * _FROM_OURS.get(check["unit"].partition("/")[0], 1), check["decimals"])


def is_ours(case: Case, check: dict[str, Any], ours: Figures) -> bool:
    """Whether a check comes out of our figures."""
    name, wanted = check["id"], check["expected"]
    if name in case.values:
        return bool(wanted == printed(check, ours[case.values[name]]))
    if name in case.rows:
        return bool(wanted == {row: printed(check, ours[f"unit:{row}", case.rows[name]]) for row in wanted})
    if name in case.ranks:
        ranks = [ours[f"unit:{row}", case.ranks[name]] for row in wanted]
        return ranks == sorted(set(ranks))
    return case.verdicts[name](ours) is wanted


@pytest.mark.parametrize("name", PUBLISHED)
async def test_each_figure_comes_out_of_our_report_and_what_is_wrong_is_found(door: Door, name: str) -> None:
    case, wanted = PUBLISHED[name], expected(name)
    shown = await taken(door, data(name), case.kind)
    ours = figures_of(shown)
    checks = [check for check in wanted["checks"] if check["id"] not in case.beside and check["role"] != "trap"]
    assert {check["id"]: is_ours(case, check, ours) for check in checks} == {check["id"]: True for check in checks}
    found = [(each["row_number"], each["printed"], each["recomputed"], each["severity"]) for each in shown["findings"]]
    assert found == list(case.found)
    errors = [each for each in wanted["findings"] if each["severity"] == "error" and each["from_data"]]
    assert bool(errors) is any(severity == "error" for *_, severity in found)
    agreed = {check["published"] for check in checks if check.get("agrees") and check.get("published")}
    assert not {each[1] for each in found if each[3] == "error"} & (agreed - {"11.97", "14.72", "212504", "8337"})


async def test_56_a_rate_that_was_cut_is_told_with_what_was_printed(door: Door) -> None:
    """13.04/14.81 is 88.05 and 8.04/13.04 is 61.66; 61.6 is cut, not rounded (DIFFERENT_ROUNDING)."""
    shown = await taken(door, data("shangqiu-2021-fund-progress"), "progress")
    texts = {(each["key"], each["column"]): (each["ours"], each["printed"]) for each in shown["figures"]}
    assert texts["linkage", "progress"] == ("88.05", ["88"])
    assert texts["industry", "part_rate"] == ("61.66", ["61.6"])
    (cut,) = (each for each in shown["findings"] if each["severity"] == "warning")
    assert "其中用于产业 ÷ 已拨付2021年财政衔接资金；印数为截尾，应四舍五入" in cut["relation"]


async def test_57_sources_that_do_not_add_up_are_a_question(door: Door) -> None:
    """1.8 + 5.67 + 7.44 is 14.91, printed as in place are 14.81: 0.10 apart, neither is called wrong."""
    shown = await taken(door, data("shangqiu-2021-fund-progress"), "progress")
    (apart,) = (each for each in shown["findings"] if each["kind"] == "sum_mismatch")
    assert (apart["printed"], apart["recomputed"], apart["severity"]) == ("14.81", "14.91", "info")
    assert "相差 0.10" in apart["relation"]


async def test_58_a_table_by_units_is_recomputed(door: Door) -> None:
    """泸西县 2019, printed without its base: spent and left give 87.34 and 12.66, 89.45, 85.51."""
    table = (
        "单位,支出(万元),结余(万元),支出率(%),结余率(%),排名\n"
        "县直部门,10282.59,1212.39,89.45,10.55,1\n"
        "乡镇,11339.03,1922.12,85.51,14.49,2\n"
        "合计,21621.62,3134.51,87.34,12.66,\n"
    )
    shown = await taken(door, table.encode(), "progress")
    assert shown["findings"] == []
    rates = [each["ours"] for each in shown["figures"] if each["column"] == "progress"]
    assert rates == ["87.34", "89.45", "85.51"]
    assert {each["agrees"] for each in shown["figures"] if each["printed"]} == {True}
    averaged = table.replace("87.34,12.66", "87.48,12.52")
    wrong = (await taken(door, averaged.encode(), "progress"))["findings"]
    assert [(each["printed"], each["recomputed"], each["severity"]) for each in wrong] == [
        ("87.48", "87.34", "error"),
        ("12.52", "12.66", "error"),
    ]


async def test_62_a_total_of_two_sets_names_who_is_missing_in_one(door: Door) -> None:
    """永城's 4 941 and 8 are not in the denominator, its 824 and 880 loans are in the numerator."""
    shown = await taken(door, data("shangqiu-2021-microcredit"), "microcredit")
    relations = [each["relation"] for each in shown["findings"] if each["recomputed"] in {"217445", "8345"}]
    for relation, figure in zip(relations, ("4941", "8"), strict=True):
        assert f"口径不一致：未计入永城市（{figure}），而余额户数、当年新增户数已计入" in relation
        assert f"set mismatch: leaves out 永城市 ({figure})" in relation
    follows = {each["recomputed"]: each["follows"] for each in shown["findings"]}
    assert follows["11.71"] == follows["14.40"] == "合计 商丘市·享受政策的已脱贫户数(户)"


async def test_63_a_lead_is_a_difference_of_unrounded_rates(door: Door) -> None:
    """张掖: 8.68 from 42.0170 - 33.3333, and not 42.02 - 33.33 = 8.69."""
    shown = await taken(door, data("zhangye-2023-progress"), "progress")
    texts = {(each["key"], each["column"]): (each["ours"], each["agrees"]) for each in shown["figures"]}
    assert texts["first_batch", "lead"] == ("8.68", True)
    assert "8.69" not in {ours for ours, _ in texts.values()}
    assert shown["findings"] == []


async def test_the_report_on_microcredit_is_one_of_the_service(door: Door) -> None:
    await taken(door, data("shangqiu-2021-microcredit"), "microcredit")
    asked = {"area_code": COUNTY, "period_start": "2022-01-01"}
    report = (await door.get("auditor", "/v1/report-kinds/bulletin-microcredit/preview", **asked)).json()
    names = [column["name"] for column in report["columns"]]
    rows = {row[0]: dict(zip(names, row, strict=True)) for row in report["rows"]}
    assert (rows["合计"]["new_rate"], rows["合计"]["balance_rate"], rows["合计"]["rank"]) == ("11.71", "14.40", "—")
    assert (rows["柘城县"]["balance_rate"], rows["柘城县"]["rank"]) == ("24.40", "1")


async def test_equal_units_share_a_rank_whatever_the_printed_ranks_follow(door: Door) -> None:
    """60: ranks by the share of new loans, which two villages share; the printed 3 is a 2."""
    table = (
        "村,脱贫户数(户),监测户数(户),余额户数(户),当年新增户数(户),排名\n"
        "东村,90,10,20,30,1\n西村,45,5,40,10,2\n南村,40,10,25,10,3\n北村,90,10,90,5,4\n合计,265,35,175,55,\n"
    )
    shown = await taken(door, table.encode(), "microcredit")
    ranks = {each["row"]: (each["ours"], each["printed"]) for each in shown["figures"] if each["column"] == "rank"}
    assert ranks == {"东村": ("1", ["1"]), "西村": ("2", ["2"]), "南村": ("2", ["3"]), "北村": ("4", ["4"])}
    assert ("南村", "3", "2") in {(each["row"], each["printed"], each["recomputed"]) for each in shown["findings"]}

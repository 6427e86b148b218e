"""The published cases: every error that the data show is found at its figure, and no right figure is called wrong."""

import json
from pathlib import Path

import pytest

from shared.bulletins.check import check_file
from shared.bulletins.findings import Finding, Severity

CASES = Path(__file__).resolve().parents[3] / "cases"
NAMES = sorted(path.parent.name for path in CASES.glob("*/data.csv"))

Found = tuple[str, str, str, str]
"""Row, column, printed, recomputed."""

ERRORS: dict[str, set[Found]] = {
    "shangqiu-2021-microcredit": {
        ("梁园区", "总贷款新增户数(%)", "0.21", "0.24"),
        ("合计 商丘市", "享受政策的已脱贫户数(户)", "212504", "217445"),
        ("合计 商丘市", "享受政策的监测户数(户)", "8337", "8345"),
        ("合计 商丘市", "总贷款新增户数(%)", "11.97", "11.71"),
        ("合计 商丘市", "总贷款余额户数(%)", "14.72", "14.40"),
    },
    "yuncheng-2020-report": {("done 消费扶贫 完成全年预留份额(公布)", "数值", "96", "98")},
}
WARNINGS: dict[str, set[Found]] = {
    "shangqiu-2021-fund-progress": {("ind_share 产业 产业占比(公布)", "数值", "61.6", "61.7")},
    "qingyang-2020-asset-income": {("p_avg 分红 人均分红(公布)", "数值", "319", "320")},
}


def as_found(finding: Finding) -> Found:
    return finding.row, finding.column, finding.printed, finding.recomputed


@pytest.mark.parametrize("name", NAMES)
def test_exactly_what_is_wrong_is_found(name: str) -> None:
    findings = check_file(CASES / name / "data.csv").findings
    assert {as_found(each) for each in findings if each.severity is Severity.ERROR} == ERRORS.get(name, set())
    assert {as_found(each) for each in findings if each.severity is Severity.WARNING} == WARNINGS.get(name, set())


def test_each_error_of_the_cases_that_the_data_show_is_in_the_table_above() -> None:
    declared = {
        path.parent.name
        for path in CASES.glob("*/expect.json")
        for finding in json.loads(path.read_text("utf-8"))["findings"]
        if finding["severity"] == "error" and finding["from_data"]
    }
    assert declared == set(ERRORS)


def test_totals_say_which_row_they_leave_out_and_what_follows() -> None:
    findings = {as_found(each)[:2]: each for each in check_file(CASES / "shangqiu-2021-microcredit/data.csv").findings}
    total = findings["合计 商丘市", "享受政策的已脱贫户数(户)"]
    assert "未计入 永城市" in total.relation_zh
    assert "leaves out 永城市" in total.relation_en
    rate = findings["合计 商丘市", "总贷款余额户数(%)"]
    assert rate.follows.startswith("合计 商丘市·享受政策的")
    assert (total.row_number, total.column_number) == (12, 3)


@pytest.mark.parametrize(
    ("name", "kind", "target", "holds"),
    [
        ("beita-2020-allocation", "total", "合计", 1),
        ("datong-2023-project-plan", "total", "小计 产业类", 2),
        ("duodao-2021-assets", "total", "按权属 合计", 2),
        ("guanghan-2025-library", "total", "合计", 2),
        ("luoping-2023-10-microcredit", "total", "全县", 4),
        ("mengjin-2022-batch3-adjustment", "total", "来源合计 本次分配", 1),
        ("shangqiu-2021-microcredit", "ratio", "总贷款余额户数(%)", 11),
        ("shangqiu-2021-microcredit", "rank", "排名", 10),
        ("shangqiu-2021-fund-progress", "ratio", "xj_rate 进度 衔接资金支出进度(公布)", 1),
        ("zhangye-2023-progress", "ratio", "rate 支出 支出率(公布)", 1),
        ("zhangye-2023-progress", "growth", "g 到位 增长(公布)", 1),
        ("jiading-2023-changjing-final-account", "sum", "tot 决算 决算总投资", 1),
        ("lingtai-2020-pv-income", "complement", "o_op 旧比例 日常管理", 1),
        ("qingyang-2020-asset-income", "ratio", "v_avg 收益 村均(公布)", 1),
    ],
)
def test_what_holds_is_stated(name: str, kind: str, target: str, holds: int) -> None:
    relations = check_file(CASES / name / "data.csv").relations
    assert [each.rows_holding for each in relations if (each.kind, each.target) == (kind, target)] == [holds]

"""`bulletin check`: what the command prints and with which code it ends."""

import json
from pathlib import Path

import pytest

from services.suite.__main__ import main

CASES = Path(__file__).resolve().parents[2] / "cases"


def test_findings_end_with_one_and_are_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["bulletin", "check", str(CASES / "shangqiu-2021-microcredit/data.csv"), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 1
    assert {"kind", "target", "inputs", "rows_holding", "rows_failing"} <= answer["relations"][0].keys()
    assert {"row", "column", "printed", "recomputed", "relation", "severity"} <= answer["findings"][0].keys()
    rate = next(each for each in answer["findings"] if each["row"] == "梁园区")
    assert (rate["printed"], rate["recomputed"], rate["severity"]) == ("0.21", "0.24", "error")
    chinese, _, english = rate["relation"].partition(" / ")
    assert "10处成立、1处不符" in chinese
    assert "half up" in english


def test_nothing_found_ends_with_nought(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bulletin", "check", str(CASES / "guanghan-2025-library/data.csv")]) == 0
    assert "发现 / findings: 0" in capsys.readouterr().out


def test_a_reader_sees_printed_and_recomputed_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bulletin", "check", str(CASES / "shangqiu-2021-microcredit/data.csv")]) == 1
    shown = capsys.readouterr().out
    assert "[差错 error] 合计 商丘市 · 总贷款余额户数(%): 印 14.72 → 算 14.40" in shown
    assert "[差错 error] 合计 商丘市 · 总贷款新增户数(%): 印 11.97 → 算 11.71" in shown


def test_a_kind_brings_the_services_own_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """泽库县: by discovery nothing is wrong; the service asks about the fee above 1 % of the batch (NL16)."""
    file = str(CASES / "zeku-2023-central-batch2/data.csv")
    assert main(["bulletin", "check", file]) == 0
    capsys.readouterr()
    assert main(["bulletin", "check", file, "--kind", "allocation"]) == 1
    assert "印 14 → 算 12.59  项目管理费 ≤ 本批合计 × 1%" in capsys.readouterr().out


def test_known_and_discovered_name_the_same_figures_once(capsys: pytest.CaptureFixture[str]) -> None:
    """商丘市: with its kind the five errors are those of the discovery, in the words of the service's report."""
    file = str(CASES / "shangqiu-2021-microcredit/data.csv")
    told = []
    for more in ([], ["--kind", "microcredit"]):
        assert main(["bulletin", "check", file, "--json", *more]) == 1
        told.append(json.loads(capsys.readouterr().out)["findings"])
    figures = [
        [(each["row_number"], each["column"], each["printed"], each["recomputed"]) for each in one] for one in told
    ]
    assert figures[0] == figures[1]
    assert {each["kind"] for each in told[1]} == {"known"}
    assert [bool(each.get("follows")) for each in told[0]] == [bool(each.get("follows")) for each in told[1]]


def test_a_file_of_another_kind_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bulletin", "check", str(CASES / "zeku-2023-central-batch2/data.csv"), "--kind", "adjustment"]) == 2
    assert "BULLETIN_COLUMNS" in capsys.readouterr().err


def test_an_unreadable_file_ends_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 no book")
    assert main(["bulletin", "check", str(tmp_path / "no.xlsx")]) == 2
    assert main(["bulletin", "check", str(tmp_path / "missing.csv")]) == 2
    assert "TABLE_UNREADABLE" in capsys.readouterr().err

"""The published cases of funds, and which figure of our own report answers each of their checks: mapped by hand.

Only `expected` is read of a check, never its formula.
"""

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

CASES = Path(__file__).resolve().parents[2] / "cases"

Place = tuple[str, str]
"""Key and column of one of our figures."""
Figures = Mapping[Place, Fraction]
"""Ours, in the units of the table: 万元, per cent, ones."""


class Case(NamedTuple):
    """A case: its kind, the figure for each check, and what must be asked about (row number, printed, recomputed)."""

    kind: str
    values: Mapping[str, Place] = {}
    rows: Mapping[str, tuple[str, str]] = {}
    """For a check of each row: the key with `{}` for the row's name, and the column."""
    verdicts: Mapping[str, Callable[[Figures], bool]] = {}
    warned: tuple[tuple[int, str, str], ...] = ()


def _same(place: Place, other: Place) -> Callable[[Figures], bool]:
    return lambda figures: figures[place] == figures[other]


def _above(place: Place, other: Place) -> Callable[[Figures], bool]:
    return lambda figures: figures[place] > figures[other]


def _nought(place: Place) -> Callable[[Figures], bool]:
    return lambda figures: figures[place] == 0


PUBLISHED: Mapping[str, Case] = {
    "datong-2023-project-plan": Case(
        "plan",
        {
            "src": ("sources", "amount"),
            "items": ("items", "amount"),
            "n": ("items", "projects"),
            "sub_产业类": ("large:产业类", "amount"),
            "n_产业类": ("large:产业类", "projects"),
            "sub_基础设施类": ("large:基础设施类", "amount"),
            "n_基础设施类": ("large:基础设施类", "projects"),
            "sub_政策落实类": ("large:政策落实类", "amount"),
            "n_政策落实类": ("large:政策落实类", "projects"),
            "sub_种植类": ("small:产业类/种植类", "amount"),
            "subs": ("subtotals", "amount"),
            "ind_sh": ("large:产业类", "share"),
            "central_sh": ("source:中央", "share"),
        },
        verdicts={"balanced": _nought(("gap", "amount"))},
    ),
    "zeku-2023-central-batch2": Case(
        "allocation",
        {
            "tot": ("all", "amount"),
            "n": ("all", "projects"),
            "inf": ("category:基础设施", "amount"),
            "inf_n": ("category:基础设施", "projects"),
            "ind": ("category:产业发展", "amount"),
            "ind_n": ("category:产业发展", "projects"),
            "fee": ("category:项目管理", "amount"),
            "ind_sh": ("category:产业发展", "share"),
            "fee_sh": ("fee", "share"),
            "fee_cap": ("fee_cap", "amount"),
            "fee_parent": ("item:4", "fee_rate"),
        },
        verdicts={"fee_over": _above(("fee", "amount"), ("fee_cap", "amount"))},
        warned=((7, "14", "12.59"),),
    ),
    "beita-2020-allocation": Case(
        "allocation",
        {
            "g1": ("group:一", "amount"),
            "g2": ("group:二", "amount"),
            "tot": ("all", "amount"),
            "n": ("all", "projects"),
            "dis": ("all", "disaster"),
            "miao": ("village:苗儿村", "amount"),
            "xing": ("village:兴旺村", "amount"),
            "new": ("nature:新建", "amount"),
            "cont": ("nature:续建", "amount"),
            "rep": ("nature:维修", "amount"),
        },
    ),
    "longyan-2025-ethnic-funds": Case(
        "allocation",
        {
            "tot": ("all", "amount"),
            "sh": ("unit:上杭县", "amount"),
            "zp": ("unit:漳平市", "amount"),
            "n": ("all", "projects"),
        },
        verdicts={"perf": _nought(("goal_gap", "amount"))},
    ),
    "guanghan-2025-library": Case(
        "library",
        {"n": ("all", "projects"), "a": ("all", "amount")},
        rows={"share": ("label:{}", "share"), "avg": ("label:{}", "mean")},
        verdicts={"fee": _above(("fee", "amount"), ("fee_cap", "amount"))},
    ),
    "mengjin-2022-batch3-adjustment": Case(
        "adjustment",
        {
            "back": ("cut:第一批道路建设项目", "amount"),
            "src": ("sources", "amount"),
            "use": ("uses", "amount"),
            "reused": ("reused", "amount"),
            "fresh": ("fresh", "amount"),
            "water_sh": ("use:饮水安全项目", "share"),
        },
        verdicts={"bal": _same(("uses", "amount"), ("sources", "amount"))},
    ),
}


def data(name: str) -> bytes:
    """The table as printed."""
    return (CASES / name / "data.csv").read_bytes()


def expected(name: str) -> dict[str, Any]:
    """What the case expects."""
    read: dict[str, Any] = json.loads((CASES / name / "expect.json").read_text("utf-8"))
    return read

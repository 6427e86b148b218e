"""What the demo's papers say: the published plan of 大同区 and the forms that people fill in. Real figures, invented people."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.suite.people import COUNTY, VILLAGE
from shared.kernel.money import Fen, format_yuan, parse_wan

_PLAN = Path(__file__).parent / "data" / "datong-2023-project-plan" / "data.csv"

FUND = "fund.consolidation"
BASE = "鲜食玉米制品生产基地"
"""The processing base whose money the story follows to the last household."""

_CATEGORIES = {
    ("产业类", "种植类"): "010101",
    ("产业类", "加工类"): "010202",
    ("产业类", "养殖类"): "010102",
    ("产业类", "小额贷款贴息"): "010501",
    ("基础设施类", ""): "030102",
    ("政策落实类", ""): "050201",
}
_BY_NAME = {"就业务工补贴": "020102"}
_COUNTY_RUN = {"扶贫小额贷款贴息", "就业务工补贴"}
"""Policy lines for the whole county enter the library as one bundled project each (§1.8)."""
_TO_HOUSEHOLDS = _COUNTY_RUN | {"雨露计划"}
"""Paid to households line by line (到户)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One project of the published plan; `large` and `small` are the county's own labels (大类、小类)."""

    name: str
    large: str
    small: str
    amount: Fen

    @property
    def category(self) -> str:
        """The code in the national list."""
        return _BY_NAME.get(self.name) or _CATEGORIES[self.large, "" if self.large == "政策落实类" else self.small]

    @property
    def is_county_run(self) -> bool:
        """Whether a department enters it for the whole county."""
        return self.name in _COUNTY_RUN


@dataclass(frozen=True, slots=True)
class Document:
    """One fund document of the published plan."""

    number: str
    level: str
    title: str
    issued_on: str
    received_on: str
    amount: Fen


def listed() -> list[Listed]:
    """The eight projects."""
    return [
        Listed(row["名称"], row["大类"], row["小类"], parse_wan(row["金额(万元)"]))
        for row in _rows()
        if row["记录"] == "项目"
    ]


def documents() -> list[Document]:
    """The two fund documents: central and provincial."""
    central, provincial = (row for row in _rows() if row["记录"] == "资金来源")
    return [
        Document(
            central["文号"], "central", central["名称"], "2022-11-29", "2022-12-01", parse_wan(central["金额(万元)"])
        ),
        Document(
            provincial["文号"],
            "provincial",
            provincial["名称"],
            "2022-12-20",
            "2022-12-22",
            parse_wan(provincial["金额(万元)"]),
        ),
    ]


def _rows() -> list[dict[str, str]]:
    with _PLAN.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shares(projects: list[Listed], sources: list[Document]) -> dict[str, list[tuple[str, Fen]]]:
    """How much of each document goes to each project: filled in the order of the table until a document is used up."""
    left = {source.level: source.amount for source in sources}
    given: dict[str, list[tuple[str, Fen]]] = {}
    for project in projects:
        need = project.amount
        for level in tuple(left):
            part = min(need, left[level])
            if part:
                given.setdefault(project.name, []).append((level, part))
                left[level] -= part
                need -= part
    return given


def entry(project: Listed, sources: list[tuple[str, Fen]]) -> dict[str, Any]:
    """A library entry with every field that the rules ask for."""
    asset_class = {"产业类": "operating", "基础设施类": "public_welfare"}.get(project.large)
    forms_asset = asset_class is not None and project.small != "小额贷款贴息"
    content: dict[str, Any] = {
        "name": f"2023年大同区{project.name}",
        "category": project.category,
        "nature": "new" if forms_asset else "subsidy",
        "plan_year": 2023,
        "places": [
            {
                "village": str(COUNTY if project.is_county_run else VILLAGE),
                "share_ppm": 1_000_000,
                "village_type": "out_of_poverty",
            }
        ],
        "content": f"建设内容：{project.name}",
        "quantities": [{"label": project.name, "quantity": "1", "unit": "项"}],
        "starts_on": "2023-03-01",
        "ends_on": "2023-11-30",
        "sector_authority": "区农业农村局",
        "implementing_unit": "区乡村建设服务中心",
        "funding": [
            {"year": 2023, "level": level, "category": FUND, "amount": format_yuan(amount)} for level, amount in sources
        ],
        "benefit": {
            "households": 60,
            "persons": 150,
            "out_of_poverty_households": 20,
            "out_of_poverty_persons": 45,
            "monitored_households": 5,
            "monitored_persons": 11,
        },
        "linkage": ["wage_work", "dividend"],
        "linkage_detail": "带动就业20人，收益归村集体，按劳分配到户",
        "goals": [{"kind": "output", "label": "建成数量", "target": "1", "unit": "项"}],
        "is_household_project": project.name in _TO_HOUSEHOLDS,
    }
    if forms_asset:
        content |= {
            "asset_forming": True,
            "asset_class": asset_class,
            "custody": {
                "owner_kind": "village_collective",
                "owner_area": str(VILLAGE),
                "custodian": "村集体经济组织",
                "money_source": "经营收益",
            },
        }
    return content


RESOLUTION: Mapping[str, Any] = {
    "branch_proposed_on": "2022-08-01",
    "committees_discussed_on": "2022-08-03",
    "members_reviewed_on": "2022-08-08",
    "decided_on": "2022-08-15",
    "entitled": 17,
    "present": 12,
    "in_favour": 7,
}
"""Twelve of seventeen present, seven in favour: just enough (scenario 1)."""

SITE_CHECK: Mapping[str, Any] = {
    "register_as_of": "2022-08-31",
    "monitored_households": 9,
    "monitored_persons": 20,
    "out_of_poverty_households": 40,
    "out_of_poverty_persons": 90,
}
APPRAISAL: Mapping[str, Any] = {
    "policy": True,
    "technique": True,
    "land_environment": True,
    "market": True,
    "estimate": True,
    "goals": True,
}


def meeting(number: str, held_on: str) -> dict[str, Any]:
    """A decision of the leading group."""
    return {"number": number, "held_on": held_on, "agreed": True}

"""大同区 2023: the published plan, read from the file that the demo plays, and the entries made of it."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from services.funds.commands.plans import LabelCategory
from shared.kernel.money import format_yuan, parse_wan
from tests.service.funds.county import COUNTY, FUND, County, bureau_clerk, entry

DEMO = Path(__file__).resolve().parents[3] / "services" / "suite" / "demo" / "data"
CASE = DEMO / "datong-2023-project-plan" / "data.csv"

CATEGORIES = {
    "种植类": "010101",
    "养殖类": "010102",
    "加工类": "010202",
    "小额贷款贴息": "010501",
    "农村道路改造": "030102",
    "雨露计划": "050201",
    "就业务工补贴": "020102",
}
LABELS = (
    ("01", "产业类", ""),
    ("010101", "产业类", "种植类"),
    ("010102", "产业类", "养殖类"),
    ("010202", "产业类", "加工类"),
    ("010501", "产业类", "小额贷款贴息"),
    ("03", "基础设施类", ""),
    ("05", "政策落实类", ""),
    ("02", "政策落实类", ""),
)
HOUSEHOLD_PROJECTS = {"扶贫小额贷款贴息", "雨露计划", "就业务工补贴"}


class Row(NamedTuple):
    """One line of the published table."""

    record: str
    document: str
    large: str
    small: str
    name: str
    fen: int


def rows(record: str) -> list[Row]:
    """The lines of one kind: 资金来源, 项目, 小计 …"""
    with CASE.open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["记录"] == record]
    return [
        Row(record, line["文号"], line["大类"], line["小类"], line["名称"], parse_wan(line["金额(万元)"]))
        for line in lines
    ]


def by_source(projects: Iterable[Row], central: int) -> list[list[tuple[str, str]]]:
    """The projects' sources in the order of the table: central money first, provincial for the rest.

    Which document paid which project is not published; only the two sums are.
    """
    split: list[list[tuple[str, str]]] = []
    for row in projects:
        part = min(central, row.fen)
        central -= part
        pairs = (("central", part), ("provincial", row.fen - part))
        split.append([(level, format_yuan(fen)) for level, fen in pairs if fen])
    return split


def content(row: Row, sources: list[tuple[str, str]]) -> dict[str, Any]:
    """An invented entry for a published line."""
    category = CATEGORIES[row.small or row.name]
    funding = [{"year": 2023, "level": level, "category": FUND, "amount": amount} for level, amount in sources]
    return entry(
        f"大同区2023年{row.name}",
        category=category,
        funding=funding,
        is_household_project=row.name in HOUSEHOLD_PROJECTS,
    )


async def received(county: County) -> dict[str, UUID]:
    """Both documents, confirmed; by level."""
    levels = {"中央": "central", "省级": "provincial"}
    found = {}
    for row in rows("资金来源"):
        level = levels[row.large]
        found[level] = await county.indicator(
            format_yuan(row.fen),
            document_no=row.document,
            level=level,
            title=row.name,
            issued_on="2022-12-20",
            is_advance_notice=True,
        )
    return found


async def labelled(county: County) -> None:
    """The county says how its own table calls the categories."""
    for prefix, large, small in LABELS:
        await county.run(LabelCategory(area_code=COUNTY, prefix=prefix, large=large, small=small), bureau_clerk)


async def entered(county: County) -> dict[str, tuple[UUID, list[tuple[str, str]]]]:
    """The eight projects in the library, with their planned sources, by name."""
    central = next(row.fen for row in rows("资金来源") if row.large == "中央")
    projects = rows("项目")
    return {
        row.name: (await county.county_run(content(row, sources)), sources)
        for row, sources in zip(projects, by_source(projects, central), strict=True)
    }

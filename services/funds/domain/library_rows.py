"""One row of a county's library table: read cell by cell, what is wrong with it, and the entry that comes of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from services.funds.domain.library import text_key
from services.funds.domain.library_columns import LABELS
from services.funds.domain.project_content import (
    Benefit,
    FundingLine,
    FundLevel,
    Goal,
    Nature,
    Place,
    ProjectContent,
    VillageType,
)
from shared.kernel.areas import AreaCode
from shared.kernel.days import day_within
from shared.kernel.money import PPM, Fen, format_wan, parse_wan, parse_yuan, split

_TOTALS = frozenset({"合计", "总计", "小计", "全县合计", "全区合计", "总合计", "分类合计"})
_BAND = re.compile(r"^[（(]?[一二三四五六七八九十]+[）)]?[、.．]?")
_NATURES = dict(zip(("新建", "扩建", "改建", "续建", "维修", "购置", "补助"), get_args(Nature), strict=True))
_VILLAGES = {
    "脱贫村": VillageType.OUT_OF_POVERTY,
    "是": VillageType.OUT_OF_POVERTY,
    "重点帮扶村": VillageType.KEY_ASSISTANCE,
}
_MONTH = re.compile(r"(?:(\d{4})\s*[年.\-/])?\s*(\d{1,2})\s*(?:[月.\-/]\s*(\d{1,2}))?")
_COUNT = re.compile(r"[0-9]{1,9}")
_COUNTS = tuple(name for name in Benefit.model_fields if name != "largest_share_ppm")
_LONGEST_NAME, _SHORTEST_NAME = 80, 4
_FUNDS: Mapping[str, tuple[FundLevel, str]] = {
    "sector": ("county", "sector"),
    "bond": ("county", "bond"),
    "east_west": ("other", "east_west"),
    "donation": ("other", "donation"),
    "self_raised": ("other", "self_raised"),
}
_LEVELS: Mapping[str, FundLevel] = {
    "central": "central",
    "provincial": "provincial",
    "city": "city",
    "county": "county",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, for the copy that goes back."""

    field: str
    code: str
    zh: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the sender says of the whole table: year, unit of amounts, and what its columns leave open."""

    plan_year: int
    wan: bool
    level: FundLevel
    fund: str
    authority: str
    unit: str


@dataclass(slots=True)
class LibraryRow:
    """A row as it was read; `number` counts from 1 as in the file."""

    number: int
    labels: tuple[str, ...]
    cells: Mapping[str, str]
    funding: list[tuple[FundLevel, str, Fen]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> Fen:
        """Fen."""
        return sum(fen for _, _, fen in self.funding)


def read_rows(
    rows: Sequence[Sequence[str]], first: int, places: Mapping[str, int], defaults: Defaults
) -> list[LibraryRow]:
    """The project rows from row `first` on (counted from 0): no totals, and bands and merged cells as labels."""
    found: list[LibraryRow] = []
    band = ""
    above = dict.fromkeys(LABELS, "")
    for index, row in enumerate(rows[first:], first + 1):
        cells = {name: row[place].strip() for name, place in places.items() if place < len(row)}
        filled = [cell.strip() for cell in row if cell.strip()]
        words = {text_key(cell) for cell in filled[:3]}
        if not filled or words & _TOTALS:
            continue
        if not cells.get("name"):
            band = _BAND.sub("", next((cell for cell in filled if not cell.isdigit()), "")).strip() or band
            continue
        above = _labels(cells, above)
        labels = tuple(above[name] for name in LABELS) if any(above.values()) else (band,)
        found.append(_read(LibraryRow(index, labels, cells), defaults))
    return found


def _labels(cells: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """A blank label is a merged cell's, unless a larger one began anew."""
    labels: dict[str, str] = {}
    anew = False
    for name in LABELS:
        own = cells.get(name, "")
        labels[name] = own or ("" if anew else above[name])
        anew = anew or bool(own and own != above[name])
    return labels


def _read(row: LibraryRow, defaults: Defaults) -> LibraryRow:
    name = row.cells["name"]
    if not _SHORTEST_NAME <= len(name) <= _LONGEST_NAME:
        row.faults.append(Fault("name", "NAME_LENGTH", f"项目名称须为 {_SHORTEST_NAME}–{_LONGEST_NAME} 字"))
    row.counts = {name: count for name in _COUNTS if (count := _count(row, name)) is not None}
    for group in ("out_of_poverty", "monitored"):
        for kind in ("households", "persons"):
            part, whole = row.counts.get(f"{group}_{kind}", 0), row.counts.get(kind)
            if whole is not None and part > whole:
                row.faults.append(
                    Fault(f"{group}_{kind}", "BENEFIT_NUMBERS", f"受益数不符：其中数 {part} 大于总数 {whole}")
                )
    row.funding = _funding(row, defaults)
    return row


def _count(row: LibraryRow, name: str) -> int | None:
    text = row.cells.get(name, "").removesuffix("户").removesuffix("人").replace(",", "")
    is_count = _COUNT.fullmatch(text) is not None
    if text and not is_count:
        row.faults.append(Fault(name, "COUNT_FORM", "须为整数，至多9位"))
    return int(text) if is_count else None


def _funding(row: LibraryRow, defaults: Defaults) -> list[tuple[FundLevel, str, Fen]]:
    given = {
        name.removeprefix("money."): _money(row, name, defaults) for name in row.cells if name.startswith("money.")
    }
    parts = {name: fen for name, fen in given.items() if fen}
    levels = sum(parts.get(name, 0) for name in _LEVELS)
    if levels and parts.get("linkage") == levels:
        del parts["linkage"]  # the sum of the columns beside it
    total = _money(row, "total", defaults)
    if parts and total and sum(parts.values()) != total:
        told = f"各项资金合计 {format_wan(sum(parts.values()))} 万元，与总投资 {format_wan(total)} 万元不符"
        row.faults.append(Fault("total", "TOTAL_DIFFERS", told))
    if not parts and not total and not row.faults:
        row.faults.append(Fault("total", "AMOUNT_MISSING", "没有资金数额"))
    if not parts:
        return [(defaults.level, defaults.fund, total)] if total else []
    return [(*_source(name, defaults), fen) for name, fen in parts.items()]


def _source(name: str, defaults: Defaults) -> tuple[FundLevel, str]:
    if name in _FUNDS:
        return _FUNDS[name]
    return _LEVELS.get(name, defaults.level), "integrated" if name == "integrated" else defaults.fund


def _money(row: LibraryRow, name: str, defaults: Defaults) -> Fen:
    text = row.cells.get(name, "")
    if not text or text in {"-", "—", "/"}:
        return 0
    try:
        fen = parse_wan(text) if defaults.wan else parse_yuan(text)
    except ValueError:
        row.faults.append(
            Fault(name, "AMOUNT_FORM", f"金额格式不符：{'万元最多6位小数' if defaults.wan else '元最多2位小数'}")
        )
        return 0
    if fen < 0:
        row.faults.append(Fault(name, "AMOUNT_FORM", "金额不得为负"))
    return max(fen, 0)


def entry_of(row: LibraryRow, category: str, places: Sequence[AreaCode], defaults: Defaults) -> ProjectContent:
    """The entry of a good row; what the table does not say is left for those who complete it."""
    cells, year = row.cells, defaults.plan_year
    kind = _VILLAGES.get(text_key(cells.get("village_kind", "")), VillageType.OTHER)
    begins = _day(cells.get("starts_on", ""), year) or date(year, 1, 1)
    ends = _day(cells.get("ends_on", ""), year) or date(year, 12, 31)
    shares = split(PPM, [1] * len(places))
    goals = cells.get("goals", "")
    return ProjectContent(
        name=cells["name"],
        category=category,
        nature=_NATURES.get(text_key(cells.get("nature", ""))[:2], "new"),
        plan_year=year,
        places=tuple(
            Place(village=place, share_ppm=share, village_type=kind, site=cells.get("place", "")[:200])
            for place, share in zip(places, shares, strict=True)
        ),
        content=cells.get("content", "")[:2000] or cells["name"],
        starts_on=min(begins, ends),
        ends_on=max(begins, ends),
        sector_authority=cells.get("authority", "")[:80] or defaults.authority,
        implementing_unit=cells.get("unit", "")[:80] or defaults.unit,
        funding=tuple(
            FundingLine(year=year, level=level, category=fund, amount=fen) for level, fund, fen in row.funding
        ),
        benefit=Benefit(**{name: row.counts.get(name, 0) for name in _COUNTS}),
        linkage_detail=cells.get("linkage", "")[:2000],
        goals=(Goal(kind="output", label=goals[:80], target="1", unit="项"),) if goals else (),
    )


def _day(text: str, year: int) -> date | None:
    match = _MONTH.search(text)
    if match is None:
        return None
    return day_within(int(match[1] or year), int(match[2]), int(match[3] or 1))

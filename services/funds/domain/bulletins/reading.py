"""Reads the rows of a known bulletin out of its tables; raises Invalid when no table has the columns of the kind."""

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from services.funds.domain.bulletins.model import ITEM, Cell, Heading, Holds, Known, Line
from services.funds.domain.refusals import refusal
from shared.bulletins.layout import tables_of
from shared.bulletins.reading import Sheet
from shared.bulletins.table import Table
from shared.bulletins.units import MONEY, SHARE, Unit, parse_unit
from shared.kernel.errors import Invalid, Violation

MOST_LINES = 3000
"""A bulletin is a table for readers; longer files are libraries or registers and have doors of their own."""
_BRACKETS = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]|[\s:/]")
_FEN = 100


def lines_of(known: Known, sheets: Sequence[Sheet], unit: str = "") -> list[Line]:
    """The rows of the table that has most of the columns of `known`; `unit` of amounts where it names none.

    A file may hold several such tables, a summary beside its details: of equals the longest, and never two added up.
    """
    read = [(table, places_of(known.headings, table)) for sheet in sheets for table in tables_of(sheet)]
    lacking = [
        [each.words[0] for each in known.headings if each.required and each.name not in places] for _, places in read
    ]
    fitting = [one for one, missing in zip(read, lacking, strict=True) if not missing]
    if not fitting:
        raise Invalid(no_bulletin(known, min(lacking, key=len, default=[])))
    table, places = max(fitting, key=lambda one: (len(one[1]), len(one[0].rows)))
    if len(table.rows) > MOST_LINES:
        raise Invalid(_too_long())
    return _lines(known, table, places, parse_unit(unit) if unit else None)


def places_of(wanted: Sequence[Heading], table: Table) -> dict[str, int]:
    """Where each heading stands: spelt so first, containing the word next; figures only where there are figures."""
    measures = {column.at for column in table.columns}
    free = {at: plain for at, heading in enumerate(table.headings) if (plain := _plain(heading))}
    places: dict[str, int] = {}
    for exact in (True, False):
        for heading in wanted:
            if heading.name in places:
                continue
            at = _place(heading, free, measures, exact=exact)
            if at is not None:
                places[heading.name] = at
                del free[at]
    return places


def _place(heading: Heading, free: Mapping[int, str], measures: set[int], *, exact: bool) -> int | None:
    is_figure = heading.holds is not Holds.TEXT
    for word in heading.words:
        for at, text in free.items():
            if (text == word if exact else word in text) and (at in measures or not is_figure):
                return at
    return None


def _plain(heading: str) -> str:
    """A heading without units, brackets and space; what stands in brackets is for readers."""
    return _BRACKETS.sub("", heading) or heading


def _lines(known: Known, table: Table, places: Mapping[str, int], default: Unit | None) -> list[Line]:
    by_place = {column.at: number for number, column in enumerate(table.columns)}
    figures = {
        each.name: by_place[places[each.name]]
        for each in known.headings
        if each.holds is not Holds.TEXT and each.name in places
    }
    holds = {each.name: each.holds for each in known.headings}
    scales = {name: _scale(holds[name], table.columns[at].unit, default) for name, at in figures.items()}
    soft = {name: holds[name] is Holds.NAMED or _is_soft(table, at) for name, at in figures.items()}
    texts = [each for each in known.headings if each.name in places and each.holds is Holds.TEXT]
    above: dict[str, str] = {}
    lines = []
    for number, row in enumerate(table.rows):
        own = {each.name: table.lines[number][places[each.name]] for each in texts}
        record = known.record(own, row.standing)
        if record == ITEM:
            own |= {each.name: above.get(each.name, "") for each in texts if each.banded and not own[each.name]}
            above = own
        cells = {
            name: Cell(
                figure,
                scales[name] if holds[name] is not Holds.NAMED else _scale_of_row(row.unit),
                table.columns[at].at + 1,
                table.columns[at].label,
                soft[name],
            )
            for name, at in figures.items()
            if (figure := table.figures[number][at]) is not None
        }
        lines.append(Line(row.at + 1, table.name, record, row.label, own, cells))
    return lines


def _scale(holds: Holds, unit: Unit | None, default: Unit | None) -> Fraction:
    if holds is Holds.NAMED:
        return Fraction(1)
    if holds is Holds.RATE:
        return unit.factor if unit is not None and unit.base == SHARE else Fraction(1, 100)
    if holds is Holds.COUNT:
        return unit.factor if unit is not None and unit.base != MONEY else Fraction(1)
    unit = unit if unit is not None and unit.base == MONEY else default
    if unit is None:
        raise Invalid(_no_unit())
    return unit.factor * _FEN


def _scale_of_row(unit: Unit | None) -> Fraction:
    return Fraction(1) if unit is None else unit.factor * (_FEN if unit.base == MONEY else 1)


def _is_soft(table: Table, at: int) -> bool:
    """Whether a column may be rounded: several figures, all with equally many decimals, and not whole numbers."""
    places = [line[at].places for line in table.figures if line[at] is not None]  # type: ignore[union-attr]
    return len(places) > 1 and len(set(places)) == 1 and places[0] > 0


def no_bulletin(known: Known, missing: Sequence[str]) -> Violation:
    """The refusal of a file that is not of this kind."""
    zh = "、".join(missing) or "数据行"
    return refusal(
        "BULLETIN_COLUMNS",
        "F-4.4",
        f"不是{known.kind.zh}通报：缺少“{zh}”",
        f"not a bulletin of the kind {known.kind.value}: {', '.join(missing) or 'rows'} missing",
        ("核对通报种类和表头", "check the kind and the headings"),
        field="/file",
        missing=list(missing),
    )


def _no_unit() -> Violation:
    return refusal(
        "UNIT_UNKNOWN",
        "D16",
        "表头未写明金额单位",
        "the headings name no unit of amounts",
        ("在表头注明单位，或用 unit 参数指定", "name it in the heading, or give it as the parameter unit"),
        field="/unit",
    )


def _too_long() -> Violation:
    return refusal(
        "FILE_TOO_LONG",
        "D16",
        f"通报最多 {MOST_LINES} 行",
        f"a bulletin has at most {MOST_LINES} rows",
        ("项目库、名册请走各自的导入", "libraries and registers have imports of their own"),
        field="/file",
    )

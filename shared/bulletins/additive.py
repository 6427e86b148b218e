"""Which failures of a total count: not those of columns that do not add up by nature (可加性)."""

from fractions import Fraction

from shared.bulletins import words
from shared.bulletins.discover import Discovery
from shared.bulletins.matrix import Axis
from shared.bulletins.relations import Kind, Relation
from shared.bulletins.totals import Total
from shared.bulletins.units import MONEY
from shared.bulletins.words import Standing

_NEAR = Fraction(3, 10)
_MOST = 3
_WAN = 1000
"""Amounts in thousands and more are sums; plain yuan may be wages and prices."""


def claimed(found: Discovery, relation: Relation) -> Relation:
    """The relation without failures that it does not claim: columns of a total that do not add up by nature."""
    if relation.kind is not Kind.TOTAL:
        return relation
    total = next(each for each in found.totals if each.row == relation.target)
    fails = [column for column in relation.standings.fails if _adds_up(found, total, column)]
    if not total.is_proven and _has_inner_parts(found, total):
        fails = []
    if not total.is_proven and len(total.fails) >= _MOST and left_out(found, total, fails) is None:
        fails = []  # a total that fits nowhere is a reading that does not fit
    relation.standings.fails = fails
    return relation


def _has_inner_parts(found: Discovery, total: Total) -> bool:
    """Whether 其中 stands among the rows: what follows it may be parts of a part."""
    first, last = min(*total.parts, total.row), max(*total.parts, total.row)
    return any(found.table.rows[row].standing is Standing.PART for row in range(first, last + 1))


def _adds_up(found: Discovery, total: Total, column: int) -> bool:
    """Whether a column is one that a total adds: not when it lies among its parts, as averages do, or far off."""
    values = found.matrix.values[column]
    parts = [values[part] or 0 for part in total.parts]
    printed, whole = values[total.row] or 0, sum(parts)
    if any(whole - part == printed for part in parts if part) or _is_slip(printed, whole, parts):
        return True
    if (
        not _is_amount(found, column)
        and len(parts) > 1
        and min(parts) <= printed <= max(parts)
        and 2 * abs(printed) < abs(whole)
    ):
        return False
    others = [each for each in found.totals if each.row != total.row]
    adding = sum(column in each.holds for each in others)
    if adding:
        return total.is_proven or adding > 1 or abs(printed - whole) <= _NEAR * abs(whole)
    if others and not total.holds:
        return abs(printed - whole) <= _NEAR * abs(whole) and len(others) < _MOST
    return abs(printed - whole) <= abs(whole) * (1 if total.is_proven else _NEAR)


def _is_amount(found: Discovery, column: int) -> bool:
    """Whether unit, name or another sum shows that a column adds up."""
    variable = found.matrix.variables[column]
    unit = variable.unit
    is_counted = unit is not None and not unit.is_share and (unit.base != MONEY or unit.factor >= _WAN)
    added = (each for each in found.relations if each.axis is Axis.COLUMNS and each.is_linear and not each.constant)
    return (
        is_counted
        or words.is_count(variable.name)
        or any(column == each.target or column in [term.variable for term in each.top] for each in added)
    )


def _is_slip(printed: int, whole: int, parts: list[int]) -> bool:
    shifts = (Fraction(10) ** power for power in (3, 4, -3, -4))
    return any(
        printed == whole * shift or any(printed == whole - part + part * shift for part in parts if part)
        for shift in shifts
    )


def left_out(found: Discovery, total: Total, columns: list[int]) -> int | None:
    """The one part that a total leaves out, the same in each of these columns."""
    for part in total.parts:
        if columns and all(_without(found, total, column, part) for column in columns):
            return part
    return None


def _without(found: Discovery, total: Total, column: int, part: int) -> bool:
    values = found.matrix.values[column]
    whole = sum(values[each] or 0 for each in total.parts)
    return bool(values[part]) and whole - (values[part] or 0) == values[total.row]

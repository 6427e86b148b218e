"""Declared columns of a file: under which headings they stand, and where they are in this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from shared.kernel.errors import Invalid, Violation


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `headings` are the spellings taken, the first is the official one."""

    name: str
    headings: tuple[str, ...]
    required: bool = True


def columns_of(columns: Sequence[Column], headings: Sequence[str]) -> list[int | None]:
    """Where each declared column stands; raises Invalid when a required one is missing or one stands twice."""
    places = [_places(column, headings) for column in columns]
    missing = [column for column, found in zip(columns, places, strict=True) if column.required and not found]
    double = [column for column, found in zip(columns, places, strict=True) if len(found) > 1]
    if missing or double:
        raise Invalid(
            *(_wrong_header(columns, column, "缺少", "is missing") for column in missing),
            *(_wrong_header(columns, column, "重复", "stands twice") for column in double),
        )
    return [found[0] if found else None for found in places]


class Picker:
    """Takes the cells of the declared columns out of rows; what is not there is empty."""

    def __init__(self, places: Sequence[int | None]) -> None:
        """`places`: as `columns_of` tells them."""
        self._places = places
        filled = [place for place in places if place is not None]
        self._longest = max(filled)
        self._pick = itemgetter(*filled) if len(filled) == len(places) > 1 else None

    def row(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of one row."""
        if self._pick is not None and len(cells) > self._longest:
            picked: tuple[str, ...] = self._pick(cells)
            return picked
        return ["" if place is None or place >= len(cells) else cells[place] for place in self._places]

    def columns(self, rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
        """The cells of many rows, column by column; where rows are alike, none of them is touched by itself."""
        if self._pick is not None and len({*map(len, rows)}) == 1 and len(rows[0]) > self._longest:
            picked: tuple[tuple[str, ...], ...] = self._pick([*zip(*rows, strict=True)])
            return picked
        return [*zip(*map(self.row, rows), strict=True)]


def _places(column: Column, headings: Sequence[str]) -> list[int]:
    return [place for place, heading in enumerate(headings) if heading in column.headings]


def _wrong_header(columns: Sequence[Column], column: Column, zh: str, en: str) -> Violation:
    official = "、".join(each.headings[0] for each in columns if each.required)
    return Violation(
        "FILE_HEADER",
        f"表头{zh}“{column.headings[0]}”列",
        f"the column {column.name} {en}",
        rule="D16",
        field=f"/header/{column.name}",
        remedy_zh=f"首行须含：{official}",
        remedy_en="the first row names every required column: "
        + ", ".join(each.name for each in columns if each.required),
        facts={"column": column.name, "headings": list(column.headings)},
    )

"""A named figure (指标): its group, its name, its unit; and how much two names have in common."""

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from shared.bulletins.figures import Figure
from shared.bulletins.table import Table
from shared.bulletins.units import Unit

_EMPTY_WORDS = frozenset(
    re.split(
        " ",
        "公布 其中 金额 资金 全县 全市 全省 全区 数量 情况 累计 年度 全年 完成 总数 合计 总额 项目 目前 实际",
    )
)
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")


@dataclass(frozen=True, slots=True)
class Named:
    """One figure of a list: place, group, name, and value in the base of its unit."""

    row: int
    group: tuple[str, ...]
    name: str
    figure: Figure
    unit: Unit | None

    @property
    def base(self) -> str:
        return self.unit.base if self.unit else ""

    @property
    def is_share(self) -> bool:
        return self.unit is not None and self.unit.is_share

    @property
    def value(self) -> Fraction:
        """The value in the base unit: yuan, persons, or the bare ratio."""
        return self.figure.value * (self.unit.factor if self.unit else 1)

    @property
    def ulp(self) -> Fraction:
        """One in the last place, in the base unit; nothing for whole counts, which are exact."""
        if self.figure.places == 0 and (self.unit is None or self.unit.factor == 1):
            return Fraction(0)
        return self.figure.ulp * (self.unit.factor if self.unit else 1)

    @property
    def digits(self) -> int:
        return len(
            str(
                abs(self.figure.value.numerator * 10 ** max(self.figure.places, 0) // self.figure.value.denominator)
            ).strip("0")
        )


def named_of(table: Table, column: int) -> list[Named]:
    """The figures of one value column; the group is every label that others share, the name the last label."""
    rows = table.rows
    width = max((len(row.keys) for row in rows), default=0)
    shared = [
        at
        for at in range(width - 1)
        if any(count > 1 for count in Counter(row.keys[at] for row in rows if len(row.keys) > at).values())
    ]
    found = []
    for row, each in enumerate(rows):
        figure = table.figures[row][column]
        if figure is None:
            continue
        name = next((label for label in reversed(each.labels) if label), each.label)
        group = (each.section, *(each.keys[at] for at in shared))
        found.append(Named(row, group, name, figure, figure.unit or each.unit or table.columns[column].unit))
    return found


@cache
def pairs_of(name: str) -> frozenset[str]:
    """The meaningful pairs of characters of a name."""
    plain = re.sub(r"[\W\d_a-zA-Z]", "", _BRACKETS.sub("", name))
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) - _EMPTY_WORDS


def kinship(one: str, other: str) -> int:
    """How many pairs of characters two names share."""
    return len(pairs_of(one) & pairs_of(other))

"""A known bulletin (已知通报) as a declaration: the columns it needs, what its rows are, and what we make of them.

A row's figures are exact, in the units of the service: fen, counts, parts of one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from shared.bulletins.figures import Figure as Print
from shared.bulletins.findings import BulletinKind, Finding
from shared.bulletins.words import Standing
from shared.reports.model import Column, Figure

Policy: TypeAlias = Mapping[str, Fraction | None]
"""The values of the policy numbers that a kind names, by name."""

ITEM, SUBTOTAL, TOTAL, MEMO = "item", "subtotal", "total", "memo"
"""What a row can be in every kind; a kind may have more."""


class Holds(StrEnum):
    """What a column of a bulletin holds."""

    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    RATE = "rate"
    NAMED = "named"
    """A list of figures (编号,指标,数值,单位): each in the unit of its row."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the bulletin; `words` are the headings that mean it, without their units, the best first."""

    name: str
    words: tuple[str, ...]
    holds: Holds = Holds.TEXT
    required: bool = False
    banded: bool = False
    """Whether a blank cell means the name above it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed figure at its place; `scale`: how much of our unit one of the printed unit is."""

    print: Print
    scale: Fraction
    column: int
    heading: str
    soft: bool = False
    """Whether it may have been rounded: all of its column have equally many decimals, or it stands in a text."""

    @property
    def exact(self) -> int | Fraction:
        """The figure in the service's unit."""
        value = self.print.value * self.scale
        return int(value) if value.denominator == 1 else value

    @property
    def slack(self) -> Fraction:
        """How far the exact figure may be from the printed one, in the service's unit."""
        return self.print.ulp * self.scale / 2 if self.soft else Fraction(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the bulletin: `number` in the sheet from 1, `record` what it is, texts and figures by column name."""

    number: int
    sheet: str
    record: str
    label: str
    texts: Mapping[str, str]
    cells: Mapping[str, Cell]

    def text(self, name: str) -> str:
        """The text under a heading, or nothing."""
        return self.texts.get(name, "")

    def exact(self, name: str) -> int | Fraction | None:
        """The figure under a heading in the service's unit; None when it is not published."""
        cell = self.cells.get(name)
        return None if cell is None else cell.exact


class Words(NamedTuple):
    """How a figure is made, for a reader."""

    zh: str
    en: str


class Stated(NamedTuple):
    """Where the bulletin itself prints a figure that we make."""

    line: Line
    cell: Cell


@dataclass(frozen=True, slots=True)
class Own:
    """A row of our report on a bulletin: facts by column, how they are made, and where the bulletin states them.

    `key` names the row for programs, `zh` for readers; `slack`: how far facts may be off because they were printed
    rounded. `stated` may name columns that follow by a formula, too.
    """

    key: str
    zh: str
    facts: Mapping[str, Figure]
    words: Mapping[str, Words] = field(default_factory=dict)
    stated: Mapping[str, Sequence[Stated]] = field(default_factory=dict)
    slack: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of bulletin: one declaration; `columns` begin with `key` and `row`, which name the row."""

    kind: BulletinKind
    en: str
    headings: tuple[Heading, ...]
    columns: tuple[Column, ...]
    record: Callable[[Mapping[str, str], Standing], str]
    own: Callable[[Sequence[Line], Policy], Sequence[Own]]
    remarks: Callable[[Sequence[Line], Policy], Sequence[Finding]] = lambda _lines, _policy: ()
    """What is to be asked about beyond figures: a limit, a balance."""
    parameters: tuple[str, ...] = ()
    """Policy numbers it is measured by; `{level}` is filled in with the level of the money."""

    @property
    def report_id(self) -> str:
        return f"bulletin-{self.kind.value}"

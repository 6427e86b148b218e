"""Figures as printed (印出的数): exact values with their printed number of decimals; no floats."""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from shared.bulletins.units import Unit, parse_unit

_MARKS = re.compile(r"[*#※★☆†⁎¹²³⁰⁴-⁹\u2460-\u24ff]+|[\[〔(]?注\d*[\]〕)]?$")
_MINUS = str.maketrans({"−": "-", "–": "-", "－": "-", "﹣": "-", "△": "-", "▲": "-", "▼": "-", "↓": "-", "↑": "+"})
_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[-+]?)[¥$]?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.(?P<part>\d{1,12}))?"
    r"(?P<unit>[^\d\s.,()]{1,5})?(?P<close>\))?",
    re.ASCII,
)
_DATED = frozenset({"年", "月", "日", "期", "批"})
"""2023年 is a date, not a figure."""
_DASHES = frozenset(
    {"-", "--", "---", "—", "——", "———", "–", "/", "\\", "─", "一一", "...", "......", "无", "n/a", "na", "×"}
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number: `value` in the unit it is printed in, `places` decimals, unit of the cell if it has one."""

    text: str
    value: Fraction
    places: int
    unit: Unit | None = None

    def in_unit(self, unit: Unit) -> "Figure":
        """The same figure in another unit of the same base; 1.25 亿元 is 12500 万元, exact to 100 万元."""
        if self.unit is None or self.unit.factor == unit.factor:
            return self
        shift = self.unit.factor / unit.factor
        places = self.places
        while shift >= 10:  # noqa: PLR2004  a decimal shift
            shift, places = shift / 10, places - 1
        while shift < 1:
            shift, places = shift * 10, places + 1
        return Figure(self.text, self.value * self.unit.factor / unit.factor, places, unit)

    @property
    def ulp(self) -> Fraction:
        """One in the last printed place."""
        return Fraction(1, 10**self.places) if self.places >= 0 else Fraction(10**-self.places)


def normal(text: str) -> str:
    """Text with full-width digits, letters and brackets made plain, and without outer space."""
    return unicodedata.normalize("NFKC", text.replace("\u3000", " ").replace("：", ":")).strip()


@cache
def is_dash(text: str) -> bool:
    """Whether a cell says "nothing" by a dash, a stroke or 无 instead of staying blank."""
    return normal(text).lower() in _DASHES


@cache
def parse_figure(text: str) -> Figure | None:
    """The figure a cell prints, or None for text, dates, codes with leading zeros, dashes and blanks."""
    plain = normal(_MARKS.sub("", text).translate(_MINUS)).replace(" ", "")
    found = _NUMBER.fullmatch(plain)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    whole, part = found["whole"].replace(",", ""), found["part"] or ""
    if len(whole) > 1 and whole[0] == "0":
        return None
    if found["open"] and not (part or "," in found["whole"]):
        return None  # (1) numbers a line, (1,234.50) is a negative amount
    unit = parse_unit(found["unit"]) if found["unit"] else None
    if found["unit"] and (unit is None or unit.text in _DATED):
        return None
    value = Fraction(int(whole + part), 10 ** len(part))
    return Figure(text.strip(), -value if found["open"] or found["sign"] == "-" else value, len(part), unit)


def as_printed(value: Fraction, places: int) -> str:
    """`value`, already rounded, with `places` decimals; a negative number of places prints whole numbers."""
    shown = max(places, 0)
    digits = abs(value) * 10**shown
    whole, part = divmod(digits.numerator // digits.denominator, 10**shown)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{part:0{shown}d}" if shown else f"{sign}{whole}"


def exact_text(value: Fraction, places: int) -> str:
    """A value with `places` decimals, or with as many more as it needs."""
    shown = max(places, 0)
    while (value * 10**shown).denominator != 1 and shown < places + 6:
        shown += 1
    scaled = value * 10**shown
    return as_printed(Fraction(round(scaled), 10**shown), shown)

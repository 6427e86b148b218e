"""Number formats of an xlsx file: how many decimals a cell shows, and whether as percent. Other files have none."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal

_MAX_PART = 64_000_000
_DIGITS = 12
"""Significant digits kept of a cell that shows no fixed decimals: beyond them binary fractions leave dust."""
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "0",
    38: "0",
    39: "0.00",
    40: "0.00",
}
_TAG = r"<(?:\w+:)?{}\b(?P<attributes>[^>]*)>"
_CELL = re.compile(_TAG.format("c"))
_XF = re.compile(_TAG.format("xf"))
_NUM_FMT = re.compile(_TAG.format("numFmt"))
_XFS = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_SHEET = re.compile(_TAG.format("sheet"))
_RELATION = re.compile(_TAG.format("Relationship"))
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*\"([^\"]*)\"")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of a workbook, by sheet name and cell."""

    codes: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes) -> "Formats":
        """Formats of an xlsx file; empty for anything else, or when the styles cannot be understood."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                styles = _part(book, "xl/styles.xml")
                relations = {a["Id"]: a["Target"] for a in _all(_RELATION, _part(book, "xl/_rels/workbook.xml.rels"))}
                sheets = {a["name"]: relations[a["r:id"]] for a in _all(_SHEET, _part(book, "xl/workbook.xml"))}
                return cls(_codes(styles), {_plain(name): _part(book, _path(at)) for name, at in sheets.items()})
        except (zipfile.BadZipFile, KeyError, ValueError):
            return cls()

    def of_sheet(self, name: str) -> dict[tuple[int, int], str]:
        """Format codes by row and column, from 0, of the cells that have one."""
        found = {}
        for attributes in _all(_CELL, self.parts.get(name, "")):
            style, place = int(attributes.get("s", "0")), _PLACE.fullmatch(attributes.get("r", ""))
            if place and style < len(self.codes) and self.codes[style]:
                found[int(place[2]) - 1, _column(place[1])] = self.codes[style]
        return found


def shown_number(value: float, code: str) -> str:
    """The text that a number cell shows: fixed decimals and percent as its format says, else the stored digits."""
    number = Decimal(repr(value))
    form = _LITERAL.sub("", code.partition(";")[0])
    if not re.fullmatch(r"[#0,?]*(\.[0#?]+)?%?", form) or not form or form.endswith(","):
        number = number.normalize(Context(prec=_DIGITS))
        return format(number.quantize(Decimal(1)) if number == number.to_integral_value() else number, "f")
    if form.endswith("%"):
        number = number.scaleb(2)
    places = len(form.rstrip("%").partition(".")[2])
    text = format(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=60)), "f")
    return text + "%" * form.endswith("%")


def _part(book: zipfile.ZipFile, name: str) -> str:
    if book.getinfo(name).file_size > _MAX_PART:
        raise ValueError(name)
    return book.read(name).decode("utf-8-sig")


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _all(tag: re.Pattern[str], text: str) -> list[dict[str, str]]:
    return [dict(_ATTRIBUTE.findall(found["attributes"])) for found in tag.finditer(text)]


def _codes(styles: str) -> list[str]:
    own = {int(a["numFmtId"]): _plain(a["formatCode"]) for a in _all(_NUM_FMT, styles)}
    xfs = _XFS.search(styles)
    ids = [int(a.get("numFmtId", "0")) for a in _all(_XF, xfs.group() if xfs else "")]
    return [own.get(each, _BUILT_IN.get(each, "")) for each in ids]


def _plain(text: str) -> str:
    for entity, sign in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

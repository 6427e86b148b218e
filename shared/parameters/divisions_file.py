"""Reads files of divisions: CSV, XLSX or JSON with `code` and `name`, plain, .gz or .xz, as `china-division` has them."""

import csv
import gzip
import io
import lzma
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Violation

STATUTORY, FUNCTIONAL = "statutory", "functional"
KINDS = frozenset({STATUTORY, FUNCTIONAL, "relocation_site"})
_LEVEL_FILES = ("provinces", "cities", "areas", "streets", "villages")
_HEADINGS = {
    "code": ("code", "区划代码", "代码"),
    "name": ("name", "区划名称", "名称"),
    "kind": ("kind", "类别"),
    "parent": ("parent", "上级代码"),
    "replaces": ("replaces", "替代代码"),
}
_UNPACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".xz": lzma.decompress}
_UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, AttributeError, LookupError),
    *(lzma.LZMAError, csv.Error, CalamineError),
)
_SHOWN = 5


class DivisionRow(NamedTuple):
    """One line of a file. `replaces`: the codes that this division takes the place of (M-DIV-06)."""

    code: int
    name: str
    level: int
    parent: int
    kind: str
    replaces: list[int]


def read_divisions(path: Path) -> list[DivisionRow]:
    """The divisions of a file, or of a folder with one file per level, each code once; raises Invalid.

    Codes of 2, 4, 6 or 9 digits are padded. A county that is the whole of its city then has the city's code
    (东莞市 4419 and 441900): the city stays.
    """
    rows: dict[int, DivisionRow] = {}
    for file in _files(path):
        for row in _rows(file, _table(file)):
            known = rows.setdefault(row.code, row)
            if known.name != row.name:
                raise _invalid(file, f"代码 {AreaCode(row.code)} 重复", f"code {AreaCode(row.code)} occurs twice")
    return list(rows.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [next(iter(sorted(path.glob(f"{stem}.*"))), None) for stem in _LEVEL_FILES]
    files = [file for file in found if file is not None]
    if not files:
        raise _invalid(path, "文件夹中没有区划文件", "the folder holds no file of divisions")
    return files


def _rows(path: Path, table: Iterator[Iterable[Any]]) -> Iterator[DivisionRow]:
    column = _columns(path, [str(heading).strip() for heading in next(table, ())])
    at_code, at_name = column["code"], column["name"]
    extra = {name: at for name, at in column.items() if name not in {"code", "name"}}
    wrong: list[str] = []
    for line, values in enumerate(table, start=2):
        cells = [_text(value) for value in values]
        if not any(cells):
            continue
        try:
            row = _row(cells[at_code], cells[at_name], {name: cells[at] for name, at in extra.items()})
        except (ValueError, IndexError):
            wrong.append(str(line))
        else:
            yield row
    if wrong:
        shown = ", ".join(wrong[:_SHOWN])
        raise _invalid(path, f"{len(wrong)} 行有误，如第 {shown} 行", f"{len(wrong)} wrong lines, such as {shown}")


def _row(code_text: str, name: str, extra: dict[str, str]) -> DivisionRow:
    code = AreaCode.parse(code_text)
    level = code.level
    kind = extra.get("kind") or (FUNCTIONAL if _is_functional(code, level) else STATUTORY)
    if not name or "\0" in name or level is AreaLevel.NATION or kind not in KINDS:
        raise ValueError(code_text)
    parent = AreaCode.parse(extra["parent"]) if extra.get("parent") else code.parent
    replaces = [int(AreaCode.parse(old)) for old in extra.get("replaces", "").replace(";", " ").split()]
    return DivisionRow(int(code), name, int(level), int(parent), kind, replaces)


def _is_functional(code: int, level: AreaLevel) -> bool:
    """Units that only statistics know: 71–79 in the county position, 4 and 5 as first digit below (M-DIV-05)."""
    match level:
        case AreaLevel.COUNTY:
            return code // 10**7 % 10 == 7  # noqa: PLR2004  the digit of the standard
        case AreaLevel.TOWNSHIP:
            return code // 10**5 % 10 in {4, 5}
        case AreaLevel.VILLAGE:
            return code // 10**2 % 10 in {4, 5}
        case _:
            return False


def _columns(path: Path, headings: list[str]) -> dict[str, int]:
    found = {
        name: headings.index(heading)
        for name, spellings in _HEADINGS.items()
        for heading in spellings
        if heading in headings
    }
    if not {"code", "name"} <= found.keys():
        raise _invalid(path, "缺少 code 或 name 列", "the column code or name is missing")
    return found


def _table(path: Path) -> Iterator[Iterable[Any]]:
    """The lines of a file, the first one with the headings."""
    unpack = _UNPACK.get(path.suffix)
    inner = path.with_suffix("") if unpack else path
    try:
        data = unpack(path.read_bytes()) if unpack else path.read_bytes()
        match inner.suffix:
            case ".csv":
                return iter(list(csv.reader(io.StringIO(_decoded(data), newline=""))))
            case ".json":
                return _json_table(orjson.loads(data))
            case ".xlsx":
                return iter(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())
    except _UNREADABLE as error:
        raise _invalid(path, "文件无法读取", f"the file cannot be read ({type(error).__name__})") from error
    raise _invalid(path, "只接受 CSV、XLSX、JSON 文件", "only CSV, XLSX and JSON files are taken")


def _json_table(entries: list[dict[str, Any]]) -> Iterator[Iterable[Any]]:
    headings = list(entries[0]) if entries else []
    return iter([headings, *([entry.get(heading, "") for heading in headings] for entry in entries)])


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _text(value: object) -> str:
    # A spreadsheet keeps codes as numbers.
    return str(int(value)) if isinstance(value, float) else str(value).strip()


def _invalid(path: Path, zh: str, en: str) -> Invalid:
    return Invalid(
        Violation(
            "DIVISIONS_FILE_INVALID",
            f"区划文件 {path.name}：{zh}",
            f"divisions file {path.name}: {en}",
            rule="M-DIV-01",
            remedy_zh="文件须含 code（2、4、6、9 或 12 位）和 name 两列",
            remedy_en="the file needs the columns code (2, 4, 6, 9 or 12 digits) and name",
        ),
    )

"""A file of hospital bills as a department sends it: a million of them, of invented persons, three of them broken."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from services.suite.embedded import DIVISIONS
from shared.db.bulk import RowForm, day_number
from shared.kernel.identity import has_valid_check_digit
from shared.kernel.money import parse_yuan

COUNTY = "230606000000"
BILLS_OF_A_PERSON = 5, 2
"""Five bills for two persons: they come month after month, not one after the other."""
EVERY_SERIOUS = 1000
"""One bill among so many exceeds the threshold."""
SERIOUS = "21000.00"
PLAIN = RowForm(
    "bench_plain", {"area_code": "int8", "settled_on": "date", "self_paid": "int8"}, ("record_no", "name", "id_number")
)
CREATE_PLAIN = """
CREATE TABLE bench_plain(area_code bigint, settled_on date, self_paid bigint, record_no text, name text, id_number text)"""
BILLS = ("结算编号", "姓名", "证件号码", "行政区划代码", "结算日期", "个人自付金额")
REGISTER = ("户编号", "行政区划代码", "户类型", "姓名", "证件号码", "与户主关系", "劳动技能")
_SURNAMES, _NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"


@dataclass(frozen=True, slots=True)
class Bills:
    """A written file, the same rows as one binary COPY, and the broken rows: number in the file, column, code."""

    path: Path
    rows: int
    plain: bytes
    broken: tuple[tuple[int, str, str], ...]


def villages() -> list[str]:
    """The villages of the county."""
    with DIVISIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["code"] for row in rows if row["level"] == "5" and row["code"].startswith(COUNTY[:6])]


def person_number(serial: int) -> str:
    """The number of the invented person `serial`; each is another one."""
    year, month = 1930 + serial // 336_000 % 75, serial // 28_000 % 12 + 1
    digits = f"230606{year}{month:02d}{serial // 1000 % 28 + 1:02d}{serial % 1000:03d}"
    return next(digits + last for last in "0123456789X" if has_valid_check_digit(digits + last))


def write_bills(path: Path, rows: int, year: int) -> Bills:
    """`rows` bills of one year, in the order in which they were settled; the second, the middle and the last are broken."""
    random, homes = Random(year), villages()
    bills, persons = BILLS_OF_A_PERSON
    known = [person_number(serial) for serial in range(max(1, rows * persons // bills))]
    wrong = {
        1: ("id_number", "ID_CHECK_DIGIT"),
        rows // 2: ("self_paid", "AMOUNT_FORM"),
        rows - 1: ("area_code", "AREA_UNKNOWN"),
    }
    packed: list[bytes] = []
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(BILLS)
        for at in range(rows):
            cells = _bill(at, year, rows, known, homes, random)
            if at in wrong:
                writer.writerow(_broken(cells, wrong[at][0]))
                continue
            writer.writerow(cells)
            packed.append(_plain(cells))
    return Bills(path, rows, PLAIN.join(packed), tuple((at + 2, *told) for at, told in wrong.items()))


def write_register(path: Path, persons: int) -> None:
    """A register in which the first persons of the bills are heads of households."""
    homes = villages()
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REGISTER)
        for serial in range(persons):
            household = (f"H{serial:07d}", homes[serial % len(homes)], "一般农户")
            writer.writerow((*household, _name(serial), person_number(serial), "户主", "普通劳动力"))


def _bill(at: int, year: int, rows: int, known: list[str], homes: list[str], random: Random) -> tuple[str, ...]:
    serial = at % len(known)
    month, day = 1 + at * 12 // rows, 1 + at // 7 % 28
    amount = SERIOUS if at % EVERY_SERIOUS == EVERY_SERIOUS // 2 else f"{random.randrange(200_000) / 100:.2f}"
    return (
        *(f"YB{year}{at:09d}", _name(serial), known[serial], homes[serial % len(homes)]),
        *(f"{year}-{month:02d}-{day:02d}", amount),
    )


def _broken(cells: tuple[str, ...], column: str) -> list[str]:
    record_no, name, number, area, on, amount = cells
    match column:
        case "id_number":
            number = number[:17] + ("1" if number[17] != "1" else "2")
        case "self_paid":
            amount = "一千"
        case _:
            area = "230606999999"
    return [record_no, name, number, area, on, amount]


def _plain(cells: tuple[str, ...]) -> bytes:
    record_no, name, number, area, on, amount = cells
    fixed = (int(area), day_number(date.fromisoformat(on)), parse_yuan(amount))
    return PLAIN.pack(fixed, (record_no.encode(), name.encode(), number.encode()))


def _name(serial: int) -> str:
    return _SURNAMES[serial % 20] + _NAMES[serial // 20 % 23] + _NAMES[serial // 460 % 23]


def chunks(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece

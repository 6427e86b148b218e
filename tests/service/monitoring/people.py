"""Invented people and files: valid numbers that belong to nobody, and rows as departments send them."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from shared.kernel.roles import Role
from shared.testing.services import person

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE = "230606000000", "230606008000", "230606008001", "230606008002"
FOREIGN_VILLAGE = "430626001001"

committee = person("committee", VILLAGE, Role.VILLAGE_COMMITTEE)
neighbour = person("neighbour", NEXT_VILLAGE, Role.VILLAGE_COMMITTEE)
clerk = person("clerk", TOWN, Role.TOWNSHIP_CLERK)
bureau = person("bureau", COUNTY, Role.BUREAU_CLERK)
leader = person("leader", COUNTY, Role.BUREAU_LEADER)
sector = person("sector", COUNTY, Role.SECTOR_CLERK)
farmer = person("farmer", VILLAGE, Role.HOUSEHOLD)
auditor = person("auditor", COUNTY, Role.AUDITOR)
foreign = person("foreign", "430626000000", Role.BUREAU_CLERK, Role.SECTOR_CLERK, Role.VILLAGE_COMMITTEE)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SPENDING_HEADINGS = ("结算编号", "姓名", "证件号码", "行政区划代码", "结算日期", "个人自付金额")
REGISTER_HEADINGS = (
    *("户编号", "行政区划代码", "村民小组", "户类型", "姓名", "证件号码", "与户主关系", "劳动技能", "健康状况"),
    "联系电话",
)


def number(serial: int) -> str:
    """The number of the invented person `serial`; each is another one."""
    digits = f"230606{1950 + serial // 28000 % 50}{serial // 2800 % 10 + 1:02d}{serial // 100 % 28 + 1:02d}{serial % 100:03d}"
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=True)) % 11]


def name(serial: int) -> str:
    """A name without meaning."""
    return "赵钱孙李周吴郑王冯陈"[serial % 10] + "一二三四五六七八九十"[serial // 10 % 10]


def member(serial: int, relation: str = "HEAD", labour: str = "NORMAL") -> dict[str, object]:
    """A member as a command states it."""
    return {"name": name(serial), "id_number": number(serial), "relation": relation, "labour": labour}


def spending(serial: int, amount: str, on: str = "2024-04-15", **changed: str) -> dict[str, str]:
    """A row of a file of settlements."""
    row = dict(
        zip(SPENDING_HEADINGS, (f"S{serial:06d}", name(serial), number(serial), VILLAGE, on, amount), strict=True)
    )
    return row | changed


def registered(serial: int, household: int, relation: str = "户主", **changed: str) -> dict[str, str]:
    """A row of the register."""
    cells = (
        f"H{household:05d}",
        VILLAGE,
        "一组",
        "一般农户",
        name(serial),
        number(serial),
        relation,
        "普通劳动力",
        "健康",
        "",
    )
    return dict(zip(REGISTER_HEADINGS, cells, strict=True)) | changed


def csv_file(headings: Sequence[str], rows: Iterable[Mapping[str, str]], encoding: str = "utf-8-sig") -> bytes:
    """The rows as a CSV file."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, headings)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)

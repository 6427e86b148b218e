"""Invented villagers (虚构农户): numbers of a county code that does not exist, names without meaning, always the same ones."""

import csv
import io
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.suite.people import COUNTY, VILLAGE
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.money import Fen, format_yuan

HOUSEHOLDS = 2600
ROWS = 10_000
BROKEN_ROWS = 3

_DIVISIONS = Path(__file__).parents[1] / "data" / "divisions" / "demo.csv"
_NO_COUNTY = "230699"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"
_RELATIONS = ("户主", "配偶", "之子", "之女")
_LIFTED_LIMIT = 500_000
_OTHER_LIMIT = 2_000_000
_ONE_IN = 400


@dataclass(frozen=True, slots=True)
class Villager:
    """One invented person."""

    number: str
    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Household:
    """One invented household."""

    no: str
    village: AreaCode
    is_lifted: bool
    members: tuple[Villager, ...]


def households() -> list[Household]:
    """The register of the demo county; the first ones live in the story's village."""
    villages = [VILLAGE, *(code for code in _villages() if code != VILLAGE)]
    made, serial = [], 0
    for index in range(HOUSEHOLDS):
        size = 2 + index % 3
        members = tuple(_villager(serial + place, _RELATIONS[place]) for place in range(size))
        serial += size
        made.append(Household(f"DT{index:06d}", villages[index % len(villages)], index % 4 == 1, members))
    return made


def _villages() -> list[AreaCode]:
    with _DIVISIONS.open(encoding="utf-8", newline="") as file:
        codes = [AreaCode.parse(row["code"]) for row in csv.DictReader(file)]
    return [code for code in codes if COUNTY.contains(code) and code.level is AreaLevel.VILLAGE]


def _villager(serial: int, relation: str) -> Villager:
    child = relation in {"之子", "之女"}
    year = (2000 if child else 1955) + serial // 1000 % (12 if child else 35)
    digits = f"{_NO_COUNTY}{year}{serial // 28 % 12 + 1:02d}{serial % 28 + 1:02d}{serial % 1000:03d}"
    check = _CHECK[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11]
    name = _FAMILY[serial % 20] + _GIVEN[serial // 20 % 20] + _GIVEN[serial // 400 % 20]
    return Villager(digits + check, name, relation)


def register_file(register: Iterable[Household]) -> bytes:
    """The register as a CSV file, one row a member."""
    headings = (
        "户编号",
        "行政区划代码",
        "村民小组",
        "户类型",
        "姓名",
        "证件号码",
        "与户主关系",
        "劳动技能",
        "健康状况",
    )
    rows = (
        {
            "户编号": household.no,
            "行政区划代码": str(household.village),
            "村民小组": "一组",
            "户类型": "脱贫户" if household.is_lifted else "一般农户",
            "姓名": member.name,
            "证件号码": member.number,
            "与户主关系": member.relation,
            "劳动技能": "普通劳动力" if member.relation in {"户主", "配偶"} else "无劳动力",
            "健康状况": "患有大病" if household.no == "DT000000" and member.relation == "配偶" else "健康",
        }
        for household in register
        for member in household.members
    )
    return _csv(headings, rows, "utf-8-sig")


def medical_file(register: Sequence[Household]) -> bytes:
    """The medical insurance's file of 10 000 settlements in GB18030, three of them broken."""
    chance = random.Random(20240305)
    headings = ("结算编号", "姓名", "证件号码", "行政区划代码", "结算日期", "个人自付金额")
    people = [(household, member) for household in register for member in household.members]
    rows = []
    for index in range(ROWS):
        household, member = people[index * 7 % len(people)]
        amount = _amount(index, household, chance)
        rows.append(
            {
                "结算编号": f"YB2024{index:06d}",
                "姓名": member.name,
                "证件号码": member.number,
                "行政区划代码": str(household.village),
                "结算日期": f"2024-0{index % 2 + 1}-{index % 27 + 1:02d}",
                "个人自付金额": format_yuan(amount),
            }
        )
    sick = register[0].members[1]
    rows[0] |= {"姓名": sick.name, "证件号码": sick.number, "行政区划代码": str(VILLAGE), "个人自付金额": "38600.00"}
    other = register[len(_villages())].members[0]
    rows[1] |= {"姓名": other.name, "证件号码": other.number, "行政区划代码": str(VILLAGE), "个人自付金额": "26400.00"}
    number = rows[2999]["证件号码"]
    rows[2999]["证件号码"] = number[:-1] + ("0" if number[-1] != "0" else "1")
    rows[5999]["个人自付金额"] = "三百元"
    rows[8999]["行政区划代码"] = "230606999999"
    return _csv(headings, rows, "gb18030")


def _amount(index: int, household: Household, chance: random.Random) -> Fen:
    """Mostly small; one in four hundred reaches the threshold of its household's kind, to the fen."""
    if not index % _ONE_IN:
        return _LIFTED_LIMIT if household.is_lifted else _OTHER_LIMIT
    return chance.randrange(2_000, 60_000)


def _csv(headings: Sequence[str], rows: Iterable[Mapping[str, str]], encoding: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headings)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)

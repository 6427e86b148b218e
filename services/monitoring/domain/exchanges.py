"""Declared files (数据交换): which columns a file has, how its rows are read, and what may be wrong with a cell."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from services.monitoring.domain.cells import LONGEST_NO, Cells, coded
from services.monitoring.domain.clues import Department
from services.monitoring.domain.codes import (
    HEALTH_NAMES,
    LABOUR_NAMES,
    OVERLAY_NAMES,
    RELATIONS,
    TYPE_NAMES,
    Health,
    HouseholdType,
    Labour,
    Overlay,
)
from services.monitoring.domain.faults import Fault
from services.monitoring.domain.households import Member, member_faults
from services.monitoring.domain.settlements import QuickLook, read_spending
from shared.sheets.columns import Column


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One member with what its household says of itself."""

    household_no: str
    area: int
    group: str
    household_type: HouseholdType
    overlays: tuple[Overlay, ...]
    member: Member
    labour: Labour
    health: tuple[Health, ...]
    shares_budget: bool
    co_resident: bool


Faults: TypeAlias = tuple[Fault, ...]
Reader: TypeAlias = Callable[[Sequence[str], date], Any | Faults]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One kind of file (交换文件). `item` is what its clues are about; empty for the register.

    `read` takes a row; `quick`, made for a day and its areas, takes many ordinary ones at once, where there may be millions.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    read: Reader
    department: str = ""
    item: str = ""
    item_no: int = 0
    """What stands for the item in the table of settlements; never given to another one."""
    quick: Callable[[date, Collection[int]], QuickLook] | None = None


_SPENDING_COLUMNS = (
    Column("record_no", ("结算编号", "结算单号", "record_no")),
    Column("name", ("姓名", "name")),
    Column("id_number", ("证件号码", "公民身份号码", "身份证号", "身份证号码", "id_number")),
    Column("area_code", ("行政区划代码", "区划代码", "area_code")),
    Column("settled_on", ("结算日期", "settled_on")),
    Column("self_paid", ("个人自付金额", "自付金额", "self_paid")),
)
_REGISTER_COLUMNS = (
    Column("household_no", ("户编号", "household_no")),
    Column("area_code", ("行政区划代码", "区划代码", "area_code")),
    Column("group", ("村民小组", "group"), required=False),
    Column("household_type", ("户类型", "household_type")),
    Column("overlays", ("低收入类别", "overlays"), required=False),
    Column("name", ("姓名", "name")),
    Column("id_number", ("证件号码", "公民身份号码", "身份证号", "身份证号码", "id_number")),
    Column("relation", ("与户主关系", "relation")),
    Column("labour", ("劳动技能", "labour")),
    Column("health", ("健康状况", "health"), required=False),
    Column("phone", ("联系电话", "phone"), required=False),
    Column("shares_budget", ("共享收支", "shares_budget"), required=False),
    Column("co_resident", ("实际居住", "co_resident"), required=False),
)
_REGISTER_NAMES = tuple(column.name for column in _REGISTER_COLUMNS)
_RELATION_NAMES = {code: (zh,) for code, zh in RELATIONS.items()}


def read_member(cells: Sequence[str], today: date) -> RegisterRow | Faults:
    """A row of the register, or what blocks it. Blank yes/no cells mean yes; who has no number is added by hand."""
    row = Cells(_REGISTER_NAMES, cells, today)
    relation = row.text("relation")
    member = Member(
        name=row.text("name"),
        number=row.number("id_number"),
        relation=coded(relation, _RELATION_NAMES) or relation,
        phone=row.text("phone"),
    )
    row.faults += (fault for fault in member_faults(member, today) if fault.field != "id_number")
    read = RegisterRow(
        household_no=row.short("household_no", "HOUSEHOLD_NO_FORM", "1.2"),
        area=row.area("area_code", village=True),
        group=row.text("group")[:LONGEST_NO],
        household_type=row.code(
            "household_type", TYPE_NAMES, ("HOUSEHOLD_TYPE_UNKNOWN", "1.5.1"), HouseholdType.ORDINARY
        ),
        overlays=row.several("overlays", OVERLAY_NAMES, ("OVERLAY_UNKNOWN", "1.5.1")),
        member=member,
        labour=row.code("labour", LABOUR_NAMES, ("LABOUR_UNKNOWN", "1.5.6"), Labour.NONE),
        health=row.several("health", HEALTH_NAMES, ("HEALTH_UNKNOWN", "1.3")),
        shares_budget=row.flag("shares_budget"),
        co_resident=row.flag("co_resident"),
    )
    return row.blocking() or read


REGISTER = Exchange("register", "农户花名册", "register of households", _REGISTER_COLUMNS, read_member)

DEPARTMENT_FILES: tuple[Exchange, ...] = tuple(
    Exchange(
        name=f"{Department.MEDICAL_INSURANCE}.{item}",
        zh=zh,
        en=en,
        columns=_SPENDING_COLUMNS,
        read=read_spending,
        department=Department.MEDICAL_INSURANCE,
        item=item,
        item_no=item_no,
        quick=QuickLook,
    )
    for item_no, item, zh, en in (
        (1, "inpatient_self_paid", "医保住院自付费用", "inpatient costs paid by the patient"),
        (2, "outpatient_self_paid", "医保门诊自付费用", "outpatient costs paid by the patient"),
    )
)

EXCHANGES: Mapping[str, Exchange] = {exchange.name: exchange for exchange in (REGISTER, *DEPARTMENT_FILES)}

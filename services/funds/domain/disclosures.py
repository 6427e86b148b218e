"""Rules of disclosure (公告公示, §6): exactly the fields of the template, how long it hangs, whose name may stand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import orjson

from services.funds.domain.refusals import refusal
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Violation
from shared.kernel.identity import birth_date
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE, SECTOR, TOWNSHIP, UNIT, VILLAGE

_RULE = "F-6"
_COMING_OF_AGE = 18
SUPERVISION_PHONE = "12317"
"""The national supervision phone (监督电话) that every notice prints."""

LEVEL_NAMES = {"central": "中央", "provincial": "省级", "city": "市级", "county": "县级", "other": "其他"}
"""Levels of government that money comes from, as public texts call them."""


class Hanging(StrEnum):
    """How long an item hangs: for good; for good after a period for objections; on a board; while the works last."""

    PERMANENT = "permanent"
    NOTICE = "notice"
    BOARD = "board"
    WORKS = "works"


PUBLISHERS: Mapping[str, frozenset[Role]] = {
    "office": BUREAU | FINANCE,
    "township": TOWNSHIP | BUREAU,
    "village": VILLAGE | TOWNSHIP | BUREAU,
    "unit": UNIT | SECTOR | BUREAU,
}
"""Who may publish; money that the county's ledger holds is told by the county's offices alone, who see all of it."""

PLACES: Mapping[str, tuple[AreaLevel, ...]] = {
    "upper": (AreaLevel.PROVINCE, AreaLevel.CITY),
    "county": (AreaLevel.COUNTY,),
    "unit": (AreaLevel.COUNTY,),
    "township": (AreaLevel.TOWNSHIP,),
    "village": (AreaLevel.VILLAGE,),
}
"""At which divisions an item of a level is published."""


@dataclass(frozen=True, slots=True)
class Template:
    """What the catalogue says of an item's text: its fields, and those of them that the publisher states."""

    fields: tuple[str, ...]
    given: tuple[str, ...]


def filled(template: Template, known: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The text: exactly the fields of the template, no more and no fewer. Raises Invalid for others."""
    wrong = [_field(name, "not of this template") for name in sorted(given.keys() - set(template.given))]
    wrong += [_field(name, "missing") for name in template.given if not given.get(name, "").strip()]
    if wrong:
        raise Invalid(*wrong)
    return {name: given[name] if name in template.given else known[name] for name in template.fields}


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes whose SHA-256 is the content hash: JSON in UTF-8, keys in order, no spaces."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def content_hash(body: bytes) -> bytes:
    """SHA-256 of the canonical text."""
    return hashlib.sha256(body).digest()


def hangs_until(kind: Hanging, shortest: date, works_end: date | None) -> tuple[date | None, date | None]:
    """Last day of the period for objections, and last day at all; None where there is none."""
    match kind:
        case Hanging.PERMANENT:
            return None, None
        case Hanging.NOTICE:
            return shortest, None
        case Hanging.BOARD:
            return shortest, shortest
        case Hanging.WORKS:
            return None, max(shortest, works_end or shortest)


def public_name(name: str, id_number: str, guardian: str | None, today: date) -> str | None:
    """The name that hangs: the person's own, of a minor the guardian's (监护人); None when that is not stated."""
    born = birth_date(id_number)
    if born is None or born <= _years_before(today, _COMING_OF_AGE):
        return name
    return guardian


def _years_before(day: date, years: int) -> date:
    leap = day.month == 2 and day.day == 29  # noqa: PLR2004  the one day that not every year has
    return date(day.year - years, day.month, 28 if leap else day.day)


def at_its_level(level: str, area: AreaCode) -> Violation | None:
    """An item hangs at a division of its level."""
    if area.level in PLACES[level]:
        return None
    return refusal(
        "DISCLOSURE_LEVEL",
        _RULE,
        "该事项不在这一级公开",
        "this item is not published at this level",
        ("按公开目录的层级填写区划", "give a division of the level that the catalogue states"),
        field="/area_code",
    )


def guardians_missing(lines: list[int]) -> Violation:
    """A minor's name does not hang."""
    return refusal(
        "GUARDIAN_REQUIRED",
        _RULE,
        f"名单含未成年人 {len(lines)} 人，须填写监护人姓名",
        f"the list names {len(lines)} minor(s); state their guardians",
        ("按名册序号填写监护人姓名", "state the guardian's name for each line"),
        field="/guardians",
        lines=lines,
    )


def not_due(item: str) -> Violation:
    """Nothing is published before it is so."""
    return refusal(
        "NOT_YET_SO",
        _RULE,
        "该事项尚未发生，不得公开",
        "what this item tells has not happened yet",
        ("办结相应环节后再公开", "publish it after the step it tells of"),
        field="/subject_id",
        item=item,
    )


def _field(name: str, what: str) -> Violation:
    zh = "公开模板无此字段" if what.startswith("not") else "公开模板字段未填写"
    return refusal(
        "TEMPLATE_FIELD",
        _RULE,
        f"{zh}：{name}",
        f"the template's field {name}: {what}",
        ("按公开目录的字段填写", "state exactly the fields of the catalogue"),
        field="/given",
    )

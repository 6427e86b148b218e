"""Rules of disclosure and complaints (§6): templates, how long a text hangs, whose name hangs, who handles a complaint."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.funds.domain import complaints, disclosures
from services.funds.domain.complaints import ComplaintFacts, Desk
from services.funds.domain.disclosures import PLACES, PUBLISHERS, Hanging, Template, filled, hangs_until, public_name
from services.funds.parameters.disclosure import DISCLOSURE_PARAMETERS
from shared.kernel.actors import Grant
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid
from shared.kernel.roles import Role

CATALOGUE = Path(disclosures.__file__).parents[1] / "data" / "disclosure_items.csv"
COUNTY, TOWN, VILLAGE = (AreaCode.parse(code) for code in ("230606000000", "230606100000", "230606100200"))
CITY, NEXT_TOWN = AreaCode.parse("230600000000"), AreaCode.parse("230606101000")


def items() -> list[dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("item", items(), ids=lambda item: str(item["code"]))
def test_an_item_of_the_catalogue_is_whole(item: dict[str, str]) -> None:
    fields = item["fields"].split("|")
    assert len(set(fields)) == len(fields)
    assert set(filter(None, item["given"].split("|"))) <= set(fields)
    assert item["level"] in PLACES
    assert item["publisher"] in PUBLISHERS
    assert Hanging(item["duration"])
    known = {parameter.name for parameter in DISCLOSURE_PARAMETERS}
    assert (item["due_parameter"] in known) is bool(item["trigger"])
    assert not {"id_number", "card", "phone", "disease"} & set(fields)


TEMPLATE = Template(("name", "amount", "remark"), ("remark",))


def test_a_text_has_exactly_the_fields_of_its_template() -> None:
    known = {"name": "冷棚", "amount": "1.00", "contact": "13800001234"}
    assert filled(TEMPLATE, known, {"remark": "无"}) == {"name": "冷棚", "amount": "1.00", "remark": "无"}


@pytest.mark.parametrize(
    "given", [{}, {"remark": " "}, {"remark": "无", "name": "别的"}, {"remark": "无", "more": "x"}]
)
def test_no_field_is_missing_and_none_is_added(given: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        filled(TEMPLATE, {"name": "冷棚", "amount": "1.00"}, given)
    assert {violation.code for violation in caught.value.violations} == {"TEMPLATE_FIELD"}


MIN, END = date(2023, 5, 11), date(2023, 10, 31)


@pytest.mark.parametrize(
    ("kind", "works_end", "expected"),
    [
        (Hanging.PERMANENT, None, (None, None)),
        (Hanging.NOTICE, None, (MIN, None)),
        (Hanging.BOARD, None, (MIN, MIN)),
        (Hanging.WORKS, END, (None, END)),
        (Hanging.WORKS, date(2023, 4, 1), (None, MIN)),
    ],
)
def test_how_long_a_text_hangs(kind: Hanging, works_end: date | None, expected: Any) -> None:
    assert hangs_until(kind, MIN, works_end) == expected


@pytest.mark.parametrize(
    ("number", "guardian", "expected"),
    [
        ("230606196001010014", None, "王某"),  # an adult by the own name
        ("230606200505100010", None, "王某"),  # eighteen today
        ("230606200505110010", None, None),  # a day too young, and no guardian stated
        ("230606200505110010", "李某某", "李某某"),  # the guardian instead
    ],
)
def test_a_minor_hangs_by_the_guardians_name(number: str, guardian: str | None, expected: str | None) -> None:
    assert public_name("王某", number, guardian, date(2023, 5, 10)) == expected


def test_a_leap_day_comes_of_age_on_the_last_of_february() -> None:
    assert public_name("王某", "230606200602280010", None, date(2024, 2, 29)) == "王某"


def facts(about: Desk, about_area: AreaCode, desk: Desk, handler: AreaCode, **changed: bool) -> ComplaintFacts:
    given = {"acts_for_desk": True, "acts_for_about": False, "objection_open": False, "is_intake": True} | changed
    return ComplaintFacts(about, about_area, desk, handler, **given)


@pytest.mark.parametrize(
    ("about", "about_area", "desk", "handler", "allowed"),
    [
        (Desk.VILLAGE, VILLAGE, Desk.TOWNSHIP, TOWN, True),
        (Desk.VILLAGE, VILLAGE, Desk.BUREAU, COUNTY, True),
        (Desk.VILLAGE, VILLAGE, Desk.VILLAGE, VILLAGE, False),  # itself
        (Desk.VILLAGE, VILLAGE, Desk.COLLECTIVE, VILLAGE, False),  # the same house
        (Desk.TOWNSHIP, TOWN, Desk.VILLAGE, VILLAGE, False),  # one below it
        (Desk.TOWNSHIP, TOWN, Desk.TOWNSHIP, NEXT_TOWN, False),  # not in charge of the place
        (Desk.TOWNSHIP, TOWN, Desk.FINANCE, COUNTY, True),
        (Desk.FINANCE, COUNTY, Desk.FINANCE, COUNTY, False),
        (Desk.FINANCE, COUNTY, Desk.TREASURY, COUNTY, False),
        (Desk.FINANCE, COUNTY, Desk.AUDIT, COUNTY, True),
        (Desk.FINANCE, COUNTY, Desk.FINANCE, CITY, True),  # the level above
        (Desk.UNIT, COUNTY, Desk.TOWNSHIP, COUNTY, False),  # a township desk has a township
        (Desk.LEADING_GROUP, COUNTY, Desk.AUDIT, COUNTY, True),
        (Desk.LEADING_GROUP, COUNTY, Desk.BUREAU, COUNTY, False),  # its office sits there
        (Desk.BUREAU, COUNTY, Desk.BUREAU, CITY, True),
        (Desk.VILLAGE, VILLAGE, Desk.LEADING_GROUP, COUNTY, False),  # who takes in does not investigate
    ],
)
def test_a_complaint_goes_by_territory_and_level_and_never_to_whom_it_is_about(
    about: Desk, about_area: AreaCode, desk: Desk, handler: AreaCode, allowed: bool
) -> None:
    asked = facts(about, about_area, desk, handler)
    broken = [complaints.of_the_territory(asked), complaints.of_another_unit(asked)]
    assert (broken == [None, None]) is allowed


@pytest.mark.parametrize(
    ("about", "role", "where", "takes_in"),
    [
        (Desk.FINANCE, Role.LEADING_GROUP, COUNTY, True),
        (Desk.FINANCE, Role.AUDITOR, COUNTY, False),
        (Desk.BUREAU, Role.LEADING_GROUP, COUNTY, False),  # the office of the leading group sits in the bureau
        (Desk.LEADING_GROUP, Role.LEADING_GROUP, COUNTY, False),
        (Desk.LEADING_GROUP, Role.LEADING_GROUP, CITY, True),
        (Desk.LEADING_GROUP, Role.AUDITOR, COUNTY, True),
        (Desk.BUREAU, Role.AUDITOR, CITY, True),
        (Desk.BUREAU, Role.BUREAU_LEADER, CITY, False),
    ],
)
def test_what_is_said_of_the_intake_is_taken_in_outside_it(
    about: Desk, role: Role, where: AreaCode, takes_in: bool
) -> None:
    is_intake = complaints.takes_in(about, COUNTY, [Grant(role, where)])
    assert is_intake is takes_in
    asked = facts(about, COUNTY, Desk.AUDIT, COUNTY, is_intake=is_intake)
    assert (complaints.stands_outside(asked) is None) is takes_in


def test_a_bureau_sits_in_the_county_whichever_village_is_named() -> None:
    assert complaints.unit_area(Desk.BUREAU, VILLAGE) == COUNTY
    assert complaints.unit_area(Desk.TOWNSHIP, VILLAGE) == TOWN
    assert complaints.unit_area(Desk.VILLAGE, VILLAGE) == VILLAGE
    assert complaints.unit_area(Desk.VILLAGE, COUNTY) == COUNTY  # which village is not said


def test_who_works_for_both_stands_aside() -> None:
    asked = facts(Desk.FINANCE, COUNTY, Desk.AUDIT, COUNTY, acts_for_about=True)
    assert complaints.is_assigned_desk(asked) is None
    broken = complaints.not_complained_about(asked)
    assert broken is not None
    assert broken.code == "OWN_COMPLAINT"

"""Members, households and rows of files: what is wrong with them, told by field, code and rule; DQ-ID-01…13, A37."""

from datetime import date

import pytest

from services.monitoring.domain.codes import HEALTH_NAMES, LABOUR_NAMES, OVERLAY_NAMES, RELATIONS, TYPE_NAMES, Labour
from services.monitoring.domain.exchanges import EXCHANGES, REGISTER, RegisterRow
from services.monitoring.domain.faults import WORDS, violation
from services.monitoring.domain.households import (
    Member,
    household_faults,
    is_findable,
    is_minor,
    member_faults,
    number_fault,
    person_number,
)
from services.monitoring.domain.settlements import SpendingRow, read_spending

TODAY = date(2024, 5, 20)
GOOD = "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "code", "rule", "blocks"),
    [
        pytest.param(GOOD, None, "", False, id="A37-valid"),
        pytest.param("110105194912310021", "ID_CHECK_DIGIT", "DQ-ID-03", True, id="A37-check-digit"),
        pytest.param("1101051949123100", "ID_LENGTH", "DQ-ID-02", True, id="length"),
        pytest.param("11010519491231A02X", "ID_CHARACTERS", "DQ-ID-03", True, id="characters"),
        pytest.param(f"{GOOD}81", "ID_DISABILITY_KIND", "DQ-ID-04", True, id="certificate-kind"),
        pytest.param(f"{GOOD}42", None, "", False, id="certificate"),
        pytest.param("", "ID_MISSING", "DQ-ID-05", False, id="missing"),
        pytest.param("999999194912310021", "ID_PLACEHOLDER", "DQ-ID-05", False, id="placeholder"),
    ],
)
def test_identity_numbers(number: str, code: str | None, rule: str, blocks: bool) -> None:
    fault = number_fault(number, TODAY)
    assert (fault and fault.code) == code
    if fault is not None:
        assert (fault.rule, fault.blocks) == (rule, blocks)


def test_a_file_needs_the_number_and_no_placeholder() -> None:
    for number in ("", "999999194912310021"):
        fault = number_fault(number, TODAY, required=True)
        assert fault is not None
        assert (fault.code, fault.blocks) == ("ID_MISSING", True)


def test_m_clue_01_one_person_is_found_by_any_form_of_the_number() -> None:
    assert person_number(f"{GOOD}42") == GOOD == person_number("110105491231002")
    assert is_findable(GOOD, TODAY)
    assert not is_findable("", TODAY)
    assert not is_findable("999999194912310021", TODAY)


@pytest.mark.parametrize(
    ("member", "codes"),
    [
        (Member("张三", GOOD, "HEAD", "13800001234"), []),
        (Member("阿依古丽·买买提", GOOD, "SPOUSE"), []),
        (Member("张3", GOOD, "HEAD"), ["NAME_FORM"]),
        (Member("", GOOD, "HEAD"), ["NAME_FORM"]),
        (Member("张三", GOOD, "户主的朋友"), ["RELATION_UNKNOWN"]),
        (Member("张三", GOOD, "HEAD", "0459123"), ["PHONE_FORM"]),
    ],
)
def test_one_member(member: Member, codes: list[str]) -> None:
    assert [fault.code for fault in member_faults(member, TODAY)] == codes


def test_a_household_has_one_head_and_nobody_twice() -> None:
    head, same = Member("张三", GOOD, "HEAD"), Member("张四", f"{GOOD}42", "SON")
    assert list(household_faults([head])) == []
    assert [(place, fault.rule) for place, fault in household_faults([same])] == [(None, "DQ-ID-08")]
    found = [(place, fault.rule) for place, fault in household_faults([head, Member("李四", "", "HEAD"), same])]
    assert found == [(1, "DQ-ID-09"), (2, "DQ-ID-01")]


@pytest.mark.parametrize(
    ("number", "minor"),
    [("110105200605200013", False), ("110105200605210013", True), ("", True)],
)
def test_who_is_below_eighteen(number: str, minor: bool) -> None:
    assert is_minor(number, TODAY) is minor


def spending(**changed: str) -> list[str]:
    cells = {
        "record_no": "S1",
        "name": "张三",
        "id_number": GOOD,
        "area_code": "230606008001",
        "settled_on": "2024-04-15",
        "self_paid": "5,000.00",
    }
    return list((cells | changed).values())


def test_a_good_row_of_settlements() -> None:
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in GOOD)
    for row in (spending(), spending(id_number=f" {full_width} ", settled_on="20240415", self_paid="５０００．００")):
        read = read_spending(row, TODAY)
        assert isinstance(read, SpendingRow)
        assert (read.number, read.area, read.settled_on, read.self_paid) == (
            GOOD,
            230606008001,
            date(2024, 4, 15),
            500000,
        )


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"id_number": "110105194912310021"}, [("id_number", "ID_CHECK_DIGIT", "DQ-ID-03")]),
        ({"self_paid": "1.234"}, [("self_paid", "AMOUNT_FORM", "M-INC-12")]),
        ({"self_paid": "-1"}, [("self_paid", "AMOUNT_NEGATIVE", "M-INC-11")]),
        ({"self_paid": "999999999999999"}, [("self_paid", "AMOUNT_FORM", "M-INC-12")]),
        ({"settled_on": "2024-02-30"}, [("settled_on", "DATE_FORM", "3.3")]),
        ({"settled_on": "2024-05-21"}, [("settled_on", "DATE_FUTURE", "3.3")]),
        ({"area_code": "230606"}, [("area_code", "AREA_FORM", "M-DIV-01")]),
        ({"record_no": ""}, [("record_no", "RECORD_NO_FORM", "3.3")]),
        ({"name": "0"}, [("name", "NAME_FORM", "1.3")]),
        (
            {"id_number": "", "self_paid": ""},
            [("id_number", "ID_MISSING", "DQ-ID-05"), ("self_paid", "AMOUNT_FORM", "M-INC-12")],
        ),
    ],
)
def test_a_bad_row_names_every_wrong_cell(changed: dict[str, str], faults: list[tuple[str, str, str]]) -> None:
    read = read_spending(spending(**changed), TODAY)
    assert isinstance(read, tuple)
    assert [(fault.field, fault.code, fault.rule) for fault in read] == faults


def register_row(**changed: str) -> list[str]:
    cells = {
        "household_no": "H1",
        "area_code": "230606008001",
        "group": "一组",
        "household_type": "脱贫户",
        "overlays": "低保、易地搬迁",
        "name": "张三",
        "id_number": GOOD,
        "relation": "户主",
        "labour": "弱劳动力",
        "health": "长期慢性病,残疾",
        "phone": "13800001234",
        "shares_budget": "",
        "co_resident": "否",
    }
    return list((cells | changed).values())


def test_a_good_row_of_the_register() -> None:
    read = REGISTER.read(register_row(), TODAY)
    assert isinstance(read, RegisterRow)
    assert (read.member.relation, read.labour, read.shares_budget, read.co_resident) == (
        "HEAD",
        Labour.WEAK,
        True,
        False,
    )
    assert (read.overlays, read.health) == (("DIBAO", "RELOCATED"), ("CHRONIC", "DISABLED"))


def test_a_bad_row_of_the_register_names_every_wrong_cell() -> None:
    row = register_row(
        area_code="230606008000",
        household_type="贫困户",
        overlays="五保",
        relation="邻居",
        labour="",
        health="好",
        shares_budget="1",
    )
    read = REGISTER.read(row, TODAY)
    assert isinstance(read, tuple)
    assert {fault.code for fault in read} == {
        *("AREA_NOT_VILLAGE", "HOUSEHOLD_TYPE_UNKNOWN", "OVERLAY_UNKNOWN", "RELATION_UNKNOWN", "LABOUR_UNKNOWN"),
        *("HEALTH_UNKNOWN", "FLAG_FORM"),
    }


def test_a_wrong_phone_is_taken() -> None:
    assert isinstance(REGISTER.read(register_row(phone="123"), TODAY), RegisterRow)


def test_words_of_a_list_stand_for_one_code_and_headings_for_one_column() -> None:
    for names in (TYPE_NAMES, OVERLAY_NAMES, LABOUR_NAMES, HEALTH_NAMES):
        words = [word for spellings in names.values() for word in spellings]
        assert len(words) == len(set(words))
    assert len(set(RELATIONS.values())) == len(RELATIONS)
    for exchange in EXCHANGES.values():
        headings = [heading for column in exchange.columns for heading in column.headings]
        assert len(headings) == len(set(headings))


def test_a_fault_is_told_in_both_languages_with_a_remedy_and_without_the_value() -> None:
    fault = number_fault("110105194912310021", TODAY)
    assert fault is not None
    told = violation(fault, "/members/2")
    assert (told.field, told.code) == ("/members/2/id_number", "ID_CHECK_DIGIT")
    assert told.zh
    assert told.en
    assert told.remedy_zh
    assert told.remedy_en
    assert not any("110105" in text for text in (told.zh, told.en, told.remedy_zh, told.remedy_en))
    assert all(words.zh and words.en for words in WORDS.values())

"""Identity numbers: which are refused, which only flagged, and what they tell (DQ-ID-02…06, GB 11643)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.identity import (
    Flaw,
    Sex,
    birth_date,
    check_id_number,
    has_valid_check_digit,
    normalized,
    sex,
    upgraded,
)

TODAY = date(2026, 1, 1)
VALID = "11010519491231002X"


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(VALID, id="A37 resident"),
        pytest.param("23060620260101001X", id="born today"),
        pytest.param("230606202402290012", id="born on a leap day"),
        pytest.param("810000199408230021", id="residence permit, Hong Kong"),
        pytest.param("830000199201300022", id="residence permit, Taiwan"),
        pytest.param("911156198108030025", id="foreign permanent resident"),
        pytest.param(VALID + "41", id="disability certificate"),
        pytest.param(VALID + "74B1", id="disability certificate, issued again"),
    ],
)
def test_valid_numbers(number: str) -> None:
    assert check_id_number(number, TODAY) is None


@pytest.mark.parametrize(
    ("number", "flaw", "rule", "blocks"),
    [
        pytest.param("110105194912310021", Flaw.CHECK_DIGIT, "DQ-ID-03", True, id="A37 check digit"),
        pytest.param("11010519491231002x", Flaw.CHARACTERS, "DQ-ID-03", True, id="not normalized"),
        pytest.param("1101051949123100X2", Flaw.CHARACTERS, "DQ-ID-03", True, id="X inside"),
        pytest.param("１１０１０５19491231002X", Flaw.CHARACTERS, "DQ-ID-03", True, id="full width"),
        pytest.param("1101051949123100²X", Flaw.CHARACTERS, "DQ-ID-03", True, id="superscript digit"),
        pytest.param("110105202302290014", Flaw.BIRTH_DATE, "DQ-ID-03", True, id="29 February of a common year"),
        pytest.param("110105194913310021", Flaw.BIRTH_DATE, "DQ-ID-03", True, id="month 13"),
        pytest.param("230606202601020015", Flaw.BIRTH_DATE, "DQ-ID-03", True, id="born tomorrow"),
        pytest.param("1101051949123100", Flaw.LENGTH, "DQ-ID-02", True, id="16 digits"),
        pytest.param(VALID + "4", Flaw.LENGTH, "DQ-ID-02", True, id="19 characters"),
        pytest.param("", Flaw.PLACEHOLDER, "DQ-ID-05", False, id="missing"),
        pytest.param("999999194912310025", Flaw.PLACEHOLDER, "DQ-ID-05", False, id="placeholder"),
        pytest.param("9999990001", Flaw.PLACEHOLDER, "DQ-ID-05", False, id="short placeholder"),
        pytest.param("110105491231002", Flaw.LEGACY, "DQ-ID-02", False, id="15 digits"),
        pytest.param("11010549123100A", Flaw.CHARACTERS, "DQ-ID-03", True, id="15 characters"),
        pytest.param("110105491331002", Flaw.BIRTH_DATE, "DQ-ID-03", True, id="15 digits, month 13"),
        pytest.param("990105194912310023", Flaw.PROVINCE, "DQ-ID-03", False, id="no such province"),
        pytest.param("110105194912310021" + "41", Flaw.CHECK_DIGIT, "DQ-ID-04", True, id="certificate, check digit"),
        pytest.param(VALID + "81", Flaw.DISABILITY_KIND, "DQ-ID-04", True, id="certificate, kind 8"),
        pytest.param(VALID + "45", Flaw.DISABILITY_LEVEL, "DQ-ID-04", True, id="certificate, level 5"),
        pytest.param(VALID + "41 1", Flaw.CHARACTERS, "DQ-ID-04", True, id="certificate, space inside"),
    ],
)
def test_flawed_numbers(number: str, flaw: Flaw, rule: str, blocks: bool) -> None:
    problem = check_id_number(number, TODAY)
    assert problem is not None
    assert (problem.flaw, problem.rule, problem.blocks) == (flaw, rule, blocks)


@pytest.mark.parametrize(
    ("number", "born", "expected"),
    [
        (VALID, date(1949, 12, 31), Sex.FEMALE),
        ("23060620260101001X", date(2026, 1, 1), Sex.MALE),
        ("110105491231002", date(1949, 12, 31), Sex.FEMALE),
        (VALID + "41", date(1949, 12, 31), Sex.FEMALE),
    ],
)
def test_a_number_tells_birth_date_and_sex(number: str, born: date, expected: Sex) -> None:
    assert birth_date(number) == born
    assert sex(number) is expected


@pytest.mark.parametrize("number", ["", "E12345678", "1101051949133100", "11010519"])
def test_what_is_no_number_tells_no_birth_date(number: str) -> None:
    assert birth_date(number) is None


def test_what_is_no_number_tells_no_sex() -> None:
    assert sex("E12345678") is None
    assert sex("1101051949123100²X") is None


def test_a_former_number_becomes_the_one_of_today() -> None:
    assert upgraded("110105491231002") == VALID
    assert upgraded(VALID) == VALID
    assert upgraded("11010549123100²") == "11010549123100²"


@pytest.mark.parametrize(
    "typed", [" 11010519491231002x ", "１１０１０５１９４９１２３１００２ｘ", "\u300011010519491231002X"]
)
def test_what_people_type_is_normalized(typed: str) -> None:
    assert normalized(typed) == VALID


@given(st.integers(0, 10**17 - 1))
def test_one_check_character_of_eleven_fits(digits: int) -> None:
    body = f"{digits:017d}"
    fitting = [last for last in "0123456789X" if has_valid_check_digit(body + last)]
    assert len(fitting) == 1
    weighed = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))  # GB 11643: weight 2^(n-1) mod 11
    assert (weighed + "0123456789X".index(fitting[0])) % 11 == 1

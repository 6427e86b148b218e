"""An entry judged by itself, and when a changed one must hang again (domain-funds-assets §1.2, §1.5, §1.6)."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.funds.domain.library import content_violations, is_industry, project_code, text_key
from services.funds.domain.limits import quorum_and_majority
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.project_review import (
    MeetingFacts,
    ResolutionFacts,
    TownshipFacts,
    fields_complete,
    four_discussions_recorded,
    meeting_recorded,
)
from services.funds.domain.republicity import Changes, Level, changed_fields, lowest_level
from shared.kernel.areas import AreaCode
from tests.unit.services.funds.entries import NEXT_VILLAGE, VILLAGE, content

HOME = AreaCode.parse(VILLAGE)
CUSTODY = {
    "owner_kind": "village_collective",
    "owner_area": VILLAGE,
    "custodian": "一村股份经济合作社",
    "money_source": "租金",
}


def codes(entry: ProjectContent) -> list[str]:
    return [violation.code for violation in content_violations(entry, HOME)]


@pytest.mark.parametrize(
    ("benefit", "broken"),
    [
        pytest.param({"households": 4, "persons": 9}, [], id="only the whole"),
        pytest.param(
            {"households": 4, "persons": 12, "monitored_households": 5, "monitored_persons": 6},
            ["monitored_households"],
            id="11: monitored 5 of 4",
        ),
        pytest.param({"households": 5, "persons": 4}, ["households"], id="more households than persons"),
        pytest.param(
            {"households": 9, "persons": 20, "monitored_households": 3, "monitored_persons": 2},
            ["monitored_households"],
            id="a monitored household without a person",
        ),
        pytest.param(
            {"households": 2, "persons": 3, "out_of_poverty_households": 3, "out_of_poverty_persons": 4},
            ["out_of_poverty_households", "out_of_poverty_persons"],
            id="all faults at once",
        ),
    ],
)
def test_groups_of_beneficiaries_are_parts_of_all(benefit: dict[str, int], broken: list[str]) -> None:
    found = content_violations(content(benefit=benefit), HOME)
    assert [violation.field.rpartition("/")[2] for violation in found] == broken
    assert {violation.code for violation in found} <= {"BENEFIT_NUMBERS"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param(
            {"places": [{"village": VILLAGE, "share_ppm": 999_999, "village_type": "other"}]},
            "PLACE_SHARES",
            id="shares make one whole",
        ),
        pytest.param(
            {"places": [{"village": "430626100201", "share_ppm": 1_000_000, "village_type": "other"}]},
            "PLACE_OUTSIDE",
            id="another county",
        ),
        pytest.param(
            {"places": [{"village": VILLAGE, "share_ppm": 500_000, "village_type": "other"}] * 2},
            "PLACE_TWICE",
            id="the same village twice",
        ),
        pytest.param({"ends_on": "2023-03-31"}, "PERIOD", id="ends before it starts"),
        pytest.param({"asset_forming": True}, "CUSTODY_PLAN", id="an asset without custody plan"),
        pytest.param({"asset_class": "operating"}, "ASSET_CLASS", id="a class without an asset"),
    ],
)
def test_what_does_not_fit_together_is_told(changed: dict[str, Any], code: str) -> None:
    assert codes(content(**changed)) == [code]


def test_a_whole_entry_is_well() -> None:
    assert codes(content()) == []
    assert codes(content(asset_forming=True, asset_class="operating", custody=CUSTODY)) == []


def test_names_are_compared_without_width_case_blanks_and_punctuation() -> None:
    assert text_key("一村　冷棚（ＡＢ）基地") == text_key("一村冷棚(ab)基地")
    assert text_key("一村冷棚") != text_key("二村冷棚")


def test_a_project_number_is_county_year_and_count_and_no_identity_number() -> None:
    assert project_code(HOME, 2023, 7) == "230606-2023-00007"


def test_industry_is_told_by_the_category_unless_the_entry_says_otherwise() -> None:
    assert is_industry(content(), {"010101"})
    assert not is_industry(content(category="030103"), set())
    assert is_industry(content(category="030103", counts_as_industry=True), set())


@pytest.mark.parametrize(
    ("entitled", "present", "in_favour", "code"),
    [
        pytest.param(17, 12, 7, None, id="1: 12 >= 11.33, 7 > 6"),
        pytest.param(17, 11, 11, "QUORUM", id="2: 11 < 11.33"),
        pytest.param(17, 12, 6, "MAJORITY", id="2: 6 is not more than 6"),
        pytest.param(18, 12, 7, None, id="exactly two thirds"),
        pytest.param(1, 0, 0, "QUORUM", id="nobody came"),
    ],
)
def test_quorum_and_majority_are_exact(entitled: int, present: int, in_favour: int, code: str | None) -> None:
    found = quorum_and_majority(entitled, present, in_favour, Fraction(2, 3), Fraction(1, 2))
    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("days", "is_well"),
    [
        pytest.param((1, 1, 2, 3), True, id="in order, two on one day"),
        pytest.param((1, 3, 2, 4), False, id="members before the committees"),
        pytest.param((1, 2, 3, 11), False, id="the decision lies in the future"),
    ],
)
def test_the_four_discussions_follow_each_other(days: tuple[int, ...], is_well: bool) -> None:
    facts = ResolutionFacts(tuple(date(2023, 1, day) for day in days), date(2023, 1, 10))
    assert (four_discussions_recorded(facts) is None) == is_well


def test_what_the_township_hangs_is_filled_in() -> None:
    found = fields_complete(TownshipFacts(content(goals=[], quantities=[]), None, HOME))
    assert found is not None
    assert found.facts["missing"] == ["goals", "quantities"]
    household = content(quantities=[], is_household_project=True)
    assert fields_complete(TownshipFacts(household, None, HOME)) is None


@pytest.mark.parametrize(
    ("number", "day", "agreed", "is_well"),
    [
        pytest.param("纪要1号", 9, True, True, id="held and agreed"),
        pytest.param("纪要1号", 11, True, False, id="not held yet"),
        pytest.param("纪要1号", 9, False, False, id="not agreed"),
        pytest.param("", 9, True, False, id="no number"),
    ],
)
def test_a_decision_names_its_meeting(number: str, day: int, agreed: bool, is_well: bool) -> None:
    facts = MeetingFacts(number, date(2023, 1, day), agreed, date(2023, 1, 10))
    assert (meeting_recorded(facts) is None) == is_well


def sources(*pairs: tuple[str, str]) -> dict[str, Any]:
    lines = [{"year": 2023, "level": level, "category": "fund.consolidation", "amount": fen} for level, fen in pairs]
    return {"funding": lines}


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        pytest.param({}, None, id="nothing changed"),
        pytest.param({"priority": 3, "linkage_detail": "带动三十人"}, None, id="what no notice belongs to"),
        pytest.param(sources(("central", "550000.00")), None, id="6: ten percent more"),
        pytest.param(sources(("central", "550000.01")), Level.TOWNSHIP, id="6: one fen beyond"),
        pytest.param(sources(("central", "450000.00")), None, id="ten percent less"),
        pytest.param(sources(("central", "449999.99")), Level.TOWNSHIP, id="one fen below that"),
        pytest.param({"name": "一村暖棚育苗基地"}, Level.VILLAGE, id="the name"),
        pytest.param({"content": "建设暖棚"}, Level.VILLAGE, id="the content"),
        pytest.param({"benefit": {"households": 61, "persons": 150}}, Level.VILLAGE, id="the beneficiaries"),
        pytest.param(
            {"places": [{"village": NEXT_VILLAGE, "share_ppm": 1_000_000, "village_type": "out_of_poverty"}]},
            Level.VILLAGE,
            id="the place",
        ),
        pytest.param(sources(("provincial", "500000.00")), Level.COUNTY, id="another source"),
        pytest.param(sources(("central", "450000.00"), ("provincial", "50000.00")), Level.COUNTY, id="one source more"),
    ],
)
def test_a_change_hangs_again_from_the_level_that_owns_it(changed: dict[str, Any], level: Level | None) -> None:
    """§1.6: place, content, beneficiaries → village; amount beyond the tolerance → township; source → county."""
    old = content()
    assert lowest_level(Changes(content(**changed), dict.fromkeys(Level, old), Fraction(1, 10))) == level


def test_small_changes_are_measured_against_what_hung_at_each_level() -> None:
    hung = {
        Level.VILLAGE: content(),
        Level.TOWNSHIP: content(),
        Level.COUNTY: content("540000.00"),
    }
    assert lowest_level(Changes(content("560000.00"), hung, Fraction(1, 10))) is Level.TOWNSHIP


def test_what_never_hung_stands_nowhere() -> None:
    hung = {Level.VILLAGE: content(), Level.TOWNSHIP: None, Level.COUNTY: None}
    assert lowest_level(Changes(content(), hung, Fraction(1, 10))) is Level.TOWNSHIP


def test_changed_fields_are_named() -> None:
    assert changed_fields(content(), content("500000.01", priority=1)) == ("funding", "priority")

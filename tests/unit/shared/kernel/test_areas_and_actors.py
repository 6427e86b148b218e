"""Area codes, scopes and grants."""

import pytest

from shared.kernel.actors import SYSTEM
from shared.kernel.areas import NATION, AreaCode, AreaLevel
from shared.kernel.ids import derived_id, new_id, new_ids
from shared.kernel.roles import ROLE_NAMES, Role
from shared.testing.services import person

VILLAGE = AreaCode.parse("230606100205")


@pytest.mark.parametrize(
    "text, level",
    [
        ("23", AreaLevel.PROVINCE),
        ("2306", AreaLevel.CITY),
        ("230606", AreaLevel.COUNTY),
        ("230606100", AreaLevel.TOWNSHIP),
        ("230606100205", AreaLevel.VILLAGE),
    ],
)
def test_m_div_02_short_codes_are_padded_and_know_their_level(text: str, level: AreaLevel) -> None:
    code = AreaCode.parse(text)
    assert (str(code), code.level) == (text.ljust(12, "0"), level)


@pytest.mark.parametrize("text", ["", "1", "23060", "23060610020x", "２３", "2306061002051"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="area code"):
        AreaCode.parse(text)


def test_the_way_up() -> None:
    assert [str(code) for code in VILLAGE.ancestry()] == [
        "230606100205",
        "230606100000",
        "230606000000",
        "230600000000",
        "230000000000",
        "000000000000",
    ]
    assert NATION.parent == NATION
    assert f"{VILLAGE}" == "230606100205"


def test_a_division_contains_what_lies_below_and_nothing_else() -> None:
    county = AreaCode.parse("230606")
    assert county.contains(VILLAGE)
    assert county.contains(county)
    assert not county.contains(AreaCode.parse("230605100201"))
    assert not VILLAGE.contains(county)


def test_a_grant_holds_in_its_area_and_below() -> None:
    clerk = person("clerk", "230606100", Role.TOWNSHIP_CLERK)
    assert clerk.may({Role.TOWNSHIP_CLERK}, VILLAGE)
    assert not clerk.may({Role.TOWNSHIP_CLERK}, AreaCode.parse("230606"))
    assert not clerk.may({Role.FINANCE_CLERK}, VILLAGE)
    assert SYSTEM.may({Role.SYSTEM}, VILLAGE)


def test_every_role_has_its_chinese_name() -> None:
    assert set(ROLE_NAMES) == set(Role)


def test_ids_never_go_backwards_and_derived_ids_come_again() -> None:
    ids = [*(new_id() for _ in range(10_000)), *new_ids(10_000), new_id()]
    assert ids == sorted(set(ids))
    assert {made.version for made in ids[:10] + ids[-10:]} == {7}
    assert derived_id(ids[0], "line") == derived_id(ids[0], "line") != derived_id(ids[0], "other")

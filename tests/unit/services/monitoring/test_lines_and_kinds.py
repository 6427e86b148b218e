"""The monitoring line: strict comparison, proposed kinds, lines below a higher level; M-LINE-06, 07, 10, M-ID-08."""

from datetime import date

import pytest

from services.monitoring.bulk.reference import read_rows
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.income import Sheet, figures
from services.monitoring.domain.lines import (
    Basis,
    LineTest,
    MonitorKind,
    Position,
    below_higher_line,
    no_line,
    not_above,
    propose_kind,
    standing,
)
from shared.kernel.areas import AreaCode
from shared.kernel.money import parse_yuan

LINE = 6_500_00
EXAMPLE = figures(
    Sheet(
        wage=18_000_00,
        business=9_600_00,
        business_expense=3_100_00,
        property=800_00,
        transfer=2_940_00,
        claims=1_000_00,
        self_paid=4_000_00,
    ),
    4,
)
LIFTED, ORDINARY = HouseholdType.POVERTY_LIFTED, HouseholdType.ORDINARY


@pytest.mark.parametrize(
    ("test", "household_type", "position", "kind"),
    [
        pytest.param(LineTest.NET, ORDINARY, Position.ABOVE, None, id="A01"),
        pytest.param(LineTest.NET_MINUS_RIGID, ORDINARY, Position.BELOW, MonitorKind.EDGE, id="A02-ordinary"),
        pytest.param(LineTest.NET_MINUS_RIGID, LIFTED, Position.BELOW, MonitorKind.UNSTABLE, id="A02-lifted"),
    ],
)
def test_the_example_household(
    test: LineTest,
    household_type: HouseholdType,
    position: Position,
    kind: MonitorKind | None,
) -> None:
    held = standing(EXAMPLE, LINE, test)
    assert held.position is position
    assert propose_kind(household_type, held.position, has_risk=True) is kind


def test_a03_on_the_line_is_neither_below_nor_above() -> None:
    held = standing(figures(Sheet(wage=26_000_00), 4), LINE, LineTest.NET)
    assert held.position is Position.ON_THE_LINE
    assert propose_kind(ORDINARY, held.position, has_risk=True) is None
    refused = not_above(held)
    assert refused is not None
    assert (refused.code, refused.rule) == ("NOT_ABOVE_LINE", "M-LINE-07")


@pytest.mark.parametrize(("wage", "position"), [(6_499_99, Position.BELOW), (6_500_01, Position.ABOVE)])
def test_m_line_07_one_fen_decides(wage: int, position: Position) -> None:
    held = standing(figures(Sheet(wage=wage), 1), LINE, LineTest.NET)
    assert held.position is position
    assert (not_above(held) is None) is (position is Position.ABOVE)


def test_a06_nobody_has_no_position_and_is_not_above() -> None:
    held = standing(figures(Sheet(wage=1), 0), LINE, LineTest.NET)
    assert (held.compared, held.position) == (None, None)
    assert not_above(held) is not None


@pytest.mark.parametrize(
    ("position", "has_risk", "serious", "kind"),
    [
        pytest.param(Position.BELOW, False, False, None, id="income-alone-enrols-nobody"),
        pytest.param(Position.ABOVE, True, True, MonitorKind.SUDDEN, id="sudden-may-be-above"),
        pytest.param(Position.ABOVE, True, False, None, id="risk-without-difficulty"),
        pytest.param(Position.BELOW, True, True, MonitorKind.EDGE, id="below-comes-first"),
        pytest.param(None, True, False, None, id="no-figure"),
    ],
)
def test_m_id_08_the_proposed_kind(
    position: Position | None,
    has_risk: bool,
    serious: bool,
    kind: MonitorKind | None,
) -> None:
    assert propose_kind(ORDINARY, position, has_risk=has_risk, serious_difficulty=serious) is kind


@pytest.mark.parametrize(
    ("amount", "higher", "reason", "refused"),
    [
        pytest.param(6_000_00, 6_500_00, "", True, id="A11"),
        pytest.param(6_000_00, 6_500_00, "省级批复同意", False, id="with-reason"),
        pytest.param(6_500_00, 6_500_00, "", False, id="equal"),
        pytest.param(6_000_00, None, "", False, id="nothing-above"),
    ],
)
def test_m_line_10_a_line_below_the_one_above(amount: int, higher: int | None, reason: str, refused: bool) -> None:
    found = below_higher_line(amount, higher, reason)
    assert (found is not None) is refused
    if found is not None:
        assert (found.rule, found.field) == ("M-LINE-10", "/amount")


def test_m_line_06_a_missing_line_is_told_with_place_and_day() -> None:
    (told,) = no_line(AreaCode.parse("430626"), date(2024, 5, 20)).violations
    assert (told.code, told.rule) == ("NO_LINE_CONFIGURED", "M-LINE-06")
    assert told.facts == {"area_code": "430626000000", "on": "2024-05-20"}


def test_the_shipped_lines_are_readable_and_name_their_source() -> None:
    rows = read_rows("monitoring_lines.csv")
    assert {row["area"] for row in rows} >= {"530000000000", "350526000000", "430626000000"}
    for row in rows:
        AreaCode.parse(row["area"])
        date.fromisoformat(row["effective_from"])
        Basis(row["basis"])
        assert parse_yuan(row["amount"]) >= 6_000_00
        assert row["confidence"] in {"A", "B"}
        assert row["source"]

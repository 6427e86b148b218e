"""Rules of an elimination as scenario tables: conditions by mode, months, labour, snapshot."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.monitoring.domain import elimination
from services.monitoring.domain.elimination import SUPPORT_STABLE, EliminationFacts, Measures
from services.monitoring.domain.episodes import Mode, is_without_labour, months_between, months_later, snapshot
from services.monitoring.domain.household_check import Dimension, Guarantee, HouseholdCheck, RigidSpending
from services.monitoring.domain.income import IncomeKind, figures
from services.monitoring.domain.lines import LineTest, standing
from services.monitoring.domain.risk import Cause
from services.monitoring.workflows.elimination import ELIMINATION
from shared.kernel.errors import Violation

CHECK = HouseholdCheck(
    seen=frozenset({UUID(int=1)}),
    persons=1,
    stated={**dict.fromkeys(IncomeKind, 0), IncomeKind.WAGE: 650_001},
    guarantees=dict.fromkeys(Dimension, Guarantee.OK),
    risks=(),
    serious_difficulty=False,
    rigid_spending=RigidSpending.SOLVED,
    stable_months=6,
)
LINE = 650_000


def facts(check: HouseholdCheck = CHECK, mode: Mode = Mode.BY_ASSISTANCE) -> EliminationFacts:
    return EliminationFacts(
        mode=mode,
        today=date(2022, 10, 1),
        identified_on=date(2022, 4, 30),
        check=check,
        standing=standing(figures(check.sheet, check.persons), LINE, LineTest.NET),
        stable_months=6,
        measures=Measures(delivered=2, undelivered=0),
        snapshot=snapshot(check),
        minimum_months=6,
        labour=("NORMAL",),
    )


def code(found: Violation | None) -> str | None:
    return found.code if found else None


def test_every_rule_that_the_declaration_names_is_here() -> None:
    assert {name for step in ELIMINATION.steps for name in step.guards} == set(elimination.GUARDS)


CONDITIONS = (
    elimination.income_above_line,
    elimination.rigid_spending_solved,
    elimination.guarantees_lasting,
    elimination.measures_delivered,
    elimination.risks_gone,
)


def test_all_conditions_hold_for_a_household_that_is_well() -> None:
    assert [rule(facts()) for rule in CONDITIONS] == [None] * 5


def earning(amount: int) -> HouseholdCheck:
    return replace(CHECK, stated={**CHECK.stated, IncomeKind.WAGE: amount})


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        pytest.param(elimination.income_above_line, facts(earning(LINE)), "NOT_ABOVE_LINE", id="A03-on-the-line"),
        pytest.param(elimination.income_above_line, facts(earning(LINE - 1)), "NOT_ABOVE_LINE", id="below"),
        pytest.param(
            elimination.income_above_line, facts(replace(CHECK, stable_months=5)), "INCOME_NOT_STEADY", id="M-EL-01"
        ),
        pytest.param(
            elimination.income_above_line, facts(earning(0), Mode.NATURAL), None, id="M-EL-09-natural-needs-no-income"
        ),
        pytest.param(
            elimination.rigid_spending_solved,
            facts(replace(CHECK, rigid_spending=RigidSpending.OPEN)),
            "RIGID_SPENDING_OPEN",
            id="M-EL-02",
        ),
        pytest.param(
            elimination.measures_delivered,
            replace(facts(), measures=Measures(1, 1)),
            "MEASURES_OPEN",
            id="M-EL-04-one-is-open",
        ),
        pytest.param(
            elimination.measures_delivered,
            replace(facts(), measures=Measures(0, 0)),
            "MEASURES_OPEN",
            id="M-EL-04-none",
        ),
        pytest.param(
            elimination.measures_delivered,
            replace(facts(mode=Mode.NATURAL), measures=Measures(0, 1)),
            None,
            id="M-EL-04-natural",
        ),
        pytest.param(
            elimination.risks_gone, facts(replace(CHECK, risks=(Cause.ILLNESS,))), "RISK_REMAINS", id="M-EL-05"
        ),
    ],
)
def test_conditions(
    rule: Callable[[EliminationFacts], Violation | None], given: EliminationFacts, expected: str | None
) -> None:
    assert code(rule(given)) == expected


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("status", [Guarantee.AT_RISK, Guarantee.NOT_OK, Guarantee.UNKNOWN])
def test_m_el_06_a_gap_forbids_it_in_any_mode(mode: Mode, status: Guarantee) -> None:
    check = replace(CHECK, guarantees={**CHECK.guarantees, Dimension.MEDICAL: status})
    assert code(elimination.guarantees_lasting(facts(check, mode))) == "GUARANTEE_GAP"


@pytest.mark.parametrize(
    ("identified", "today", "mode", "reason", "expected"),
    [
        pytest.param(date(2022, 4, 1), date(2022, 9, 30), Mode.BY_ASSISTANCE, "", "TOO_SOON", id="A29-202209"),
        pytest.param(date(2022, 4, 30), date(2022, 10, 1), Mode.BY_ASSISTANCE, "", None, id="A29-202210"),
        pytest.param(date(2022, 4, 1), date(2022, 9, 30), Mode.BY_ASSISTANCE, "x", "TOO_SOON", id="no-reason-helps"),
        pytest.param(date(2024, 3, 5), date(2024, 4, 5), Mode.NATURAL, "", "TOO_SOON", id="A30-needs-a-reason"),
        pytest.param(date(2024, 3, 5), date(2024, 4, 5), Mode.NATURAL, "患者去世", None, id="A30-with-a-reason"),
        pytest.param(date(2021, 12, 1), date(2022, 3, 31), Mode.BY_ASSISTANCE, "", None, id="before-the-rule"),
        pytest.param(date(2023, 11, 1), date(2024, 5, 1), Mode.BY_ASSISTANCE, "", None, id="over-the-year"),
    ],
)
def test_m_el_07_m_el_08_six_months_by_their_numbers(
    identified: date, today: date, mode: Mode, reason: str, expected: str | None
) -> None:
    given = replace(facts(mode=mode), identified_on=identified, today=today, county_reason=reason)
    assert code(elimination.minimum_months_passed(given)) == expected


@pytest.mark.parametrize(
    ("labour", "override", "expected"),
    [
        pytest.param(("NONE", "LOST"), "", "NO_LABOUR", id="A31"),
        pytest.param(("NONE", "LOST"), SUPPORT_STABLE, None, id="M-NL-03-override"),
        pytest.param(("NONE", "LOST"), "other", "NO_LABOUR", id="no-other-reason"),
        pytest.param(("NONE", "WEAK"), "", None, id="weak-labour-is-labour"),
        pytest.param((), "", None, id="nobody-left"),
    ],
)
def test_a31_a_household_without_labour(labour: tuple[str, ...], override: str, expected: str | None) -> None:
    given = replace(facts(), labour=labour, backstop_override=override)
    assert code(elimination.labour_not_missing(given)) == expected
    assert is_without_labour(labour) is (labour == ("NONE", "LOST"))


@pytest.mark.parametrize("kind", [IncomeKind.CLAIMS, IncomeKind.SELF_PAID, IncomeKind.WAGE])
def test_a34_a_blank_is_not_zero(kind: IncomeKind) -> None:
    assert elimination.snapshot_complete(facts()) is None
    blank = replace(CHECK, stated={**CHECK.stated, kind: None})
    found = elimination.snapshot_complete(facts(blank))
    assert found is not None
    assert (found.rule, found.facts["missing"]) == ("DQ-EL-01", [f"{kind.value}_fen"])


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 12, 20), 3, date(2025, 3, 20)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2024, 10, 31), 1, date(2024, 11, 30)),
    ],
)
def test_months_later(day: date, months: int, then: date) -> None:
    assert months_later(day, months) == then
    assert months_between(day, then) == months


def test_the_small_ones() -> None:
    assert elimination.look_backs_done(facts()) is None
    assert code(elimination.look_backs_done(replace(facts(), look_backs_open=1))) == "LOOK_BACKS_OPEN"
    assert code(elimination.approver_not_helper(replace(facts(), actor_helps=True))) == "APPROVER_IS_HELPER"
    assert code(elimination.publicity_stands(facts())) == "PUBLICITY_CUT_SHORT"
    assert code(elimination.vote_in_favour(facts())) == "NOT_CARRIED"
    assert code(elimination.objection_unfounded(replace(facts(), objection_founded=True))) == "RECHECK_SAYS_OTHERWISE"

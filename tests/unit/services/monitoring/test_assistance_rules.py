"""Rules of a plan and of measures as scenario tables."""

import pytest

from services.monitoring.domain.assistance import (
    ANSWERS,
    CATALOGUE,
    MEASURE_GUARDS,
    Effect,
    MeasureFacts,
    Nature,
    Situation,
    plan_fits,
)
from services.monitoring.domain.risk import Cause
from services.monitoring.workflows.measure import MEASURE

ILLNESS, SCHOOLING, HOUSING = Cause.ILLNESS, Cause.SCHOOLING, Cause.HOUSING


@pytest.mark.parametrize(
    ("risks", "kinds", "labour", "expected"),
    [
        pytest.param((ILLNESS,), ("medical_relief", "industry"), True, None, id="one-risk-and-a-living"),
        pytest.param((ILLNESS,), ("medical_relief",), True, "NO_DEVELOPMENT", id="M-AST-03"),
        pytest.param((ILLNESS,), ("industry",), True, "RISK_UNANSWERED", id="M-AST-02-unanswered"),
        pytest.param((ILLNESS,), (), True, "PLAN_EMPTY", id="empty"),
        pytest.param((ILLNESS,), ("medical_relief", "subsistence"), False, None, id="M-AST-04-backstop"),
        pytest.param((ILLNESS,), ("medical_relief",), False, "NO_BACKSTOP", id="M-AST-04"),
        pytest.param((ILLNESS,), ("subsistence",), False, None, id="the-backstop-answers-illness-too"),
        pytest.param(
            (ILLNESS,), ("medical_relief", "industry", "finance"), True, "PLAN_STACKED", id="M-AST-02-no-stacking"
        ),
        pytest.param(
            (ILLNESS, SCHOOLING),
            ("medical_relief", "education_aid", "employment"),
            True,
            None,
            id="M-AST-02-compound-risks",
        ),
        pytest.param((HOUSING,), ("housing_water", "employment"), True, None, id="housing"),
        pytest.param((Cause.UNSTABLE_JOB,), ("employment",), True, None, id="one-measure-may-do-both"),
    ],
)
def test_a_plan_fits_its_risks(
    risks: tuple[Cause, ...], kinds: tuple[str, ...], labour: bool, expected: str | None
) -> None:
    found = plan_fits(Situation(risks, kinds, has_labour=labour, has_primary_helper=True))
    assert (found and found.code) == expected


def test_m_ast_01_nobody_plans_without_a_cadre() -> None:
    found = plan_fits(Situation((ILLNESS,), ("subsistence",), has_labour=False, has_primary_helper=False))
    assert found is not None
    assert (found.code, found.rule) == ("NO_HELPER", "M-AST-01")


def test_the_catalogue_has_ten_kinds_and_answers_only_with_them() -> None:  # §5.2
    assert len(CATALOGUE) == 10
    assert all(kind.columns for kind in CATALOGUE.values())
    assert set().union(*ANSWERS.values()) <= CATALOGUE.keys()
    assert {code for code, kind in CATALOGUE.items() if kind.nature is Nature.DEVELOPMENT} == {"industry", "employment"}


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ("household_eligible", MeasureFacts(eligible=False), "HOUSEHOLD_NOT_MONITORED"),
        ("household_eligible", MeasureFacts(eligible=True), None),
        ("payment_on_record", MeasureFacts(eligible=True), "NO_PAYMENT"),
        ("payment_on_record", MeasureFacts(eligible=True, paid=True), None),
        ("effect_recorded", MeasureFacts(eligible=True), "EFFECT_MISSING"),
        ("effect_recorded", MeasureFacts(eligible=True, effect=Effect.WORSE), None),
    ],
)
def test_rules_of_a_measure(rule: str, facts: MeasureFacts, expected: str | None) -> None:
    found = MEASURE_GUARDS[rule](facts)
    assert (found and found.code) == expected
    assert {name for step in MEASURE.steps for name in step.guards} == set(MEASURE_GUARDS)

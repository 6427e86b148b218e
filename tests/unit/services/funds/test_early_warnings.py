"""The catalogue of early-warning rules against the table of domain-funds-assets §4.2: ids, colours, owners, clocks."""

import re

import pytest

from services.funds.checks.supervision import RAISING
from services.funds.domain.early_warnings import DESKS, RULES, EarlyWarning
from services.funds.service import SERVICE
from shared.checks.model import Check
from shared.checks.policy import named_parameters

_COLOURS = """
FW01 AR, FW02 R, FW03 A, FW04 AR, FW05 AR, FW06 AR, FW07 A, FW08 AR, FW09 R, FW10 AR, FW11 R, FW12 R, FW13 R, FW14 A, FW15 R,
FW16 R, FW17 R, FW18 R, FW19 R, FW20 R, FW21 A, FW22 R, FW23 AR, FW24 R, FW25 R, FW26 R, FW27 AR, FW28 AR, FW29 AR, FW30 A,
FW31 R, FW32 R, FW33 R, FW34 A, FW35 A, FW36 AR, FW37 A, FW38 A, FW39 R, FW40 R, FW41 A, FW42 R, FW43 A, FW44 A, FW45 R, FW46 R,
FW47 A, FW48 A, FW49 A, FW50 R"""
TABLE = dict(re.findall(r"(FW\d\d) ([AR]+)", _COLOURS))
STRICTER = {"FW31": "A", "FW38": "R"}
"""Beyond the table: three contracts with one supplier below every threshold are amber, a contradicting bank is red."""


def colours(check: Check) -> set[str]:
    """What a check may say: its own colour, and those that its SELECT gives."""
    own = {"amber": "A", "red": "R"}
    stated = {own[word] for word in re.findall(r"'(amber|red)'", check.select)}
    return stated if check.graded and "'amber'" in check.select else stated | {own[check.severity.value]}


def test_the_table_is_whole() -> None:
    assert list(TABLE) == [f"FW{number:02d}" for number in range(1, 51)]
    assert set(TABLE) <= set(RULES)
    ours = {rule for rule in RULES if rule not in TABLE}  # §3.6, §4.3, and what the national evaluation asks for
    assert {"FW-explained", "FW-owed", "FW-own-money", "FW-industry-trend"} <= ours
    assert all(rule.startswith("FW-") for rule in ours)


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_has_the_colours_of_the_table(rule: str) -> None:
    checks = [check for check in RAISING if check.rule == rule]
    found = set().union(*(colours(check) for check in checks))
    assert found - set(STRICTER.get(rule, "")) == set(TABLE[rule])


@pytest.mark.parametrize("known", RULES.values(), ids=lambda known: str(known.rule))
def test_a_rule_has_an_owner_a_basis_and_words(known: EarlyWarning) -> None:
    assert known.owner in DESKS
    assert known.owner in DESKS[known.owner]
    assert all((known.zh, known.en, known.basis))


def test_every_threshold_is_a_declared_parameter() -> None:
    named = {name for check in RAISING for name in named_parameters(check.select)}
    assert named <= SERVICE.declared_parameters.keys()
    clocks = {f"alert.days.{step}{colour}" for step in ("verify", "rectify") for colour in ("", ".red")}
    assert clocks <= SERVICE.declared_parameters.keys()


def test_one_cause_is_one_rule() -> None:
    """No SELECT is run under two ids: what is found is raised once (scenario 64)."""
    selects = [check.select for check in SERVICE.checks]
    assert len(selects) == len(set(selects))

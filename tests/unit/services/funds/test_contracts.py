"""Rules of contracts by scenario (domain-funds-assets §3.1, §3.5, §9)."""

from datetime import date
from fractions import Fraction

import pytest

from services.funds.domain.contracts import (
    ContractFacts,
    ContractKind,
    ContractMoney,
    ContractPaper,
    Procurement,
    certifiable,
    defect_period_limit,
    fields_complete,
    funded,
    quota_left,
    signed_after_award,
    tender_required,
    variation_cap,
    within_quota,
)
from shared.kernel.money import parse_yuan

SIGNED = date(2023, 3, 10)
TENTH = Fraction(1, 10)


def paper(**changed: object) -> ContractPaper:
    given: dict[str, object] = {
        "kind": ContractKind.WORKS,
        "procurement": Procurement.OPEN_TENDER,
        "signed_on": SIGNED,
        "award_notice": "同招中〔2023〕7号",
        "award_fen": None,
        "award_on": None,
        "defect_months": 12,
        "payee_confirmed": True,
    }
    return ContractPaper(**{**given, **changed})  # type: ignore[arg-type]


def facts(amount: str, quota: str = "0", **changed: object) -> ContractFacts:
    given: dict[str, object] = {
        "paper": paper(),
        "money": ContractMoney(parse_yuan(amount)),
        "project_state": "FUNDED",
        "quota": parse_yuan(quota),
        "today": SIGNED,
    }
    return ContractFacts(**{**given, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "quota", "passes"),
    [
        pytest.param("1000000.00", "1000000.00", True, id="25 all of the quota"),
        pytest.param("1000000.01", "1000000.00", False, id="25 one fen beyond"),
    ],
)
def test_lm02_a_contract_stays_within_the_quota(amount: str, quota: str, passes: bool) -> None:
    assert (within_quota(facts(amount, quota)) is None) is passes


def test_lm02_a_variation_is_held_against_the_quota_by_itself() -> None:
    assert within_quota(facts("960000.00", "40000.00", variation=4_000_000)) is None
    found = within_quota(facts("960000.00", "40000.00", variation=4_000_001))
    assert found is not None
    assert (found.rule, found.facts["available"]) == ("LM02", "40000.00")


@pytest.mark.parametrize(
    ("released", "passes"),
    [
        pytest.param(-48_000_000, True, id="down to the work that is certified"),
        pytest.param(-48_000_001, False, id="D12 one fen below it"),
    ],
)
def test_a_smaller_contract_still_buys_what_is_certified_and_asked_for(released: int, passes: bool) -> None:
    certified = ContractMoney(96_000_000, certified=48_000_000)
    asked = ContractMoney(96_000_000, advanced=28_000_000, open_cash=20_000_000)
    for money in (certified, asked):
        found = within_quota(facts("960000.00", money=money, variation=released))
        assert (found is None) is passes
        assert found is None or (found.code, found.facts["least"]) == ("VARIATION_BELOW_WORK", "480000.00")


@pytest.mark.parametrize(
    ("amount", "variations", "passes"),
    [
        pytest.param("960000.00", "96000.00", True, id="41 exactly ten percent"),
        pytest.param("960000.00", "96000.01", False, id="41 one fen more"),
        pytest.param("333333.33", "33333.33", True, id="rounded down"),
        pytest.param("333333.33", "33333.34", False, id="not rounded up"),
        pytest.param("960000.00", "-200000.00", True, id="a smaller contract"),
    ],
)
def test_lm08_variations_together_stay_within_their_cap(amount: str, variations: str, passes: bool) -> None:
    assert (variation_cap(parse_yuan(amount), parse_yuan(variations), TENTH) is None) is passes


@pytest.mark.parametrize(
    ("procurement", "notice", "amount", "passes"),
    [
        pytest.param(Procurement.COMPETITIVE, None, "3999999.99", True, id="below the threshold"),
        pytest.param(Procurement.COMPETITIVE, None, "4000000.00", False, id="at the threshold"),
        pytest.param(Procurement.OPEN_TENDER, None, "4000000.00", False, id="a tender without its notice"),
        pytest.param(Procurement.OPEN_TENDER, "同招中〔2023〕7号", "19500000.00", True, id="tendered"),
        pytest.param(Procurement.SELF_BUILD, None, "4000000.00", True, id="villagers build"),
    ],
)
def test_fw32_works_from_the_threshold_on_are_tendered(
    procurement: Procurement, notice: str | None, amount: str, passes: bool
) -> None:
    given = paper(procurement=procurement, award_notice=notice)
    assert (tender_required(given, parse_yuan(amount), parse_yuan("4000000.00")) is None) is passes


@pytest.mark.parametrize(
    ("award_on", "passes"),
    [
        pytest.param(date(2023, 2, 8), True, id="thirty days"),
        pytest.param(date(2023, 2, 7), False, id="thirty-one days"),
        pytest.param(date(2023, 3, 11), False, id="before the award"),
        pytest.param(None, True, id="no award"),
    ],
)
def test_a_contract_is_signed_within_thirty_days_of_its_award(award_on: date | None, passes: bool) -> None:
    assert (signed_after_award(paper(award_on=award_on), 30) is None) is passes


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param({"signed_on": date(2023, 3, 11)}, "/signed_on", id="signed tomorrow"),
        pytest.param({"award_fen": 95_999_999}, "/amount", id="above the award"),
        pytest.param({"payee_confirmed": False}, "/payee_id", id="payee not confirmed"),
    ],
)
def test_a_contract_that_lacks_something_is_not_registered(changed: dict[str, object], field: str) -> None:
    found = fields_complete(facts("960000.00", paper=paper(**changed)))
    assert found is not None
    assert found.field == field
    assert fields_complete(facts("960000.00")) is None


def test_lm11_the_defect_period_has_a_longest_term() -> None:
    assert defect_period_limit(24, 24) is None
    assert defect_period_limit(25, 24) is not None


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("FUNDED", ""),
        ("IMPLEMENTING", ""),
        ("SUSPENDED", "PROJECT_SUSPENDED"),
        ("IN_LIBRARY", "PROJECT_NOT_FUNDED"),
        ("COUNTY_PUBLICITY", "PROJECT_NOT_FUNDED"),
        ("SETTLED", "PROJECT_NOT_FUNDED"),
    ],
)
def test_nl18_only_a_funded_project_binds_money(state: str, code: str) -> None:
    found = funded(state)
    assert (found.code if found else "") == code


def test_d12_no_more_is_certified_than_contract_and_variations() -> None:
    money = ContractMoney(96_000_000, variations=4_000_000, certified=48_000_000)
    assert certifiable(money, 52_000_000) is None
    assert certifiable(money, 52_000_001) is not None


def test_a_quota_of_nothing_refuses_one_fen() -> None:
    assert quota_left(1, 0) is not None
    assert quota_left(0, 0) is None

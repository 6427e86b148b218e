"""What a stage may take, by scenario: limits on exact fractions, papers, dates, persons (domain-funds-assets §3.5, §9)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from services.funds.domain import payments as rules
from services.funds.domain.contracts import ContractMoney
from services.funds.domain.payment_limits import (
    Request,
    Shares,
    Stage,
    arrival,
    hard_limits,
    reservation,
    reserved,
    soft_limits,
)
from services.funds.domain.payments import PAPERS, BankSlip, PaymentFacts
from shared.kernel.errors import Violation
from shared.kernel.money import parse_yuan

TODAY = date(2023, 9, 1)
SHARES = Shares(Fraction(3, 10), Fraction(97, 100), Fraction(4, 5), Fraction(9, 10))
WORKS = ContractMoney(amount=parse_yuan("960000.00"))


def ask(stage: Stage, cash: str, recoup: str = "0") -> Request:
    return Request(stage, parse_yuan(cash), parse_yuan(recoup), TODAY, None)


def soft(money: ContractMoney, request: Request, *, accepted: bool = False) -> list[str]:
    return [found.rule for found in soft_limits(money, request, SHARES, is_accepted=accepted)]


def hard(money: ContractMoney, request: Request) -> list[str]:
    return [found.rule for found in hard_limits(money, request)]


@pytest.mark.parametrize(
    ("contract", "advance", "passes"),
    [
        pytest.param("960000.00", "288000.00", True, id="26 thirty percent"),
        pytest.param("960000.00", "288000.01", False, id="26 one fen more"),
        pytest.param("333333.33", "99999.99", True, id="26 floor of 99999.999"),
        pytest.param("333333.33", "100000.00", False, id="26 not rounded up"),
    ],
)
def test_lm03_an_advance_is_at_most_thirty_percent(contract: str, advance: str, passes: bool) -> None:
    money = ContractMoney(amount=parse_yuan(contract))
    assert soft(money, ask(Stage.ADVANCE, advance)) == ([] if passes else ["LM03"])


def test_lm03_leaves_provisional_sums_out_and_counts_what_is_asked_for_already() -> None:
    money = replace(WORKS, provisional=parse_yuan("60000.00"), open_advance=parse_yuan("100000.00"))
    assert soft(money, ask(Stage.ADVANCE, "170000.00")) == []
    assert soft(money, ask(Stage.ADVANCE, "170000.01")) == ["LM03"]


@pytest.mark.parametrize(
    ("cash", "passes"),
    [
        pytest.param("465600.00", True, id="31 ninety-seven percent"),
        pytest.param("465600.01", False, id="31 one fen more"),
    ],
)
def test_lm05_work_is_paid_up_to_97_percent_of_what_is_certified(cash: str, passes: bool) -> None:
    money = replace(WORKS, certified=parse_yuan("480000.00"))
    assert soft(money, ask(Stage.PROGRESS, cash)) == ([] if passes else ["LM05"])


def test_lm05_the_recouped_advance_counts_as_paid_for_work() -> None:
    money = replace(WORKS, certified=parse_yuan("480000.00"), advanced=parse_yuan("288000.00"))
    assert soft(money, ask(Stage.PROGRESS, "321600.00", "144000.00")) == []
    assert soft(money, ask(Stage.PROGRESS, "321600.01", "144000.00")) == ["LM05"]


@pytest.mark.parametrize(
    ("certified", "recoup", "passes"),
    [
        pytest.param("767999.99", "0.00", True, id="before eighty percent"),
        pytest.param("768000.00", "288000.00", True, id="at eighty percent, all of it"),
        pytest.param("768000.00", "287999.99", False, id="at eighty percent, one fen short"),
    ],
)
def test_lm06_the_advance_is_recouped_by_eighty_percent(certified: str, recoup: str, passes: bool) -> None:
    money = replace(WORKS, certified=parse_yuan(certified), advanced=parse_yuan("288000.00"))
    assert soft(money, ask(Stage.PROGRESS, "1000.00", recoup)) == ([] if passes else ["LM06"])


def test_lm06_nobody_recoups_more_than_was_advanced() -> None:
    money = replace(WORKS, certified=parse_yuan("480000.00"), advanced=100, open_recoup=40)
    assert hard(money, ask(Stage.PROGRESS, "1000.00", "0.60")) == []
    assert hard(money, ask(Stage.PROGRESS, "1000.00", "0.61")) == ["LM06"]


def test_lm07_before_the_acceptance_ninety_percent_is_the_end() -> None:
    money = replace(
        WORKS, certified=parse_yuan("960000.00"), advanced=parse_yuan("100000.00"), recouped=parse_yuan("100000.00")
    )
    money = replace(money, worked=parse_yuan("700000.00"))
    assert soft(money, ask(Stage.PROGRESS, "64000.00")) == []
    assert soft(money, ask(Stage.PROGRESS, "64000.01")) == ["LM07"]
    assert soft(money, ask(Stage.PROGRESS, "64000.01"), accepted=True) == []


def test_lm07_gives_way_to_what_the_contract_says() -> None:
    money = replace(WORKS, certified=parse_yuan("960000.00"))
    shares = SHARES.as_contracted(950_000)
    assert not list(soft_limits(money, ask(Stage.PROGRESS, "912000.00"), shares, is_accepted=False))
    assert [
        found.rule for found in soft_limits(money, ask(Stage.PROGRESS, "912000.01"), shares, is_accepted=False)
    ] == [
        "LM07",
    ]


def test_d12_nothing_is_paid_beyond_the_certified_value_whatever_the_modes() -> None:
    money = replace(WORKS, certified=parse_yuan("480000.00"), open_cash=parse_yuan("400000.00"))
    assert hard(money, ask(Stage.PROGRESS, "80000.00")) == []
    assert hard(money, ask(Stage.PROGRESS, "80000.01")) == ["D12"]


def test_16_17_what_is_asked_for_counts_against_the_contract() -> None:
    money = replace(WORKS, open_advance=parse_yuan("900000.00"))
    assert hard(money, ask(Stage.ADVANCE, "60000.00")) == []
    assert hard(money, ask(Stage.ADVANCE, "60000.01")) == ["LM02"]


SETTLED = replace(
    WORKS,
    certified=parse_yuan("951234.57"),
    advanced=parse_yuan("288000.00"),
    recouped=parse_yuan("288000.00"),
    worked=parse_yuan("480000.00"),
    settlement=parse_yuan("951234.57"),
    retention=parse_yuan("28537.03"),
)


def test_lm10_the_balance_is_what_is_settled_less_paid_and_retained() -> None:
    assert hard(SETTLED, ask(Stage.BALANCE, "154697.54")) == []
    assert hard(SETTLED, ask(Stage.BALANCE, "154697.55")) == ["LM10"]


def test_30_with_a_guarantee_the_balance_includes_the_retention() -> None:
    guaranteed = replace(SETTLED, retention=0)
    assert hard(guaranteed, ask(Stage.BALANCE, "183234.57")) == []
    assert hard(guaranteed, ask(Stage.BALANCE, "183234.58")) == ["LM10"]


def test_lm09_a_retention_is_released_once() -> None:
    paid = replace(SETTLED, worked=SETTLED.worked + parse_yuan("154697.54"))
    assert hard(paid, ask(Stage.RETENTION, "28537.03")) == []
    asked = replace(paid, retention_used=1, open_cash=1)
    assert hard(asked, ask(Stage.RETENTION, "28537.03")) == ["LM09"]


@pytest.mark.parametrize("stage", list(Stage))
def test_a_request_that_is_given_up_leaves_the_contract_as_it_was(stage: Stage) -> None:
    request = ask(stage, "1000.00", "10.00" if stage is Stage.PROGRESS else "0")
    assert reserved(reserved(SETTLED, request), request, -1) == SETTLED
    assert set(reservation(request)) <= set(ContractMoney.__slots__)


def test_an_arrived_progress_payment_is_work_and_no_longer_open() -> None:
    request = ask(Stage.PROGRESS, "240000.00", "144000.00")
    money = reserved(replace(WORKS, certified=parse_yuan("480000.00"), advanced=parse_yuan("288000.00")), request)
    after = replace(money, **{name: getattr(money, name) + fen for name, fen in arrival(request).items()})
    assert (after.expended, after.outstanding, after.in_flight) == (
        parse_yuan("384000.00"),
        parse_yuan("144000.00"),
        False,
    )
    assert after.paid == parse_yuan("528000.00")


# ── papers, dates, persons ──────────────────────────────────────────────────


def facts(stage: Stage = Stage.PROGRESS, /, **changed: object) -> PaymentFacts:
    given: dict[str, object] = {
        "request": ask(stage, "100.00"),
        "project_state": "IMPLEMENTING",
        "contract_state": {"balance": "SETTLED", "retention": "RETENTION"}.get(stage, "ACTIVE"),
        "before": replace(WORKS, certified=parse_yuan("480000.00")),
        "signed_on": date(2023, 3, 1),
        "certified_on": date(2023, 8, 1),
        "accepted_on": None,
        "defects_until": None,
        "committed": parse_yuan("960000.00"),
        "papers": PAPERS[stage],
        "invoices": 1,
        "invoices_used": 0,
        "payee_confirmed": True,
        "related_to_payee": False,
        "instructed_on": date(2023, 8, 31),
        "bank_reference": "BK-1",
        "slip": BankSlip(parse_yuan("100.00"), TODAY, "BK-1", used_elsewhere=False),
        "today": TODAY,
    }
    return PaymentFacts(**{**given, **changed})  # type: ignore[arg-type]


def code(found: Violation | None) -> str:
    return found.code if found else ""


@pytest.mark.parametrize(
    ("stage", "changed", "expected"),
    [
        pytest.param(Stage.BALANCE, {"accepted_on": date(2023, 9, 2)}, "DATE_ORDER", id="42 one day before acceptance"),
        pytest.param(Stage.BALANCE, {"accepted_on": TODAY}, "", id="on the day of acceptance"),
        pytest.param(Stage.ADVANCE, {"signed_on": date(2023, 9, 2)}, "DATE_ORDER", id="LM04 before the contract"),
        pytest.param(Stage.PROGRESS, {"certified_on": date(2023, 9, 2)}, "DATE_ORDER", id="before the valuation"),
        pytest.param(Stage.PROGRESS, {"today": date(2023, 8, 31)}, "DATE_ORDER", id="tomorrow"),
    ],
)
def test_3_4_nobody_applies_before_what_the_application_rests_on(
    stage: Stage, changed: dict[str, object], expected: str
) -> None:
    assert code(rules.document_dates_in_order(facts(stage, **changed))) == expected


def test_3_4_b_the_townships_opinion_is_not_older_than_the_application() -> None:
    request = replace(ask(Stage.PROGRESS, "100.00"), opinion_on=date(2023, 8, 31))
    assert code(rules.document_dates_in_order(facts(request=request))) == "DATE_ORDER"
    assert code(rules.document_dates_in_order(facts(request=replace(request, opinion_on=TODAY)))) == ""


@pytest.mark.parametrize("stage", list(Stage))
def test_3_4_each_stage_has_its_papers(stage: Stage) -> None:
    assert code(rules.documents_complete(facts(stage))) == ""
    for paper in PAPERS[stage]:
        found = rules.documents_complete(facts(stage, papers=PAPERS[stage] - {paper}))
        assert found is not None
        assert found.facts["missing"] == [paper]


def test_3_4_an_invoice_stands_behind_all_but_the_retention() -> None:
    assert code(rules.documents_complete(facts(Stage.ADVANCE, invoices=0))) == "DOCUMENTS_MISSING"
    assert code(rules.documents_complete(facts(Stage.RETENTION, invoices=0))) == ""


def test_39_an_invoice_is_paid_once() -> None:
    assert code(rules.invoice_unused(facts(invoices_used=1))) == "INVOICE_USED"
    assert code(rules.invoice_unused(facts())) == ""


@pytest.mark.parametrize(
    ("amount", "rank", "signed", "passes"),
    [
        ("50000.00", "section_head", False, True),
        ("50000.01", "section_head", False, False),
        ("500000.00", "deputy_director", False, True),
        ("500000.01", "deputy_director", True, False),
        ("500000.01", "director", False, False),
        ("500000.01", "director", True, True),
    ],
)
def test_3_2_6_who_may_approve_how_much(amount: str, rank: str, signed: bool, passes: bool) -> None:
    found = rules.approval_tier(parse_yuan(amount), rank, parse_yuan("50000"), parse_yuan("500000"), signed=signed)
    assert (found is None) is passes


@pytest.mark.parametrize(
    ("guard", "changed", "expected"),
    [
        (rules.project_not_suspended, {"project_state": "SUSPENDED"}, "PROJECT_SUSPENDED"),
        (rules.project_not_suspended, {"project_state": "IN_LIBRARY"}, "PROJECT_NOT_PAYABLE"),
        (rules.payee_not_related, {"related_to_payee": True}, "PAYEE_RELATED"),
        (rules.payee_account_settled, {"payee_confirmed": False}, "PAYEE_NOT_CONFIRMED"),
        (rules.within_committed, {"committed": 9_999}, "STAGE_LIMIT"),
        (rules.within_stage_limits, {"contract_state": "REGISTERED"}, "CONTRACT_STAGE"),
        (rules.bank_slip_matches, {"slip": BankSlip(9_999, TODAY, "BK-2", used_elsewhere=False)}, "BANK_SLIP_MISMATCH"),
        (rules.bank_slip_matches, {"slip": BankSlip(10_000, TODAY, "BK-2", used_elsewhere=True)}, "BANK_SLIP_MISMATCH"),
        (rules.bank_slip_matches, {"slip": None}, "BANK_SLIP_MISMATCH"),
        (
            rules.bank_slip_matches,
            {"slip": BankSlip(10_000, date(2023, 8, 30), "BK-2", used_elsewhere=False)},
            "BANK_SLIP_MISMATCH",
        ),
        (rules.bank_statement_matches, {"bank_reference": "BK-9"}, "BANK_SLIP_MISMATCH"),
    ],
)
def test_each_guard_refuses_what_it_is_for(guard: object, changed: dict[str, object], expected: str) -> None:
    assert callable(guard)
    assert code(guard(facts(**changed))) == expected
    assert code(guard(facts())) == ""


@pytest.mark.parametrize(
    ("until", "blocked"),
    [
        pytest.param(date(2023, 9, 1), True, id="36 the third working day"),
        pytest.param(date(2023, 8, 31), False, id="36 the fourth"),
        pytest.param(None, False, id="never changed"),
    ],
)
def test_36_a_changed_account_rests(until: date | None, blocked: bool) -> None:
    assert (rules.account_frozen(until, TODAY) is not None) is blocked


def test_lm12_only_the_party_is_paid() -> None:
    assert rules.payee_party(is_party=True) is None
    found = rules.payee_party(is_party=False)
    assert code(rules.payee_is_party(facts(blocked={"LM12": found}))) == "PAYEE_NOT_PARTY"


def test_lm11_a_retention_waits_for_its_day() -> None:
    money = replace(SETTLED, worked=SETTLED.worked + parse_yuan("154697.54"))
    waiting = facts(Stage.RETENTION, before=money, defects_until=TODAY)
    assert code(rules.within_stage_limits(waiting)) == "DEFECT_PERIOD_RUNNING"
    assert code(rules.within_stage_limits(replace(waiting, defects_until=date(2023, 8, 31)))) == ""

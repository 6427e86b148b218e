"""What a payment of the treasury does to its contract: postings by source, limits it broke, and what cannot be posted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from services.funds.domain.contracts import ContractMoney
from services.funds.domain.payment_limits import Shares, Stage
from services.funds.domain.treasury_matching import OpenLine, Reason
from services.funds.domain.treasury_posting import Held, Purses, Recorded, Standing, after, record, warning_of

CONTRACT, PROJECT, PAYEE = (UUID(int=n) for n in (1, 2, 3))
X, Y = UUID(int=10), UUID(int=11)
DOCUMENTS = {X: "中央1号", Y: "县2号"}
ON = date(2023, 6, 1)
SHARES = Shares(Fraction(3, 10), Fraction(97, 100), Fraction(4, 5), Fraction(9, 10))
MONEY = ContractMoney(amount=100_000)
STANDING = Standing(
    id=CONTRACT,
    project_id=PROJECT,
    area=230606100200,
    payee_id=PAYEE,
    state="ACTIVE",
    project_state="IMPLEMENTING",
    signed_on=date(2023, 4, 1),
    accepted_on=None,
    defects_until=None,
    before_acceptance_ppm=None,
    held_by_goals=False,
)


def line(amount: int, stage: Stage | None = None, **changed: Any) -> OpenLine:
    return replace(OpenLine(UUID(int=99), "S1", ON, "", "", PAYEE, amount, 0, stage), **changed)


def purses(
    committed: tuple[int, int] = (60_000, 40_000), retained: int = 0, quota: int = 0, advance: int = 0
) -> Purses:
    held = [("1300", CONTRACT, X, 2023, committed[0]), ("1300", CONTRACT, Y, 2023, committed[1])]
    more = [
        ("1310", CONTRACT, X, 2023, retained),
        ("1200", PROJECT, X, 2023, quota),
        ("1500", CONTRACT, X, 2023, advance),
    ]
    return Purses([*held, *more], DOCUMENTS)


def posted(
    asked: OpenLine, money: ContractMoney = MONEY, own: Purses | None = None, **standing: Any
) -> tuple[list[str], list[str]]:
    """Templates of a payment that can be posted, and the rules it broke."""
    made = record(asked, replace(STANDING, **standing), money, own or purses(), SHARES)
    assert isinstance(made, Recorded), made
    return [template for template, _ in made.postings], [broken.rule for broken in made.breaches]


def held(asked: OpenLine, money: ContractMoney = MONEY, own: Purses | None = None, **standing: Any) -> tuple[str, str]:
    made = record(asked, replace(STANDING, **standing), money, own or purses(), SHARES)
    assert isinstance(made, Held), made
    return made.reason, made.violation.rule


def test_each_stage_is_posted_as_an_instruction_would_be() -> None:
    certified = replace(MONEY, certified=50_000)
    assert posted(line(30_000, Stage.ADVANCE)) == (["P07", "P08"], [])
    assert posted(line(40_000, Stage.PROGRESS), certified) == (["P07", "P09"], [])
    advanced = replace(certified, advanced=10_000)
    recouping = posted(line(20_000, Stage.PROGRESS, recoup=10_000), advanced, purses(advance=10_000))
    assert recouping == (["P07", "P09", "P10"], [])
    settled = replace(MONEY, certified=100_000, settlement=100_000, retention=3_000)
    assert posted(line(97_000, Stage.BALANCE), settled, state="SETTLED") == (["P07", "P09"], [])
    over = {"state": "RETENTION", "defects_until": date(2023, 5, 31)}
    assert posted(line(3_000, Stage.RETENTION), settled, purses(retained=3_000), **over) == (
        ["P07.retention", "P09"],
        [],
    )


@pytest.mark.parametrize(
    ("standing", "money", "stage"),
    [
        ({}, MONEY, Stage.ADVANCE),
        ({}, replace(MONEY, certified=50_000), Stage.PROGRESS),
        ({"state": "SETTLED"}, replace(MONEY, certified=100_000, settlement=100_000), Stage.BALANCE),
    ],
)
def test_where_the_file_says_nothing_the_contract_does(
    standing: Mapping[str, str], money: ContractMoney, stage: Stage
) -> None:
    made = record(line(1_000), replace(STANDING, **standing), money, purses(), SHARES)  # type: ignore[arg-type]
    assert isinstance(made, Recorded)
    assert made.stage is stage


BREACHES = {
    "LM04 an advance after the works": (line(1, Stage.ADVANCE), MONEY, {"state": "COMPLETED"}, "LM04", "FW10"),
    "LM06 an advance that work should have made good": (
        line(1, Stage.PROGRESS),
        replace(MONEY, certified=80_000, advanced=10_000),
        {},
        "LM06",
        "FW10",
    ),
    "LM07 more than 90 % before the acceptance": (
        line(90_001, Stage.PROGRESS),
        replace(MONEY, certified=100_000),
        {},
        "LM07",
        "FW09",
    ),
    "LM10 more than the settlement leaves": (
        line(97_001, Stage.BALANCE),
        replace(MONEY, certified=100_000, settlement=100_000, retention=3_000),
        {"state": "SETTLED"},
        "LM10",
        "FW11",
    ),
    "LM11 the retention before its day": (
        line(1, Stage.RETENTION),
        replace(MONEY, certified=100_000, settlement=100_000, retention=3_000),
        {"state": "RETENTION", "defects_until": ON},
        "LM11",
        "FW09",
    ),
    "NL18 a project that is not under way": (line(1, Stage.ADVANCE), MONEY, {"project_state": "DRAFT"}, "NL18", "FW26"),
    "F-1.5-s a suspended project": (
        line(1, Stage.ADVANCE),
        MONEY,
        {"project_state": "SUSPENDED"},
        "F-1.5-s",
        "FW-recorded",
    ),
    "F-5.4 payments held by goals": (line(1, Stage.ADVANCE), MONEY, {"held_by_goals": True}, "F-5.4", "FW-recorded"),
    "F-3.2.3 an account of one person": (
        line(1, Stage.ADVANCE, payee_confirmed=False),
        MONEY,
        {},
        "F-3.2.3",
        "FW-recorded",
    ),
}


@pytest.mark.parametrize(("asked", "money", "standing", "rule", "warning"), BREACHES.values(), ids=list(BREACHES))
def test_a_limit_that_is_a_rule_is_told_and_posted(
    asked: OpenLine, money: ContractMoney, standing: Mapping[str, Any], rule: str, warning: str
) -> None:
    _, broken = posted(asked, money, purses(retained=3_000), **standing)
    assert broken == [rule]
    assert warning_of(rule) == warning


def test_a_contracts_own_share_and_an_acceptance_lift_the_cap() -> None:
    """LM07: what the contract lets be paid before the acceptance; none after it."""
    certified = replace(MONEY, certified=100_000)
    assert posted(line(95_000, Stage.PROGRESS), certified, before_acceptance_ppm=950_000) == (["P07", "P09"], [])
    assert posted(line(97_000, Stage.PROGRESS), certified, accepted_on=ON) == (["P07", "P09"], [])


HELD = {
    "not registered": (line(1, Stage.ADVANCE), MONEY, {"state": "DRAFT"}, (Reason.NOT_REGISTERED, "LM02")),
    "LM02 more than the contract": (line(100_001, Stage.ADVANCE), MONEY, {}, (Reason.LIMIT, "LM02")),
    "D12 more than is certified": (line(1, Stage.PROGRESS), MONEY, {}, (Reason.LIMIT, "D12")),
    "LM06 more recouped than advanced": (
        line(1, Stage.PROGRESS, recoup=1),
        replace(MONEY, certified=50_000),
        {},
        (Reason.LIMIT, "LM06"),
    ),
    "LM09 more than is retained": (line(1, Stage.RETENTION), MONEY, {"state": "RETENTION"}, (Reason.LIMIT, "LM09")),
    "a document that bears nothing here": (
        line(1, Stage.ADVANCE, document_no="别的3号"),
        MONEY,
        {},
        (Reason.BEYOND_QUOTA, "LM02"),
    ),
}


@pytest.mark.parametrize(("asked", "money", "standing", "why"), HELD.values(), ids=list(HELD))
def test_what_arithmetic_forbids_is_held(
    asked: OpenLine, money: ContractMoney, standing: Mapping[str, Any], why: tuple[str, str]
) -> None:
    assert held(asked, money, **standing) == why


def test_without_a_document_the_sources_bear_in_proportion_to_the_fen() -> None:
    """§3.8: by what remains, the last payment empties all."""
    own, money = purses((2, 1)), MONEY
    for amount, parts in ((1, {X: 1}), (2, {X: 1, Y: 1})):
        made = record(line(amount, Stage.ADVANCE), STANDING, money, own, SHARES)
        assert isinstance(made, Recorded)
        assert {cell[0]: fen for cell, fen in made.paid.items()} == parts
        money = after(money, made.moved)
    assert money.advanced == 3
    assert held(line(1, Stage.ADVANCE), money, own)[0] == Reason.BEYOND_QUOTA


def test_the_commitment_follows_the_charged_document_as_far_as_its_quota() -> None:
    """P06 both ways; one fen more than the quota has is held, and nothing is drawn."""
    own = purses(quota=5_000)
    charged = line(65_001, Stage.ADVANCE, document_no="中央1号")
    assert held(charged, own=own) == (Reason.BEYOND_QUOTA, "LM02")
    made = record(replace(charged, amount=65_000), STANDING, MONEY, own, SHARES)
    assert isinstance(made, Recorded)
    assert made.postings[:2] == [("P06.release", {(Y, 2023): 5_000}), ("P06", {(X, 2023): 5_000})]
    assert made.paid == {(X, 2023): 65_000}
    assert own.cells("1300", CONTRACT) == {(Y, 2023): 35_000}
    assert own.cells("1200", PROJECT) == {(Y, 2023): 5_000}

"""Early warnings on contracts, each at its exact border: FW09, FW10, FW11, FW31, FW32, FW33, FW35."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.ids import new_id
from tests.service.funds.ground import Ground
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio

ON = "2023-12-01"


async def found_of(ground: Ground, rule: str, on: str = ON, **money: Any) -> str | None:
    """What a rule says of one contract."""
    project = await ground.project("IMPLEMENTING")
    state = money.pop("state", "ACTIVE")
    contract = await WorkGround(ground).contract(project, state, **money)
    return (await ground.found(rule, on)).get(str(contract))


@pytest.mark.parametrize(("worked", "severity"), [("465600.00", None), ("465600.01", "red")])
async def test_fw09_97_percent_of_what_is_certified(ground: Ground, worked: str, severity: str | None) -> None:
    # scenario 31
    money = {"amount": "960000.00", "certified": "480000.00", "worked": worked}
    assert await found_of(ground, "FW09", **money) == severity


async def test_fw09_a_settled_contract_is_measured_by_its_settlement(ground: Ground) -> None:
    money = {"amount": "100.00", "certified": "100.00", "worked": "100.00", "settlement": "100.00"}
    assert await found_of(ground, "FW09", **money) is None


@pytest.mark.parametrize(
    ("amount", "advanced", "severity"),
    [
        ("960000.00", "288000.00", None),
        ("960000.00", "288000.01", "red"),
        ("333333.33", "99999.99", None),
        ("333333.33", "100000.00", "red"),
    ],
)
async def test_fw10_an_advance_is_thirty_percent_at_most(
    ground: Ground, amount: str, advanced: str, severity: str | None
) -> None:
    # scenario 26
    assert await found_of(ground, "FW10", amount=amount, advanced=advanced, certified=advanced) == severity


@pytest.mark.parametrize(
    ("paid_on", "on", "severity"),
    [
        ("2023-03-31", "2023-05-01", "red"),
        ("2023-04-01", "2023-09-28", None),
        ("2023-04-01", "2023-09-29", "amber"),
    ],
)
async def test_fw10_not_before_the_contract_and_not_for_half_a_year_without_work(
    ground: Ground, paid_on: str, on: str, severity: str | None
) -> None:
    project = await ground.project("IMPLEMENTING")
    works = WorkGround(ground)
    contract = await works.contract(project, amount="100.00", advanced="10.00")
    await works.payment(contract, project, stage="advance", paid_on=date.fromisoformat(paid_on))
    assert (await ground.found("FW10", on)).get(str(contract)) == severity


@pytest.mark.parametrize(("settlement", "severity"), [("768000.00", None), ("767999.99", "red")])
async def test_fw11_more_was_paid_than_the_settlement_allows(
    ground: Ground, settlement: str, severity: str | None
) -> None:
    # scenario 32
    money = {"amount": "960000.00", "certified": "768000.00", "worked": "768000.00", "settlement": settlement}
    assert await found_of(ground, "FW11", state="SETTLED_WITH_CLAIM", **money) == severity


async def split(ground: Ground, first: str, second: str, days: date, **changed: Any) -> tuple[UUID, UUID]:
    """Two contracts of one unit, the second signed on `days`."""
    project = await ground.project("IMPLEMENTING")
    other = await ground.project("IMPLEMENTING", name="另一项目")
    works = WorkGround(ground)
    one = await works.contract(project, amount=first, signed_on=date(2023, 4, 1), payee_id=new_id(), **changed)
    two = await works.contract(other, amount=second, signed_on=days, payee_id=new_id(), **changed)
    return one, two


async def test_fw31_two_contracts_that_together_would_have_needed_a_tender(ground: Ground) -> None:
    # scenario 40: 2 500 000.00 + 1 600 000.00, forty days apart
    _, later = await split(ground, "2500000.00", "1600000.00", date(2023, 5, 11))
    assert await ground.found("FW31", ON) == {str(later): "red"}


@pytest.mark.parametrize(
    ("second", "signed", "found"),
    [
        ("1500000.00", date(2023, 5, 11), True),
        ("1499999.99", date(2023, 5, 11), False),
        ("1500000.00", date(2024, 4, 1), True),
        ("1500000.00", date(2024, 4, 2), False),
    ],
)
async def test_fw31_at_the_threshold_and_twelve_months(ground: Ground, second: str, signed: date, found: bool) -> None:
    _, later = await split(ground, "2500000.00", second, signed)
    assert await ground.found("FW31", "2024-06-01") == ({str(later): "red"} if found else {})


@pytest.mark.parametrize("procurement", ["self_build", "work_for_relief"])
async def test_fw31_what_villagers_build_needs_no_tender(ground: Ground, procurement: str) -> None:
    await split(ground, "2500000.00", "1600000.00", date(2023, 5, 11), procurement=procurement)
    assert await ground.found("FW31", ON) == {}


async def test_fw31_three_contracts_with_one_supplier_are_looked_at(ground: Ground) -> None:
    works, supplier = WorkGround(ground), new_id()
    made = []
    for number, category in enumerate(("010101", "020101", "030101")):
        project = await ground.project("IMPLEMENTING", name=f"项目{number}", category=category)
        signed = date(2023, 4 + number, 1)
        made.append(await works.contract(project, amount="1000.00", payee_id=supplier, signed_on=signed))
    assert await ground.found("FW31", ON) == {str(made[2]): "amber"}


@pytest.mark.parametrize(
    ("kind", "amount", "notice", "severity"),
    [
        ("works", "4000000.00", None, "red"),
        ("works", "3999999.99", None, None),
        ("works", "4000000.00", "中标〔2023〕1号", None),
        ("goods", "2000000.00", None, "red"),
        ("services", "999999.99", None, None),
        ("services", "1000000.00", None, "red"),
    ],
)
async def test_fw32_a_tender_from_the_threshold_on(
    ground: Ground, kind: str, amount: str, notice: str | None, severity: str | None
) -> None:
    given: dict[str, Any] = {"kind": kind, "amount": amount, "procurement": "open_tender", "award_notice": notice}
    assert await found_of(ground, "FW32", **given) == severity


@pytest.mark.parametrize(("variation", "severity"), [("96000.00", None), ("96000.01", "red")])
async def test_fw33_variations_up_to_a_tenth(ground: Ground, variation: str, severity: str | None) -> None:
    # scenario 41
    assert await found_of(ground, "FW33", amount="960000.00", variation=variation) == severity


@pytest.mark.parametrize(("on", "severity"), [("2024-07-01", None), ("2024-07-02", "amber")])
async def test_fw35_thirty_days_after_the_defect_period(ground: Ground, on: str, severity: str | None) -> None:
    money = {"amount": "100.00", "certified": "100.00", "retention": "3.00", "completed_on": date(2023, 6, 1)}
    assert await found_of(ground, "FW35", on, **money) == severity
    assert await found_of(ground, "FW35", on, **money | {"retention_used": "3.00"}) is None

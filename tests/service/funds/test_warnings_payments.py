"""Early warnings on payments, each at its exact border: FW12, FW13, FW14, FW16, FW38, FW44, FW45."""

from datetime import date
from uuid import UUID

import pytest

from shared.kernel.ids import new_id
from tests.service.funds.ground import HOME, Ground
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio

ON = "2023-12-01"


async def works_of(ground: Ground) -> tuple[WorkGround, UUID, UUID]:
    """A project with a contract."""
    works = WorkGround(ground)
    project = await ground.project("IMPLEMENTING")
    return works, project, await works.contract(project, amount="100000.00")


async def test_fw12_only_the_contracts_party_is_paid(ground: Ground) -> None:
    works, project, contract = await works_of(ground)
    await works.payment(contract, project)
    stranger = await works.payment(contract, project, payee_id=new_id())
    await works.payment(contract, project, "CANCELLED", payee_id=new_id())
    assert await ground.found("FW12", ON) == {str(stranger): "red"}


async def test_fw13_nobody_decides_for_a_related_payee(ground: Ground) -> None:
    works, project, contract = await works_of(ground)
    payee, insider, other = await works.payee(), new_id(), new_id()
    await ground.put("payee_relation", payee_id=payee, person=insider, declared_on=date(2023, 1, 1), area_code=HOME)
    touched = await works.payment(contract, project, payee_id=payee)
    await works.step(touched, 2, "review_sector", insider)
    clean = await works.payment(contract, project, payee_id=payee, cash="11.00")
    await works.step(clean, 2, "review_sector", other)
    assert await ground.found("FW13", ON) == {str(touched): "red"}


@pytest.mark.parametrize(
    ("changed", "severity"),
    [(None, None), (date(2023, 5, 31), None), (date(2023, 6, 1), "amber"), (date(2023, 7, 1), "amber")],
)
async def test_fw14_an_account_changed_thirty_days_before(
    ground: Ground, changed: date | None, severity: str | None
) -> None:
    works, project, contract = await works_of(ground)
    payee = await works.payee(changed_on=changed)
    payment = await works.payment(contract, project, payee_id=payee, paid_on=date(2023, 7, 1))
    assert (await ground.found("FW14", ON)).get(str(payment)) == severity


@pytest.mark.parametrize(
    ("second", "cash", "state", "severity"),
    [
        (date(2023, 7, 1), "10.00", "PAID", "red"),
        (date(2023, 7, 2), "10.00", "PAID", None),
        (date(2023, 7, 1), "10.01", "PAID", None),
        (date(2023, 7, 1), "10.00", "FAILED", None),
    ],
)
async def test_fw16_the_same_sum_again_within_thirty_days(
    ground: Ground, second: date, cash: str, state: str, severity: str | None
) -> None:
    works, project, contract = await works_of(ground)
    await works.payment(contract, project, paid_on=date(2023, 6, 1))
    again = await works.payment(contract, project, state, cash=cash, paid_on=second)
    assert (await ground.found("FW16", ON)).get(str(again)) == severity


@pytest.mark.parametrize(
    ("state", "on", "severity"),
    [
        # Thursday 1 June: three working days end on Tuesday the 6th, ten on Thursday the 15th
        ("INSTRUCTED", "2023-06-06", None),
        ("INSTRUCTED", "2023-06-07", "amber"),
        ("FAILED", "2023-06-15", None),
        ("FAILED", "2023-06-16", "amber"),
        ("PAID", "2023-12-01", None),
    ],
)
async def test_fw38_working_days_in_transit_and_after_a_return(
    ground: Ground, state: str, on: str, severity: str | None
) -> None:
    # V10
    works, project, contract = await works_of(ground)
    payment = await works.payment(contract, project, state, instructed_on=date(2023, 6, 1))
    assert (await ground.found("FW38", on)).get(str(payment)) == severity


@pytest.mark.parametrize(
    ("outcome", "on", "severity"),
    [
        ("PENDING", "2023-06-06", None),
        ("PENDING", "2023-06-07", "amber"),
        ("FAILED", "2023-06-16", None),
        ("FAILED", "2023-06-19", "amber"),
        ("PAID", "2023-12-01", None),
    ],
)
async def test_fw38_lines_of_a_batch_likewise(ground: Ground, outcome: str, on: str, severity: str | None) -> None:
    works = WorkGround(ground)
    batch = await works.batch(instruction_no=1, instructed_on=date(2023, 6, 1))
    await works.line(batch, outcome, instruction_no=1)
    if outcome != "PENDING":
        await ground.put(
            "bank_result",
            id=new_id(),
            batch_id=batch,
            instruction_no=1,
            content_index=b"1",
            paid=0,
            failed=1,
            received_on=date(2023, 6, 2),
            area_code=HOME,
        )
    assert (await ground.found("FW38.batch", on)).get(str(batch)) == severity


@pytest.mark.parametrize(
    ("stage", "applied", "opinion", "severity"),
    [
        ("balance", date(2023, 6, 10), date(2023, 6, 10), None),
        ("balance", date(2023, 6, 9), date(2023, 6, 9), "amber"),
        ("progress", date(2023, 6, 9), date(2023, 6, 9), None),
        ("progress", date(2023, 6, 9), date(2023, 6, 8), "amber"),
    ],
)
async def test_fw44_papers_follow_one_another(
    ground: Ground, stage: str, applied: date, opinion: date, severity: str | None
) -> None:
    # scenario 42: accepted on 10 June
    works, project, contract = await works_of(ground)
    await ground.accepted(project, "2023-06-10")
    payment = await works.payment(contract, project, stage=stage, applied_on=applied, opinion_on=opinion)
    assert (await ground.found("FW44", ON)).get(str(payment)) == severity


async def test_fw45_neighbouring_desks_are_different_persons(ground: Ground) -> None:
    # scenario 35
    works, project, contract = await works_of(ground)
    one, two, three = new_id(), new_id(), new_id()
    alone = await works.payment(contract, project)
    apart = await works.payment(contract, project, cash="11.00")
    for version, (step, actor) in enumerate((("submit", one), ("review_sector", two), ("review_finance", two)), 2):
        await works.step(alone, version, step, actor)
    for version, (step, actor) in enumerate((("submit", one), ("review_sector", two), ("review_finance", three)), 2):
        await works.step(apart, version, step, actor)
    await works.step(apart, 5, "approve", two)
    assert await ground.found("FW45", ON) == {str(alone): "red"}

"""Many at once on one contract, one payment, one project: the sum never goes a fen too far, and who lost changed nothing."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from shared.kernel.errors import Problem
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, finance_leader, finance_reviewer, sector, unit
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio

PARALLEL = 50


def codes(outcomes: Sequence[object]) -> Counter[str]:
    """How often each refusal came; anything but a Problem is a defect."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, Problem):
            raise outcome
    return Counter(outcome.code if isinstance(outcome, Problem) else "" for outcome in outcomes)


async def test_peers_05_17_fifty_requests_at_once_never_exceed_the_contract(works: Works) -> None:
    """Peers #5 and #17: each asks for a thirtieth; thirty pass whatever their order, and what is asked for counts."""
    contract = await works.contract("960000.00")
    await works.certify(contract, "960000.00")
    await works.mode("LM05", "off")
    await works.mode("LM07", "off")
    requests = [await works.request(contract, "progress", "32000.00") for _ in range(PARALLEL)]
    outcomes = await asyncio.gather(*(works.submit(each) for each in requests), return_exceptions=True)
    assert codes(outcomes) == {"": 30, "STAGE_LIMIT": 20}
    (row,) = await works.county.look("SELECT open_cash_fen, certified_fen FROM contract")
    assert (row["open_cash_fen"], row["certified_fen"]) == (96_000_000, 96_000_000)
    states = await works.county.look("SELECT state FROM case_file WHERE workflow = 'funds.payment'")
    assert Counter(each["state"] for each in states) == {"SUBMITTED": 30, "DRAFT": 20}
    await works.all_is_well()


async def test_44_peers_05_fifty_instructions_at_once_empty_the_contract_and_no_source_goes_below_zero(
    works: Works,
) -> None:
    """44: split over what each source still holds; the last one empties all exactly."""
    contract = await works.contract("1000000.00")
    await works.certify(contract, "1000000.00")
    for rule in ("LM05", "LM07"):
        await works.mode(rule, "off")
    size = "20000.00"
    requests = [await works.request(contract, "progress", size) for _ in range(PARALLEL)]
    for each in requests:
        await works.approve(each)
    outcomes = await asyncio.gather(*(works.instruct(each) for each in requests), return_exceptions=True)
    assert codes(outcomes) == {"": PARALLEL}
    paid = await asyncio.gather(*(works.confirm(each, size) for each in requests), return_exceptions=True)
    assert codes(paid) == {"": PARALLEL}
    assert await works.by_source("1300") == (0, 0)
    assert await works.by_source("1600") == (60_000_000, 40_000_000)
    await works.all_is_well()


async def test_two_contracts_at_once_take_the_quota_once(works: Works) -> None:
    payee = await works.payee()
    drafts = [await works.draft("600000.00", payee) for _ in range(2)]
    for each in drafts:
        await works.county.take(unit, "contract", each, "submit", "contract")
    register = [works.county.take(sector, "contract", each, "register") for each in drafts]
    outcomes = await asyncio.gather(*register, return_exceptions=True)
    assert codes(outcomes) == {"": 1, "INSUFFICIENT": 1}
    assert await works.by_source("1200") == (24_000_000, 16_000_000)
    assert await works.county.state(works.project) == "IMPLEMENTING"
    await works.all_is_well()


async def test_34_two_approvers_at_once_make_one_approval(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    await works.submit(payment)
    await works.county.take(sector, "payment", payment, "review_sector")
    await works.county.take(finance_reviewer, "payment", payment, "review_finance")
    other = person("other leader", COUNTY, Role.FINANCE_LEADER)
    form = {"rank": "director"}
    attempts = [works.county.take(actor, "payment", payment, "approve", form=form) for actor in (finance_leader, other)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert codes(outcomes) == {"": 1, "STEP_NOT_IN_STATE": 1}
    steps = await works.county.look(
        "SELECT step FROM case_step JOIN case_file AS c ON c.id = case_id WHERE subject_id = $1 AND step = 'approve'",
        payment,
    )
    assert len(steps) == 1


async def test_peers_06_one_bank_serial_confirmed_fifty_times_at_once_pays_one(works: Works) -> None:
    """Peers #6: ten payments of one amount, one serial, each confirmed five times: one is paid."""
    contract = await works.contract("960000.00")
    payments = [await works.request(contract, "advance", "1000.00") for _ in range(10)]
    for each in payments:
        await works.approve(each)
        await works.instruct(each)
    attempts = [works.confirm(each, "1000.00", "BK-ONE-SERIAL") for each in payments for _ in range(5)]
    outcomes = codes(await asyncio.gather(*attempts, return_exceptions=True))
    assert outcomes[""] == 1
    assert outcomes[""] + outcomes["BANK_SLIP_MISMATCH"] + outcomes["STEP_NOT_IN_STATE"] == PARALLEL
    assert await works.county.balance("1500", contract_id=contract) == 100_000
    await works.all_is_well()


async def test_peers_06_one_reference_asked_for_at_once_makes_one_request(works: Works) -> None:
    contract = await works.contract("960000.00")
    reference = f"YK-{new_id().hex}"
    attempts = [works.request(contract, "advance", "1000.00", reference=reference) for _ in range(10)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert codes(outcomes) == {"": 1, "REFERENCE_USED": 9}


async def test_peers_06_retries_of_one_key_at_once_post_once(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    await works.approve(payment)
    await works.instruct(payment)
    slip = works.slip("1000.00", "BK-RETRY-1")
    attempts = [works.confirm_with_key(payment, slip, "retry-1") for _ in range(20)]
    outcomes = await asyncio.gather(*attempts)
    assert Counter(each.replayed for each in outcomes) == {False: 1, True: 19}
    entries = await works.county.look("SELECT id FROM ledger_entry WHERE template = 'P08'")
    assert len(entries) == 1

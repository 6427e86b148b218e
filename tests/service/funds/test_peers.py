"""Defects read in the code of others, each one a test here: #5, #6, #7, #16, #17 of the peers (more in test_concurrency)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.funds.commands.refunds import ReceiveRefund
from shared.kernel.ids import new_id
from tests.service.funds.county import PEOPLE, sector, unit
from tests.service.funds.door import Door, open_door
from tests.service.funds.test_concurrency import PARALLEL, codes
from tests.service.funds.works import Works, refused, treasury

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def works_door(works: Works, tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(works.county, {**PEOPLE, "treasury": treasury}, tmp_path / "evidence") as opened:
        yield opened


async def overpaid(works: Works) -> tuple[UUID, UUID]:
    """A contract that owes 18 000.00 back (scenario 32), and the payment that was too much."""
    contract = await works.contract("960000.00")
    await works.certify(contract, "960000.00")
    payment = await works.pay(contract, "progress", "768000.00")
    await works.county.take(sector, "contract", contract, "terminate", "termination_agreement", reason="提前终止")
    await works.review(contract, "750000.00")
    await works.settle(contract, "0.00", "settle_with_claim")
    return contract, payment


def refund(works: Works, contract: UUID, payment: UUID, amount: str, serial: str) -> dict[str, Any]:
    return {
        "contract_id": str(contract),
        "payment_id": str(payment),
        "amount": amount,
        "reason": "overpaid",
        "bank_reference": serial,
        "received_on": works.today.isoformat(),
    }


# ── #5 the check and the lock ───────────────────────────────────────────────


async def test_peers_05_fifty_contracts_at_once_never_exceed_the_quota(works: Works) -> None:
    """1 000 000.00 of quota, fifty contracts of 30 000.00: thirty-three, and 10 000.00 are left to the fen."""
    payee = await works.payee()
    drafts = [await works.draft("30000.00", payee, number=f"同建合〔2023〕{place}号") for place in range(PARALLEL)]
    for each in drafts:
        await works.county.take(unit, "contract", each, "submit", "contract")
    register = [works.county.take(sector, "contract", each, "register") for each in drafts]
    assert codes(await asyncio.gather(*register, return_exceptions=True)) == {"": 33, "INSUFFICIENT": 17}
    assert await works.county.balance("1200", project_id=works.project) == 1_000_000
    assert await works.county.balance("1300", project_id=works.project) == 99_000_000
    await works.all_is_well()


async def test_peers_05_fifty_refunds_at_once_never_exceed_the_claim(works: Works) -> None:
    """A claim of 18 000.00, fifty slips of 1 000.00: eighteen are booked, the others moved nothing."""
    contract, payment = await overpaid(works)
    slips = [refund(works, contract, payment, "1000.00", f"BK-BACK-{place}") for place in range(PARALLEL)]
    attempts = [works.county.run(ReceiveRefund.model_validate(slip), treasury) for slip in slips]
    outcomes = codes(await asyncio.gather(*attempts, return_exceptions=True))
    assert outcomes == {"": 18, "REFUND_BEYOND_CLAIM": 32}
    assert await works.county.balance("1700", project_id=works.project) == 1_800_000
    (row,) = await works.county.look("SELECT claim_fen, refunded_fen FROM contract")
    assert (row["claim_fen"], row["refunded_fen"]) == (0, 1_800_000)
    await works.all_is_well()


# ── #6 ids and references ───────────────────────────────────────────────────


async def test_peers_06_a_hundred_in_the_same_microsecond(works: Works) -> None:
    """The clock stands; fifty references, each asked for twice at once: fifty requests, fifty ids, one for each."""
    contract = await works.contract("960000.00")
    standing = works.county.bench.clock.now()
    references = [f"YK-{new_id().hex}" for _ in range(PARALLEL)] * 2
    attempts = [works.request(contract, "advance", "1.00", reference=each) for each in references]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert codes(outcomes) == {"": PARALLEL, "REFERENCE_USED": PARALLEL}
    rows = await works.county.look("SELECT id, reference FROM payment")
    assert {row["id"] for row in rows} == {each for each in outcomes if isinstance(each, UUID)}
    assert {row["reference"] for row in rows} == set(references)
    assert works.county.bench.clock.now() == standing


# ── #7 money ────────────────────────────────────────────────────────────────


async def test_peers_07_ten_times_a_tenth_is_one(works: Works) -> None:
    """0.1 has no exact double; ten of them paid at once are 1.00 here, and the next fen is still refused."""
    contract = await works.contract("10.00")
    requests = [await works.request(contract, "advance", "0.10") for _ in range(10)]
    for each in requests:
        await works.approve(each)
    await asyncio.gather(*(works.instruct(each) for each in requests))
    await asyncio.gather(*(works.confirm(each, "0.10") for each in requests))
    assert await works.county.balance("1500", contract_id=contract) == 100
    (row,) = await works.county.look("SELECT advanced_fen FROM contract WHERE id = $1", contract)
    assert row["advanced_fen"] == 100
    await works.submit(await works.request(contract, "advance", "2.00"))
    problem = await refused(works.submit(await works.request(contract, "advance", "0.01")))
    assert (problem.code, problem.violations[0].facts["limit"]) == ("STAGE_LIMIT", "3.00")
    await works.all_is_well()


# ── #16 an answer that is no success moves nothing ──────────────────────────


async def test_peers_16_a_second_refund_answers_409_and_moves_nothing(works: Works, works_door: Door) -> None:
    contract, payment = await overpaid(works)
    slip = refund(works, contract, payment, "9000.00", "BK-BACK-1")
    path = f"/v1/contracts/{contract}/refunds"
    body = {name: value for name, value in slip.items() if name != "contract_id"}
    first = await works_door.send("treasury", path, body, key="refund-1")
    assert first.status_code == 201
    before = await works.balances()
    again = await works_door.send("treasury", path, body)
    assert (again.status_code, again.json()["code"]) == (409, "BANK_REFERENCE_USED")
    other_body = await works_door.send("treasury", path, body | {"amount": "9000.01"}, key="refund-1")
    assert other_body.status_code == 409
    replayed = await works_door.send("treasury", path, body, key="refund-1")
    assert (replayed.status_code, replayed.json()["result"]) == (201, first.json()["result"])
    assert await works.balances() == before
    await works.all_is_well()


async def test_peers_16_no_refusal_over_http_moves_a_fen(works: Works, works_door: Door) -> None:
    """What is not found, not allowed, not in its state, not valid, not affordable: each leaves every balance."""
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "288000.00")
    await works.approve(payment)
    await works.instruct(payment)
    slip = works.slip("288000.00", "BK-16-1")
    steps = f"/v1/payments/{payment}"
    refusals: list[tuple[int, Callable[[], Awaitable[Any]]]] = [
        (404, lambda: works_door.step("treasury", f"{steps}/instruct-twice", {})),
        (403, lambda: works_door.step("finance_clerk", f"{steps}/confirm-paid", slip)),
        (409, lambda: works_door.step("treasury", f"{steps}/instruct", {})),
        (409, lambda: works_door.step("treasury", f"{steps}/confirm-paid", slip | {"amount": "288000.01"})),
        (422, lambda: works_door.step("treasury", f"{steps}/confirm-paid", slip | {"amount": "288000.001"})),
        (428, lambda: works_door.send("treasury", f"{steps}/confirm-paid", slip)),
        (412, lambda: works_door.send("treasury", f"{steps}/confirm-paid", slip, etag='"1"')),
        (404, lambda: works_door.send("finance_leader", f"/v1/refunds/{new_id()}/release", {})),
    ]
    before = await works.balances()
    for status, attempt in refusals:
        answer = await attempt()
        assert answer.status_code == status, answer.text
        assert await works.balances() == before, status
    assert (await works_door.step("treasury", f"{steps}/confirm-paid", slip)).status_code == 200
    assert await works.county.balance("1500", contract_id=contract) == 28_800_000


# ── #17 what is reserved counts ─────────────────────────────────────────────


async def test_peers_17_what_is_asked_for_counts_before_it_is_paid(works: Works) -> None:
    """Reserve up to the limit, then one fen more: refused, until a reservation is given up."""
    contract = await works.contract("960000.00")
    first = await works.request(contract, "advance", "144000.00")
    second = await works.request(contract, "advance", "144000.00")
    await works.submit(first)
    await works.approve(second)
    more = await works.request(contract, "advance", "0.01")
    problem = await refused(works.submit(more))
    assert (problem.code, problem.violations[0].facts["asked"]) == ("STAGE_LIMIT", "288000.01")
    assert await works.county.balance("1500", contract_id=contract) == 0
    await works.county.take(unit, "payment", first, "cancel", reason="不再需要")
    await works.submit(more)
    await works.all_is_well()

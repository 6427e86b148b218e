"""What the bank says, late, twice, and against itself (scenario 38 of domain-funds-assets §9), over pipeline and HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from services.funds.checks.supervision import BY_ID
from services.funds.commands.bank_messages import ResolveBankMessage, TakeBankMessage
from shared.checks.run import run_check
from shared.kernel.actors import SYSTEM
from tests.service.funds.county import PEOPLE, finance_reviewer
from tests.service.funds.door import Door, open_door
from tests.service.funds.works import Works, refused, treasury

pytestmark = pytest.mark.asyncio

SERIAL = "BK-38-0001"


@pytest_asyncio.fixture
async def works_door(works: Works, tmp_path: Path) -> AsyncIterator[Door]:
    """The county of the works over HTTP."""
    async with open_door(works.county, PEOPLE, tmp_path / "evidence") as opened:
        yield opened


async def instructed(works: Works) -> UUID:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    await works.approve(payment)
    await works.instruct(payment)
    return payment


async def says(works: Works, payment: UUID, outcome: str, reference: str = SERIAL, amount: str = "1000.00") -> str:
    """What a message of the bank does."""
    fields = {
        "payment_id": payment,
        "outcome": outcome,
        "bank_reference": reference,
        "amount": amount,
        "on": works.today,
    }
    taken = await works.county.run(TakeBankMessage.model_validate(fields), treasury)
    return str(taken.result["effect"])


async def alerts(works: Works) -> int:
    check = BY_ID["funds-FW38.contradiction"]
    async with works.county.bench.database.write(SYSTEM) as tx:
        found = await run_check(tx.raw, check, now=works.county.bench.clock.now())
        await tx.session.commit()
    return found.standing


async def test_38_a_late_duplicate_is_ignored_and_a_contradiction_posts_nothing(works: Works) -> None:
    payment = await instructed(works)
    assert await says(works, payment, "success") == "taken"
    assert await works.county.state(payment) == "PAID"
    before = await works.balances()

    works.county.bench.clock.forward(days=5)
    assert await says(works, payment, "success") == "duplicate"
    assert await alerts(works) == 0
    assert await says(works, payment, "failure") == "contradiction"
    assert await says(works, payment, "success", amount="1000.01") == "contradiction"
    assert await says(works, payment, "success", reference="BK-38-0002") == "contradiction"
    assert await works.county.state(payment) == "PAID"
    assert await works.balances() == before
    assert await says(works, payment, "success", reference="BK-38-0002") == "duplicate"
    assert await alerts(works) == 3
    await works.all_is_well()
    entries = await works.county.look("SELECT 1 FROM ledger_entry WHERE template IN ('P08', 'P11')")
    assert len(entries) == 1


async def test_38_a_serial_that_failed_does_not_come_back_as_a_success(works: Works) -> None:
    """Failure, the same again, then instructed anew: the old serial contradicts, the new one is taken."""
    payment = await instructed(works)
    assert await says(works, payment, "failure") == "taken"
    assert await says(works, payment, "failure") == "duplicate"
    assert await says(works, payment, "success") == "contradiction"
    await works.county.take(treasury, "payment", payment, "instruct_again", reason="账号已核对")
    assert await says(works, payment, "success") == "contradiction"
    assert await works.county.state(payment) == "INSTRUCTED"
    assert await says(works, payment, "success", reference="BK-38-0009") == "taken"
    assert await works.county.state(payment) == "PAID"
    await works.all_is_well()


async def test_38_a_second_person_resolves_the_contradiction(works: Works, works_door: Door) -> None:
    payment = await instructed(works)
    await says(works, payment, "success")
    await says(works, payment, "failure")
    (shown,) = (await works_door.get("auditor", "/v1/bank-messages", effect="contradiction")).json()["items"]
    assert (shown["payment_id"], shown["outcome"], shown["bank_reference"]) == (str(payment), "failure", SERIAL)
    path = f"/v1/bank-messages/{shown['id']}/resolve"
    body = {"resolution": "银行确认已到账，退票回执系误发"}
    assert (await works_door.send("unit", path, body)).status_code == 403
    assert (await works_door.send("finance_reviewer", path, body)).status_code == 201
    assert (await works_door.send("finance_reviewer", path, body)).status_code == 409
    assert await alerts(works) == 0


async def test_nobody_waits_for_a_message_about_what_was_not_instructed(works: Works) -> None:
    contract = await works.contract("960000.00")
    payment = await works.request(contract, "advance", "1000.00")
    fields = {
        "payment_id": payment,
        "outcome": "success",
        "bank_reference": SERIAL,
        "amount": "1000.00",
        "on": works.today,
    }
    early = await refused(works.county.run(TakeBankMessage.model_validate(fields), treasury))
    assert early.code == "MESSAGE_NOT_AWAITED"
    unknown = ResolveBankMessage(message_id=payment, resolution="无此回执")
    assert (await refused(works.county.run(unknown, finance_reviewer))).code == "NOT_FOUND"

"""A random walk through a county's money: what may be asked at any time, sensible or not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from services.funds.commands.carry_over import CarryOver
from services.funds.commands.indicator_changes import EnterChange
from services.funds.commands.indicator_recoveries import DraftRecovery
from services.funds.commands.recoveries import OpenRecovery, ReceiveRecovery
from services.funds.commands.refunds import ReceiveRefund, ReleaseRefund
from services.funds.commands.settlements import AdjustSettlement
from shared.kernel.actors import Actor
from shared.kernel.ids import new_id
from shared.kernel.money import format_yuan
from tests.service.funds.county import (
    COUNTY,
    County,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    second_leader,
    sector,
    unit,
)
from tests.service.funds.households import Households, line, sector_leader
from tests.service.funds.works import Works, treasury


@dataclass(frozen=True)
class Walk:
    """A county, its two projects, and the dice."""

    works: Works
    households: Households
    payee: UUID
    dice: Random

    @property
    def county(self) -> County:
        return self.works.county

    def fen(self, most: int) -> str:
        """An amount: usually below `most`, sometimes all of it, sometimes a fen more."""
        size = self.dice.choice([self.dice.randint(1, max(most, 1)), max(most, 1), max(most, 0) + 1])
        return format_yuan(size)

    async def any_of(self, sql: str, *values: Any) -> asyncpg.Record | None:
        """One row, by the dice; rows come in the order of their ids."""
        rows = await self.county.look(sql, *values)
        return self.dice.choice(rows) if rows else None

    async def contract_in(self, *states: str) -> asyncpg.Record | None:
        """A contract in one of these states."""
        return await self.any_of(
            "SELECT contract.*, state FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract'"
            " AND c.subject_id = contract.id WHERE state = ANY($1) ORDER BY contract.id",
            list(states),
        )


Move: TypeAlias = Callable[[Walk], Awaitable[None]]


async def opening(walk: Walk) -> None:
    """Something of everything, so that the dice find what to go on with."""
    works = walk.works
    contract = await works.contract("300000.00", walk.payee)
    await works.pay(contract, "advance", "60000.00")
    await works.certify(contract, "200000.00")
    await works.pay(contract, "progress", "60000.00", "40000.00")
    await works.submit(await works.request(contract, "progress", "1000.00"))
    ended = await works.contract("50000.00", walk.payee)
    await works.pay(ended, "advance", "15000.00")
    await walk.county.take(sector, "contract", ended, "terminate", "termination_agreement", reason="无力履行")
    await works.review(ended, "10000.00")
    await works.settle(ended, "0.00", "settle_with_claim")
    batch = await walk.households.sent("1500.00", "800.00", total="2300.00")
    await walk.households.answer(batch, paid=[1], failed=[2])


async def sign_contract(walk: Walk) -> None:
    """A contract on part of the quota, on all of it, or on a fen more."""
    quota = await walk.county.balance("1200", project_id=walk.works.project)
    contract = await walk.works.draft(walk.fen(quota // walk.dice.choice([1, 3])), walk.payee)
    await walk.works.register(contract)
    await walk.county.take(unit, "contract", contract, "begin")


async def certify(walk: Walk) -> None:
    row = await walk.contract_in("ACTIVE")
    if row:
        await walk.works.certify(row["id"], walk.fen(row["amount_fen"] + row["variation_fen"] - row["certified_fen"]))


async def vary(walk: Walk) -> None:
    row = await walk.contract_in("ACTIVE")
    if row:
        delta = walk.fen(row["amount_fen"] // 10)
        await walk.works.vary(row["id"], f"{walk.dice.choice(['', '-'])}{delta}")


async def ask_advance(walk: Walk) -> None:
    row = await walk.contract_in("ACTIVE")
    if row:
        left = row["amount_fen"] * 3 // 10 - row["advanced_fen"] - row["open_advance_fen"]
        await walk.works.submit(await walk.works.request(row["id"], "advance", walk.fen(left)))


async def ask_progress(walk: Walk) -> None:
    row = await walk.contract_in("ACTIVE")
    if row:
        done = row["worked_fen"] + row["recouped_fen"] + row["open_cash_fen"] + row["open_recoup_fen"]
        left = row["certified_fen"] * 97 // 100 - done
        recoup = min(row["advanced_fen"] - row["recouped_fen"] - row["open_recoup_fen"], max(left, 0) // 2)
        cash = walk.fen(left - recoup)
        request = await walk.works.request(row["id"], "progress", cash, format_yuan(max(recoup, 0)))
        await walk.works.submit(request)


async def ask_end(walk: Walk) -> None:
    """The balance, or the retention."""
    row = await walk.contract_in("SETTLED", "SETTLED_WITH_CLAIM", "RETENTION")
    if row:
        stage = walk.dice.choice(["balance", "retention"])
        left = row["retention_fen"] - row["retention_used_fen"]
        if stage == "balance":
            left = await walk.county.balance("1300", contract_id=row["id"]) - row["open_cash_fen"]
        await walk.works.submit(await walk.works.request(row["id"], stage, walk.fen(left)))


_DESKS: Mapping[str, tuple[Actor, str, dict[str, Any]]] = {
    "SUBMITTED": (sector, "review_sector", {}),
    "SECTOR_REVIEWED": (finance_reviewer, "review_finance", {}),
    "FINANCE_REVIEWED": (finance_leader, "approve", {"rank": "director", "countersignature": "同政会签〔2023〕1号"}),
    "APPROVED": (treasury, "instruct", {}),
    "FAILED": (treasury, "instruct_again", {}),
}


async def push_payment(walk: Walk) -> None:
    """The next desk of a payment, or the bank's yes or no; now and then it goes back, or the slip is a fen off."""
    row = await walk.any_of(
        "SELECT payment.*, state FROM payment JOIN case_file AS c ON c.workflow = 'funds.payment'"
        " AND c.subject_id = payment.id WHERE state NOT IN ('CANCELLED', 'PAID', 'RECONCILED') ORDER BY payment.id"
    )
    if row is None:
        return
    take, state = walk.county.take, row["state"]
    if state == "INSTRUCTED":
        slip = walk.works.slip(format_yuan(row["cash_fen"] + walk.dice.choice([0, 0, 0, 0, 1])))
        if walk.dice.random() < 0.25:
            form = slip | {"fail_code": "wrong_number"}
            await take(treasury, "payment", row["id"], "confirm_failed", form=form, reason="账号有误")
        else:
            await take(treasury, "payment", row["id"], "confirm_paid", form=slip)
    elif state in _DESKS and walk.dice.random() < 0.9:
        actor, step, form = _DESKS[state]
        await take(actor, "payment", row["id"], step, form=form, reason="账号已核对" if state == "FAILED" else "")
    else:
        await take(unit, "payment", row["id"], "cancel", reason="不再需要")


async def push_all_payments(walk: Walk) -> None:
    """A day at all desks."""
    for _ in range(6):
        await push_payment(walk)


async def end_contract(walk: Walk) -> None:
    """Terminated, reviewed, settled: what was done is paid, what was paid too much is claimed."""
    row = await walk.contract_in("ACTIVE", "TERMINATED")
    if row is None:
        return
    contract = row["id"]
    if row["state"] == "ACTIVE":
        await walk.county.take(sector, "contract", contract, "terminate", "termination_agreement", reason="无力履行")
    await walk.works.review(contract, walk.fen(row["amount_fen"] + row["variation_fen"]))
    (row,) = await walk.county.look("SELECT * FROM contract WHERE id = $1", contract)
    paid = row["advanced_fen"] + row["worked_fen"]
    step = "settle_with_claim" if paid > row["reviewed_fen"] else "settle"
    cap = 0 if step != "settle" else min(row["reviewed_fen"] * 3 // 100, row["reviewed_fen"] - paid)
    await walk.works.settle(contract, walk.fen(cap) if cap else "0.00", step)


async def cut_settlement(walk: Walk) -> None:
    row = await walk.contract_in("SETTLED", "SETTLED_WITH_CLAIM", "RETENTION", "CLOSED")
    if row:
        cut = AdjustSettlement.model_validate(
            {
                "contract_id": row["id"],
                "cut": walk.fen(row["settlement_fen"] // walk.dice.choice([2, 20])),
                "adjusted_on": walk.works.today,
                "approval_document": "同审报〔2024〕3号",
            }
        )
        await walk.county.run(cut, finance_leader)


async def refund(walk: Walk) -> None:
    """Part of a claim comes back, or a fen more than it; what is in hand goes back to the quota."""
    row = await walk.any_of(
        "SELECT contract.id, claim_fen, payment.id AS payment_id FROM contract JOIN payment ON payment.contract_id = contract.id"
        " WHERE claim_fen > 0 AND paid_on IS NOT NULL ORDER BY contract.id, payment.id"
    )
    if row:
        fields = {
            "contract_id": row["id"],
            "payment_id": row["payment_id"],
            "amount": walk.fen(row["claim_fen"]),
            "reason": "overpaid",
            "bank_reference": f"BK-{new_id().hex}",
            "received_on": walk.works.today,
        }
        await walk.county.run(ReceiveRefund.model_validate(fields), treasury)
    in_hand = await walk.any_of("SELECT id FROM refund WHERE released_on IS NULL ORDER BY id")
    if in_hand:
        await walk.county.run(
            ReleaseRefund(refund_id=in_hand["id"]), walk.dice.choice([finance_leader, finance_reviewer])
        )


async def make_batch(walk: Walk) -> None:
    """A roster of a few persons, for a period that may be taken; the header may be a fen off."""
    size = walk.dice.randint(1, 4)
    numbers = walk.dice.sample(range(1, 40), size)
    period = f"2023-{walk.dice.randint(1, 12):02}"
    amounts = [walk.dice.randint(1, 1_000_000) for _ in numbers]
    lines = [
        line(number, format_yuan(fen), period=period) | {"seq": place}
        for place, (number, fen) in enumerate(zip(numbers, amounts, strict=True), 1)
    ]
    total = format_yuan(sum(amounts) + walk.dice.choice([0, 0, 0, 1]))
    batch = await walk.households.make(lines, total)
    await walk.households.instruct(batch)


async def answer_batch(walk: Walk) -> None:
    """The bank's answer to the last instruction: some lines, paid or failed, or one that it never had."""
    row = await walk.any_of(
        "SELECT batch.id, instruction_no FROM household_batch AS batch JOIN case_file AS c ON c.subject_id = batch.id"
        " WHERE state IN ('INSTRUCTED', 'PARTIALLY_DONE') ORDER BY batch.id"
    )
    if row is None:
        return
    lines = await walk.county.look(
        "SELECT seq FROM household_line WHERE batch_id = $1 AND instruction_no = $2 ORDER BY seq", *tuple(row)
    )
    told = [each["seq"] for each in lines if walk.dice.random() < 0.8] + ([99] if walk.dice.random() < 0.1 else [])
    paid = [seq for seq in told if walk.dice.random() < 0.6]
    if told:
        failed = [seq for seq in told if seq not in paid]
        await walk.households.answer(row["id"], paid=paid, failed=failed, instruction=row["instruction_no"])


async def mend_batch(walk: Walk) -> None:
    """Failed lines are corrected and sent again, or given up."""
    row = await walk.any_of(
        "SELECT batch_id, max(tries) AS tries, array_agg(seq ORDER BY seq) AS numbers FROM household_line"
        " WHERE outcome IN ('FAILED', 'CORRECTED') GROUP BY batch_id ORDER BY batch_id"
    )
    if row is None:
        return
    if row["tries"] >= 3 or walk.dice.random() < 0.2:
        await walk.county.take(
            finance_leader, "household_batch", row["batch_id"], "abandon", "abandon_notice", reason="联系不上"
        )
    else:
        await walk.households.correct(row["batch_id"], *row["numbers"])
        await walk.households.reissue(row["batch_id"])


async def recover_line(walk: Walk) -> None:
    """A wrong payment is opened, comes back, and is released by `refund`."""
    row = await walk.any_of("SELECT id FROM household_line WHERE outcome IN ('PAID', 'RECOVERING') ORDER BY id")
    if row:
        if walk.dice.random() < 0.7:
            await walk.county.run(OpenRecovery(line_id=row["id"]), sector_leader)
        back = ReceiveRecovery(
            line_id=row["id"],
            reason="not_eligible",
            bank_reference=f"BK-{new_id().hex}",
            received_on=walk.works.today,
        )
        await walk.county.run(back, treasury)


async def change_indicator(walk: Walk) -> None:
    """A later document adds to an indicator or cuts it, also beyond what is there."""
    row = await walk.any_of("SELECT id, area_code FROM indicator ORDER BY id")
    assert row is not None
    kind = walk.dice.choice(["add", "cut"])
    fields = {
        "area_code": COUNTY,
        "indicator_id": row["id"],
        "kind": kind,
        "document_no": f"黑财指(农)〔2023〕{walk.dice.randint(100, 99_999)}号",
        "issued_on": "2023-01-03",
        "amount": walk.fen(3_000_000),
    }
    made = await walk.county.run(EnterChange.model_validate(fields), finance_clerk)
    change = UUID(made.result["id"])
    await walk.county.take(finance_clerk, "indicator_change", change, "submit", "indicator_document")
    await walk.county.take(finance_reviewer, "indicator_change", change, "confirm")


async def recover_idle(walk: Walk) -> None:
    """Idle quota, surplus or unallocated money goes back to use, or up."""
    row = await walk.any_of(
        "SELECT indicator_id, account, project_id, sum(amount_fen)::bigint AS fen FROM ledger_balance"
        " WHERE account IN ('1100', '1200', '1800') GROUP BY 1, 2, 3 HAVING sum(amount_fen) > 0 ORDER BY 1, 2, 3"
    )
    if row is None:
        return
    kind = "return" if row["account"] == "1100" else walk.dice.choice(["reuse", "return"])
    own = {} if row["account"] == "1100" else {"project_id": row["project_id"]}
    amount = walk.fen(row["fen"] // walk.dice.choice([1, 10]))
    command = {
        "area_code": COUNTY,
        "kind": kind,
        "title": "收回结余资金",
        "document_no": "同财农〔2023〕60号",
        "lines": [{"indicator_id": row["indicator_id"], "account": row["account"], "amount": amount} | own],
    }
    made = await walk.county.run(DraftRecovery.model_validate(command), finance_clerk)
    recovery = UUID(made.result["id"])
    await walk.county.take(finance_clerk, "indicator_recovery", recovery, "propose")
    await walk.county.take(second_leader, "indicator_recovery", recovery, kind, "recovery_document")


async def allocate(walk: Walk) -> None:
    """Unallocated money to one of the two projects, within its plan or not."""
    row = await walk.any_of(
        "SELECT indicator_id, sum(amount_fen)::bigint AS fen FROM ledger_balance WHERE account = '1100'"
        " GROUP BY 1 HAVING sum(amount_fen) > 0 ORDER BY 1"
    )
    if row:
        project = walk.dice.choice([walk.works.project, walk.households.works.project])
        await walk.county.allocate((project, row["indicator_id"], walk.fen(row["fen"])))


async def reverse(walk: Walk) -> None:
    row = await walk.any_of("SELECT id FROM allocation WHERE posted_on IS NOT NULL ORDER BY id")
    if row:
        await walk.county.take(second_leader, "allocation", row["id"], "reverse", reason="误下达")


async def carry_over(walk: Walk) -> None:
    """The year is carried over, now and then before it is over; now and then it ends first, and the run is repeated."""
    year = walk.works.today.year
    if walk.dice.random() < 0.3:
        walk.county.bench.clock.set(datetime(year + 1, 1, 2, 2, tzinfo=UTC))
    for _ in range(2):
        await walk.county.run(CarryOver.model_validate({"area_code": COUNTY, "year": year}), finance_leader)


async def wait(walk: Walk) -> None:
    walk.county.bench.clock.set(walk.county.bench.clock.now() + timedelta(days=walk.dice.randint(1, 40)))


WEIGHTS: Mapping[Move, int] = {
    sign_contract: 3,
    certify: 4,
    vary: 1,
    ask_advance: 4,
    ask_progress: 5,
    ask_end: 3,
    push_all_payments: 9,
    end_contract: 2,
    cut_settlement: 2,
    refund: 4,
    make_batch: 2,
    answer_batch: 4,
    mend_batch: 3,
    recover_line: 2,
    change_indicator: 2,
    recover_idle: 2,
    allocate: 2,
    reverse: 1,
    carry_over: 1,
    wait: 1,
}

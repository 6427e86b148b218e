"""What the bank answers to a batch (代发结果): lines settled in sets, postings, one event a line, and the case follows."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.funds.bulk import household_batch as bulk
from services.funds.bulk.household_batch import Changed, GivenResult
from services.funds.bulk.household_files import RESULT_HEADINGS, rows_of
from services.funds.commands.subsidies import BATCH_BINDING, locked_batch
from services.funds.commands.subsidy_forms import BankResultLine
from services.funds.domain import subsidies as rules
from services.funds.domain.postings import BOOK
from services.funds.tables.subsidies import BankResult, HouseholdBatch
from shared.cases.advance import Move, advance
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import HouseholdSubsidyDisbursed, HouseholdSubsidyEvent, HouseholdSubsidyFailed
from shared.kernel.errors import Invalid, Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.post import Posting, post_many
from shared.messaging.outbox import publish
from shared.vault.index import blind_index
from shared.workflow.desks import TREASURY

_CONTENT = "bank_result.content"
_CHUNK = 1000
"""Events are made and written so many at a time, whatever the size of the file."""
_ANSWERED = frozenset({"INSTRUCTED", "PARTIALLY_DONE", "DONE", "CLOSED"})


class ResultHeader(Command):
    """The header of a bank's answer: which instruction of the batch it answers."""

    ROLES: ClassVar[frozenset[Role]] = TREASURY

    batch_id: UUID
    instruction_no: Annotated[int, Field(ge=1)]


class ResultFields(BaseModel):
    """A bank's answer to one instruction."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction_no: Annotated[int, Field(ge=1)]
    results: Annotated[tuple[BankResultLine, ...], Field(min_length=1, max_length=10_000)]


class ReceiveBankResult(ResultHeader):
    """Take the bank's answer line by line."""

    results: Annotated[tuple[BankResultLine, ...], Field(min_length=1, max_length=10_000)]


class ImportBankResult(ResultHeader):
    """Take the bank's answer as a CSV file."""

    content: str


class ResultTaken(BaseModel):
    """What the answer settled now; `repeated` when the same answer was taken before, and nothing happened."""

    id: UUID
    paid: int
    failed: int
    state: str
    repeated: bool


async def receive_result(tx: Write, command: ReceiveBankResult, ctx: Context) -> ResultTaken:
    """Settle the lines; raises Refused when any line of the answer cannot be."""
    return await _take(tx, command, command.results, ctx)


async def import_result(tx: Write, command: ImportBankResult, ctx: Context) -> ResultTaken:
    """Likewise, from the text of a file."""
    return await _take(tx, command, rows_of(command.content, RESULT_HEADINGS, BankResultLine), ctx)


async def _take(tx: Write, command: ResultHeader, lines: Sequence[BankResultLine], ctx: Context) -> ResultTaken:
    row, state = await locked_batch(tx, command.batch_id, command.ROLES, ctx)
    index = blind_index(ctx.keys, _CONTENT, _canonical(command, lines))
    known = await tx.session.scalar(
        select(BankResult).where(BankResult.batch_id == row.id, BankResult.content_index == index),
    )
    if known is not None:
        return ResultTaken(id=known.id, paid=known.paid, failed=known.failed, state=state, repeated=True)
    results = [GivenResult(x.seq, x.status == "paid", x.fail_code, x.bank_serial, x.on) for x in lines]
    await _refuse_impossible(tx, row, state, command.instruction_no, results, ctx)
    changed = await bulk.apply_results(tx.raw, row.id, command.instruction_no, results)
    taken = BankResult(
        id=new_id(),
        batch_id=row.id,
        instruction_no=command.instruction_no,
        content_index=index,
        paid=sum(each.paid for each in changed),
        failed=sum(not each.paid for each in changed),
        received_on=ctx.today,
        area_code=row.area_code,
    )
    tx.session.add(taken)
    await _post(tx, ctx, row, taken.id, changed)
    await _publish(tx, ctx, row, changed)
    tx.changed("batch", row.id, row.area_code)
    after = await _move(tx, ctx, row, state) if changed else state
    return ResultTaken(id=taken.id, paid=taken.paid, failed=taken.failed, state=after, repeated=False)


def _canonical(command: ResultHeader, lines: Sequence[BankResultLine]) -> str:
    ordered = sorted(lines, key=lambda line: line.seq)
    return "\n".join([str(command.instruction_no), *(line.model_dump_json() for line in ordered)])


async def _refuse_impossible(
    tx: Write,
    row: HouseholdBatch,
    state: str,
    instruction_no: int,
    results: Sequence[GivenResult],
    ctx: Context,
) -> None:
    """One impossible line refuses the whole answer: unknown, doubled, dated wrongly, or against what is final."""
    if len({result.seq for result in results}) < len(results):
        raise Invalid(rules.result_fault("RESULT_DOUBLED", "回执中有重复序号", "a number stands twice", []))
    sent = row.instructed_on
    if state not in _ANSWERED or sent is None or not 1 <= instruction_no <= row.instruction_no:
        raise Refused(
            rules.result_fault("NOT_INSTRUCTED", "该批次没有这次支付指令", "no such instruction was sent", [])
        )
    early = [result.seq for result in results if not sent <= result.on <= ctx.today]
    judged = await bulk.judge_results(tx.raw, row.id, instruction_no, results)
    found: list[Violation] = []
    if early:
        found.append(rules.result_fault("RESULT_DATE", "回执日期不在指令日与今天之间", "a day out of range", early))
    if judged.unknown:
        found.append(rules.result_fault("SEQ_UNKNOWN", "回执中有未知序号", "unknown numbers", judged.unknown))
    if judged.contradicting:
        zh, en = "回执与已登记结果矛盾，须人工核对", "against what is final; to be looked into"
        found.append(rules.result_fault("RESULT_CONFLICT", zh, en, judged.contradicting))
    if found:
        raise Refused(*found)


async def _post(tx: Write, ctx: Context, row: HouseholdBatch, result_id: UUID, changed: Sequence[Changed]) -> None:
    """P16 for what was paid, P17 for what failed: one entry each, over the sources of each line."""
    postings = []
    for template, paid in (("P16", True), ("P17", False)):
        lines = [each for each in changed if each.paid is paid]
        if lines:
            amounts = await bulk.borne(tx.raw, [each.id for each in lines], row.project_id, row.id)
            on = max(each.on for each in lines)
            postings.append(Posting(template, f"bank_result:{result_id}", amounts, on))
    if postings:
        await post_many(tx, ctx, BOOK, postings, area=row.county_code)


async def _publish(tx: Write, ctx: Context, row: HouseholdBatch, changed: Sequence[Changed]) -> None:
    """One event for each settled line, in bounded portions."""
    for start in range(0, len(changed), _CHUNK):
        events = list(_events(row, changed[start : start + _CHUNK]))
        await publish(tx.raw, events, now=ctx.now, correlation=ctx.correlation, causation=ctx.cause or ctx.id)


def _events(row: HouseholdBatch, changed: Sequence[Changed]) -> Iterator[HouseholdSubsidyEvent]:
    for line in changed:
        own = {
            "area_code": line.area_code,
            "line_id": line.id,
            "batch_id": row.id,
            "project_id": row.project_id,
            "household_id": line.household_id,
            "person_id": line.person_id,
            "policy": line.policy,
            "period": line.period,
            "amount": line.amount_fen,
        }
        if line.paid:
            yield HouseholdSubsidyDisbursed(**own, paid_on=line.on)
        else:
            yield HouseholdSubsidyFailed(**own, reason=line.fail_code, failed_on=line.on)


async def _move(tx: Write, ctx: Context, row: HouseholdBatch, state: str) -> str:
    """The batch is done when no line is open; before, its first answer makes it partially done."""
    sums = (await bulk.sums_of(tx.raw, row.id)).by_outcome
    open_lines = sum(count for outcome, (count, _) in sums.items() if outcome in rules.OPEN)
    step = "finish" if not open_lines else "record_part" if state == "INSTRUCTED" else ""
    if not step:
        return state
    return (await advance(tx, ctx, BATCH_BINDING, row.id, Move(step))).state


HANDLERS: dict[type[Command], Handler] = {ReceiveBankResult: receive_result, ImportBankResult: import_result}

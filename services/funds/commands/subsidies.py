"""Household batches (到户补贴批次): made of a roster, hung out, approved, sent to the bank; bound to their workflow."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.funds.bulk import household_batch as bulk
from services.funds.bulk.household_batch import NewLine
from services.funds.bulk.household_files import ROSTER_HEADINGS, rows_of
from services.funds.commands import subsidy_forms as forms
from services.funds.commands.contract_rows import project_state, spread
from services.funds.commands.once import once
from services.funds.commands.project_rows import project_row
from services.funds.commands.projects import PROJECT_BINDING
from services.funds.commands.subsidy_facts import batch_facts, batch_row
from services.funds.domain import subsidies as rules
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, QUOTA
from services.funds.domain.refusals import refusal
from services.funds.domain.subsidies import LineOutcome, SubsidyLine
from services.funds.tables.subsidies import HouseholdBatch
from services.funds.workflows.household_batch import HOUSEHOLD_BATCH
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Code
from shared.contracts.wire import Area, Yuan
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.identity import normalized, upgraded
from shared.kernel.ids import new_id
from shared.kernel.money import format_yuan
from shared.kernel.roles import Role
from shared.ledger.balances import remaining
from shared.ledger.post import post
from shared.vault.index import blind_index, blind_index_many
from shared.vault.seal import seal_many
from shared.workflow.desks import BUREAU, SECTOR, TOWNSHIP

CARD = "household_line.card"
_NAME, _ID_NUMBER = "household_line.name", "household_line.id_number"
_CONTENT = "household_batch.content"
_SHOWN = 100
"""So many faults are told of one roster."""

BatchNumber = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{2,40}$", description="批次号", examples=["2023-YL-01"])]


class RosterHeader(BaseModel):
    """The header of a batch; count and total are those of its lines (scenario 45)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area_code: Area
    project_id: UUID
    number: BatchNumber
    policy: Code
    line_count: Annotated[int, Field(ge=1)]
    total: Annotated[Yuan, Field(gt=0)]


class BatchHeader(Command, RosterHeader):
    """Base of the commands that make a batch."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | SECTOR | BUREAU


class CreateBatch(BatchHeader):
    """Make a batch of the lines given."""

    lines: Annotated[tuple[SubsidyLine, ...], Field(min_length=1, max_length=10_000)]


class ImportBatch(BatchHeader):
    """Make a batch of a CSV roster, all of it or nothing."""

    content: str


class BatchMade(BaseModel):
    """The id of a batch; `repeated` when the same roster was there already, and nothing happened."""

    id: UUID
    line_count: int
    total: Yuan
    repeated: bool


async def create_batch(tx: Write, command: CreateBatch, ctx: Context) -> BatchMade:
    """Insert header and lines and open the case; raises Invalid or Refused with all faults."""
    return await _make(tx, command, command.lines, ctx)


async def import_batch(tx: Write, command: ImportBatch, ctx: Context) -> BatchMade:
    """Likewise, from the text of a file."""
    return await _make(tx, command, rows_of(command.content, ROSTER_HEADINGS, SubsidyLine), ctx)


async def _make(tx: Write, command: BatchHeader, lines: Sequence[SubsidyLine], ctx: Context) -> BatchMade:
    project = await project_row(tx, command.project_id)
    county = county_of(command.area_code)
    if not (project.is_household_project and county_of(project.area_code) == county):
        raise Refused(_not_for_households())
    index = blind_index(ctx.keys, _CONTENT, _canonical(lines))
    known = await tx.session.scalar(
        select(HouseholdBatch).where(
            HouseholdBatch.county_code == int(county),
            (HouseholdBatch.content_index == index) | (HouseholdBatch.number == command.number),
        ),
    )
    if known is not None and known.content_index == index:
        return BatchMade(id=known.id, line_count=known.line_count, total=known.total_fen, repeated=True)
    _check(command, lines, ctx)
    row = HouseholdBatch(
        id=new_id(),
        area_code=int(command.area_code),
        county_code=int(county),
        project_id=project.id,
        number=command.number,
        policy=command.policy,
        line_count=command.line_count,
        total_fen=command.total,
        content_index=index,
        instruction_no=0,
    )
    async with once("uq_household_batch_county_code_number", _number_used()):
        tx.session.add(row)
        await tx.session.flush()
    await bulk.insert_lines(tx.raw, row.id, row.policy, _sealed(lines, ctx))
    await open_case(tx, ctx, BATCH_BINDING, row.id, command.area_code)
    return BatchMade(id=row.id, line_count=row.line_count, total=row.total_fen, repeated=False)


def _check(command: BatchHeader, lines: Sequence[SubsidyLine], ctx: Context) -> None:
    faults = rules.roster_faults(lines, *command.area_code.span, ctx.today)
    if faults:
        raise Invalid(*faults[:_SHOWN])
    wrong = rules.header_totals(command.line_count, command.total, len(lines), sum(line.amount for line in lines))
    if wrong:
        raise Refused(wrong)


def _canonical(lines: Sequence[SubsidyLine]) -> str:
    return "\n".join(line.model_dump_json() for line in sorted(lines, key=lambda line: line.seq))


def _sealed(lines: Sequence[SubsidyLine], ctx: Context) -> list[NewLine]:
    ids = [new_id() for _ in lines]
    numbers = [upgraded(normalized(line.id_number)) for line in lines]
    names = seal_many(ctx.keys, _NAME, [(key, line.person_name) for key, line in zip(ids, lines, strict=True)])
    sealed = seal_many(ctx.keys, _ID_NUMBER, list(zip(ids, numbers, strict=True)))
    cards = seal_many(ctx.keys, CARD, [(key, line.card_number) for key, line in zip(ids, lines, strict=True)])
    indexes = blind_index_many(ctx.keys, _ID_NUMBER, numbers)
    same_card = blind_index_many(ctx.keys, CARD, [line.card_number for line in lines])
    return [
        NewLine(
            key,
            int(line.village),
            line.seq,
            line.household_id,
            line.person_id,
            name,
            number,
            index,
            card,
            card_index,
            line.bank_code,
            line.period,
            line.amount,
            line.basis,
        )
        for key, line, name, number, index, card, card_index in zip(
            ids, lines, names, sealed, indexes, cards, same_card, strict=True
        )
    ]


def _not_for_households() -> Violation:
    return refusal(
        "NOT_A_HOUSEHOLD_PROJECT",
        "NL18",
        "该项目不是本县的到户补贴项目",
        "the project is not a household project of this county",
        ("选择到户类项目", "choose a household project"),
        field="/project_id",
    )


def _number_used() -> Violation:
    return refusal(
        "BATCH_NUMBER_USED",
        "L5",
        "批次号已用于另一名册",
        "the number belongs to a batch with another roster",
        ("换用新的批次号", "use a new number"),
        field="/number",
    )


class RemovalFields(BaseModel):
    """Which line goes, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class RemoveLine(Command, RemovalFields):
    """Take a line off a roster that is still a draft, with its reason (剔除, scenario 49); the header follows."""

    ROLES: ClassVar[frozenset[Role]] = TOWNSHIP | SECTOR | BUREAU

    batch_id: UUID


async def remove_line(tx: Write, command: RemoveLine, ctx: Context) -> BatchMade:
    """Note the removal and take the line's sum off the header."""
    row, state = await locked_batch(tx, command.batch_id, command.ROLES, ctx)
    fen = await bulk.remove_line(tx.raw, row.id, command.seq, command.reason) if state == "DRAFT" else None
    if fen is None or row.line_count == 1:
        raise Refused(_line_not_in("DRAFT", state))
    row.line_count -= 1
    row.total_fen -= fen
    tx.changed("batch", row.id, row.area_code)
    return BatchMade(id=row.id, line_count=row.line_count, total=row.total_fen, repeated=False)


def _line_not_in(wanted: str, state: str) -> Violation:
    return refusal(
        "LINE_NOT_THERE",
        "F-3.7-2",
        "批次不在可剔除的环节，没有该行，或这是最后一行",
        f"the batch is not {wanted}, has no such line, or no other one",
        ("退回批次后剔除；全部不发的作废批次", "send the batch back first; cancel it if nobody is paid"),
        field="/seq",
        state=state,
    )


_CASE = "SELECT state FROM case_file WHERE workflow = 'funds.household_batch' AND subject_id = $1 FOR UPDATE"


async def locked_batch(tx: Write, batch_id: UUID, roles: frozenset[Role], ctx: Context) -> tuple[HouseholdBatch, str]:
    """A batch and the state of its case, which stays until the end; raises NotFound, Forbidden."""
    state: str | None = await tx.raw.fetchval(_CASE, batch_id)
    row = await tx.session.get(HouseholdBatch, batch_id, populate_existing=True)
    if row is None or state is None:
        raise not_found("补贴批次", "household batch")
    if not ctx.actor.may(roles, row.area_code):
        raise not_found("补贴批次", "household batch")
    return row, state


async def _hung(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    """From now on nobody else can pay these persons for this policy and period, in any county (FW17)."""
    async with once("ux_household_line_claimed", rules.subsidy_twice()):
        await bulk.claim_lines(tx.raw, case.subject_id, claimed=True)


async def _taken_back(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> None:
    await bulk.claim_lines(tx.raw, case.subject_id, claimed=False)


async def _checked(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The first approved roster of a funded project starts it."""
    row = await batch_row(tx, case)
    if await project_state(tx, row.project_id, moves=True) == "FUNDED":
        await advance(tx, replace(ctx, actor=SYSTEM), PROJECT_BINDING, row.project_id, Move("start"))


async def _instructed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P15 over what the project's sources hold; each line is told which of them bear it."""
    row = await batch_row(tx, case)
    held = await remaining(tx.raw, BOOK, QUOTA, {"project_id": row.project_id}, lock=True)
    amounts = spread(row.total_fen, held, {"project_id": row.project_id, "payment_id": row.id})
    row.instruction_no += 1
    row.instructed_on = ctx.today
    await post(tx, ctx, BOOK, "P15", amounts, document=batch_document(row), area=row.county_code)
    await bulk.assign_sources(tx.raw, row.id, amounts)
    await bulk.send_lines(tx.raw, row.id, LineOutcome.PENDING, row.instruction_no)


async def _reissued(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P18: the corrected lines go out again."""
    row = await batch_row(tx, case)
    lines = await bulk.lines_with(tx.raw, row.id, LineOutcome.CORRECTED)
    row.instruction_no += 1
    amounts = await bulk.borne(tx.raw, lines, row.project_id, row.id)
    await post(tx, ctx, BOOK, "P18", amounts, document=batch_document(row), area=row.county_code)
    await bulk.send_lines(tx.raw, row.id, LineOutcome.CORRECTED, row.instruction_no)


async def _abandoned(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P19: lines that were sent as often as allowed give their money back to the quota."""
    row = await batch_row(tx, case)
    most = await tx.parameters.get("household_subsidy.tries", row.area_code, ctx.today)
    given_up = (LineOutcome.FAILED, LineOutcome.CORRECTED)
    lines = [key for outcome in given_up for key in await bulk.lines_with(tx.raw, row.id, outcome, tries=most)]
    amounts = await bulk.borne(tx.raw, lines, row.project_id, row.id)
    document = f"household_batch:{row.id}:abandoned:{case.version}"
    await post(tx, ctx, BOOK, "P19", amounts, document=document, area=row.county_code)
    await bulk.settle_lines(tx.raw, lines, LineOutcome.ABANDONED, given_up)


def batch_document(row: HouseholdBatch) -> str:
    """Each instruction of a batch is a document of its own (L5)."""
    return f"household_batch:{row.id}:{row.instruction_no}"


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> dict[str, object]:
    """What hangs out online: sums by village. Names and amounts hang on the village board only (§6)."""
    row = await batch_row(tx, case)
    project = await project_row(tx, row.project_id)
    villages = await bulk.sums_by_village(tx.raw, row.id)
    return {
        "batch": row.number,
        "project": project.name,
        "policy": row.policy,
        "lines": row.line_count,
        "total": format_yuan(row.total_fen),
        "villages": [
            {"village": str(AreaCode(code)), "lines": count, "amount": format_yuan(fen)}
            for code, count, fen in villages
        ],
        "hotline": "12317",
    }


BATCH_BINDING = Binding(
    workflow=HOUSEHOLD_BATCH,
    plural="household-batches",
    guards={
        "header_matches_lines": rules.header_matches_lines,
        "within_policy_standard": rules.within_policy_standard,
        "lines_unique": rules.lines_unique,
        "recipients_eligible": rules.recipients_eligible,
        "project_funded": rules.project_funded,
        "project_not_suspended": rules.project_not_suspended,
        "within_quota": rules.within_quota,
        "result_matches_lines": rules.result_matches_lines,
        "no_line_open": rules.no_line_open,
        "lines_corrected": rules.lines_corrected,
        "tries_left": rules.tries_left,
        "tries_exhausted": rules.tries_exhausted,
        "lines_final": rules.lines_final,
    },
    facts=batch_facts,
    notice=_notice,
    steps={
        "post_roster": StepBinding(forms.Roster, _hung),
        "approve": StepBinding(forms.Roster),
        "check_finance": StepBinding(forms.BatchMoney, _checked),
        "instruct": StepBinding(forms.BatchMoney, _instructed),
        "record_part": StepBinding(forms.Result),
        "finish": StepBinding(forms.Result),
        "reissue": StepBinding(forms.Reissue, _reissued),
        "abandon": StepBinding(forms.Abandonment, _abandoned),
        "close": StepBinding(forms.Result),
        "send_back": StepBinding(perform=_taken_back),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    CreateBatch: create_batch,
    ImportBatch: import_batch,
    RemoveLine: remove_line,
}

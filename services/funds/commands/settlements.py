"""Settlements (结算): what approving one moves, later audit cuts, and what a settled project tells the asset register."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands import contract_forms as forms
from services.funds.commands.admission import require
from services.funds.commands.contract_rows import (
    add_money,
    by_indicator,
    case_state,
    contract_row,
    less,
    money_of,
    project_state,
    spread,
)
from services.funds.domain import settlement as rules
from services.funds.domain.postings import ADVANCE, BOOK, COMMITTED, RETENTION, SPENT
from services.funds.domain.refusals import refusal
from services.funds.domain.settlement import Closing
from services.funds.tables.contracts import Contract, ProjectSettlement, ProjectSettlementSource, RefundClaim
from services.funds.tables.indicators import Indicator
from shared.cases.binding import CaseRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds_project import ProjectSettled, ProjectSettlementAdjusted
from shared.contracts.parts import DocumentNo, SourceAmount
from shared.contracts.wire import Yuan
from shared.kernel.errors import Refused, Violation
from shared.kernel.money import Fen, format_yuan
from shared.kernel.roles import Role
from shared.ledger.balances import Held, remaining
from shared.ledger.model import Amount
from shared.ledger.post import Posting, post_many
from shared.workflow.desks import FINANCE_LEADER, FINANCE_REVIEWER

SETTLED = frozenset({"SETTLED", "SETTLED_WITH_CLAIM", "RETENTION", "CLOSED"})
"""States of a contract that an audit may cut."""

_PROJECT_OF = "SELECT project_id FROM contract WHERE id = $1"
_CLAIMED = """
SELECT claim.indicator_id, sum(claim.claimed_fen - claim.refunded_fen)::bigint AS fen
  FROM refund_claim AS claim JOIN contract ON contract.id = claim.contract_id
 WHERE contract.project_id = $1 GROUP BY claim.indicator_id"""


class CutFields(BaseModel):
    """A cut (核减) as the audit's paper has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cut: Annotated[Yuan, Field(gt=0)]
    adjusted_on: date
    approval_document: DocumentNo


class AdjustSettlement(Command, CutFields):
    """Cut a settlement after an audit (审计核减): from what is still held first, the rest is claimed back (scenario 43)."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_LEADER | FINANCE_REVIEWER

    contract_id: UUID


class Adjusted(BaseModel):
    """The settlement after the cut, and what the payee owes."""

    contract_id: UUID
    settlement: Yuan
    claim: Yuan


def dimensions(row: Contract) -> dict[str, UUID]:
    """The contract's cells on the ledger."""
    return {"project_id": row.project_id, "contract_id": row.id}


async def reviewed(tx: Write, case: CaseRow, form: forms.SettlementReview, _ctx: Context) -> None:
    """Keep the reviewed value for the approval."""
    (await contract_row(tx, case.subject_id)).reviewed_fen = form.settlement
    await tx.session.flush()


async def settled(tx: Write, case: CaseRow, form: forms.SettlementApproval, ctx: Context) -> None:
    """P10 what advance is left, P12 the difference back to quota, P13 the retention, and the claim (§3.10 steps 5, 6)."""
    row = await contract_row(tx, case.subject_id)
    settlement = row.reviewed_fen
    assert settlement is not None, "a guard has seen it"
    committed = await remaining(tx.raw, BOOK, COMMITTED, dimensions(row), lock=True)
    money = money_of(row)
    moved = rules.closing(money, settlement, form.retention, sum(each.fen for each in committed))
    postings = await _closing_postings(tx, row, moved, committed)
    await _post(tx, ctx, row, postings, f"settlement:{row.id}")
    row.settlement_fen = settlement
    row.bank_guarantee, row.settlement_document = form.bank_guarantee, form.approval_document
    certified = settlement - row.certified_fen
    await add_money(
        tx,
        row,
        {"certified": certified, "recouped": moved.recouped, "retention": moved.retained, "claim": moved.claim},
    )
    if moved.claim:
        await _claim(tx, row, moved.claim)


async def _closing_postings(
    tx: Write,
    row: Contract,
    moved: Closing,
    committed: Sequence[Held],
) -> dict[str, list[Amount]]:
    cells = dimensions(row)
    advance = await remaining(tx.raw, BOOK, ADVANCE, cells, lock=True) if moved.recouped else []
    released = spread(moved.released, committed, cells)
    return {
        "P10": spread(moved.recouped, advance, cells),
        "P12": released,
        "P13": spread(moved.retained, less(committed, released), cells),
    }


async def _post(
    tx: Write, ctx: Context, row: Contract, postings: Mapping[str, Sequence[Amount]], document: str
) -> None:
    entries = [Posting(template, document, amounts) for template, amounts in postings.items() if amounts]
    if entries:
        await post_many(tx, ctx, BOOK, entries, area=row.county_code)


async def _claim(tx: Write, row: Contract, claim: Fen) -> list[Amount]:
    """Open a refund claim on each source in proportion to what it spent (财建〔2016〕503号 art. 14)."""
    spent = await remaining(tx.raw, BOOK, SPENT, dimensions(row), lock=True)
    amounts = spread(claim, spent, dimensions(row))
    rows = [
        {
            "contract_id": row.id,
            "indicator_id": amount.group,
            "fiscal_year": amount.fiscal_year,
            "claimed_fen": amount.fen,
            "refunded_fen": 0,
            "area_code": row.area_code,
        }
        for amount in amounts
    ]
    added = insert(RefundClaim)
    await tx.session.execute(
        added.on_conflict_do_update(
            index_elements=["contract_id", "indicator_id", "fiscal_year"],
            set_={"claimed_fen": RefundClaim.claimed_fen + added.excluded.claimed_fen},
        ),
        rows,
    )
    return amounts


async def claimed_by_indicator(tx: Write, project_id: UUID) -> dict[UUID, Fen]:
    """What payees of a project still have to refund, by the indicator that gets it back."""
    return {row["indicator_id"]: row["fen"] for row in await tx.raw.fetch(_CLAIMED, project_id)}


async def record_settlement(tx: Write, event: ProjectSettled) -> None:
    """Keep what the asset register is told, for V16 and for later cuts."""
    own = {"project_id": event.project_id, "area_code": int(event.area_code)}
    tx.session.add(
        ProjectSettlement(
            **own,
            settlement_fen=event.settlement,
            retention_fen=event.retention,
            approval_document=event.approval_document,
            settled_on=event.settled_on,
        ),
    )
    tx.session.add_all(
        [
            ProjectSettlementSource(**own, indicator_id=source.indicator_id, amount_fen=source.amount)
            for source in event.sources
        ],
    )


async def adjust_settlement(tx: Write, command: AdjustSettlement, ctx: Context) -> Adjusted:
    """Take the cut from the open balance (P12), then from the retention (P14), and claim the rest."""
    project_id: UUID | None = await tx.raw.fetchval(_PROJECT_OF, command.contract_id)
    if project_id is not None:
        await project_state(tx, project_id)
    row = await contract_row(tx, command.contract_id)
    require(ctx, command.ROLES, row.area_code)
    state = await case_state(tx, "funds.contract", row.id)
    if (
        state not in SETTLED
        or row.settlement_fen is None
        or money_of(row).in_flight
        or command.cut >= row.settlement_fen
    ):
        raise Refused(_nothing_to_cut(state, row.settlement_fen))
    cells = dimensions(row)
    taken: dict[str, list[Amount]] = {}
    left = command.cut
    for template, account in (("P12", COMMITTED), ("P14", RETENTION)):
        held = await remaining(tx.raw, BOOK, account, cells, lock=True)
        size = min(left, sum(each.fen for each in held))
        taken[template] = spread(size, held, cells) if size else []
        left -= size
    await _post(tx, ctx, row, taken, f"adjustment:{ctx.id}")
    claims = await _claim(tx, row, left) if left else []
    row.settlement_fen -= command.cut
    retained = sum(amount.fen for amount in taken["P14"])
    await add_money(tx, row, {"certified": -command.cut, "claim": left, "retention": -retained})
    await _tell_adjustment(tx, row, command, by_indicator([*taken["P12"], *taken["P14"], *claims]))
    tx.changed("contract", row.id, row.area_code)
    return Adjusted(contract_id=row.id, settlement=row.settlement_fen, claim=row.claim_fen)


async def _tell_adjustment(
    tx: Write,
    row: Contract,
    command: AdjustSettlement,
    cuts: Mapping[UUID, Fen],
) -> None:
    """Tell the asset register, if the project's settlement was told before."""
    told = await tx.session.get(ProjectSettlement, row.project_id, with_for_update=True)
    if told is None:
        return
    told.settlement_fen -= command.cut
    for indicator, fen in cuts.items():
        await tx.session.execute(
            update(ProjectSettlementSource)
            .where(
                ProjectSettlementSource.project_id == row.project_id,
                ProjectSettlementSource.indicator_id == indicator,
            )
            .values(amount_fen=ProjectSettlementSource.amount_fen - fen),
        )
    tx.emit(
        ProjectSettlementAdjusted(
            area_code=row.area_code,
            project_id=row.project_id,
            adjusted_on=command.adjusted_on,
            delta=-command.cut,
            settlement=told.settlement_fen,
            sources=await sources_of(tx, {indicator: -fen for indicator, fen in cuts.items()}),
            approval_document=command.approval_document,
        ),
    )


async def sources_of(tx: Write, borne: Mapping[UUID, Fen]) -> tuple[SourceAmount, ...]:
    """What each indicator bears, with its document, level and category."""
    rows = await tx.session.scalars(select(Indicator).where(Indicator.id.in_(borne)).order_by(Indicator.id))
    return tuple(
        SourceAmount(
            indicator_id=row.id,
            document_no=row.document_no,
            amount=borne[row.id],
            level=row.level,
            category=row.category,
        )
        for row in rows
    )


def _nothing_to_cut(state: str, settlement: Fen | None) -> Violation:
    return refusal(
        "SETTLEMENT_NOT_ADJUSTABLE",
        "F-3.6",
        "合同尚未结算、有在途支付，或核减不小于结算价",
        "the contract is not settled, a payment is under way, or the cut takes all of the settlement",
        ("核对合同状态和核减金额", "check the state and the cut"),
        field="/cut",
        state=state,
        settlement=format_yuan(settlement or 0),
    )


HANDLERS: dict[type[Command], Handler] = {AdjustSettlement: adjust_settlement}

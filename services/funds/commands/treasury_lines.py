"""Lines of the treasury that found no contract: matched by hand, set aside with a reason, or all tried again."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from services.funds.bulk import treasury as sets
from services.funds.commands.admission import require
from services.funds.commands.treasury_recording import record_lines
from services.funds.domain.payment_limits import Stage
from services.funds.domain.refusals import refusal
from services.funds.tables.contracts import Contract
from services.funds.tables.treasury import TreasuryIndicator, TreasuryLine
from shared.checks.model import Check
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.workflow.desks import FINANCE, TREASURY

Why = Annotated[str, Field(min_length=4, max_length=200, description="理由 / why")]


RowNo = Annotated[int, Field(ge=1, le=2_000_000, description="行号 / row in the file")]


_FOUND = """
SELECT check_id FROM finding
 WHERE subject_kind = 'payment' AND subject_key = $1 AND closed_at IS NULL ORDER BY check_id"""


_OURS = """
SELECT EXISTS (
  SELECT FROM indicator WHERE area_code = $1 AND document_no = $2 AND amount_fen + adjusted_fen = $3)"""


class MatchFields(BaseModel):
    """The contract that a line is of, what the payment is for, and why a person says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract_id: UUID
    stage: Stage | None = None
    recoup: Annotated[Yuan, Field(ge=0)] | None = None
    reason: Why


class MatchTreasuryLine(Command, MatchFields):
    """Say of which contract a line is (人工匹配); it is posted if it can be."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE | TREASURY

    line_id: UUID


class AsideFields(BaseModel):
    """Why a line is none of ours, or needs no posting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Why


class SetTreasuryLineAside(Command, AsideFields):
    """Set a line aside (搁置): a payment of other money, or one that is booked otherwise."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE | TREASURY

    line_id: UUID


class SetTreasuryIndicatorAside(Command, AsideFields):
    """Set a row of an indicator file aside: money that this system does not keep."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE | TREASURY

    import_id: UUID
    row_no: RowNo


class MatchTreasuryLines(Command):
    """Try all open lines of a county again (重新匹配), now that contracts, quota or valuations are in order."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE | TREASURY

    area_code: Area


class LineDecided(BaseModel):
    """What became of a line."""

    id: UUID
    outcome: str
    reason: str
    payment_id: UUID | None


class LinesMatched(BaseModel):
    """How many lines this attempt posted, and how the lines of the county stand that are not posted."""

    posted: int
    held: int
    unmatched: int
    set_aside: int


class IndicatorDecided(BaseModel):
    """A row of an indicator file that was set aside."""

    import_id: UUID
    row_no: int


async def match_line(tx: Write, command: MatchTreasuryLine, ctx: Context, checks: Sequence[Check]) -> LineDecided:
    """Note who decided, then post as a file would have."""
    row = await _line(tx, command.line_id, ctx)
    contract = await tx.session.get(Contract, command.contract_id)
    if contract is None or contract.county_code != row.area_code:
        raise not_found("本县合同", "contract of this county")
    row.outcome, row.contract_id, row.stage = "unmatched", contract.id, command.stage or row.stage
    row.recoup_fen = row.recoup_fen if command.recoup is None else command.recoup
    _decided(row, ctx, command.reason)
    await tx.session.flush()
    await record_lines(tx, ctx, AreaCode(row.area_code), checks, [row.id])
    shown = await _shown(tx, row)
    if shown.payment_id is not None:
        await _warn(tx, shown.payment_id, checks)
    return shown


async def _warn(tx: Write, payment_id: UUID, checks: Sequence[Check]) -> None:
    """Tell whoever matched a line the alerts that its payment raised: a dry run is asked for them."""
    by_id = {check.id: check for check in checks}
    for found in await tx.raw.fetch(_FOUND, str(payment_id)):
        check = by_id[found["check_id"]]
        tx.warn(Violation(check.rule, check.zh, check.en, rule=check.rule, field="/contract_id"))


async def set_line_aside(
    tx: Write, command: SetTreasuryLineAside, ctx: Context, checks: Sequence[Check]
) -> LineDecided:
    """The line is looked at no more; its alert ends."""
    row = await _line(tx, command.line_id, ctx)
    row.outcome, row.contract_id = "set_aside", None
    _decided(row, ctx, command.reason)
    await tx.session.flush()
    await record_lines(tx, ctx, AreaCode(row.area_code), checks, [])
    return await _shown(tx, row)


async def set_indicator_aside(tx: Write, command: SetTreasuryIndicatorAside, ctx: Context) -> IndicatorDecided:
    """The row is listed as set aside from now on."""
    row = await tx.session.get(TreasuryIndicator, (command.import_id, command.row_no), with_for_update=True)
    if row is None:
        raise not_found("指标行", "row of indicators")
    require(ctx, FINANCE | TREASURY, row.area_code)
    if await tx.raw.fetchval(_OURS, row.area_code, row.document_no, row.amount_fen):
        raise Refused(_matched())
    row.set_aside = command.reason
    tx.changed("treasury_import", row.import_id, row.area_code)
    return IndicatorDecided(import_id=row.import_id, row_no=row.row_no)


async def match_lines(tx: Write, command: MatchTreasuryLines, ctx: Context, checks: Sequence[Check]) -> LinesMatched:
    """All that wait, in the order in which they were paid."""
    await sets.lock_county(tx.raw, int(command.area_code))
    before = await _counts(tx, command.area_code)
    await record_lines(tx, ctx, command.area_code, checks)
    after = await _counts(tx, command.area_code)
    after["posted"] -= before["posted"]
    return LinesMatched(**after)


async def _counts(tx: Write, area: AreaCode) -> dict[str, int]:
    """The lines of a county by outcome."""
    found = await tx.session.execute(
        select(TreasuryLine.outcome, func.count())
        .where(TreasuryLine.area_code == int(area))
        .group_by(TreasuryLine.outcome)
    )
    return dict.fromkeys(LinesMatched.model_fields, 0) | {row[0]: row[1] for row in found}


async def _line(tx: Write, line_id: UUID, ctx: Context) -> TreasuryLine:
    """The line, locked, of a county in which the actor may decide, and not posted; its county's files wait."""
    area = await tx.session.scalar(select(TreasuryLine.area_code).where(TreasuryLine.id == line_id))
    if area is None:
        raise not_found("国库支付明细", "line of the treasury")
    require(ctx, FINANCE | TREASURY, area)
    await sets.lock_county(tx.raw, area)
    row = await tx.session.get(TreasuryLine, line_id, with_for_update=True, populate_existing=True)
    if row is None or row.outcome == "posted":
        raise Refused(_posted())
    tx.changed("treasury_line", row.id, row.area_code)
    return row


def _decided(row: TreasuryLine, ctx: Context, reason: str) -> None:
    row.decided_by, row.decided_at, row.decision = ctx.actor.id, ctx.now, reason


async def _shown(tx: Write, row: TreasuryLine) -> LineDecided:
    await tx.session.refresh(row)
    return LineDecided(id=row.id, outcome=row.outcome, reason=row.reason, payment_id=row.payment_id)


def _posted() -> Violation:
    return refusal(
        "LINE_POSTED",
        "L5",
        "该笔国库支付已入账，不得重复",
        "this payment is posted; it is never posted twice",
        ("需要更正时登记退款或冲销", "book a refund to correct it"),
    )


def _matched() -> Violation:
    return refusal(
        "ROW_MATCHED",
        "L5",
        "该行与本系统指标相符，不得搁置",
        "this row agrees with an indicator of ours; it is not set aside",
        ("只搁置不属本系统管理的指标", "set aside only what this system does not keep"),
    )


def handlers(checks: Sequence[Check]) -> Mapping[type[Command], Handler]:
    """The handlers; `checks` are the rules that speak as soon as payments are recorded."""
    return {
        MatchTreasuryLine: partial(match_line, checks=checks),
        SetTreasuryLineAside: partial(set_line_aside, checks=checks),
        SetTreasuryIndicatorAside: set_indicator_aside,
        MatchTreasuryLines: partial(match_lines, checks=checks),
    }

"""Drafting a distribution plan (分配方案): parts and household lines are computed here, to the fen (§7.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.assets.bulk.income import LineRow, insert_lines
from services.assets.commands.distributions import DISTRIBUTION_BINDING
from services.assets.commands.recipients import warn_unknown
from services.assets.commands.rules import one_rule
from services.assets.commands.standing import refuse
from services.assets.domain.income import (
    INCOME_KINDS,
    Basis,
    Part,
    line_amounts,
    part_amounts,
    upkeep_reserve,
)
from services.assets.tables.contracts import IncomeReceipt
from services.assets.tables.income import DistributionPlan, DistributionRulePart, PlanPart, PlanReceipt
from shared.cases.advance import open_case
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Period, Ppm
from shared.contracts.wire import Area, Yuan
from shared.kernel.errors import Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import PPM, Fen
from shared.kernel.roles import Role


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PartShare(_Given):
    """What share of the total a part gets."""

    part: Part
    share_ppm: Ppm


class Recipient(_Given):
    """One household of a part, what its weight counts, and the weight."""

    part: Part = Part.HOUSEHOLD
    household_id: UUID
    basis: Basis
    weight: int = Field(ge=0, le=1_000_000)


class DraftPlan(Command):
    """Draft a plan over receipts (编制分配方案); without `total` all that is left after deductions is distributed."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.VILLAGE_COLLECTIVE, Role.VILLAGE_COMMITTEE})

    area_code: Area
    period: Period
    receipt_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    upkeep: Yuan | None = Field(default=None, ge=0)
    tax: Yuan = Field(default=0, ge=0)
    operator_share: Yuan = Field(default=0, ge=0)
    loss: Yuan = Field(default=0, ge=0)
    total: Yuan | None = Field(default=None, gt=0)
    parts: tuple[PartShare, ...] = Field(min_length=1, max_length=len(Part))
    recipients: tuple[Recipient, ...] = Field(default=(), max_length=5000)
    flat_filing_no: DocumentNo | None = None


class PartDrafted(BaseModel):
    """A part with its amount."""

    part: Part
    amount: Yuan


class LineDrafted(BaseModel):
    """A household line with its amount."""

    line_id: UUID
    part: Part
    household_id: UUID
    amount: Yuan


class PlanDrafted(BaseModel):
    """The new plan as it was computed."""

    plan_id: UUID
    case_id: UUID
    rule_id: UUID
    received: Yuan
    upkeep: Yuan
    total: Yuan
    parts: tuple[PartDrafted, ...]
    lines: tuple[LineDrafted, ...]


@dataclass(frozen=True, slots=True)
class _Money:
    """What is free of the receipts, what the owner keeps, and what is distributed, all in fen."""

    received: Fen
    upkeep: Fen
    total: Fen


async def draft_plan(tx: Write, command: DraftPlan, ctx: Context) -> PlanDrafted:
    """Compute the plan, enter it with its lines, and open its case."""
    receipts = await _receipts(tx, command)
    rule_id = await one_rule(tx, command.area_code, {receipt.received_on for receipt in receipts})
    refuse(*await _wrong_parts(tx, command, rule_id))
    money = await _money(tx, command, ctx, receipts)
    refuse(_nothing_left(money))
    amounts = dict(
        zip(
            [part.part for part in command.parts],
            part_amounts(money.total, [part.share_ppm for part in command.parts]),
            strict=True,
        ),
    )
    lines = _lines(command, amounts)
    plan_id = new_id()
    await _insert(tx, command, plan_id, rule_id, money, amounts, lines)
    await warn_unknown(tx, [line.household_id for line in lines])
    case = await open_case(tx, ctx, DISTRIBUTION_BINDING, plan_id, command.area_code)
    return PlanDrafted(
        plan_id=plan_id,
        case_id=case.id,
        rule_id=rule_id,
        received=money.received,
        upkeep=money.upkeep,
        total=money.total,
        parts=tuple(PartDrafted(part=part, amount=amount) for part, amount in amounts.items()),
        lines=tuple(
            LineDrafted(line_id=line.id, part=Part(line.part), household_id=line.household_id, amount=line.amount)
            for line in lines
        ),
    )


async def _receipts(tx: Write, command: DraftPlan) -> Sequence[IncomeReceipt]:
    """The receipts named, all of them in the owner's area; raises NotFound."""
    low, high = command.area_code.span
    query = select(IncomeReceipt).where(
        IncomeReceipt.id.in_(command.receipt_ids),
        IncomeReceipt.area_code.between(low, high),
    )
    receipts = list(await tx.session.scalars(query))
    if len(receipts) < len(set(command.receipt_ids)):
        raise not_found("到账收益", "receipt")
    return receipts


async def _money(tx: Write, command: DraftPlan, ctx: Context, receipts: Sequence[IncomeReceipt]) -> _Money:
    received = sum(receipt.amount_fen - receipt.drawn_fen for receipt in receipts)
    others = command.tax + command.operator_share + command.loss
    upkeep = command.upkeep
    if upkeep is None:
        share = await tx.parameters.get("distribution.upkeep_share", command.area_code, ctx.today)
        upkeep = upkeep_reserve(received, others, share)
    total = received - others - upkeep if command.total is None else command.total
    return _Money(received, upkeep, total)


def _lines(command: DraftPlan, amounts: Mapping[Part, Fen]) -> list[LineRow]:
    lines = []
    for part in amounts:
        own = {each.household_id: each for each in command.recipients if each.part is part}
        if own:
            shares = line_amounts(amounts[part], {household: each.weight for household, each in own.items()})
            lines += [
                LineRow(
                    id=new_id(),
                    part=part.value,
                    household_id=household,
                    income_kind=INCOME_KINDS[part],
                    basis=own[household].basis,
                    weight=own[household].weight,
                    amount=amount,
                )
                for household, amount in shares.items()
            ]
    return lines


async def _insert(
    tx: Write,
    command: DraftPlan,
    plan_id: UUID,
    rule_id: UUID,
    money: _Money,
    amounts: Mapping[Part, Fen],
    lines: Sequence[LineRow],
) -> None:
    area = int(command.area_code)
    tx.session.add(
        DistributionPlan(
            id=plan_id,
            area_code=area,
            rule_id=rule_id,
            period=command.period,
            upkeep_fen=money.upkeep,
            tax_fen=command.tax,
            operator_fen=command.operator_share,
            loss_fen=command.loss,
            total_fen=money.total,
            flat_filing_no=command.flat_filing_no,
        ),
    )
    await tx.session.flush()
    shares = {part.part: part.share_ppm for part in command.parts}
    tx.session.add_all(
        PlanPart(plan_id=plan_id, part=part.value, share_ppm=shares[part], amount_fen=amount, area_code=area)
        for part, amount in amounts.items()
    )
    tx.session.add_all(
        PlanReceipt(plan_id=plan_id, receipt_id=receipt, amount_fen=0, area_code=area)
        for receipt in set(command.receipt_ids)
    )
    await tx.session.flush()
    await insert_lines(tx.raw, plan_id, area, lines)


async def _wrong_parts(tx: Write, command: DraftPlan, rule_id: UUID) -> list[Violation]:
    """What is wrong with parts and recipients by themselves, all of it at once."""
    query = select(DistributionRulePart.part).where(DistributionRulePart.rule_id == rule_id)
    given, with_lines = [part.part for part in command.parts], {each.part for each in command.recipients}
    unknown = sorted(set(given) - set(await tx.session.scalars(query)))
    whole = sum(part.share_ppm for part in command.parts) == PPM and len(set(given)) == len(given)
    doubled = len({(each.part, each.household_id) for each in command.recipients}) < len(command.recipients)
    weighed = {each.part for each in command.recipients if each.weight}
    found = (
        (unknown, "PART_UNKNOWN", "分配规则没有该部分", "the rule has no such part", "/parts"),
        (not whole, "PART_SHARES", "各部分不得重复，占比合计须为 100%", "each part once, one whole together", "/parts"),
        (doubled, "RECIPIENT_TWICE", "同一农户在同一部分重复", "a household is twice in a part", "/recipients"),
        (
            with_lines - (set(INCOME_KINDS) & set(given)),
            "PART_WITHOUT_LINES",
            "该部分不分配到户",
            "households get nothing of this part",
            "/recipients",
        ),
        (with_lines - weighed, "NO_WEIGHT", "该部分权重合计为零", "the weights of a part are all zero", "/recipients"),
        (
            Part.HOUSEHOLD in given and Part.HOUSEHOLD not in with_lines,
            "HOUSEHOLDS_MISSING",
            "农户部分须列出分配对象",
            "the household part names its households",
            "/recipients",
        ),
    )
    return [_part(code, zh, en, field) for is_wrong, code, zh, en, field in found if is_wrong]


def _part(code: str, zh: str, en: str, field: str) -> Violation:
    return Violation(
        code,
        zh,
        en,
        rule="F-7.9",
        field=field,
        remedy_zh="更正方案后重新提交",
        remedy_en="correct the plan",
    )


def _nothing_left(money: _Money) -> Violation | None:
    if money.total > 0:
        return None
    return _part("NOTHING_TO_DISTRIBUTE", "扣除后没有可分配收益", "nothing is left after the deductions", "/total")


HANDLERS: Mapping[type[Command], Handler] = {DraftPlan: draft_plan}

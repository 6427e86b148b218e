"""Distribution rules (分配规则): how an area divides income from a day on; a new rule never reaches back (§7.9)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from services.assets.commands.standing import refuse
from services.assets.domain.income import Part, rule_of
from services.assets.tables.income import DistributionRule, DistributionRulePart
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Ppm
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, Violation
from shared.kernel.ids import new_id
from shared.kernel.money import PPM
from shared.kernel.roles import Role


class PartRange(BaseModel):
    """One part of a rule and the least and most it may get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: Part
    min_ppm: Ppm
    max_ppm: Ppm


class SetDistributionRule(Command):
    """Set how an area distributes income (制定分配规则); the rule of a village comes before that of its township."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.TOWNSHIP_LEADER, Role.BUREAU_APPROVER, Role.BUREAU_LEADER},
    )

    area_code: Area
    valid_from: date
    document_no: DocumentNo
    parts: tuple[PartRange, ...] = Field(min_length=1, max_length=len(Part))


class RuleSet(BaseModel):
    """The new rule."""

    rule_id: UUID


async def set_rule(tx: Write, command: SetDistributionRule, ctx: Context) -> RuleSet:
    """Insert the rule; it must begin after the newest one of the area."""
    refuse(_parts(command))
    newest = await tx.session.scalar(
        select(DistributionRule.valid_from)
        .where(DistributionRule.area_code == int(command.area_code))
        .order_by(DistributionRule.valid_from.desc())
        .limit(1),
    )
    refuse(_later(newest, command.valid_from))
    rule_id = new_id()
    area = int(command.area_code)
    tx.session.add(
        DistributionRule(id=rule_id, area_code=area, valid_from=command.valid_from, document_no=command.document_no),
    )
    await tx.session.flush()
    tx.session.add_all(
        DistributionRulePart(rule_id=rule_id, area_code=area, **part.model_dump()) for part in command.parts
    )
    tx.changed("distribution_rule", rule_id, command.area_code)
    return RuleSet(rule_id=rule_id)


async def rules_on(tx: Write, area: AreaCode, days: Collection[date]) -> set[UUID | None]:
    """The rules in force in `area` on these days, of the nearest area that has one."""
    query = select(DistributionRule.area_code, DistributionRule.valid_from, DistributionRule.id).where(
        DistributionRule.area_code.in_([int(code) for code in area.ancestry()]),
    )
    by_area: dict[int, list[tuple[date, UUID]]] = {}
    for code, valid_from, rule in await tx.session.execute(query):
        by_area.setdefault(code, []).append((valid_from, rule))
    nearest = [by_area[code] for code in area.ancestry() if code in by_area]
    return {next((found for rules in nearest if (found := rule_of(day, rules))), None) for day in days}


async def one_rule(tx: Write, area: AreaCode, days: Collection[date]) -> UUID:
    """The one rule of all these days; raises Refused when there is none or more than one (scenario 80)."""
    found = await rules_on(tx, area, days)
    if len(found) == 1 and (rule := next(iter(found))) is not None:
        return rule
    missing = None in found
    raise Refused(
        Violation(
            "RULE_MISSING" if missing else "RULES_DIFFER",
            "到账当日没有生效的分配规则" if missing else "各笔收益到账时适用的分配规则不同，须分开编制方案",
            "no rule was in force when the money arrived"
            if missing
            else "the receipts fall under different rules; draft one plan for each rule",
            rule="F-7.9",
            field="/receipt_ids",
            remedy_zh="先制定分配规则" if missing else "按规则分别选择收益",
            remedy_en="set a rule first" if missing else "choose the receipts of one rule",
        ),
    )


def _parts(command: SetDistributionRule) -> Violation | None:
    least, most = (sum(getattr(part, name) for part in command.parts) for name in ("min_ppm", "max_ppm"))
    single = len({part.part for part in command.parts}) == len(command.parts)
    ordered = all(part.min_ppm <= part.max_ppm for part in command.parts)
    if single and ordered and least <= PPM <= most:
        return None
    return Violation(
        "RULE_PARTS",
        "各部分的上下限须能合计 100%，且不得重复",
        "the ranges must leave room for exactly one whole, each part once",
        rule="F-7.9",
        field="/parts",
        remedy_zh="更正各部分上下限",
        remedy_en="correct the ranges",
        facts={"min_ppm": least, "max_ppm": most},
    )


def _later(newest: date | None, valid_from: date) -> Violation | None:
    if newest is None or valid_from > newest:
        return None
    return Violation(
        "RULE_NOT_LATER",
        f"该区域已有 {newest} 起生效的规则，新规则须晚于该日",
        f"the area has a rule from {newest}; a new one begins later",
        rule="F-7.9",
        field="/valid_from",
        remedy_zh="填写更晚的生效日",
        remedy_en="choose a later day",
    )


HANDLERS: Mapping[type[Command], Handler] = {SetDistributionRule: set_rule}

"""New versions of rules (规则新版本): one person proposes them with a document, another adopts them; none is rewritten."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from services.funds.commands.admission import require
from services.funds.domain.negative_measures import MEASURES
from services.funds.domain.refusals import refusal
from services.funds.tables.ref import RuleProposal
from shared.commands.command import Command, Context, Handler, Write
from shared.commands.policy import ADOPTERS, PROPOSERS
from shared.contracts.parts import Category, DocumentNo
from shared.contracts.wire import Area
from shared.kernel.errors import Forbidden, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import parse_yuan
from shared.kernel.roles import Role

Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=80)], ...], Field(max_length=200)]
Prefix = Annotated[str, Field(pattern=r"^(\d{2}){0,3}$")]

# The version grows over all areas: a verdict that names rule and version names one text.
_NEGATIVE = """
INSERT INTO negative_rule(rule_id, part, area_code, version, effective_from, verdict, keywords, whitelist,
  economic_classes, categories, excepted, linkage_money_only, measure, bound, zh, en, source)
SELECT rule_id, row_number() OVER (PARTITION BY rule_id ORDER BY place), p.area_code,
       1 + (SELECT coalesce(max(version), 0) FROM negative_rule AS known WHERE known.rule_id = line.rule_id),
       p.effective_from, verdict, keywords, whitelist, economic_classes, categories, excepted, linkage_money_only,
       measure, bound, zh, en, p.document
  FROM rule_proposal AS p, ROWS FROM (jsonb_to_recordset(p.lines) AS (rule_id text, verdict text, keywords text[],
       whitelist text[], economic_classes text[], categories text[], excepted text[], linkage_money_only boolean,
       measure text, bound text, zh text, en text)) WITH ORDINALITY AS line(rule_id, verdict, keywords, whitelist,
       economic_classes, categories, excepted, linkage_money_only, measure, bound, zh, en, place)
 WHERE p.id = $1"""
_ELIGIBILITY = """
INSERT INTO fund_eligibility(fund_category, prefix, area_code, valid_from, allowed, rule, source)
SELECT line.fund_category, line.prefix, p.area_code, p.effective_from, line.allowed, 'F-2.4', p.document
  FROM rule_proposal AS p,
       jsonb_to_recordset(p.lines) AS line(fund_category text, prefix text, allowed boolean)
 WHERE p.id = $1"""


class NegativeLine(BaseModel):
    """One line of a rule of the negative list, with all conditions that must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule_id: Annotated[str, Field(pattern=r"^NL\d{2}$")]
    verdict: Literal["block", "warn"]
    keywords: Words = ()
    whitelist: Words = ()
    economic_classes: Words = ()
    categories: Words = ()
    excepted: Words = ()
    linkage_money_only: bool = False
    measure: str = ""
    bound: Annotated[str, Field(max_length=20)] = ""
    zh: Annotated[str, Field(min_length=4, max_length=200)]
    en: Annotated[str, Field(min_length=4, max_length=200)]

    @model_validator(mode="after")
    def _has_a_condition(self) -> "NegativeLine":
        if not (self.keywords or self.economic_classes or self.categories or self.measure):
            raise ValueError("a line without a condition hits every project")
        if self.measure and self.measure not in MEASURES:
            raise ValueError("unknown measure")
        if self.bound:
            _ = parse_yuan(self.bound) if self.measure == "total_above" else Fraction(self.bound)
        elif self.measure.endswith("_above"):
            raise ValueError("this measure needs a bound")
        return self


class EligibilityLine(BaseModel):
    """Whether a kind of money may pay for a category and all below it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fund_category: Category
    prefix: Prefix
    allowed: bool


class ProposeRules(Command):
    """Base of the two proposals."""

    ROLES: ClassVar[frozenset[Role]] = PROPOSERS

    area_code: Area
    effective_from: date
    document: DocumentNo


class ProposeNegativeRules(ProposeRules):
    """Propose new versions of rules of the negative list (负面清单规则修订): the lines replace the rule in this area."""

    lines: Annotated[tuple[NegativeLine, ...], Field(min_length=1, max_length=100)]


class ProposeEligibility(ProposeRules):
    """Propose rows of the matrix of money and categories (资金投向调整)."""

    lines: Annotated[tuple[EligibilityLine, ...], Field(min_length=1, max_length=500)]


class AdoptRules(Command):
    """Adopt a proposal; only by another person than who made it."""

    ROLES: ClassVar[frozenset[Role]] = ADOPTERS

    proposal_id: UUID


class RulesProposed(BaseModel):
    """A proposal and whether it is adopted."""

    id: UUID
    effective_from: date
    adopted: bool


async def propose_negative_rules(tx: Write, command: ProposeNegativeRules, ctx: Context) -> RulesProposed:
    """Keep the proposal."""
    return _propose(tx, command, ctx, "negative_rule", command.lines)


async def propose_eligibility(tx: Write, command: ProposeEligibility, ctx: Context) -> RulesProposed:
    """Keep the proposal."""
    return _propose(tx, command, ctx, "fund_eligibility", command.lines)


def _propose(
    tx: Write, command: ProposeRules, ctx: Context, kind: str, lines: tuple[NegativeLine | EligibilityLine, ...]
) -> RulesProposed:
    if command.effective_from <= ctx.today:
        raise Refused(_too_early())
    row = RuleProposal(
        id=new_id(),
        area_code=int(command.area_code),
        kind=kind,
        effective_from=command.effective_from,
        document=command.document,
        lines=[line.model_dump(mode="json") for line in lines],
        proposed_by=ctx.actor.id,
        proposed_at=ctx.now,
    )
    tx.session.add(row)
    tx.changed("rule_proposal", row.id, command.area_code)
    return RulesProposed(id=row.id, effective_from=row.effective_from, adopted=False)


async def adopt_rules(tx: Write, command: AdoptRules, ctx: Context) -> RulesProposed:
    """Write the new versions; raises Refused for the proposer, and when the day has come without an adoption."""
    asked = select(RuleProposal).where(RuleProposal.id == command.proposal_id).with_for_update()
    row = await tx.session.scalar(asked)
    if row is None:
        raise not_found("规则提案", "proposal")
    require(ctx, ADOPTERS, row.area_code)
    if row.proposed_by == ctx.actor.id:
        raise Forbidden(_same_person())
    if row.adopted_by is None:
        if row.effective_from <= ctx.today:
            raise Refused(_too_early())
        row.adopted_by, row.adopted_at = ctx.actor.id, ctx.now
        await tx.session.flush()
        await tx.raw.execute(_NEGATIVE if row.kind == "negative_rule" else _ELIGIBILITY, row.id)
        tx.changed("rule_proposal", row.id, row.area_code)
    return RulesProposed(id=row.id, effective_from=row.effective_from, adopted=True)


def _too_early() -> Violation:
    return refusal(
        "EFFECTIVE_TOO_EARLY",
        "§3.2-4",
        "规则最早于采用的次日生效",
        "a rule takes effect on the day after its adoption at the earliest",
        ("以更晚的生效日重新提出", "propose it again with a later day"),
        field="/effective_from",
    )


def _same_person() -> Violation:
    return refusal(
        "SEPARATION_OF_DUTIES",
        "§3.2-4",
        "提出人不得采用自己提出的规则",
        "who proposed rules may not adopt them",
        ("请由另一名负责人采用", "have another leader adopt them"),
    )


HANDLERS: Mapping[type[Command], Handler] = {
    ProposeNegativeRules: propose_negative_rules,
    ProposeEligibility: propose_eligibility,
    AdoptRules: adopt_rules,
}

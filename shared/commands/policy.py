"""Policy values: one person proposes a value with its document, another adopts it, for the next day at the earliest."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, Field

from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.parameters.model import Parameter

PROPOSERS = frozenset({Role.BUREAU_CLERK, Role.FINANCE_CLERK, Role.BUREAU_APPROVER, Role.FINANCE_REVIEWER})
ADOPTERS = frozenset({Role.BUREAU_LEADER, Role.FINANCE_LEADER, Role.LEADING_GROUP})

_PROPOSE = """
INSERT INTO parameter_value(name, area_code, effective_from, effective_to, value, document, proposed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name, area_code, effective_from) DO UPDATE SET value = excluded.value, document = excluded.document,
  effective_to = excluded.effective_to, proposed_by = excluded.proposed_by
 WHERE parameter_value.adopted_by IS NULL
RETURNING true"""
_PROPOSAL = """
SELECT proposed_by, adopted_by, value FROM parameter_value
 WHERE name = $1 AND area_code = $2 AND effective_from = $3 FOR UPDATE"""
_ADOPT = "UPDATE parameter_value SET adopted_by = $4 WHERE name = $1 AND area_code = $2 AND effective_from = $3"


class ProposeParameter(Command):
    """Propose the value of a parameter (政策参数) for an area from a day on."""

    ROLES: ClassVar[frozenset[Role]] = PROPOSERS

    name: str
    area_code: Area
    effective_from: date
    effective_to: date | None = None
    value: str
    document: str = Field(min_length=2, max_length=100)


class AdoptParameter(Command):
    """Adopt a proposed value; only by another person than who proposed it."""

    ROLES: ClassVar[frozenset[Role]] = ADOPTERS

    name: str
    area_code: Area
    effective_from: date


class PolicyValue(BaseModel):
    """A value's identity and whether it is adopted."""

    name: str
    area_code: Area
    effective_from: date
    adopted: bool


def policy_handlers(declared: Mapping[str, Parameter]) -> Mapping[type[Command], Handler]:
    """The handlers of the two commands for a service that declares `declared`."""

    async def propose(tx: Write, command: ProposeParameter, ctx: Context) -> PolicyValue:
        parameter = declared.get(command.name)
        if parameter is None:
            raise not_found("政策参数", "parameter")
        _check_text(parameter, command.value, "/value")
        if command.effective_from <= ctx.today:
            raise _too_early(ctx)
        arguments = (command.name, int(command.area_code), command.effective_from)
        stored = await tx.raw.fetchval(
            _PROPOSE, *arguments, command.effective_to, command.value, command.document, ctx.actor.id
        )
        if not stored:
            raise Refused(
                Violation(
                    "ALREADY_ADOPTED",
                    "该生效日的参数值已采用，不得改写",
                    "a value of that day is adopted already and is never rewritten",
                    rule="§3.2-4",
                    field="/effective_from",
                    remedy_zh="以新的生效日提出新值",
                    remedy_en="propose a new value with a later day",
                ),
            )
        tx.changed("parameter", ctx.id_for("parameter"), command.area_code)
        return PolicyValue(**command.model_dump(include={"name", "area_code", "effective_from"}), adopted=False)

    async def adopt(tx: Write, command: AdoptParameter, ctx: Context) -> PolicyValue:
        arguments = (command.name, int(command.area_code), command.effective_from)
        row = await tx.raw.fetchrow(_PROPOSAL, *arguments)
        parameter = declared.get(command.name)
        if row is None or parameter is None:
            raise not_found("参数提案", "proposal")
        if row["proposed_by"] == ctx.actor.id:
            raise _same_person()
        if row["adopted_by"] is None:
            _check_text(parameter, row["value"], "/effective_from")
            await tx.raw.execute(_ADOPT, *arguments, ctx.actor.id)
            tx.changed("parameter", ctx.id_for("parameter"), command.area_code)
        return PolicyValue(**command.model_dump(), adopted=True)

    return {ProposeParameter: propose, AdoptParameter: adopt}


def _check_text(parameter: Parameter, text: str, field: str) -> None:
    try:
        parameter.parse(text)
    except ValueError as error:
        raise Invalid(
            Violation(
                "PARAMETER_VALUE",
                f"参数 {parameter.name} 的值不合要求，应为：{parameter.asks_zh}（{parameter.unit}）",
                f"the value does not fit {parameter.name}: it takes {parameter.asks_en} ({parameter.unit})",
                rule="§3.2-4",
                field=field,
                remedy_zh=f"按要求提出新值：{parameter.asks_zh}",
                remedy_en=f"propose a value that fits: {parameter.asks_en}",
            ),
        ) from error


def _too_early(ctx: Context) -> Refused:
    return Refused(
        Violation(
            "EFFECTIVE_TOO_EARLY",
            "参数最早于次日生效",
            "a policy value takes effect on the next day at the earliest",
            rule="§3.2-4",
            field="/effective_from",
            remedy_zh=f"生效日须晚于 {ctx.today}",
            remedy_en=f"choose a day after {ctx.today}",
        ),
    )


def _same_person() -> Refused:
    return Refused(
        Violation(
            "SEPARATION_OF_DUTIES",
            "提出人不得采用自己提出的参数",
            "who proposed a value may not adopt it",
            rule="§3.2-4",
            remedy_zh="请由另一名负责人采用",
            remedy_en="have another leader adopt it",
        ),
    )

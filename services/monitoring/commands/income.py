"""The income sheet: declared at a visit, added to by events, and held against the monitoring line."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.monitoring.bulk.income_sums import summed
from services.monitoring.commands.lines import line_test, monitoring_line
from services.monitoring.commands.registered import household_of, no_household
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.faults import Fault, violation
from services.monitoring.domain.income import IncomeKind, identification_window, month_of
from services.monitoring.domain.lines import LineTest, MonitorKind, Position, Standing, propose_kind, standing
from services.monitoring.tables.households import HouseholdRow
from services.monitoring.tables.income import ClassificationRow
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Month
from shared.contracts.wire import Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import derived_id, new_id
from shared.kernel.money import Fen
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FIELD, TOWNSHIP

# Of each line, the difference to what was declared before: corrections are rows (M-ID-10).
_DECLARE = """
INSERT INTO income_entry(id, household_id, area_code, month, kind, amount_fen, origin, recorded_at, recorded_by)
SELECT given.id, $1, $2, given.month, given.kind, given.amount_fen - declared.total, 'declared', $7, $8
  FROM unnest($3::uuid[], $4::date[], $5::text[], $6::bigint[]) AS given(id, month, kind, amount_fen)
 CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount_fen), 0)::bigint AS total FROM income_entry e
                      WHERE e.household_id = $1 AND e.month = given.month AND e.kind = given.kind
                        AND e.origin = 'declared') declared
 WHERE given.amount_fen <> declared.total RETURNING id"""
_ADD = """
INSERT INTO income_entry(id, household_id, area_code, month, kind, amount_fen, origin, source_id, reverses, recorded_at,
                         recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, 'event', $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING RETURNING id"""
_HOUSEHOLD = "SELECT area_code FROM household WHERE id = $1 FOR UPDATE"
_ENTRY = "SELECT * FROM income_entry WHERE id = $1"
_LEFT = """
SELECT coalesce(sum(amount_fen), 0)::bigint FROM income_entry WHERE (id = $1 OR reverses = $1) AND id <> $2"""
_HAS_RISK = "SELECT EXISTS (SELECT FROM risk WHERE household_id = $1 AND cleared_on IS NULL)"


class IncomeLine(BaseModel):
    """One line of the sheet: what a month brought or cost, apart from what the platform's own payments tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    month: Month
    kind: IncomeKind
    amount: Annotated[Yuan, Field(ge=0)]


class DeclareIncome(Command):
    """Declare lines of the income sheet (填报收入核算表); a line declared again replaces the former amount."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP | BUREAU

    household_id: UUID
    lines: tuple[IncomeLine, ...] = Field(min_length=1, max_length=500)


class ClassifyHousehold(Command):
    """Hold a household's figures against the line in force on the day its check is concluded (监测范围判定)."""

    ROLES: ClassVar[frozenset[Role]] = FIELD | TOWNSHIP | BUREAU

    household_id: UUID
    concluded_on: date | None = None
    serious_difficulty: bool = False


class IncomeDeclared(BaseModel):
    """How many lines differed from what was declared before."""

    household_id: UUID
    changed: int


class Classified(BaseModel):
    """What was compared with which line, and the kind that follows; the county confirms it (M-ID-08)."""

    id: UUID
    household_id: UUID
    reference_on: date
    window_first: date
    window_last: date
    persons: int
    net: Yuan
    monitoring: Yuan
    per_capita_net: Yuan | None
    per_capita_monitoring: Yuan | None
    line_test: LineTest
    line: Yuan
    position: Position | None
    proposed_kind: MonitorKind | None


async def declare_income(tx: Write, command: DeclareIncome, ctx: Context) -> IncomeDeclared:
    """Raises Invalid for a month that has not begun, or a line stated twice."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES, lock=True)
    months = [date.fromisoformat(f"{line.month}-01") for line in command.lines]
    _check_lines(command.lines, months, ctx.today)
    changed = await tx.raw.fetch(
        _DECLARE,
        household.id,
        household.area_code,
        [new_id() for _ in command.lines],
        months,
        [line.kind for line in command.lines],
        [line.amount for line in command.lines],
        ctx.now,
        ctx.actor.id,
    )
    tx.changed("household", household.id, household.area_code)
    return IncomeDeclared(household_id=household.id, changed=len(changed))


async def add_income(
    tx: Write,
    ctx: Context,
    household_id: UUID,
    kind: IncomeKind,
    on: date,
    amount: Fen,
    source_id: UUID,
) -> bool:
    """Add what an event paid to the household in the month of `on`; once for each `source_id` (line of a batch or
    distribution). False when it was there. Raises NotFound for an unknown household.
    """
    area = await tx.raw.fetchval(_HOUSEHOLD, household_id)
    if area is None:
        raise no_household()
    entry = (_entry_id(source_id), household_id, area, month_of(on), kind, amount, source_id, None)
    added = await tx.raw.fetchval(_ADD, *entry, ctx.now, ctx.actor.id)
    tx.changed("household", household_id, area)
    return added is not None


async def reverse_income(tx: Write, ctx: Context, source_id: UUID, amount: Fen) -> bool:
    """Take `amount` off again what `add_income` added for `source_id`, in the same month; once for each cause.

    False when this cause did so before. Raises NotFound when nothing was added, Refused for more than is left.
    """
    entry = await tx.raw.fetchrow(_ENTRY, _entry_id(source_id))
    if entry is None:
        raise not_found("收入记录", "income entry")
    await tx.raw.execute(_HOUSEHOLD, entry["household_id"])
    reversal = ctx.id_for(f"income reversal {source_id}")
    if amount > await tx.raw.fetchval(_LEFT, entry["id"], reversal):
        raise Refused(
            Violation(
                "REVERSAL_EXCEEDS_INCOME", "冲回金额超过原入账金额", "more is taken off than was added", rule="§11"
            ),
        )
    row = (reversal, entry["household_id"], entry["area_code"], entry["month"], entry["kind"], -amount)
    added = await tx.raw.fetchval(_ADD, *row, source_id, entry["id"], ctx.now, ctx.actor.id)
    tx.changed("household", entry["household_id"], entry["area_code"])
    return added is not None


async def classify_household(tx: Write, command: ClassifyHousehold, ctx: Context) -> Classified:
    """The command's handler."""
    household = await household_of(tx, ctx, command.household_id, command.ROLES)
    on = command.concluded_on or ctx.today
    if on > ctx.today:
        raise Invalid(violation(Fault("concluded_on", "DATE_FUTURE", "M-LINE-05")))
    return await classify(tx, ctx, household, on, serious_difficulty=command.serious_difficulty)


async def classify(
    tx: Write,
    ctx: Context,
    household: HouseholdRow,
    on: date,
    *,
    serious_difficulty: bool = False,
) -> Classified:
    """Store and give the household's figures of the identification window against the line on the day `on`.

    Raises Unknown NO_LINE_CONFIGURED; then nothing is stored (A10).
    """
    area = AreaCode(household.area_code)
    held_line = await monitoring_line(tx.parameters, area, on)
    window = identification_window(on)
    found = (await summed(tx.raw, [household.id], window))[household.id].figures
    held: Standing = standing(found, held_line, await line_test(tx.parameters, area, on))
    has_risk = serious_difficulty or await tx.raw.fetchval(_HAS_RISK, household.id)
    kind = propose_kind(
        HouseholdType(household.household_type),
        held.position,
        has_risk=has_risk,
        serious_difficulty=serious_difficulty,
    )
    row = ClassificationRow(
        id=new_id(),
        household_id=household.id,
        area_code=household.area_code,
        reference_on=on,
        window_first=window.first,
        window_last=window.last,
        persons=found.persons,
        net_fen=found.net,
        monitoring_fen=found.monitoring,
        per_capita_net_fen=found.per_capita_net,
        per_capita_monitoring_fen=found.per_capita_monitoring,
        line_test=held.test,
        line_fen=held.line,
        position=held.position,
        proposed_kind=kind,
        recorded_at=ctx.now,
        recorded_by=ctx.actor.id,
    )
    tx.session.add(row)
    tx.changed("household", household.id, area)
    return classified(row)


def classified(row: ClassificationRow) -> Classified:
    """The stored classification as it is told."""
    amounts = ("net", "monitoring", "per_capita_net", "per_capita_monitoring", "line")
    plain = Classified.model_fields.keys() - set(amounts)
    return Classified.model_validate(
        {name: getattr(row, name) for name in plain} | {name: getattr(row, f"{name}_fen") for name in amounts},
    )


def _entry_id(source_id: UUID) -> UUID:
    return derived_id(source_id, "income")


def _check_lines(lines: tuple[IncomeLine, ...], months: list[date], today: date) -> None:
    counted = Counter((line.month, line.kind) for line in lines)
    wrong = []
    for place, (line, month) in enumerate(zip(lines, months, strict=True)):
        if month > today:
            wrong.append(_wrong_line(place, "month", "MONTH_FUTURE", ("该月份尚未开始", "this month has not begun")))
        if counted[line.month, line.kind] > 1:
            words = ("同一月份、同一类别重复填报", "this month and kind are stated twice")
            wrong.append(_wrong_line(place, "kind", "LINE_TWICE", words))
    if wrong:
        raise Invalid(*wrong)


def _wrong_line(place: int, field: str, code: str, words: tuple[str, str]) -> Violation:
    return Violation(
        code,
        *words,
        rule="M-INC-05",
        field=f"/lines/{place}/{field}",
        remedy_zh="每月每类填一行",
        remedy_en="state one line for each month and kind",
    )


HANDLERS: Mapping[type[Command], Handler] = {
    DeclareIncome: declare_income,
    ClassifyHousehold: classify_household,
}

"""Decompositions (指标分解下达): drafted by hand or from a factor run; issued, they are indicators of the areas below."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.commands.indicator_money import is_confirmed, locked_indicator, purse_of
from services.funds.commands.indicators import INDICATOR_BINDING
from services.funds.domain import hierarchy
from services.funds.domain.hierarchy import DecompositionFacts, PassedLine
from services.funds.domain.indicators import BudgetKind, document_no
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, UNALLOCATED
from services.funds.domain.project_content import Part
from services.funds.domain.refusals import refusal
from services.funds.tables.factors import FactorRun, FactorRunLine
from services.funds.tables.indicators import Decomposition, DecompositionLine, Indicator
from services.funds.workflows.decomposition import DECOMPOSITION
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import DocumentNo, Label
from shared.contracts.wire import Area, Yuan, unfit
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid, Refused, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.balances import balance
from shared.ledger.post import post
from shared.workflow.desks import FINANCE_CLERK

GoalTable = Annotated[str, Field(max_length=80, description="区域绩效目标表编号")]


class PassedDown(Part):
    """So much for one area below."""

    target: Area
    amount: Annotated[Yuan, Field(gt=0)]
    goal_table: GoalTable = ""
    purpose: Annotated[str, Field(max_length=500)] = ""
    restricted_to: Annotated[tuple[Area, ...], Field(max_length=200)] = ()


class GoalPart(Part):
    """The goal table of one receiver of a factor run."""

    target: Area
    goal_table: GoalTable


class DraftDecomposition(Command):
    """Draft a decomposition (指标分解) of one indicator: by lines, or by the final column of a factor run."""

    ROLES: ClassVar[frozenset[Role]] = FINANCE_CLERK

    area_code: Area
    parent_id: UUID
    title: Label
    issuer: Label
    document_no: DocumentNo
    lines: Annotated[tuple[PassedDown, ...], Field(max_length=500)] = ()
    factor_run_id: UUID | None = None
    goals: Annotated[tuple[GoalPart, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.lines) is (self.factor_run_id is not None):
            zh, en = "明细与因素测算二者填其一", "give lines or a factor run, one of both"
            raise unfit("lines_or_run", "lines", zh, en)
        return self


class DecompositionDrafted(BaseModel):
    """The id of a drafted decomposition and its sum."""

    id: UUID
    amount: Yuan


async def draft_decomposition(tx: Write, command: DraftDecomposition, ctx: Context) -> DecompositionDrafted:
    """Insert header and lines and open the case."""
    parent = await tx.session.get(Indicator, command.parent_id)
    if parent is None or parent.area_code != command.area_code:
        raise not_found("指标", "indicator")
    lines = command.lines or await _of_run(tx, command)
    if broken := hierarchy.targets_below(command.area_code, [line.target for line in lines]):
        raise Invalid(broken)
    row = Decomposition(
        id=new_id(),
        area_code=int(command.area_code),
        document_no=document_no(command.document_no),
        issued_on=None,
        **command.model_dump(include={"parent_id", "title", "issuer", "factor_run_id"}),
    )
    tx.session.add(row)
    await tx.session.execute(insert(DecompositionLine), [_columns(row, *each) for each in enumerate(lines, 1)])
    await open_case(tx, ctx, DECOMPOSITION_BINDING, row.id, command.area_code)
    return DecompositionDrafted(id=row.id, amount=sum(line.amount for line in lines))


async def _of_run(tx: Write, command: DraftDecomposition) -> tuple[PassedDown, ...]:
    """What the run gave each area, as it stands frozen."""
    assert command.factor_run_id is not None, "lines or a run"
    run = await tx.session.get(FactorRun, command.factor_run_id)
    if run is None or run.indicator_id != command.parent_id:
        raise not_found("因素法测算", "factor run")
    goals = {goal.target: goal.goal_table for goal in command.goals}
    rows = await tx.session.execute(
        select(FactorRunLine.target_code, FactorRunLine.final_fen)
        .where(FactorRunLine.run_id == run.id, FactorRunLine.final_fen > 0)
        .order_by(FactorRunLine.target_code),
    )
    return tuple(
        PassedDown(target=AreaCode(code), amount=fen, goal_table=goals.get(AreaCode(code), "")) for code, fen in rows
    )


def _columns(row: Decomposition, number: int, line: PassedDown) -> dict[str, Any]:
    return {
        "decomposition_id": row.id,
        "line_no": number,
        "target_code": int(line.target),
        "amount_fen": line.amount,
        "goal_table": line.goal_table,
        "purpose": line.purpose,
        "restricted_to": [int(area) for area in line.restricted_to],
        "area_code": row.area_code,
    }


async def _facts(tx: Write, case: CaseRow, _form: Form, _ctx: Context) -> DecompositionFacts:
    row = await tx.session.get_one(Decomposition, case.subject_id)
    parent = await tx.session.get_one(Indicator, row.parent_id)
    return DecompositionFacts(
        lines=[
            PassedLine(AreaCode(line.target_code), line.amount_fen, line.goal_table) for line in await _lines(tx, row)
        ],
        is_confirmed=await is_confirmed(tx, parent.id),
        unallocated=await balance(tx.raw, BOOK, UNALLOCATED, indicator_id=parent.id),
        document_no=parent.document_no,
        goal_table=parent.goal_table,
    )


async def _lines(tx: Write, row: Decomposition) -> Sequence[DecompositionLine]:
    asked = select(DecompositionLine).where(DecompositionLine.decomposition_id == row.id)
    return (await tx.session.scalars(asked.order_by(DecompositionLine.line_no))).all()


async def _issued(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """P26; each receiver finds its indicator at its own desk, with the marks of the whole."""
    row = await tx.session.get_one(Decomposition, case.subject_id)
    row.issued_on = ctx.today
    parent = await locked_indicator(tx, row.parent_id)
    lines = await _lines(tx, row)
    purse = await purse_of(tx, parent)
    drawn = purse.amounts(purse.draw(UNALLOCATED, sum(line.amount_fen for line in lines)))
    document = f"decomposition:{row.id}"
    await post(tx, ctx, BOOK, "P26", drawn, document=document, area=county_of(AreaCode(parent.area_code)))
    children = [_child(parent, row, line, ctx) for line in lines]
    await tx.session.execute(insert(Indicator), children)
    for child in children:
        await open_case(tx, ctx, INDICATOR_BINDING, child["id"], AreaCode(child["area_code"]))
    tx.changed("indicator", parent.id, parent.area_code)


_INHERITED = (
    *("fiscal_year", "level", "category", "functional_class", "is_advance_notice", "is_direct_fund"),
    *("supervision_code", "is_integratable"),
)


def _child(parent: Indicator, row: Decomposition, line: DecompositionLine, ctx: Context) -> dict[str, Any]:
    """The receiver's indicator; the mark of direct funds (直达资金标识) goes wherever the money goes."""
    own = {
        "id": new_id(),
        "area_code": line.target_code,
        "issuer": row.issuer,
        "document_no": row.document_no,
        "line_no": line.line_no,
        "title": row.title,
        "issued_on": ctx.today,
        "received_on": ctx.today,
        "purpose": line.purpose or parent.purpose,
        "amount_fen": line.amount_fen,
        "adjusted_fen": 0,
        "budget_kind": BudgetKind.TRANSFER,
        "approved_on": None,
        "restricted_to": _restricted(parent, line),
        "goal_table": line.goal_table,
        "parent_id": parent.id,
        "source_id": row.id,
    }
    return own | {name: getattr(parent, name) for name in _INHERITED}


def _restricted(parent: Indicator, line: DecompositionLine) -> list[int]:
    """Areas only within those to which the whole is restricted; raises Refused where none is left."""
    target = AreaCode(line.target_code)
    allowed = [AreaCode(area) for area in parent.restricted_to]
    within = [int(area) for area in allowed if target.contains(area)]
    asked = list(line.restricted_to) or within or line.restricted_to
    if not allowed:
        return asked
    asked = asked or [int(target)]
    if all(any(area.contains(each) for area in allowed) for each in asked):
        return asked
    raise Refused(
        refusal(
            "RESTRICTION_LEFT",
            "F-2.1",
            f"指标限定使用区域，不得分解到 {target}",
            f"the indicator is restricted to other areas than {target}",
            ("核对指标文件的限定区域", "look at what the document restricts it to"),
            field="/lines",
        ),
    )


DECOMPOSITION_BINDING = Binding(
    workflow=DECOMPOSITION,
    plural="decompositions",
    guards={"goals_split": hierarchy.goals_split, "within_parent": hierarchy.within_parent},
    facts=_facts,
    steps={"issue": StepBinding(perform=_issued)},
)

HANDLERS: dict[type[Command], Handler] = {DraftDecomposition: draft_decomposition}

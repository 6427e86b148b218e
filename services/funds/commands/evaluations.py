"""The evaluation of linkage money (衔接资金绩效评价): opened with the weights of its year, filled, scored, confirmed."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.funds.bulk.evaluation_figures import evaluation_policy, year_figures
from services.funds.commands.admission import require
from services.funds.commands.goal_rows import scale_of
from services.funds.domain import evaluations as rules
from services.funds.domain.evaluations import EvaluationFacts, Figure, Weight
from services.funds.domain.goal_scores import Grade, half_up
from services.funds.domain.refusals import refusal
from services.funds.tables.evaluations import Evaluation, EvaluationLine
from services.funds.workflows.evaluation import EVALUATION
from shared.cases import store
from shared.cases.advance import open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.funds import PerformanceEvaluated
from shared.contracts.parts import DocumentNo, Year
from shared.contracts.wire import Area
from shared.kernel.areas import AreaLevel
from shared.kernel.errors import Invalid, Refused, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, FINANCE

EVALUATORS = FINANCE | BUREAU

# Of each indicator the nearest area's newest version; an area that has a table of its own uses it whole.
_WEIGHTS = """
WITH valid AS (
  SELECT * FROM evaluation_weight
   WHERE area_code = ANY($1::bigint[]) AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)
)
SELECT DISTINCT ON (code) code, block, zh, points, figure, is_placeholder, source FROM valid
 WHERE area_code = (SELECT max(area_code) FROM valid) ORDER BY code, valid_from DESC"""


class OpenEvaluation(Command):
    """Open the evaluation of a county's linkage money of a year."""

    ROLES: ClassVar[frozenset[Role]] = EVALUATORS

    area_code: Area
    year: Year


class FillEvaluation(Command):
    """Compute every indicator for which there are data, in place of what was computed before."""

    ROLES: ClassVar[frozenset[Role]] = EVALUATORS

    evaluation_id: UUID


class ScoreFields(BaseModel):
    """A score that no data give, bonus and malus among them, with the document on which it rests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Z]\d{1,2}$", examples=["D1"])]
    points: Annotated[str, Field(pattern=r"^-?\d{1,2}(\.\d{1,2})?$", examples=["8.5"])]
    basis: Annotated[str, Field(min_length=2, max_length=500)]
    document_no: DocumentNo


class ScoreEvaluation(Command, ScoreFields):
    """Enter a score by hand (人工评分)."""

    ROLES: ClassVar[frozenset[Role]] = EVALUATORS

    evaluation_id: UUID


class EvaluationSubmission(Form):
    """The lines speak for themselves."""


class EvaluationOpened(BaseModel):
    """The id of an evaluation; `is_placeholder` (占位) tells that no document states its weights."""

    id: UUID
    is_placeholder: bool


class EvaluationScored(BaseModel):
    """The scores of an evaluation so far, in hundredths of a point, and the automatic ones without data."""

    id: UUID
    scores: dict[str, int]
    without_data: list[str]


async def open_evaluation(tx: Write, command: OpenEvaluation, ctx: Context) -> EvaluationOpened:
    """Copy the weights in force at the end of the year and open the case."""
    if command.area_code.level is not AreaLevel.COUNTY:
        raise Invalid(_plain("EVALUATION_AREA", "资金绩效评价以县为单位", "an evaluation is of a county", "/area_code"))
    areas = [int(code) for code in command.area_code.ancestry()]
    weights = [dict(row) for row in await tx.raw.fetch(_WEIGHTS, areas, date(command.year, 12, 31))]
    if not weights:
        raise Refused(_plain("WEIGHTS_MISSING", "该年度没有评价指标权重", "the year has no weights", "/year"))
    row = {
        "id": new_id(),
        "area_code": int(command.area_code),
        "year": command.year,
        "is_placeholder": any(each["is_placeholder"] for each in weights),
        "weights": weights,
        "grade": "",
    }
    made = await tx.session.scalar(insert(Evaluation).values(row).on_conflict_do_nothing().returning(Evaluation.id))
    if made is None:
        raise Refused(_plain("DUPLICATE_EVALUATION", "该年度评价已存在", "there is one of the year", "/year"))
    await open_case(tx, ctx, EVALUATION_BINDING, made, command.area_code)
    return EvaluationOpened(id=made, is_placeholder=bool(row["is_placeholder"]))


async def fill_evaluation(tx: Write, command: FillEvaluation, ctx: Context) -> EvaluationScored:
    """Set each automatic line that has data; one without is scored by hand."""
    case = await _draft(tx, command.evaluation_id, ctx)
    row = await _row(tx, command.evaluation_id)
    figures = await year_figures(tx.raw, tx.parameters, ctx.calendar, case.area, row.year, ctx.today)
    shares = rules.shares(figures, await evaluation_policy(tx.parameters, case.area, row.year))
    without = []
    for weight in weights_of(row):
        share = shares[weight.figure] if weight.figure else None
        if weight.figure and share is None:
            without.append(weight.code)
        if share is not None:
            await _put(tx, ctx, row, weight.code, half_up(weight.points * share), share=str(share))
    tx.changed(EVALUATION.subject, row.id, row.area_code)
    return EvaluationScored(id=row.id, scores=await _scores(tx, row), without_data=without)


async def score_evaluation(tx: Write, command: ScoreEvaluation, ctx: Context) -> EvaluationScored:
    """Set a line by hand; what the data say is not overwritten."""
    await _draft(tx, command.evaluation_id, ctx)
    row = await _row(tx, command.evaluation_id)
    weight = {each.code: each for each in weights_of(row)}.get(command.code)
    if weight is None:
        raise not_found("评价指标", "indicator of the evaluation")
    hundredths = int(Fraction(command.points) * 100)
    if broken := rules.within_points(weight, hundredths):
        raise Refused(broken)
    found = await tx.session.get(EvaluationLine, (row.id, command.code))
    if found is not None and found.is_automatic:
        raise Refused(_plain("SCORED_BY_DATA", "该指标由数据自动评分", "the data give this score", "/code"))
    await _put(tx, ctx, row, command.code, hundredths, basis=command.basis, document_no=command.document_no)
    tx.changed(EVALUATION.subject, row.id, row.area_code)
    return EvaluationScored(id=row.id, scores=await _scores(tx, row), without_data=[])


def weights_of(row: Evaluation) -> list[Weight]:
    """The weights that were in force when it was opened."""
    return [
        Weight(
            code=each["code"],
            block=each["block"],
            zh=each["zh"],
            points=each["points"],
            figure=Figure(each["figure"]) if each["figure"] else None,
            is_placeholder=each["is_placeholder"],
        )
        for each in row.weights
    ]


async def _row(tx: Write, evaluation_id: UUID) -> Evaluation:
    row = await tx.session.get(Evaluation, evaluation_id)
    if row is None:
        raise not_found("绩效评价", "evaluation")
    return row


async def _draft(tx: Write, evaluation_id: UUID, ctx: Context) -> CaseRow:
    case = (await store.load(tx.raw, EVALUATION, evaluation_id, lock=True)).row
    require(ctx, EVALUATORS, case.area)
    if case.state != EVALUATION.start:
        raise Refused(_plain("EVALUATION_SUBMITTED", "评价已提交，不得改分", "it is submitted already", ""))
    return case


async def _put(  # noqa: PLR0913  what a line holds
    tx: Write,
    ctx: Context,
    row: Evaluation,
    code: str,
    hundredths: int,
    *,
    share: str = "",
    basis: str = "",
    document_no: str = "",
) -> None:
    values = {
        "score_hundredths": hundredths,
        "share": share,
        "is_automatic": bool(share),
        "basis": basis,
        "document_no": document_no,
        "recorded_by": ctx.actor.id,
        "recorded_at": ctx.now,
    }
    key: dict[str, Any] = {"evaluation_id": row.id, "code": code}
    added = insert(EvaluationLine).values(key | values | {"area_code": row.area_code})
    await tx.session.execute(added.on_conflict_do_update(index_elements=list(key), set_=values))


async def _scores(tx: Write, row: Evaluation) -> dict[str, int]:
    asked = select(EvaluationLine.code, EvaluationLine.score_hundredths).where(EvaluationLine.evaluation_id == row.id)
    return {line.code: line.score_hundredths for line in await tx.session.execute(asked)}


async def _facts(tx: Write, case: CaseRow, form: Form, _ctx: Context) -> EvaluationFacts | None:
    if type(form) is Form:
        return None
    row = await _row(tx, case.subject_id)
    return EvaluationFacts(weights_of(row), await _scores(tx, row))


async def _confirmed(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """Fix score and grade, and tell everybody; next year's factor follows from it (§5.7)."""
    row = await _row(tx, case.subject_id)
    scale = await scale_of(tx.parameters, row.area_code, date(row.year, 12, 31))
    row.score_hundredths = rules.total(await _scores(tx, row))
    row.grade, row.confirmed_on = scale.grade(row.score_hundredths), ctx.today
    tx.emit(
        PerformanceEvaluated(
            area_code=case.area,
            subject_id=row.id,
            subject_kind="evaluation",
            evaluation_id=row.id,
            year=row.year,
            score_hundredths=row.score_hundredths,
            grade=row.grade,
        ),
    )


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    row = await _row(tx, case.subject_id)
    assert row.score_hundredths is not None, "it was confirmed"
    whole, part = divmod(row.score_hundredths, 100)
    return {
        "title": f"{row.year}年度衔接资金绩效评价结果",
        "year": row.year,
        "score": f"{whole}.{part:02d}",
        "grade": Grade(row.grade).zh,
        "note": "部分指标权重为占位值，非正式评价结果" if row.is_placeholder else "",
    }


def _plain(code: str, zh: str, en: str, field: str) -> Violation:
    return refusal(code, "F-5.6", zh, en, ("核对后重新办理", "check and try again"), field=field)


EVALUATION_BINDING = Binding(
    workflow=EVALUATION,
    plural="evaluations",
    guards={"all_scored": rules.all_scored},
    facts=_facts,
    notice=_notice,
    steps={
        "submit": StepBinding(EvaluationSubmission),
        "confirm": StepBinding(EvaluationSubmission, _confirmed),
    },
)

HANDLERS: dict[type[Command], Handler] = {
    OpenEvaluation: open_evaluation,
    FillEvaluation: fill_evaluation,
    ScoreEvaluation: score_evaluation,
}

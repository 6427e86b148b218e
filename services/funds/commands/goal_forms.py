"""What the takers of a goal table's steps fill in (表单)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.funds.domain.goal_monitoring import Measure
from services.funds.domain.project_content import Part
from shared.cases.binding import Form
from shared.contracts.parts import DocumentNo, Measured


class Declaration(Form):
    """The table speaks for itself."""


class GoalReviewForm(Form):
    """The review form (审核表): completeness, relevance, suitability, feasibility, and the verdict."""

    completeness: bool
    relevance: bool
    suitability: bool
    feasibility: bool

    @property
    def aspects(self) -> dict[str, bool]:
        """The four aspects by name."""
        return {name: getattr(self, name) for name in ("completeness", "relevance", "suitability", "feasibility")}


class SectorReview(GoalReviewForm):
    """The sector's review of a table that passes."""


class FinanceReview(GoalReviewForm):
    """Finance's review of a table that passes."""


class GoalReturn(GoalReviewForm):
    """A review that sends the table back: to be revised, or rejected."""

    verdict: Literal["revise", "reject"]


class GoalApproval(Form):
    """With which budget the goals are approved: the approved plan that lists the project, or the indicator's document."""

    plan_id: UUID | None = None
    document_no: DocumentNo | None = None


class GoalFigure(Part):
    """How an indicator stands; a judgement has no figure before the end of the year."""

    code: Annotated[str, Field(max_length=20)]
    actual: Measured | None = None
    will_be_met: bool = True


class Monitoring(Form):
    """Goals and money as they stand at the end of `as_of`; the money is read from the ledger."""

    as_of: date
    figures: Annotated[tuple[GoalFigure, ...], Field(max_length=100)]


class MeasureForm(Form):
    """The measure that is ordered, or lifted."""

    measure: Measure


class MeasureOrder(MeasureForm):
    """A measure that is ordered."""


class MeasureLift(MeasureForm):
    """A measure that is lifted."""


class GoalActual(Part):
    """The actual value of an indicator at the end; of a judgement the per cent of its weight."""

    code: Annotated[str, Field(max_length=20)]
    actual: Measured


class Actuals(Form):
    """All indicators with their actual values."""

    figures: Annotated[tuple[GoalActual, ...], Field(max_length=100)]


class SelfEvaluation(Actuals):
    """The unit's own figures."""


class Recheck(Actuals):
    """The figures as finance found them."""


class Conclusion(Form):
    """The score stands."""

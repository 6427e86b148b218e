"""The parts of an entry that back its figures: estimate, linkage in numbers, pre-checks and papers (domain-funds-assets §1.2)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.parts import Count, DocumentNo, Label
from shared.contracts.wire import Yuan

DemandSource = Literal["village_plan", "household_gap", "inspection_finding", "higher_plan"]
"""Where the wish for a project comes from (需求来源): 村级规划、监测户需求、检查发现问题、上级规划."""

Check = Literal["not_needed", "pending", "passed"]


class Paper(BaseModel):
    """Base of these parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(Paper):
    """What the planned total rests on (测算依据): price of a unit, standard of a subsidy."""

    basis: Annotated[str, Field(min_length=2, max_length=500)]
    unit_price: Annotated[Yuan, Field(gt=0)] | None = None
    subsidy_standard: Annotated[Yuan, Field(gt=0)] | None = None


class LinkageFigures(Paper):
    """What households and village are to get (联农带农预期)."""

    income_per_household: Yuan | None = None
    posts: Count = 0
    collective_income: Yuan | None = None
    """A year, of the village collective."""


class Permit(Paper):
    """A permit (许可) by kind and number."""

    kind: Label
    number: DocumentNo
    granted_on: date


class Compliance(Paper):
    """Pre-checks and papers of the works (前期手续)."""

    land: Check = "pending"
    environment: Check = "pending"
    forest: Check = "pending"
    feasibility: DocumentNo | None = None
    """The feasibility analysis (可行性论证), asked of industry projects."""
    implementation_plan: DocumentNo | None = None
    design: DocumentNo | None = None
    permits: tuple[Permit, ...] = ()

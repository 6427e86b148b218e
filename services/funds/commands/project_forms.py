"""What the takers of a project's steps fill in (表单)."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.funds.domain.project_content import Part, ProjectContent
from shared.cases.binding import Form
from shared.contracts.parts import AssetDraft, Count, DocumentNo, IndirectCost, Measured, OwnerShare, Quantity

Reasons = dict[str, Annotated[str, Field(min_length=1, max_length=500)]]
"""A reason for each thing let pass."""

Head = Annotated[int, Field(ge=0, le=100_000)]


class VillageResolution(Form):
    """The four discussions (四议); the last one decides: who was entitled, who came, who agreed."""

    branch_proposed_on: date
    committees_discussed_on: date
    members_reviewed_on: date
    decided_on: date
    entitled: Annotated[int, Field(ge=1, le=100_000)]
    present: Head
    in_favour: Head


class SiteCheck(Form):
    """The township's look at the place (实地核查) and what the monitoring register shows for it."""

    register_as_of: date
    monitored_households: Count
    monitored_persons: Count
    out_of_poverty_households: Count
    out_of_poverty_persons: Count


class TownshipApproval(Form):
    """The township agrees."""


class CountyApplication(Form):
    """A sector applies for what it runs for the whole county."""


class Appraisal(Form):
    """The sector's appraisal (论证) by aspect; the market is asked for industry only."""

    policy: bool
    technique: bool
    land_environment: bool
    market: bool | None = None
    estimate: bool
    goals: bool


class CountyReview(Form):
    """The county's review: goals, and reasons for warnings let pass and duplicates explained."""

    goals_agreed: bool
    accepted_warnings: Reasons = Field(default_factory=dict)
    cleared_duplicates: dict[UUID, Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=dict)


class GroupMeeting(Form):
    """The leading group's meeting (领导小组会议)."""

    number: Annotated[str, Field(min_length=2, max_length=80)]
    held_on: date
    agreed: bool


class Entry(Form):
    """Entering the library; the meeting where the leading group decides only now."""

    meeting: GroupMeeting | None = None


class Resubmission(Form):
    """Going on after a return, without doing again what still stands."""


class Revision(Form):
    """The entry as it is to be."""

    content: ProjectContent


class Readiness(Form):
    """Whether the works can be put to tender (前期工作)."""

    design_ready: bool = False
    land_ready: bool = False


class Funding(Form):
    """The allocation speaks for itself."""


class Start(Form):
    """Contract or roster speak for themselves."""


class AcceptanceSignature(Form):
    """Which recorded acceptance is signed."""

    acceptance_id: UUID


class ProjectSettlement(Form):
    """What the settlement (结算批复) says beside the sums of the ledger."""

    settled_on: date
    approval_document: DocumentNo
    indirect_costs: tuple[IndirectCost, ...] = ()
    asset_list: tuple[AssetDraft, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    owners: tuple[OwnerShare, ...] = ()


class GoalActual(Part):
    """What became of goal number `goal_no`, counted from 1."""

    goal_no: Annotated[int, Field(ge=1)]
    actual: Measured


class Closing(Form):
    """The self-evaluation (自评) of the goals."""

    goal_results: tuple[GoalActual, ...] = ()


ExitReason = Literal["E02", "E03", "E04", "E05", "E06", "E07", "E08", "E09", "E10", "E11", "E12"]
"""Why a project leaves the library unfinished (§1.6)."""


class Exit(Form):
    """The decision by which a project leaves the library, and what its reason asks for."""

    exit_reason: ExitReason
    document_no: DocumentNo
    merged_into: UUID | None = None
    """E05: the project of the library that it merges into."""
    other_money: Annotated[str, Field(max_length=200)] = ""
    """E04: the money with which it was done."""
    policy_basis: Annotated[str, Field(max_length=200)] = ""
    """E06: the policy that changed."""
    households_left: Count | None = None
    """E11: how many households would still benefit."""


class AcceptanceMember(Part):
    """One member of the group; the person is an opaque id."""

    organisation: Annotated[str, Field(min_length=2, max_length=80)]
    person_id: UUID
    chairs: bool = False

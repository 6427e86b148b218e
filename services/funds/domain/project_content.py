"""What a library entry (项目库条目) says: the fields of domain-funds-assets §1.2 that rules, sums and notices need."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.funds.domain.project_papers import Compliance, DemandSource, Estimate, LinkageFigures
from shared.contracts.parts import Category, Count, Label, Measured, Ppm, Year
from shared.contracts.wire import Area, Yuan

CATEGORY = r"^\d{2}(\d{2}){0,2}$"

Nature = Literal["new", "extension", "rebuild", "continued", "repair", "purchase", "subsidy"]
"""Nature of construction (建设性质): 新建、扩建、改建、续建、维修、购置、补助."""

FundLevel = Literal["central", "provincial", "city", "county", "other"]
"""The level of government a sum comes from; `other` for what no government pays."""

Degrees = Annotated[str, Field(pattern=r"^\d{1,3}\.\d{4,8}$", description="degrees", examples=["124.8654"])]

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class VillageType(StrEnum):
    """What kind of village a place is; the cap NL17 counts the ones that were never poor."""

    OUT_OF_POVERTY = "out_of_poverty"
    KEY_ASSISTANCE = "key_assistance"
    RELOCATION_SITE = "relocation_site"
    OTHER = "other"
    URBAN = "urban_community"


class Linkage(StrEnum):
    """How a project draws households along (联农带农方式)."""

    LAND_TRANSFER = "land_transfer"
    WAGE_WORK = "wage_work"
    PRODUCTION_DRIVEN = "production_driven"
    SALES_HELP = "sales_help"
    ASSETS_AS_SHARES = "assets_as_shares"
    DIVIDEND = "dividend"
    PRODUCTION_TRUST = "production_trust"
    OTHER = "other"


class Part(BaseModel):
    """Base of the parts of an entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Corner(Part):
    """One corner of an outline."""

    longitude: Degrees
    latitude: Degrees


class Place(Part):
    """One village (建设地点) and its share of the project."""

    village: Area
    share_ppm: Ppm
    village_type: VillageType
    natural_village: Annotated[str, Field(max_length=80)] = ""
    site: Annotated[str, Field(max_length=200)] = ""
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    outline: Annotated[tuple[Corner, ...], Field(max_length=500)] = ()
    """The ground of the works (建设范围) instead of a point, at least three corners."""


class QuantityLine(Part):
    """One line of the works (建设规模)."""

    label: Label
    quantity: Measured
    unit: Label
    cost: Annotated[Yuan, Field(gt=0)] | None = None
    """What this line costs of the planned total, where it is stated."""


class FundingLine(Part):
    """A planned source (计划资金来源): year, level of government, fund category, amount."""

    year: Year
    level: FundLevel
    category: Category
    amount: Annotated[Yuan, Field(gt=0)]


class Benefit(Part):
    """Who benefits (受益对象), in households and persons; the two groups are parts of all."""

    households: Count
    persons: Count
    out_of_poverty_households: Count = 0
    out_of_poverty_persons: Count = 0
    monitored_households: Count = 0
    monitored_persons: Count = 0
    largest_share_ppm: Ppm | None = None
    """The part of the benefit that goes to the one who gets most (NL15)."""


class Goal(Part):
    """One performance goal (绩效目标)."""

    kind: Literal["output", "benefit", "satisfaction"]
    label: Label
    target: Measured
    unit: Label


class CustodyPlan(Part):
    """Who is to own the asset and keep it, and with whose money (管护方案)."""

    owner_kind: Literal["department", "township", "village_collective", "household"]
    owner_area: Area
    custodian: Label
    money_source: Label


class ProjectContent(Part):
    """The content of an entry; each version of a project holds one, frozen."""

    name: Annotated[Label, Field(min_length=4)]
    category: Annotated[str, Field(pattern=CATEGORY, description="category code, level 3", examples=["010202"])]
    """What an imported table left at level 1 or 2 is completed before anybody reviews it."""
    nature: Nature
    plan_year: Year
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=500)]
    content: Text
    quantities: tuple[QuantityLine, ...] = ()
    starts_on: date
    ends_on: date
    sector_authority: Label
    implementing_unit: Label
    funding: Annotated[tuple[FundingLine, ...], Field(min_length=1, max_length=50)]
    economic_classes: tuple[Annotated[str, Field(pattern=r"^\d{3,5}$")], ...] = ()
    benefit: Benefit
    linkage: tuple[Linkage, ...] = ()
    linkage_detail: Annotated[str, Field(max_length=2000)] = ""
    linkage_figures: LinkageFigures | None = None
    subsidy_condition: Annotated[str, Field(max_length=500)] = ""
    """What a household does for its money (补助条件); a hand-out without condition is NL19."""
    goals: tuple[Goal, ...] = ()
    is_household_project: bool = False
    counts_as_industry: bool | None = None
    """None leaves it to the category; another answer needs the sector's opinion."""
    asset_forming: bool = False
    asset_class: Literal["operating", "public_welfare", "household"] | None = None
    custody: CustodyPlan | None = None
    measure_ids: tuple[UUID, ...] = ()
    """The assistance measures in monitoring that asked for this project."""
    priority: Count = 0
    five_year_plan: bool = False
    legal_person: Annotated[str, Field(max_length=80)] = ""
    """The unit that answers for the project (项目法人); persons stand in the sealed contacts."""
    estimate: Estimate | None = None
    second_class_cost: Annotated[Yuan, Field(gt=0)] | None = None
    """What of the planned total is for design, review, tender, supervision and acceptance (二类费用); LM16."""
    compliance: Compliance | None = None
    demand_source: DemandSource | None = None

    @property
    def months(self) -> int:
        """Months of the works (工期), begun ones counted."""
        return (self.ends_on.year - self.starts_on.year) * 12 + self.ends_on.month - self.starts_on.month + 1

    @property
    def crosses_plan_year(self) -> bool:
        """Whether the works reach beyond the plan year (跨年度)."""
        return not self.starts_on.year == self.ends_on.year == self.plan_year

    @property
    def total(self) -> int:
        """The planned total in fen: the sum of the funding lines, never a field of its own."""
        return sum(line.amount for line in self.funding)

"""Reference data that funds ships or copies: taxonomies with validity, the negative list, assets of other's registers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.funds.tables.base import Base
from shared.db.base import AreaColumn, RowId


class Category(Base):
    """One category of the project taxonomy (项目分类); its level is half its length."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    zh: Mapped[str]
    counts_as_industry: Mapped[bool]


class FundCategory(Base):
    """One kind of money (资金类别); its code stays, its name changes with the policy profile."""

    __tablename__ = "fund_category"

    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    zh: Mapped[str]
    en: Mapped[str]
    profile: Mapped[str]
    is_linkage: Mapped[bool]
    paid_by_finance: Mapped[bool]


class CategoryLabel(Base):
    """How a county's own tables call a category and all below it (大类, 小类); the nation's rows serve everybody."""

    __tablename__ = "category_label"

    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    large: Mapped[str]
    small: Mapped[str]


class NegativeRuleRow(Base):
    """One line of a rule of the negative list (负面清单), in a version with its day; the nearest area's version counts."""

    __tablename__ = "negative_rule"

    rule_id: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    zh: Mapped[str]
    en: Mapped[str]
    verdict: Mapped[str]
    keywords: Mapped[list[str]] = mapped_column(ARRAY(Text))
    whitelist: Mapped[list[str]] = mapped_column(ARRAY(Text))
    economic_classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    excepted: Mapped[list[str]] = mapped_column(ARRAY(Text))
    linkage_money_only: Mapped[bool]
    source: Mapped[str]
    measure: Mapped[str]
    bound: Mapped[str]


class FundEligibility(Base):
    """Whether a kind of money may pay for a category and all below it (资金投向).

    The longest prefix counts; of one prefix the nearest area's row in force.
    """

    __tablename__ = "fund_eligibility"

    fund_category: Mapped[str] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(primary_key=True)
    area_code: Mapped[AreaColumn] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    allowed: Mapped[bool]
    rule: Mapped[str]
    source: Mapped[str]


class RuleProposal(Base):
    """A new version of rules (规则新版本) as one person proposed it with its document, and who adopted it."""

    __tablename__ = "rule_proposal"

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    kind: Mapped[str]
    effective_from: Mapped[date]
    document: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    adopted_by: Mapped[UUID | None]
    adopted_at: Mapped[datetime | None]


class ProjectAsset(Base):
    """An asset that the asset register formed from a project (copied from its events)."""

    __tablename__ = "ref_project_asset"
    __table_args__ = (Index(None, "project_id"),)

    asset_id: Mapped[RowId]
    project_id: Mapped[UUID]
    registered_on: Mapped[date]
    area_code: Mapped[AreaColumn]

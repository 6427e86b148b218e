"""The register (资产台账): assets, where their money came from, who owns them, and who keeps them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.assets.tables.base import AreaNumber, Base
from shared.db.base import AreaColumn, FenColumn, RowId


class Asset(Base):
    """One asset (资产). `value_fen` is the original value; `list_line` its line on the project's acceptance list."""

    __tablename__ = "asset"
    __table_args__ = (
        UniqueConstraint("project_id", "list_line"),
        CheckConstraint("value_fen >= 0", name="value"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[RowId]
    area_code: Mapped[AreaColumn]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    asset_class: Mapped[str]
    form: Mapped[str]
    catalogue: Mapped[str | None]
    quantity: Mapped[Decimal] = mapped_column(Numeric(15, 6))
    unit: Mapped[str]
    origin: Mapped[str]
    project_id: Mapped[UUID | None]
    list_line: Mapped[int | None]
    direct_cost_fen: Mapped[FenColumn]
    value_fen: Mapped[FenColumn]
    is_provisional: Mapped[bool]
    in_service_on: Mapped[date]
    valued_on: Mapped[date | None]
    valuation_document: Mapped[str | None]
    operation_holder_kind: Mapped[str | None]
    operation_holder_area: Mapped[AreaNumber | None]
    confirmed_on: Mapped[date | None]
    right_document: Mapped[str | None]
    disposed_on: Mapped[date | None]


class AssetSource(Base):
    """What one source of money (资金来源) bears of an asset; the shares of an asset make 1 000 000 ppm."""

    __tablename__ = "asset_source"

    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[UUID] = mapped_column(index=True)
    document_no: Mapped[str]
    level: Mapped[str]
    category: Mapped[str]
    amount_fen: Mapped[FenColumn]
    share_ppm: Mapped[int]
    area_code: Mapped[AreaNumber]


class AssetOwner(Base):
    """One owner (权属人) and the share; the shares of an asset make 1 000 000 ppm."""

    __tablename__ = "asset_owner"

    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    owner_kind: Mapped[str]
    owner_area: Mapped[AreaNumber]
    owner_id: Mapped[UUID | None]
    share_ppm: Mapped[int]
    area_code: Mapped[AreaNumber]


class AssetHandover(Base):
    """The hand-over (移交) both sides signed, and the entry in the new owner's books."""

    __tablename__ = "asset_handover"

    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    list_no: Mapped[str]
    value_fen: Mapped[FenColumn]
    handed_over_on: Mapped[date]
    book_entry_no: Mapped[str | None]
    booked_on: Mapped[date | None]
    area_code: Mapped[AreaNumber]


class AssetCustody(Base):
    """Who keeps an asset (管护): one body at a time; the responsible person is sealed."""

    __tablename__ = "asset_custody"
    __table_args__ = (Index("one_custodian", "asset_id", unique=True, postgresql_where=text("ended_on IS NULL")),)

    id: Mapped[RowId]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"))
    custody_kind: Mapped[str]
    body: Mapped[str]
    person_sealed: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    money_source: Mapped[str]
    standard_fen: Mapped[FenColumn]
    cycle_months: Mapped[int]
    assigned_on: Mapped[date]
    ended_on: Mapped[date | None]
    area_code: Mapped[AreaNumber]


class AssetUse(Base):
    """One change of use (使用状态变化) with the figures it was judged by."""

    __tablename__ = "asset_use"

    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"), primary_key=True)
    case_version: Mapped[int] = mapped_column(primary_key=True)
    use: Mapped[str]
    changed_on: Mapped[date]
    unused_since: Mapped[date | None]
    income_fen: Mapped[FenColumn | None]
    agreed_fen: Mapped[FenColumn | None]
    used_ppm: Mapped[int | None]
    area_code: Mapped[AreaNumber]


class AssetCounter(Base):
    """The last running number of asset codes with one prefix: county, class, year."""

    __tablename__ = "asset_counter"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]

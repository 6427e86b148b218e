"""The register: households and their members. What identifies a person is sealed."""

from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.tables.base import Area, Base, Sealed
from shared.db.base import RowId


class HouseholdRow(Base):
    """A household (农户) of a village; `household_no` is the number of the national system (户编号)."""

    __tablename__ = "household"
    __table_args__ = (
        Index("household_no_once", "household_no", text("(area_code / 1000000)"), unique=True),
        Index("household_list", "area_code", "id"),
    )

    id: Mapped[RowId]
    area_code: Mapped[Area]
    household_no: Mapped[str | None] = mapped_column(Text)
    group_name: Mapped[str] = mapped_column(Text)
    household_type: Mapped[str] = mapped_column(Text)
    overlays: Mapped[list[str]] = mapped_column(ARRAY(Text))
    registered_on: Mapped[date]
    closed_on: Mapped[date | None]
    close_reason: Mapped[str | None] = mapped_column(Text)


class MemberRow(Base):
    """A member (家庭成员), active until `left_on`; `joined_on` is empty for who was there from the beginning.

    Only numbers that stand for one person have an index; a household has one active head.
    """

    __tablename__ = "household_member"
    __table_args__ = (
        Index(
            "household_member_person",
            "id_number_index",
            unique=True,
            postgresql_where=text("left_on IS NULL"),
        ),
        Index(
            "household_member_head",
            "household_id",
            unique=True,
            postgresql_where=text("relation = 'HEAD' AND left_on IS NULL"),
        ),
        Index("household_member_household", "household_id"),
    )

    id: Mapped[RowId]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("household.id"))
    area_code: Mapped[Area]
    name_sealed: Mapped[Sealed]
    id_number_sealed: Mapped[Sealed | None]
    id_number_index: Mapped[Sealed | None]
    phone_sealed: Mapped[Sealed | None]
    health_sealed: Mapped[Sealed | None]
    sex: Mapped[str | None] = mapped_column(Text)
    relation: Mapped[str] = mapped_column(Text)
    labour: Mapped[str] = mapped_column(Text)
    shares_budget: Mapped[bool]
    co_resident: Mapped[bool]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_reason: Mapped[str | None] = mapped_column(Text)

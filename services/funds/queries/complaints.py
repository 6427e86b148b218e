"""Complaints as they are shown: to intake, to the assigned unit, to the reporter; never to the unit complained about."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, false, or_, select

from services.funds.domain.complaints import DESKS, HOUSE_OF_INTAKE, INTAKE, INTAKE_OUTSIDE
from services.funds.queries.case_rows import CASE, case_of
from services.funds.tables.complaints import REPORTER_NAME, REPORTER_PHONE, WORDING, Complaint
from services.funds.workflows.complaint import COMPLAINT
from shared.contracts.wire import Area, OneOf
from shared.db.paging import AnyRow, Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.actors import Actor
from shared.kernel.errors import not_found
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal

ComplaintState = Annotated[str, OneOf(tuple(COMPLAINT.by_state))]


class ComplaintListed(BaseModel):
    """One complaint without its wording."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    area_code: Area
    channel: str
    kind: str
    is_real_name: bool
    object_kind: str
    object_id: UUID | None
    about_desk: str
    title: str
    received_on: date
    objection_id: UUID | None
    desk: str | None
    handler_code: Area | None
    state: str
    due_on: date | None


class ComplaintShown(ComplaintListed):
    """One complaint; who reported it is not among its fields."""

    wording: str
    finding: str | None
    reply: str | None
    satisfaction: str | None
    version: int


class ReporterShown(BaseModel):
    """Who reported; empty when anonymous."""

    name: str
    phone: str


class Progress(BaseModel):
    """What the holder of a receipt is told."""

    state: str
    state_zh: str
    received_on: date
    finding: str | None
    reply: str | None


async def list_complaints(
    session: ReadSession, page: PageRequest, actor: Actor, state: str | None
) -> Page[ComplaintListed]:
    """The complaints that concern the actor's desk, in the order they came."""
    joined = select(Complaint, CASE.c.state, CASE.c.due_on).join(CASE, case_of(Complaint.id, COMPLAINT.name))
    statement = joined.where(_concerns(actor))
    if state is not None:
        statement = statement.where(CASE.c.state == state)
    return await fetch_page(session, statement, (Complaint.id,), page, _listed)


async def one_complaint(session: ReadSession, keys: KeyRing, complaint_id: UUID, actor: Actor) -> ComplaintShown:
    """One complaint; raises NotFound for everybody but intake and the assigned unit."""
    asked = select(Complaint, CASE.c.state, CASE.c.due_on, CASE.c.version)
    asked = asked.join(CASE, case_of(Complaint.id, COMPLAINT.name)).where(
        Complaint.id == complaint_id, _concerns(actor)
    )
    row = (await session.session.execute(asked)).one_or_none()
    if row is None:
        raise not_found("投诉件", "complaint")
    found: Complaint = row[0]
    return ComplaintShown(
        **_listed(row).model_dump(),
        wording=unseal(keys, WORDING, found.id, bytes(found.wording_sealed)),
        finding=found.finding,
        reply=found.reply,
        satisfaction=found.satisfaction,
        version=row.version,
    )


async def reporter_of(session: ReadSession, keys: KeyRing, complaint_id: UUID) -> ReporterShown:
    """Who reported, after the look was journalled."""
    row = await session.session.get(Complaint, complaint_id)
    if row is None:
        raise not_found("投诉件", "complaint")
    sealed = ((REPORTER_NAME, row.reporter_name_sealed), (REPORTER_PHONE, row.reporter_phone_sealed))
    name, phone = (unseal(keys, field, row.id, bytes(value)) if value else "" for field, value in sealed)
    return ReporterShown(name=name, phone=phone)


async def progress_of(session: ReadSession, receipt_index: str) -> Progress:
    """How far the complaint with this receipt is; raises NotFound."""
    asked = select(Complaint, CASE.c.state).join(CASE, case_of(Complaint.id, COMPLAINT.name))
    row = (
        await session.session.execute(asked.where(Complaint.receipt_index == bytes.fromhex(receipt_index)))
    ).one_or_none()
    if row is None:
        raise not_found("该回执的投诉件", "complaint with this receipt")
    found: Complaint = row[0]
    return Progress(
        state=row.state,
        state_zh=COMPLAINT.by_state[row.state].zh,
        received_on=found.received_on,
        finding=found.finding,
        reply=found.reply,
    )


def _concerns(actor: Actor) -> ColumnElement[bool]:
    """Intake sees what happens in its area, a unit what was assigned to it; the unit complained about sees nothing.

    What is said of the intake's own house is seen by the auditor and by the leading group of a level above.
    """
    sees: list[ColumnElement[bool]] = []
    own: list[ColumnElement[bool]] = []
    about_house = Complaint.about_desk.in_([desk.value for desk in HOUSE_OF_INTAKE])
    for grant in actor.grants:
        below = Complaint.area_code.between(*grant.area.span)
        if grant.role in INTAKE:
            sees.append(below & (~about_house | (Complaint.area_code != int(grant.area))))
        if grant.role in INTAKE_OUTSIDE:
            sees.append(below & about_house)
        for desk, roles in DESKS.items():
            if grant.role in roles:
                area = int(grant.area)
                sees.append(and_(Complaint.desk == desk.value, Complaint.handler_code == area))
                own.append(and_(Complaint.about_desk == desk.value, Complaint.area_code == area))
    return and_(or_(false(), *sees), ~or_(false(), *own))


def _listed(row: AnyRow) -> ComplaintListed:
    shown = {name: getattr(row[0], name) for name in ComplaintListed.model_fields if name not in {"state", "due_on"}}
    return ComplaintListed(**shown, state=row.state, due_on=row.due_on)

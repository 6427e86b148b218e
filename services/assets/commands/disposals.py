"""Disposal (资产处置): applied for, appraised, approved, published, dealt, booked; then the asset's cases end (§7.12)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select

from services.assets.commands.contracts import IN_FORCE
from services.assets.commands.custody import CUSTODY_BINDING
from services.assets.commands.rights import RIGHT_BINDING
from services.assets.commands.standing import as_system, asset_of, editable, require, standing, weigh
from services.assets.commands.uses import USE_BINDING
from services.assets.domain import disposal as rules
from services.assets.domain.disposal import DisposalFacts, Ground, Way
from services.assets.domain.limits import APPRAISER, PRICE, TIER, stands
from services.assets.domain.rights import right_confirmed
from services.assets.tables.disposal import AssetDisposal, DisposalShare
from services.assets.tables.register import AssetOwner
from services.assets.workflows.disposal import DISPOSAL
from services.assets.workflows.operation import OPERATION
from services.assets.workflows.right import RIGHT
from shared.cases.advance import Move, advance, open_case
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.assets import AssetDisposed
from shared.contracts.parts import Code
from shared.contracts.wire import Yuan
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Conflict, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.money import Fen, format_yuan
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU_HEADS, SECTOR_LEADER, TOWNSHIP_LEADER

_LIVE = """
SELECT count(*) FROM operating_contract AS contract JOIN case_file ON subject_id = contract.id AND workflow = $2
 WHERE asset_id = $1 AND case_file.state = ANY($3::text[])"""
_OPEN = """
SELECT EXISTS (SELECT FROM asset_disposal AS disposal JOIN case_file ON subject_id = disposal.id AND workflow = $2
                WHERE asset_id = $1 AND is_open)"""
_FIGURES = ("disposal.report_months", "disposal.licensed_from", "disposal.township_below", "disposal.least_price")


class DraftDisposal(Command):
    """Begin the disposal of an asset (发起处置) with its ground and way; `is_pledged` is the applicant's statement."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {Role.VILLAGE_COLLECTIVE, Role.VILLAGE_COMMITTEE, Role.SECTOR_CLERK, Role.SECTOR_LEADER},
    )

    asset_id: UUID
    ground: Ground
    way: Way
    expected: Yuan = Field(ge=0)
    is_pledged: bool


class DisposalDrafted(BaseModel):
    """The new disposal."""

    disposal_id: UUID
    case_id: UUID


class Appraisal(Form):
    """The appraisal report (评估报告)."""

    value: Yuan = Field(ge=0)
    appraised_on: date
    is_licensed: bool


class Deal(Form):
    """The deal (成交): its proceeds, compensation included, and what they will be used for."""

    proceeds: Yuan = Field(ge=0)
    dealt_on: date
    reuse: Code | None = None


async def draft_disposal(tx: Write, command: DraftDisposal, ctx: Context) -> DisposalDrafted:
    """Enter the disposal; an asset has one at a time."""
    asset = await editable(tx, command.asset_id)
    require(ctx, command.ROLES, asset.area_code)
    if await tx.raw.fetchval(_OPEN, asset.id, DISPOSAL.name):
        raise Conflict(
            Violation(
                "DISPOSAL_OPEN",
                "该资产已有办理中的处置",
                "a disposal of this asset is under way",
                rule="F-7.12",
                field="/asset_id",
                remedy_zh="先办结原处置申请",
                remedy_en="finish that one first",
            ),
        )
    disposal_id = new_id()
    tx.session.add(
        AssetDisposal(
            id=disposal_id,
            area_code=asset.area_code,
            asset_id=asset.id,
            ground=command.ground,
            way=command.way,
            expected_fen=command.expected,
            is_pledged=command.is_pledged,
        ),
    )
    case = await open_case(tx, ctx, DISPOSAL_BINDING, disposal_id, AreaCode(asset.area_code))
    return DisposalDrafted(disposal_id=disposal_id, case_id=case.id)


async def _disposal(tx: Write, disposal_id: UUID) -> AssetDisposal:
    disposal = await tx.session.get(AssetDisposal, disposal_id)
    if disposal is None:
        raise not_found("资产处置", "disposal")
    return disposal


async def _facts(tx: Write, case: CaseRow, form: Any, ctx: Context) -> DisposalFacts:
    disposal = await _disposal(tx, case.subject_id)
    # Contracts of the asset wait here, so that none is signed while this step looks.
    asset = await asset_of(tx, disposal.asset_id, lock=True)
    proceeds = form.proceeds if isinstance(form, Deal) else disposal.proceeds_fen
    months = await tx.parameters.get("disposal.report_months", case.area, ctx.today)
    return DisposalFacts(
        right=await standing(tx, RIGHT, asset.id),
        live_contracts=await tx.raw.fetchval(_LIVE, asset.id, OPERATION.name, list(IN_FORCE)),
        is_pledged=disposal.is_pledged,
        appraised_on=form.appraised_on if isinstance(form, Appraisal) else disposal.appraised_on,
        today=ctx.today,
        report_months=months,
        proceeds_fen=proceeds,
        shares=await _shares(tx, asset.id, proceeds),
        blocked=await weigh(tx, ctx, case.area, await _limits(tx, case, form, ctx, disposal), tell=True),
    )


async def _limits(
    tx: Write,
    case: CaseRow,
    form: Any,
    ctx: Context,
    disposal: AssetDisposal,
) -> dict[str, Violation | None]:
    """The limit that the step at hand may break."""
    figures = await tx.parameters.get_many(_FIGURES, case.area, ctx.today)
    if isinstance(form, Appraisal):
        value = max(form.value, disposal.expected_fen)
        return {APPRAISER: rules.appraiser_needed(value, form.is_licensed, figures["disposal.licensed_from"])}
    if isinstance(form, Deal):
        return {PRICE: rules.price_floor(form.proceeds, disposal.appraised_fen or 0, figures["disposal.least_price"])}
    if case.state == "APPRAISED":
        role = ctx.actor.role_for(TOWNSHIP_LEADER | SECTOR_LEADER | BUREAU_HEADS, case.area)
        return {TIER: rules.within_tier(disposal.appraised_fen or 0, role, figures["disposal.township_below"])}
    return {}


async def _shares(tx: Write, asset_id: UUID, proceeds: Fen | None) -> list[Fen]:
    """What each owner gets, in the order of the owners."""
    query = select(AssetOwner.share_ppm).where(AssetOwner.asset_id == asset_id).order_by(AssetOwner.line_no)
    shares = list(await tx.session.scalars(query))
    return rules.owners_proceeds(proceeds, shares) if proceeds is not None and shares else []


async def _appraise(tx: Write, case: CaseRow, form: Appraisal, _ctx: Context) -> None:
    disposal = await _disposal(tx, case.subject_id)
    disposal.appraised_fen, disposal.appraised_on = form.value, form.appraised_on
    disposal.is_appraiser_licensed = form.is_licensed


async def _book_income(tx: Write, case: CaseRow, form: Deal, _ctx: Context) -> None:
    disposal = await _disposal(tx, case.subject_id)
    disposal.proceeds_fen, disposal.dealt_on, disposal.reuse = form.proceeds, form.dealt_on, form.reuse
    tx.session.add_all(
        DisposalShare(disposal_id=disposal.id, owner_line=no, amount_fen=amount, area_code=disposal.area_code)
        for no, amount in enumerate(await _shares(tx, disposal.asset_id, form.proceeds), 1)
    )


async def _dispose(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    """The asset is history: right, custody and use end by themselves."""
    disposal = await _disposal(tx, case.subject_id)
    asset = await asset_of(tx, disposal.asset_id)
    asset.disposed_on = ctx.today
    await tx.session.flush()
    proceeds = disposal.proceeds_fen or 0
    tx.emit(
        AssetDisposed(
            area_code=case.area,
            asset_id=asset.id,
            way=disposal.way,
            proceeds=proceeds,
            result=proceeds - asset.value_fen,
            reuse=disposal.reuse,
            disposed_on=ctx.today,
        ),
    )
    for binding in (RIGHT_BINDING, CUSTODY_BINDING, USE_BINDING):
        await advance(tx, as_system(ctx), binding, asset.id, Move("end"))


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    disposal = await _disposal(tx, case.subject_id)
    asset = await asset_of(tx, disposal.asset_id)
    return {
        "asset_code": asset.code,
        "name": asset.name,
        "ground": disposal.ground,
        "way": disposal.way,
        "appraised": format_yuan(disposal.appraised_fen or 0),
    }


DISPOSAL_BINDING = Binding(
    DISPOSAL,
    "disposals",
    guards={
        "right_confirmed": right_confirmed,
        "no_active_contract": rules.no_active_contract,
        "no_open_dispute": rules.no_open_dispute,
        "not_pledged": rules.not_pledged,
        "appraisal_recent": rules.appraisal_recent,
        "appraiser_licensed": stands(APPRAISER),
        "within_approval_tier": stands(TIER),
        "price_floor_kept": stands(PRICE),
        "proceeds_split_by_owner": rules.proceeds_split_by_owner,
    },
    facts=_facts,
    notice=_notice,
    steps={
        "appraise": StepBinding(Appraisal, _appraise),
        "book_income": StepBinding(Deal, _book_income),
        "dispose": StepBinding(perform=_dispose),
    },
)

HANDLERS: Mapping[type[Command], Handler] = {DraftDisposal: draft_disposal}

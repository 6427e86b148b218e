"""The way of an operating contract (经营合同): owner's decision, publicity, approval, signature, arrears, end (§7.8)."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from services.assets.commands.rights import owners_of
from services.assets.commands.standing import asset_of, refuse, standing, weigh
from services.assets.domain import contracts as rules
from services.assets.domain.contracts import ContractFacts, Letting
from services.assets.domain.limits import TERM, YIELD, stands
from services.assets.domain.rent import Instalment, oldest_arrears
from services.assets.domain.rights import not_disposed, right_confirmed
from services.assets.tables.contracts import OperatingContract, RentInstalment
from services.assets.tables.register import Asset
from services.assets.workflows.operation import OPERATION
from services.assets.workflows.right import RIGHT
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.assets import ContractEnded, ContractOverdue, ContractSigned
from shared.contracts.wire import Area
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation, not_found
from shared.kernel.money import format_yuan

IN_FORCE = ("SIGNED", "ACTIVE", "OVERDUE")
"""States in which a contract binds its asset."""

_OTHERS = """
SELECT starts_on, ends_on, quantity FROM operating_contract AS contract
  JOIN case_file ON subject_id = contract.id AND workflow = $3
 WHERE asset_id = $1 AND contract.id <> $2 AND case_file.state = ANY($4::text[])"""
_FIGURES = ("contract.term.most_years", "contract.term.usual_years", "contract.yield.least", "contract.yield.most")


class OwnersDecision(Form):
    """Which owners agreed, by their areas; for a jointly built asset all of them must."""

    agreed_by: tuple[Area, ...] = Field(min_length=1, max_length=200)


async def contract_of(tx: Write, contract_id: UUID, *, lock: bool = False) -> OperatingContract:
    """The contract; raises NotFound."""
    contract = await tx.session.get(
        OperatingContract,
        contract_id,
        with_for_update=lock or None,
        populate_existing=lock,
    )
    if contract is None:
        raise not_found("经营合同", "contract")
    return contract


async def calendar_of(tx: Write, contract_id: UUID) -> list[Instalment]:
    """The rent calendar with what is paid, as the database holds it now."""
    query = (
        select(RentInstalment.no, RentInstalment.due_on, RentInstalment.amount_fen, RentInstalment.paid_fen)
        .where(RentInstalment.contract_id == contract_id)
        .order_by(RentInstalment.no)
    )
    return [Instalment(*row) for row in await tx.session.execute(query)]


async def lettings_of(tx: Write, asset_id: UUID, except_for: UUID) -> list[Letting]:
    """The contracts in force on an asset."""
    rows = await tx.raw.fetch(_OTHERS, asset_id, except_for, OPERATION.name, list(IN_FORCE))
    return [Letting(row["starts_on"], row["ends_on"], row["quantity"]) for row in rows]


async def _facts(tx: Write, case: CaseRow, form: Any, ctx: Context) -> ContractFacts:
    contract = await contract_of(tx, case.subject_id)
    # Two contracts of one asset wait for each other here, so that no_overlap sees what the first one took.
    asset = await asset_of(tx, contract.asset_id, lock=True)
    refuse(not_disposed(asset.disposed_on))
    letting = Letting(contract.starts_on, contract.ends_on, contract.quantity)
    deciding = isinstance(form, OwnersDecision)
    return ContractFacts(
        right=await standing(tx, RIGHT, asset.id),
        holder=_holder(asset),
        lessor=(contract.lessor_kind, contract.lessor_area),
        owner_areas={int(owner.owner_area) for owner in await owners_of(tx, asset.id)},
        agreed_by=_agreed(form, contract),
        letting=letting,
        others=await lettings_of(tx, asset.id, contract.id),
        asset_quantity=asset.quantity,
        rent_total=contract.rent_total_fen,
        calendar=await calendar_of(tx, contract.id),
        today=ctx.today,
        blocked=await weigh(tx, ctx, case.area, await _limits(tx, ctx, contract, asset, letting), tell=deciding),
    )


def _holder(asset: Asset) -> tuple[str, int] | None:
    if asset.operation_holder_kind is None or asset.operation_holder_area is None:
        return None
    return asset.operation_holder_kind, asset.operation_holder_area


def _agreed(form: Any, contract: OperatingContract) -> Collection[int]:
    return {int(area) for area in form.agreed_by} if isinstance(form, OwnersDecision) else contract.agreed_by or ()


async def _limits(
    tx: Write,
    ctx: Context,
    contract: OperatingContract,
    asset: Asset,
    letting: Letting,
) -> dict[str, Violation | None]:
    figures = await tx.parameters.get_many(_FIGURES, asset.area_code, ctx.today)
    most, usual = figures["contract.term.most_years"], figures["contract.term.usual_years"]
    least_yield, most_yield = figures["contract.yield.least"], figures["contract.yield.most"]
    return {
        TERM: rules.term_within_limit(letting, most, usual),
        YIELD: rules.yield_within(contract.rent_total_fen, letting, asset.value_fen, least_yield, most_yield),
    }


async def _decide(tx: Write, case: CaseRow, form: OwnersDecision, _ctx: Context) -> None:
    contract = await contract_of(tx, case.subject_id)
    contract.agreed_by = [int(area) for area in form.agreed_by]


async def _sign(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    contract = await contract_of(tx, case.subject_id)
    contract.signed_on = ctx.today
    tx.emit(
        ContractSigned(
            area_code=case.area,
            asset_id=contract.asset_id,
            contract_id=contract.id,
            operator_id=contract.operator_id,
            mode=contract.mode,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            rent_total=contract.rent_total_fen,
        ),
    )


async def _mark_overdue(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    contract = await contract_of(tx, case.subject_id)
    late = oldest_arrears(await calendar_of(tx, contract.id), ctx.today)
    assert late is not None, "the guard instalment_overdue saw it"
    tx.emit(
        ContractOverdue(
            area_code=case.area,
            asset_id=contract.asset_id,
            contract_id=contract.id,
            operator_id=contract.operator_id,
            due_on=late.due_on,
            unpaid=late.owed,
            days=(ctx.today - late.due_on).days,
        ),
    )


async def _end(tx: Write, case: CaseRow, _form: Form, ctx: Context) -> None:
    contract = await contract_of(tx, case.subject_id)
    contract.ended_on = ctx.today
    tx.emit(
        ContractEnded(
            area_code=case.area,
            asset_id=contract.asset_id,
            contract_id=contract.id,
            operator_id=contract.operator_id,
            reason="term_over" if ctx.today > contract.ends_on else "ended_early",
            ended_on=ctx.today,
        ),
    )


async def _notice(tx: Write, case: CaseRow, _ctx: Context) -> Mapping[str, Any]:
    contract = await contract_of(tx, case.subject_id)
    asset = await asset_of(tx, contract.asset_id)
    return {
        "asset_code": asset.code,
        "name": asset.name,
        "mode": contract.mode,
        "operator": contract.operator_name,
        "quantity": f"{contract.quantity.normalize():f}{asset.unit}",
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.ends_on.isoformat(),
        "rent_total": format_yuan(contract.rent_total_fen),
        "agreed_by": [str(AreaCode(area)) for area in contract.agreed_by or ()],
    }


OPERATION_BINDING = Binding(
    OPERATION,
    "contracts",
    guards={
        "right_confirmed": right_confirmed,
        "holder_of_operation_right": rules.holder_of_operation_right,
        "no_overlap": rules.no_overlap,
        "owners_agree": rules.owners_agree,
        "term_within_limit": stands(TERM),
        "rent_calendar_whole": rules.rent_calendar_whole,
        "term_begun": rules.term_begun,
        "instalment_overdue": rules.instalment_overdue,
        "arrears_paid": rules.arrears_paid,
        "term_over": rules.term_over,
    },
    facts=_facts,
    notice=_notice,
    steps={
        "decide": StepBinding(OwnersDecision, _decide),
        "sign": StepBinding(perform=_sign),
        "mark_overdue": StepBinding(perform=_mark_overdue),
        "end": StepBinding(perform=_end),
        "end_early": StepBinding(perform=_end),
    },
)

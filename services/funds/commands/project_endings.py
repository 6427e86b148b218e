"""What a project's later steps do besides moving: acceptance, settlement, and the ways out of the library."""

from sqlalchemy.dialects.postgresql import insert

from services.funds.commands import project_forms as forms
from services.funds.commands.adjustment_deeds import record_exit
from services.funds.commands.project_money import balances_of, settled_by_indicator
from services.funds.commands.project_rows import project_versions, release_name
from services.funds.commands.settlements import claimed_by_indicator, record_settlement, sources_of
from services.funds.domain.library import county_of
from services.funds.domain.postings import BOOK, QUOTA, RETENTION
from services.funds.domain.refusals import refusal
from services.funds.tables.library import Acceptance, GoalResult
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.contracts.funds_project import ProjectAccepted, ProjectExitedLibrary, ProjectSettled
from shared.contracts.parts import AssetDraft, OwnerShare
from shared.kernel.errors import Refused, Violation
from shared.kernel.money import PPM, Fen, format_yuan
from shared.ledger.balances import remaining
from shared.ledger.model import Amount
from shared.ledger.post import post


async def accepted(tx: Write, case: CaseRow, form: forms.AcceptanceSignature, _ctx: Context) -> None:
    """All four sides have signed the recorded acceptance."""
    row = await tx.session.get_one(Acceptance, form.acceptance_id)
    content = (await project_versions(tx, case.subject_id)).content
    owners: tuple[OwnerShare, ...] = ()
    if content.asset_forming and content.custody is not None:
        custody = content.custody
        owners = (OwnerShare(owner_kind=custody.owner_kind, owner_area=custody.owner_area, share_ppm=PPM),)
    tx.emit(
        ProjectAccepted(
            area_code=case.area,
            project_id=case.subject_id,
            accepted_on=row.accepted_on,
            provisional_value=row.provisional_value_fen,
            asset_forming=content.asset_forming,
            asset_class=content.asset_class,
            owners=owners,
            asset_list_draft=tuple(AssetDraft.model_validate(line) for line in row.deliverables),
        ),
    )


async def settled(tx: Write, case: CaseRow, form: forms.ProjectSettlement, _ctx: Context) -> None:
    """The ledger says what each indicator bears; less what payees still refund and the costs beside the works (V16)."""
    content = (await project_versions(tx, case.subject_id)).content
    claimed = await claimed_by_indicator(tx, case.subject_id)
    borne = await settled_by_indicator(tx, case.subject_id)
    borne = {indicator: own for indicator, fen in borne.items() if (own := fen - claimed.get(indicator, 0))}
    settlement = sum(borne.values()) - sum(cost.amount for cost in form.indirect_costs)
    if settlement <= 0:
        raise Refused(_too_much_beside(sum(borne.values())))
    event = ProjectSettled(
        area_code=case.area,
        project_id=case.subject_id,
        settled_on=form.settled_on,
        settlement=settlement,
        retention=(await balances_of(tx, case.subject_id, [RETENTION])).get(RETENTION, 0),
        sources=await sources_of(tx, borne),
        indirect_costs=form.indirect_costs,
        approval_document=form.approval_document,
        asset_forming=content.asset_forming,
        asset_class=content.asset_class,
        owners=form.owners,
        asset_list=form.asset_list,
        quantities=form.quantities,
    )
    await record_settlement(tx, event)
    tx.emit(event)


def _too_much_beside(borne: Fen) -> Violation:
    return refusal(
        "INDIRECT_COSTS",
        "F-1.5-16",
        "待摊费用不小于账面已结算金额",
        "the costs beside the works leave nothing of what the ledger bears",
        ("核对待摊费用", "check these costs"),
        field="/form/indirect_costs",
        borne=format_yuan(borne),
    )


async def closed(tx: Write, case: CaseRow, form: forms.Closing, ctx: Context) -> None:
    """P22: what is left of the quota becomes surplus; the goals have their results (E01)."""
    await _empty_quota(tx, case, ctx, "P22")
    results = [
        {
            "project_id": case.subject_id,
            "goal_no": each.goal_no,
            "actual": each.actual,
            "recorded_by": ctx.actor.id,
            "recorded_at": ctx.now,
            "area_code": int(case.area),
        }
        for each in form.goal_results
    ]
    if results:
        await tx.session.execute(insert(GoalResult).on_conflict_do_nothing(), results)
    await record_exit(tx, case, None, ctx)
    tx.emit(ProjectExitedLibrary(area_code=case.area, project_id=case.subject_id, reason="E01", exited_on=ctx.today))


async def left(tx: Write, case: CaseRow, form: forms.Exit, ctx: Context) -> None:
    """The project leaves the library unfinished; quota that it holds goes back (P04)."""
    await _empty_quota(tx, case, ctx, "P04")
    await release_name(tx, case.subject_id)
    await record_exit(tx, case, form, ctx)
    event = ProjectExitedLibrary(
        area_code=case.area,
        project_id=case.subject_id,
        reason=form.exit_reason,
        exited_on=ctx.today,
        document_no=form.document_no,
    )
    tx.emit(event)


async def _empty_quota(tx: Write, case: CaseRow, ctx: Context, template: str) -> None:
    project = {"project_id": case.subject_id}
    held = await remaining(tx.raw, BOOK, QUOTA, project, lock=True)
    if held:
        amounts = [Amount(each.fen, each.group, project, each.fiscal_year) for each in held]
        await post(tx, ctx, BOOK, template, amounts, document=f"project:{case.subject_id}", area=county_of(case.area))

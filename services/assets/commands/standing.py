"""What several commands ask of an asset: the row, where its cases stand, whether the actor may act there."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from services.assets.domain.limits import unverified
from services.assets.domain.rights import not_disposed
from services.assets.tables.register import Asset
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.contracts.assets import AssetStatusChanged
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Forbidden, Refused, Violation, not_found
from shared.kernel.roles import ROLE_NAMES, Role
from shared.parameters.model import Mode
from shared.workflow.model import Workflow

_STATES = "SELECT subject_id, state FROM case_file WHERE workflow = $1 AND subject_id = ANY($2::uuid[])"
_LAST_MOVE = "SELECT step, source FROM case_step WHERE case_id = $1 AND version = $2"


async def asset_of(tx: Write, asset_id: UUID, *, lock: bool = False) -> Asset:
    """The asset; raises NotFound."""
    asset = await tx.session.get(Asset, asset_id, with_for_update=lock or None, populate_existing=lock)
    if asset is None:
        raise not_found("资产", "asset")
    return asset


async def editable(tx: Write, asset_id: UUID) -> Asset:
    """The asset, locked; raises Refused when it is disposed of (scenario 87)."""
    asset = await asset_of(tx, asset_id, lock=True)
    refuse(not_disposed(asset.disposed_on))
    return asset


def refuse(*violations: Violation | None) -> None:
    """Raise Refused with those that are broken."""
    broken = [violation for violation in violations if violation is not None]
    if broken:
        raise Refused(*broken)


async def states(tx: Write, workflow: Workflow, subjects: Collection[UUID]) -> dict[UUID, str]:
    """Where the cases of `subjects` stand."""
    rows = await tx.raw.fetch(_STATES, workflow.name, list(subjects))
    return {row["subject_id"]: row["state"] for row in rows}


async def standing(tx: Write, workflow: Workflow, subject: UUID) -> str:
    """Where the case of `subject` stands; empty when it has none."""
    return (await states(tx, workflow, [subject])).get(subject, "")


def require(ctx: Context, roles: Collection[Role], area: int) -> None:
    """The actor holds one of `roles` where the thing lies; raises Forbidden."""
    if not ctx.actor.may(roles, area):
        names = sorted(roles)
        raise Forbidden(
            Violation(
                "ROLE_REQUIRED",
                f"需要该区域的角色：{'、'.join(ROLE_NAMES[role] for role in names)}",
                f"needs one of the roles in this area: {', '.join(names)}",
                remedy_zh="请由具备该角色的人员办理",
                remedy_en="have a person with that role do it",
                facts={"roles": [role.value for role in names]},
            ),
        )


def as_system(ctx: Context) -> Context:
    """The same command, for a step that follows by itself."""
    return replace(ctx, actor=SYSTEM)


async def status_changed(tx: Write, case: CaseRow, ctx: Context, state_field: str) -> AssetStatusChanged:
    """The event of the step that was just taken."""
    moved = await tx.raw.fetchrow(_LAST_MOVE, case.id, case.version)
    assert moved is not None
    return AssetStatusChanged(
        area_code=case.area,
        asset_id=case.subject_id,
        state_field=state_field,
        old=moved["source"],
        new=case.state,
        reason=moved["step"],
        changed_on=ctx.today,
    )


async def weigh(
    tx: Write,
    ctx: Context,
    area: AreaCode,
    found: Mapping[str, Violation | None],
    *,
    tell: bool,
) -> dict[str, Violation]:
    """The broken limits that block in `area`; the others are told as warnings when `tell` (architecture §6)."""
    broken = {limit: violation for limit, violation in found.items() if violation is not None}
    names = [f"rule.{limit}.mode" for limit in broken]
    modes = await tx.parameters.get_many(names, area, ctx.today) if names else {}
    blocked = {}
    for limit, violation in broken.items():
        mode = Mode(modes[f"rule.{limit}.mode"])
        if mode is Mode.BLOCK:
            blocked[limit] = violation
        elif mode is Mode.WARN and tell:
            tx.warn(unverified(violation))
    return blocked

"""Who may change a row: sight of it is not enough, a role in its area is needed (deny by default)."""

from collections.abc import Collection

from shared.commands.command import Context
from shared.kernel.errors import Forbidden, Violation
from shared.kernel.roles import ROLE_NAMES, Role


def require(ctx: Context, roles: Collection[Role], area: int) -> None:
    """Raise Forbidden unless the actor holds one of `roles` in `area`."""
    if ctx.actor.may(roles, area):
        return
    names = sorted(roles)
    raise Forbidden(
        Violation(
            "ROLE_REQUIRED",
            f"需要在该区域具备角色：{'、'.join(ROLE_NAMES[role] for role in names)}",
            f"needs one of the roles in this area: {', '.join(names)}",
            remedy_zh="请由具备该角色的人员办理",
            remedy_en="have a person with that role do it",
            facts={"roles": [role.value for role in names]},
        ),
    )

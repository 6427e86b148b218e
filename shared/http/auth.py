"""Who calls: the bearer token becomes an Actor, and routes that only read open a session within its scope."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.db.sessions import ReadSession
from shared.http.edge import edge_of
from shared.http.policy import Policy
from shared.http.problems import Unauthenticated
from shared.kernel.actors import Actor
from shared.kernel.errors import Forbidden, Violation
from shared.kernel.roles import ROLE_NAMES, Role

_bearer = HTTPBearer(scheme_name="oidc", bearerFormat="JWT", auto_error=False)
_log = structlog.get_logger("security")


async def caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    """The authenticated actor; raises Unauthenticated."""
    if credentials is None:
        raise Unauthenticated(
            Violation(
                "LOGIN_REQUIRED",
                "请先登录",
                "log in first",
                remedy_zh="在 Authorization 请求头中携带 Bearer 令牌",
                remedy_en="send a bearer token in the Authorization header",
                field="/headers/Authorization",
            ),
        )
    return await edge_of(request).verifier.verify(credentials.credentials)


Caller = Annotated[Actor, Depends(caller)]
"""The actor who makes the request."""


class _Anyone:
    """Lets in whoever is logged in, and opens nothing."""

    policy = Policy(login=True)

    async def __call__(self, actor: Caller) -> Actor:
        return actor


LoggedIn = Depends(_Anyone())
"""The marker of a route for any person, whatever the role, that touches no data."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Opens a read session. With roles, one of them is needed, and only the areas it was granted in are visible."""

    policy: Policy

    async def __call__(self, request: Request, actor: Caller) -> AsyncIterator[ReadSession]:
        scope = self._narrowed(actor)
        async with edge_of(request).database.read(scope) as session:
            yield session

    def _narrowed(self, actor: Actor) -> Actor:
        roles = self.policy.roles
        if not roles:
            return actor
        grants = tuple(grant for grant in actor.grants if grant.role in roles)
        if not grants:
            _log.warning("denied", read=sorted(roles), actor=str(actor.id))
            raise _role_required(roles)
        return Actor(actor.id, grants)


def read_roles(*roles: Role) -> Any:
    """Mark a reading route as open to `roles` only, each within the areas it was granted in; gives a ReadSession."""
    return Depends(Reader(Policy(login=True, roles=frozenset(roles))), scope="function")


Reading = Annotated[ReadSession, read_roles()]
"""A read session for any person who is logged in, within the person's areas. Given back before the answer is sent."""


def _role_required(roles: frozenset[Role]) -> Forbidden:
    names = sorted(roles)
    return Forbidden(
        Violation(
            "ROLE_REQUIRED",
            f"查询需要角色：{'、'.join(ROLE_NAMES[role] for role in names)}",
            f"reading this needs one of the roles: {', '.join(names)}",
            remedy_zh="请由具备该角色的人员查询",
            remedy_en="have a person with that role read it",
            facts={"roles": [role.value for role in names]},
        ),
    )

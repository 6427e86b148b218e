"""Who may use a route (访问规则): each route states it by a dependency that carries a Policy, or the app does not start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from shared.commands.command import Command
from shared.kernel.roles import Role


class PolicyMissing(Exception):
    """A route that does not say who may use it; deny by default means not to serve it at all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`login` False is for everybody. Empty `roles` let any person in; rows stay limited to the person's areas."""

    login: bool
    roles: frozenset[Role] = frozenset()
    commands: tuple[type[Command], ...] = ()

    def as_extension(self) -> dict[str, Any]:
        """The `x-policy` of an operation in the API description."""
        told: dict[str, Any] = {"login": self.login, "roles": sorted(self.roles)}
        if self.commands:
            told["commands"] = [command.__name__ for command in self.commands]
        return told


class _Public:
    """Lets everybody in."""

    policy = Policy(login=False)

    async def __call__(self) -> None:
        pass


def public() -> Any:
    """The marker of a route for everybody: `dependencies=[public()]`."""
    return Depends(_Public())


def policies_of(dependant: Dependant) -> Iterator[Policy]:
    """The policies of a route's dependencies."""
    policy = getattr(dependant.call, "policy", None)
    if isinstance(policy, Policy):
        yield policy
    for inner in dependant.dependencies:
        yield from policies_of(inner)


def policies_by_route(app: FastAPI) -> dict[str, tuple[RouteContext, tuple[Policy, ...]]]:
    """Every route of `app` by operation id; raises PolicyMissing for one without policy, ValueError for a double id."""
    found: dict[str, tuple[RouteContext, tuple[Policy, ...]]] = {}
    for route in iter_route_contexts(app.routes):
        if not isinstance(route.original_route, APIRoute):
            raise PolicyMissing(f"{route.path}: only declared routes are served")
        policies = tuple(policies_of(route.dependant))
        if not policies:
            raise PolicyMissing(f"{route.methods} {route.path}: states no policy")
        if route.unique_id in found:
            raise ValueError(f"{route.path}: the operation id {route.unique_id} is taken")
        found[route.unique_id] = route, policies
    return found

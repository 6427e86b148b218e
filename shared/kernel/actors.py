"""Who acts: a person or a client with roles granted by area."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.areas import NATION, AreaCode
from shared.kernel.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one area and everything below it."""

    role: Role
    area: AreaCode


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person (经办人): an opaque id and what was granted to it, no name."""

    id: UUID
    grants: tuple[Grant, ...]

    def may(self, roles: Collection[Role], area: int) -> bool:
        """Whether one of `roles` is granted for `area`."""
        return any(grant.role in roles and grant.area.contains(area) for grant in self.grants)

    def role_for(self, roles: Collection[Role], area: int) -> Role | None:
        """The role, of those granted for `area`, under which the actor performs a step."""
        return next((grant.role for grant in self.grants if grant.role in roles and grant.area.contains(area)), None)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The ranges of area codes that this actor can see at all."""
        return tuple(sorted({grant.area.span for grant in self.grants}))


SYSTEM = Actor(UUID(int=0), (Grant(Role.SYSTEM, NATION),))
"""The actor of reactions, deadlines and other steps that no person takes."""

"""Who reads what of assets, and the figures by which a reader's arrears are judged."""

from typing import Annotated, Any

from fastapi import Depends, Request

from services.assets.queries.contracts import Lateness
from shared.db.sessions import ReadSession
from shared.http.auth import Reading, read_roles
from shared.http.edge import edge_of
from shared.kernel.clock import today
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters

_OFFICES = frozenset(Role) - {Role.HOUSEHOLD, Role.AGENCY, Role.SYSTEM}


def _offices() -> Any:
    return read_roles(*_OFFICES)


OfficeReading = Annotated[ReadSession, _offices()]
"""A read session for offices only: what is read names households by their ids (class L3)."""


async def lateness(request: Request, session: Reading) -> Lateness:
    """Today, and the policy values of this request's session."""
    resources = edge_of(request).pipeline.resources
    return Lateness(today(resources.clock), Parameters(session.raw, resources.parameters))


LatenessToday = Annotated[Lateness, Depends(lateness)]

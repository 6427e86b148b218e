"""Puts one service together on its database: verified declarations, pipeline, sessions."""

from dataclasses import dataclass

from shared.commands.pipeline import Pipeline, Resources
from shared.db.sessions import Database
from shared.kernel.clock import Clock
from shared.kernel.days import Calendar
from shared.runtime.service import Service
from shared.vault.keys import KeyRing


class BrokenDeclaration(Exception):
    """A service whose declarations contradict themselves does not start."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A service that can run commands and reads."""

    service: Service
    database: Database
    pipeline: Pipeline


def assemble(
    service: Service,
    app_dsn: str,
    *,
    clock: Clock,
    calendar: Calendar,
    keys: KeyRing,
    pool_size: int = 8,
) -> Assembled:
    """Raises BrokenDeclaration with every defect that `verify` finds."""
    defects = service.defects()
    if defects:
        raise BrokenDeclaration("\n".join(defects))
    database = Database(app_dsn, pool_size=pool_size)
    resources = Resources(clock=clock, calendar=calendar, keys=keys, parameters=service.declared_parameters)
    return Assembled(service, database, Pipeline(database, service.all_handlers, resources))

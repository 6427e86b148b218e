"""What the monitoring service consists of."""

from services.monitoring.api import cases as case_routes
from services.monitoring.api import clues as clue_routes
from services.monitoring.api import households as household_routes
from services.monitoring.api import imports as import_routes
from services.monitoring.api import income as income_routes
from services.monitoring.api import lines as line_routes
from services.monitoring.api import measures as measure_routes
from services.monitoring.bulk.reference import load_clue_rules
from services.monitoring.checks.monitored import CHECKS
from services.monitoring.commands import (
    asset_risks,
    clues,
    dispositions,
    eliminations,
    episodes,
    household_checks,
    households,
    identifications,
    imports,
    income,
    lines,
    measures,
    members,
    receipts,
)
from services.monitoring.commands.eliminations import ELIMINATION_BINDING
from services.monitoring.commands.identification_steps import IDENTIFICATION_BINDING
from services.monitoring.commands.measures import MEASURE_BINDING
from services.monitoring.parameters import PARAMETERS
from services.monitoring.reactions import REACTIONS
from services.monitoring.tables import cases as case_tables
from services.monitoring.tables import clues as clue_tables
from services.monitoring.tables import episodes as episode_tables
from services.monitoring.tables import households as household_tables
from services.monitoring.tables import imports as import_tables
from services.monitoring.tables import income as income_tables
from services.monitoring.tables import measures as measure_tables
from services.monitoring.tables.base import Base
from shared.runtime.service import Service

TABLES = (
    household_tables,
    income_tables,
    clue_tables,
    import_tables,
    case_tables,
    episode_tables,
    measure_tables,
)
"""Importing a module of tables is what makes its rows known to the metadata."""

SERVICE = Service(
    name="monitoring",
    zh="监测帮扶",
    metadata=Base.metadata,
    handlers={
        **households.HANDLERS,
        **members.HANDLERS,
        **income.HANDLERS,
        **lines.HANDLERS,
        **clues.HANDLERS,
        **dispositions.HANDLERS,
        **imports.HANDLERS,
        **identifications.HANDLERS,
        **household_checks.HANDLERS,
        **episodes.HANDLERS,
        **measures.HANDLERS,
        **eliminations.HANDLERS,
        **receipts.HANDLERS,
        **asset_risks.HANDLERS,
    },
    bindings=(IDENTIFICATION_BINDING, ELIMINATION_BINDING, MEASURE_BINDING),
    parameters=PARAMETERS,
    routers=(
        household_routes.router,
        income_routes.router,
        line_routes.router,
        clue_routes.router,
        import_routes.router,
        case_routes.router,
        measure_routes.router,
    ),
    reactions=REACTIONS,
    checks=CHECKS,
    seed=load_clue_rules,
)

"""What the monitoring service consists of."""

from services.monitoring.api import clues as clue_routes
from services.monitoring.api import households as household_routes
from services.monitoring.api import imports as import_routes
from services.monitoring.api import income as income_routes
from services.monitoring.api import lines as line_routes
from services.monitoring.bulk.reference import load_clue_rules
from services.monitoring.commands import clues, dispositions, households, imports, income, lines, members
from services.monitoring.parameters import PARAMETERS
from services.monitoring.tables import clues as clue_tables
from services.monitoring.tables import households as household_tables
from services.monitoring.tables import imports as import_tables
from services.monitoring.tables import income as income_tables
from services.monitoring.tables.base import Base
from shared.runtime.service import Service

TABLES = (household_tables, income_tables, clue_tables, import_tables)
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
    },
    bindings=(),
    parameters=PARAMETERS,
    routers=(
        household_routes.router,
        income_routes.router,
        line_routes.router,
        clue_routes.router,
        import_routes.router,
    ),
    seed=load_clue_rules,
)

"""The service assets (资产后续管理): what it consists of."""

from services.assets.api import contracts as contracts_api
from services.assets.api import income as income_api
from services.assets.api import register as register_api
from services.assets.checks.invariants import INVARIANTS
from services.assets.commands import (
    contract_drafts,
    disposals,
    formation,
    households,
    payouts,
    plans,
    projects,
    receipts,
    rules,
)
from services.assets.commands.contracts import OPERATION_BINDING
from services.assets.commands.custody import CUSTODY_BINDING
from services.assets.commands.disposals import DISPOSAL_BINDING
from services.assets.commands.distributions import DISTRIBUTION_BINDING
from services.assets.commands.handovers import HANDOVER_BINDING
from services.assets.commands.rent_sweep import sweep_rent
from services.assets.commands.rights import RIGHT_BINDING
from services.assets.commands.uses import USE_BINDING
from services.assets.parameters import PARAMETERS
from services.assets.reactions import REACTIONS
from services.assets.tables.base import Base
from shared.runtime.service import Service

SERVICE = Service(
    name="assets",
    zh="资产",
    metadata=Base.metadata,
    handlers={
        **projects.HANDLERS,
        **households.HANDLERS,
        **formation.HANDLERS,
        **contract_drafts.HANDLERS,
        **receipts.HANDLERS,
        **rules.HANDLERS,
        **plans.HANDLERS,
        **payouts.HANDLERS,
        **disposals.HANDLERS,
    },
    bindings=(
        RIGHT_BINDING,
        HANDOVER_BINDING,
        CUSTODY_BINDING,
        USE_BINDING,
        OPERATION_BINDING,
        DISTRIBUTION_BINDING,
        DISPOSAL_BINDING,
    ),
    parameters=PARAMETERS,
    routers=(register_api.router, contracts_api.router, income_api.router),
    reactions=REACTIONS,
    checks=INVARIANTS,
    sweeps=(sweep_rent,),
)

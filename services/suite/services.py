"""All services, in the order in which their events usually flow."""

from services.assets.service import SERVICE as ASSETS
from services.funds.service import SERVICE as FUNDS
from services.monitoring.service import SERVICE as MONITORING

SERVICES = (FUNDS, MONITORING, ASSETS)

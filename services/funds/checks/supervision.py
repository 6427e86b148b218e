"""All early-warning rules (预警规则) of funds that are checks, topic by topic."""

from services.funds.checks.warnings_contracts import CONTRACT_WARNINGS
from services.funds.checks.warnings_households import HOUSEHOLD_WARNINGS
from services.funds.checks.warnings_limits import LIMIT_WARNINGS
from services.funds.checks.warnings_money import MONEY_WARNINGS
from services.funds.checks.warnings_payments import PAYMENT_WARNINGS
from services.funds.checks.warnings_projects import PROJECT_WARNINGS
from shared.checks.model import Check

WARNINGS: tuple[Check, ...] = (
    *MONEY_WARNINGS,
    *PROJECT_WARNINGS,
    *CONTRACT_WARNINGS,
    *PAYMENT_WARNINGS,
    *HOUSEHOLD_WARNINGS,
    *LIMIT_WARNINGS,
)
BY_ID = {check.id: check for check in WARNINGS}

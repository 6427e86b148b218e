"""All early-warning rules (预警规则) of funds that are checks, topic by topic."""

from services.funds.checks.warnings_money import MONEY_WARNINGS
from services.funds.checks.warnings_projects import PROJECT_WARNINGS
from shared.checks.model import Check

WARNINGS: tuple[Check, ...] = (*MONEY_WARNINGS, *PROJECT_WARNINGS)
BY_ID = {check.id: check for check in WARNINGS}

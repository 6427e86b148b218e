"""The early-warning rules (预警规则) of funds, topic by topic, and by the id of their check."""

from services.funds.checks.disclosure import DISCLOSURE_CHECKS
from services.funds.checks.performance import PERFORMANCE_CHECKS
from services.funds.checks.warnings_bank import BANK_WARNINGS
from services.funds.checks.warnings_contracts import CONTRACT_WARNINGS
from services.funds.checks.warnings_fees import FEE_WARNINGS
from services.funds.checks.warnings_households import HOUSEHOLD_WARNINGS
from services.funds.checks.warnings_limits import LIMIT_WARNINGS
from services.funds.checks.warnings_money import MONEY_WARNINGS
from services.funds.checks.warnings_payees import PAYEE_WARNINGS
from services.funds.checks.warnings_payments import PAYMENT_WARNINGS
from services.funds.checks.warnings_projects import PROJECT_WARNINGS
from services.funds.checks.warnings_reports import REPORT_WARNINGS
from services.funds.checks.warnings_treasury import TREASURY_WARNINGS
from services.funds.checks.warnings_uses import USE_WARNINGS
from services.funds.domain.early_warnings import CHECK_PREFIX
from shared.checks.model import Check

WARNINGS: tuple[Check, ...] = (
    *MONEY_WARNINGS,
    *PROJECT_WARNINGS,
    *CONTRACT_WARNINGS,
    *FEE_WARNINGS,
    *PAYMENT_WARNINGS,
    *HOUSEHOLD_WARNINGS,
    *LIMIT_WARNINGS,
    *USE_WARNINGS,
    *REPORT_WARNINGS,
    *TREASURY_WARNINGS,
    *BANK_WARNINGS,
    *PAYEE_WARNINGS,
)
RAISING = tuple(
    check for check in (*WARNINGS, *DISCLOSURE_CHECKS, *PERFORMANCE_CHECKS) if check.id.startswith(CHECK_PREFIX)
)
"""Every check whose findings become alerts, those of disclosure and performance among them."""

BY_ID = {check.id: check for check in RAISING}

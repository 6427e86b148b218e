"""How an early-warning rule becomes a check: its words from the catalogue, its SELECT graded amber and red."""

from services.funds.domain.early_warnings import RULES
from shared.checks.model import Check, Severity


def warning(rule: str, subject: str, select: str, *, part: str = "", severity: Severity = Severity.RED) -> Check:
    """The check of `rule`; a `severity` column of the SELECT speaks for each subject, this one where it is NULL."""
    known = RULES[rule]
    check_id = f"funds-{rule}.{part}" if part else f"funds-{rule}"
    return Check(check_id, severity, subject, known.zh, known.en, select, rule=rule, graded="AS severity" in select)


LINKAGE = "(SELECT code FROM fund_category WHERE is_linkage)"
"""The codes of linkage money (衔接资金)."""

BY_INDICATOR = """
SELECT indicator_id, sum(amount_fen) FILTER (WHERE account = '1000') AS received,
       coalesce(sum(amount_fen) FILTER (WHERE account = '1100'), 0) AS unallocated,
       coalesce(sum(amount_fen) FILTER (WHERE account = '1150'), 0) AS passed_down,
       coalesce(sum(amount_fen) FILTER (WHERE account = '2000'), 0) AS owed,
       coalesce(sum(amount_fen) FILTER (WHERE account IN ('1500', '1600', '1610')), 0) AS paid,
       coalesce(sum(amount_fen) FILTER (WHERE account IN ('1100', '1200', '1300', '1400', '1700', '1800')), 0) AS idle
  FROM ledger_balance GROUP BY indicator_id"""
"""What the ledger holds of each indicator; retained money (1310) is promised and so not idle (§3.6)."""

BY_PROJECT = """
SELECT project_id, sum(amount_fen) AS held,
       coalesce(sum(amount_fen) FILTER (WHERE account IN ('1500', '1600', '1610')), 0) AS paid,
       coalesce(sum(amount_fen) FILTER (WHERE account = '1800'), 0) AS surplus
  FROM ledger_balance WHERE project_id <> '00000000-0000-0000-0000-000000000000' GROUP BY project_id"""
"""What the ledger holds of each project."""

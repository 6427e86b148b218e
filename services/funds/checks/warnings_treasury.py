"""Early warnings on what the treasury paid: limits that recorded payments broke, and payments that cannot be posted."""

from services.funds.checks.warning import warning
from services.funds.checks.warnings_contracts import CONTRACT_WARNINGS
from services.funds.checks.warnings_fees import FEE_WARNINGS
from services.funds.checks.warnings_payments import PAYMENT_WARNINGS
from shared.checks.model import Check

_BROKEN = """
SELECT payment_id::text AS subject_key, area_code,
       jsonb_build_object('limits', jsonb_agg(jsonb_build_object('rule', rule, 'code', code, 'zh', zh, 'facts', facts)
         ORDER BY rule, code), 'noted_on', min(noted_on)) AS facts
  FROM treasury_breach
 WHERE (:subject::text IS NULL OR payment_id = :subject::uuid) AND warning = '{warning}'
 GROUP BY payment_id, area_code"""
_RULES = ("FW09", "FW10", "FW11", "FW26", "FW-recorded")

# Money of ours that left the treasury and stands on no contract, or on one whose ledger cannot bear it: more than the
# contract is over-payment, more than the certified work or the retention is ahead of progress.
_UNPOSTED = """
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('reason', reason, 'paid_on', paid_on, 'amount_fen', amount_fen, 'document_no', document_no,
         'contract_no', contract_no, 'why', facts) AS facts
  FROM treasury_line
 WHERE (:subject::text IS NULL OR id = :subject::uuid)
   AND (outcome = 'held' OR (outcome = 'unmatched' AND reason = 'NO_CONTRACT'))
   AND {which}"""
_BEYOND_CONTRACT = "(reason = 'LIMIT' AND facts ->> 'rule' = 'LM02')"
_AHEAD = "(reason = 'LIMIT' AND facts ->> 'rule' <> 'LM02')"

TREASURY_WARNINGS: tuple[Check, ...] = (
    *(
        warning(rule, "payment", _BROKEN.format(warning=rule), part="" if rule == "FW-recorded" else "recorded")
        for rule in _RULES
    ),
    warning("FW09", "treasury_line", _UNPOSTED.format(which=_AHEAD), part="unposted"),
    warning("FW11", "treasury_line", _UNPOSTED.format(which=_BEYOND_CONTRACT), part="unposted"),
    warning("FW-unposted", "treasury_line", _UNPOSTED.format(which="reason <> 'LIMIT'")),
)

_AT_ONCE = frozenset({"FW09", "FW10", "FW11", "FW12", "FW13", "FW14", "FW16", "FW20", "FW-fees", "FW-small-firm"})

SPEAKING: tuple[Check, ...] = (
    *(check for check in (*CONTRACT_WARNINGS, *FEE_WARNINGS, *PAYMENT_WARNINGS) if check.rule in _AT_ONCE),
    *TREASURY_WARNINGS,
)
"""What is asked in the very command that records payments: with the rules above those on the contracts they belong to."""

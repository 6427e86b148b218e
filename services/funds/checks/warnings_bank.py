"""FW38, what the bank says against what is booked (scenario 38): a person has to ask the bank."""

from services.funds.checks.warning import warning
from shared.checks.model import Severity

_CONTRADICTIONS = """
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('payment_id', payment_id, 'outcome', outcome, 'bank_reference', bank_reference,
                          'amount', amount_fen) AS facts
  FROM bank_message
 WHERE effect = 'contradiction' AND resolved_on IS NULL AND (:subject::text IS NULL OR id = :subject::uuid)"""

BANK_WARNINGS = (warning("FW38", "bank_message", _CONTRADICTIONS, part="contradiction", severity=Severity.RED),)

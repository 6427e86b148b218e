"""FW22, payees whom policy bars and who were paid all the same: while the rule only warned, or by the treasury itself."""

from services.funds.checks.warning import warning

# A unit's own account reimburses what villagers build themselves (§3.1).
_PAID_TO_MARKED = """
SELECT payment.id::text AS subject_key, payment.area_code,
       jsonb_build_object('payee_id', payment.payee_id, 'mark', known.mark, 'document_no', known.document_no,
                          'amount', payment.cash_fen) AS facts
  FROM payment
  JOIN contract ON contract.id = payment.contract_id
  CROSS JOIN LATERAL (
    SELECT mark, document_no FROM payee_mark
     WHERE payee_id = payment.payee_id AND since <= payment.paid_on AND coalesce(until, 'infinity') > payment.paid_on
       AND NOT (mark = 'own_account' AND contract.procurement IN ('self_build', 'work_for_relief'))
     ORDER BY mark LIMIT 1) AS known
 WHERE payment.paid_on IS NOT NULL AND (:subject::text IS NULL OR payment.id = :subject::uuid)"""

PAYEE_WARNINGS = (warning("FW22", "payment", _PAID_TO_MARKED, part="payee"),)

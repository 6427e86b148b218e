"""Early warnings on payments: FW12, FW13, FW14, FW16, FW20, FW21, FW38, FW44, FW45."""

from services.funds.checks.warning import warning
from shared.checks.model import Severity

_LIVE = """
WITH live AS (
  SELECT payment.*, c.id AS case_id, c.state, c.entered_at, coalesce(paid_on, instructed_on, applied_on) AS on_day
    FROM payment JOIN case_file AS c ON c.workflow = 'funds.payment' AND c.subject_id = payment.id
   WHERE c.state NOT IN ('DRAFT', 'CANCELLED', 'RETURNED')
)"""
_ASKED = "(:subject::text IS NULL OR live.id = :subject::uuid)"

_STRANGER = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('payee_id', live.payee_id, 'party_id', contract.payee_id) AS facts
  FROM live JOIN contract ON contract.id = live.contract_id
 WHERE {_ASKED} AND live.payee_id IS DISTINCT FROM contract.payee_id"""  # noqa: S608  constants of this file

_RELATED = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('payee_id', live.payee_id, 'steps', jsonb_agg(DISTINCT step.step)) AS facts
  FROM live
  JOIN payee_relation AS relation ON relation.payee_id = live.payee_id
  JOIN case_step AS step ON step.case_id = live.case_id AND step.actor = relation.person
 WHERE {_ASKED} GROUP BY live.id, live.area_code, live.payee_id"""  # noqa: S608  constants of this file

_CHANGED = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('changed_on', payee.changed_on, 'paid_on', live.on_day) AS facts
  FROM live JOIN payee ON payee.id = live.payee_id
 WHERE {_ASKED} AND live.on_day - payee.changed_on BETWEEN 0 AND :param(payee.changed_days, live.area_code)"""  # noqa: S608  constants of this file

_TWICE = f"""{_LIVE}, paired AS (
  SELECT *, lag(id) OVER same AS earlier, on_day - lag(on_day) OVER same AS days
    FROM live WHERE state <> 'FAILED'
  WINDOW same AS (PARTITION BY project_id, payee_id, cash_fen ORDER BY on_day, id)
)
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('earlier', earlier, 'days', days, 'amount_fen', cash_fen) AS facts
  FROM paired AS live WHERE {_ASKED} AND days <= :param(payment.twice_days, live.area_code)"""  # noqa: S608  constants of this file

# Counties compare keyed hashes alone: who else uses the number is not told, only that somebody did before (scenario 39).
_INVOICE = """
SELECT payment.id::text AS subject_key, payment.area_code,
       jsonb_build_object('invoices', jsonb_agg(DISTINCT invoice.number), 'amount_fen', payment.cash_fen) AS facts
  FROM payment JOIN payment_invoice AS invoice ON invoice.payment_id = payment.id
 WHERE (:subject::text IS NULL OR payment.id = :subject::uuid)
   AND EXISTS (SELECT FROM invoice_use AS other
                WHERE other.number_hash = invoice.number_index AND other.payment_id < payment.id)
   AND NOT EXISTS (SELECT FROM case_file AS c WHERE c.workflow = 'funds.payment' AND c.subject_id = payment.id
                      AND c.state = 'CANCELLED')
 GROUP BY payment.id, payment.area_code"""

_PRIVATE = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('payee_id', live.payee_id, 'payee_kind', payee.kind, 'account_kind', payee.account_kind,
         'method', live.method, 'amount_fen', cash_fen) AS facts
  FROM live LEFT JOIN payee ON payee.id = live.payee_id
 WHERE {_ASKED}
   AND (live.method = 'cash' OR (payee.account_kind = 'personal' AND payee.kind <> 'self_build_group'))"""  # noqa: S608  constants of this file

# An office is paid for works that villagers build themselves, with lists of labour and material; else money only moved.
_MOVED = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('payee_id', live.payee_id, 'payee_kind', payee.kind, 'amount_fen', cash_fen) AS facts
  FROM live JOIN payee ON payee.id = live.payee_id
  LEFT JOIN contract ON contract.id = live.contract_id
 WHERE {_ASKED} AND payee.kind IN ('budget_unit', 'township') AND contract.procurement IS DISTINCT FROM 'self_build'"""  # noqa: S608  constants of this file

_STUCK = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('state', state, 'instructed_on', instructed_on, 'since', entered_at) AS facts
  FROM live
 WHERE {_ASKED}
   AND ((state = 'FAILED'
       AND (entered_at AT TIME ZONE 'Asia/Shanghai')::date <= :cutoff(payment.returned_days, live.area_code))
     OR (state = 'INSTRUCTED' AND instructed_on <= :cutoff(payment.transit_days, live.area_code)))"""  # noqa: S608  constants of this file

_STUCK_LINES = """
SELECT batch.id::text AS subject_key, batch.area_code,
       jsonb_build_object('failed', lines.failed, 'sent', lines.sent, 'answered_on', answer.on_day,
         'instructed_on', batch.instructed_on) AS facts
  FROM household_batch AS batch
 CROSS JOIN LATERAL (
   SELECT count(*) FILTER (WHERE outcome IN ('FAILED', 'CORRECTED')) AS failed,
          count(*) FILTER (WHERE instruction_no > 0 AND outcome IN ('PENDING', 'REISSUED')) AS sent
     FROM household_line WHERE batch_id = batch.id AND outcome IN ('FAILED', 'CORRECTED', 'PENDING', 'REISSUED')) AS lines
 CROSS JOIN LATERAL (SELECT max(received_on) AS on_day FROM bank_result WHERE batch_id = batch.id) AS answer
 WHERE (:subject::text IS NULL OR batch.id = :subject::uuid) AND batch.instructed_on IS NOT NULL
   AND ((lines.failed > 0 AND answer.on_day <= :cutoff(payment.returned_days, batch.area_code))
     OR (lines.sent > 0 AND batch.instructed_on <= :cutoff(payment.transit_days, batch.area_code)))"""

_ORDER = f"""{_LIVE}
SELECT live.id::text AS subject_key, live.area_code,
       jsonb_build_object('applied_on', applied_on, 'opinion_on', opinion_on, 'accepted_on', accepted.on_day) AS facts
  FROM live
 CROSS JOIN LATERAL (SELECT max(accepted_on) AS on_day FROM acceptance
                      WHERE project_id = live.project_id AND passed) AS accepted
 WHERE {_ASKED}
   AND (opinion_on < applied_on OR (stage IN ('balance', 'retention') AND applied_on < accepted.on_day))"""  # noqa: S608  constants of this file

# The six desks of §3.2; a repeated instruction and the bank's confirmation are the payment desk's own.
_ALONE = f"""{_LIVE}, desks AS (
  SELECT live.id, live.area_code, step.step, step.actor, lag(step.actor) OVER way AS before,
         lag(step.step) OVER way AS before_step
    FROM live JOIN case_step AS step ON step.case_id = live.case_id
   WHERE {_ASKED} AND step.step IN ('submit', 'review_sector', 'review_finance', 'approve', 'instruct', 'reconcile')
  WINDOW way AS (PARTITION BY live.id, step.round ORDER BY step.version)
)
SELECT id::text AS subject_key, area_code, jsonb_build_object('steps', jsonb_agg(before_step || ' → ' || step)) AS facts
  FROM desks WHERE actor = before GROUP BY id, area_code"""  # noqa: S608  constants of this file

PAYMENT_WARNINGS = (
    warning("FW12", "payment", _STRANGER),
    warning("FW13", "payment", _RELATED),
    warning("FW14", "payment", _CHANGED, severity=Severity.AMBER),
    warning("FW16", "payment", _TWICE),
    warning("FW16", "payment", _INVOICE, part="invoice"),
    warning("FW20", "payment", _PRIVATE),
    warning("FW21", "payment", _MOVED, part="own_account", severity=Severity.AMBER),
    warning("FW38", "payment", _STUCK, severity=Severity.AMBER),
    warning("FW38", "household_batch", _STUCK_LINES, part="batch", severity=Severity.AMBER),
    warning("FW44", "payment", _ORDER, severity=Severity.AMBER),
    warning("FW45", "payment", _ALONE),
)

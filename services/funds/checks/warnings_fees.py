"""Early warnings on what a contract's terms promise: small firms that wait for their money (LM15), fees (LM16)."""

from services.funds.checks.warning import warning
from services.funds.domain.plans import MANAGEMENT_FEE
from shared.checks.model import Severity

# What policy lets be paid of work that was delivered long enough ago; what arrived counts for the oldest work first.
_LATE = """
WITH firm AS (
  SELECT contract.*, c.state, (c.entered_at AT TIME ZONE 'Asia/Shanghai')::date AS entered_on,
         least(coalesce(pay_days, :param(sme.pay_days, county_code, signed_on)),
           :param(sme.pay_days_max, county_code, signed_on))::int AS days
    FROM contract JOIN payee ON payee.id = contract.payee_id AND payee.is_small_firm
    JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
   WHERE c.state IN ('ACTIVE', 'COMPLETED', 'TERMINATED', 'SETTLED')
), delivered AS (
  SELECT firm.*, work.fen, CASE WHEN settlement_fen IS NULL THEN work.on_day ELSE entered_on END AS on_day,
         EXISTS (SELECT FROM acceptance WHERE acceptance.project_id = firm.project_id AND passed) AS is_accepted
    FROM firm CROSS JOIN LATERAL (
      SELECT coalesce(sum(certified_fen), 0) AS fen, max(certified_on) AS on_day FROM valuation
       WHERE contract_id = firm.id AND certified_on + firm.days < :today) AS work
), owing AS (
  SELECT *, CASE
           WHEN settlement_fen IS NOT NULL THEN settlement_fen - retention_fen - worked_fen - recouped_fen + refunded_fen
           ELSE least(
             floor(fen * :num(progress.max_pay_before_settlement, area_code)
               / :den(progress.max_pay_before_settlement, area_code)) - worked_fen - recouped_fen + refunded_fen,
             CASE WHEN NOT is_accepted THEN floor((amount_fen + variation_fen) * coalesce(before_acceptance_ppm,
               1000000 * :num(payment.max_before_acceptance, area_code)
                 / :den(payment.max_before_acceptance, area_code)) / 1000000)
               - advanced_fen - worked_fen + refunded_fen END) END AS owed_fen
    FROM delivered WHERE on_day + days < :today
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('delivered_on', on_day, 'days', days, 'owed_fen', owed_fen) AS facts
  FROM owing
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND owed_fen > 0
   AND :param(rule.LM15.mode, area_code) <> 'off'"""

# The contract that makes a project's fees too much is found, and those after it.
_FEES = f"""
WITH fee AS (
  SELECT contract.id, contract.area_code, contract.fee, contract.amount_fen, p.category,
         coalesce(((v.content ->> 'second_class_cost')::numeric * 100)::bigint, 0) AS second_class_fen,
         sum(amount_fen + variation_fen) OVER (PARTITION BY p.id ORDER BY signed_on, contract.id) AS fees_fen
    FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
    JOIN project AS p ON p.id = contract.project_id
    JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no
   WHERE contract.fee IS NOT NULL AND c.state NOT IN ('DRAFT', 'CANCELLED')
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('fee', fee, 'amount_fen', amount_fen, 'fees_fen', fees_fen,
         'second_class_fen', second_class_fen) AS facts
  FROM fee
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND category NOT LIKE '{MANAGEMENT_FEE}%'
   AND fees_fen > second_class_fen AND :param(rule.LM16.mode, area_code) <> 'off'"""  # noqa: S608  constants of this file

FEE_WARNINGS = (
    warning("FW-small-firm", "contract", _LATE, severity=Severity.AMBER),
    warning("FW-fees", "contract", _FEES),
)

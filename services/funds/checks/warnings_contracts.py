"""Early warnings on contracts: FW09, FW10, FW11, FW31, FW32, FW33, FW35."""

from services.funds.checks.warning import warning
from shared.checks.model import Severity

_ONE = """
WITH one AS (
  SELECT contract.*, c.state, worked_fen + recouped_fen - refunded_fen AS spent_fen,
         advanced_fen + worked_fen - refunded_fen AS paid_fen
    FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
   WHERE c.state NOT IN ('DRAFT', 'CANCELLED')
)"""

_AHEAD = f"""{_ONE}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('spent_fen', spent_fen, 'certified_fen', certified_fen) AS facts
  FROM one
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND settlement_fen IS NULL
   AND spent_fen * :den(progress.max_pay_before_settlement, area_code)
     > certified_fen * :num(progress.max_pay_before_settlement, area_code)"""  # noqa: S608  constants of this file

_ADVANCE = f"""{_ONE}, judged AS (
  SELECT one.*, first.paid_on, advanced_fen - recouped_fen - refunded_fen AS outstanding_fen,
         advanced_fen * :den(advance.max, one.area_code, one.signed_on)
           > (amount_fen - provisional_fen) * :num(advance.max, one.area_code, one.signed_on) AS too_much
    FROM one CROSS JOIN LATERAL (
      SELECT min(paid_on) AS paid_on FROM payment
       WHERE contract_id = one.id AND stage = 'advance') AS first
   WHERE advanced_fen > 0
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('advanced_fen', advanced_fen, 'outstanding_fen', outstanding_fen, 'paid_on', paid_on,
         'signed_on', signed_on) AS facts,
       CASE WHEN too_much OR paid_on < signed_on THEN 'red' ELSE 'amber' END AS severity
  FROM judged
 WHERE (:subject::text IS NULL OR id = :subject::uuid)
   AND (too_much OR paid_on < signed_on
     OR (outstanding_fen > 0 AND certified_fen = 0 AND paid_on <= :cutoff(advance.idle_days, area_code)))"""  # noqa: S608  constants of this file

# More than the contract with its variations the database itself refuses; a settlement may come in below what was paid.
_OVERPAID = f"""{_ONE}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('paid_fen', paid_fen, 'settlement_fen', settlement_fen, 'claim_fen', claim_fen) AS facts
  FROM one WHERE (:subject::text IS NULL OR id = :subject::uuid) AND paid_fen > settlement_fen"""  # noqa: S608  constants of this file

_THRESHOLD = """CASE kind WHEN 'works' THEN :param(tender.works, county_code, signed_on)
              WHEN 'goods' THEN :param(tender.goods, county_code, signed_on)
              WHEN 'services' THEN :param(tender.services, county_code, signed_on) END"""
_UNTENDERED = """procurement NOT IN ('self_build', 'work_for_relief')
   AND NOT (procurement = 'open_tender' AND award_notice IS NOT NULL)"""

_NO_TENDER = f"""{_ONE}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('kind', kind, 'amount_fen', amount_fen, 'procurement', procurement) AS facts
  FROM one
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND {_UNTENDERED}
   AND amount_fen >= {_THRESHOLD}"""  # noqa: S608  constants of this file

# Contracts below the threshold that one unit signed within a year: for the same category of work, in the same village,
# or with the same supplier. The one that makes them too much is found. Suppliers are judged by their number too.
_SPLIT = f"""{_ONE}, small AS (
  SELECT one.id, one.area_code, one.county_code, one.payee_id, one.project_id, one.kind, one.signed_on, one.amount_fen,
         {_THRESHOLD} AS threshold_fen, p.category, v.content ->> 'implementing_unit' AS unit
    FROM one JOIN project AS p ON p.id = one.project_id
    JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no
   WHERE {_UNTENDERED} AND amount_fen < {_THRESHOLD}
), alike AS (
  SELECT id, area_code, threshold_fen, 'content' AS why, sum(amount_fen) OVER near AS fen, count(*) OVER near AS number
    FROM small WINDOW near AS (PARTITION BY county_code, unit, kind, category {{near}})
  UNION ALL
  SELECT id, small.area_code, threshold_fen, 'place', sum(amount_fen) OVER near, count(*) OVER near
    FROM small JOIN project_place AS place USING (project_id)
  WINDOW near AS (PARTITION BY county_code, unit, kind, place.village_code {{near}})
  UNION ALL
  SELECT id, area_code, threshold_fen, 'supplier', sum(amount_fen) OVER near, count(*) OVER near
    FROM small WINDOW near AS (PARTITION BY county_code, unit, kind, payee_id {{near}})
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('threshold_fen', threshold_fen, 'fen', max(fen), 'contracts', max(number),
         'alike', jsonb_agg(DISTINCT why)) AS facts,
       CASE WHEN bool_or(fen >= threshold_fen) THEN 'red' ELSE 'amber' END AS severity
  FROM alike
 WHERE (:subject::text IS NULL OR id = :subject::uuid)
   AND ((number >= 2 AND fen >= threshold_fen)
     OR (why = 'supplier' AND number >= :param(split.same_supplier, area_code)))
 GROUP BY id, area_code, threshold_fen""".format(  # noqa: S608  constants of this file
    near="""ORDER BY signed_on
      RANGE BETWEEN make_interval(months => :param(split.months, 0)::int) PRECEDING AND CURRENT ROW"""
)

_VARIED = f"""{_ONE}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('amount_fen', amount_fen, 'variation_fen', variation_fen) AS facts
  FROM one
 WHERE (:subject::text IS NULL OR id = :subject::uuid)
   AND variation_fen * :den(variation.max, area_code, signed_on) > amount_fen * :num(variation.max, area_code, signed_on)"""  # noqa: S608  constants of this file

_RETAINED = f"""{_ONE}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('defects_until', (completed_on + make_interval(months => defect_months))::date,
         'retained_fen', retention_fen - retention_used_fen) AS facts
  FROM one
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND retention_fen > retention_used_fen
   AND (completed_on + make_interval(months => defect_months))::date <= :cutoff(retention.days, area_code)"""  # noqa: S608  constants of this file

CONTRACT_WARNINGS = (
    warning("FW09", "contract", _AHEAD),
    warning("FW10", "contract", _ADVANCE),
    warning("FW11", "contract", _OVERPAID),
    warning("FW31", "contract", _SPLIT),
    warning("FW32", "contract", _NO_TENDER),
    warning("FW33", "contract", _VARIED),
    warning("FW35", "contract", _RETAINED, severity=Severity.AMBER),
)

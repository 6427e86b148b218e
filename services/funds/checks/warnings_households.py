"""Early warnings on household subsidies, resident teams and small loans: FW15, FW17, FW18, FW19, FW47, FW50."""

from services.funds.checks.warning import warning
from shared.checks.model import Severity

# A line that waits in a draft while another one, in any township or county, has taken person, policy and period.
_TWICE = """
SELECT line.id::text AS subject_key, line.area_code,
       jsonb_build_object('batch_id', line.batch_id, 'seq', line.seq, 'policy', line.policy, 'period', line.period,
         'other_batch', other.batch_id, 'other_area', other.area_code) AS facts
  FROM household_line AS line
  JOIN household_line AS other ON other.id_number_index = line.id_number_index AND other.policy = line.policy
   AND other.period = line.period AND other.claimed
 WHERE (:subject::text IS NULL OR line.id = :subject::uuid) AND NOT line.claimed AND line.outcome = 'PENDING'"""

_LIVE = "line.outcome IN ('PENDING', 'PAID', 'FAILED', 'CORRECTED', 'REISSUED')"

# One finding for a card, in the county of its lines; members of one household may share one.
_SHARED = f"""
SELECT 'card:' || encode(card_index, 'hex') AS subject_key, min(area_code) / 1000000 * 1000000 AS area_code,
       jsonb_build_object('households', count(DISTINCT household_id), 'lines', count(*),
         'batches', jsonb_agg(DISTINCT batch_id)) AS facts
  FROM household_line AS line
 WHERE card_index IS NOT NULL AND {_LIVE}
   AND (:subject::text IS NULL OR card_index = decode(split_part(:subject, ':', 2), 'hex'))
 GROUP BY card_index HAVING count(DISTINCT household_id) > 1"""  # noqa: S608  constants of this file

_AFTER = "line.period > left(to_char(gone.ended_on, 'YYYY-MM'), length(line.period))"
_ENDED = f"""
WITH ended AS (
  SELECT line.*, gone.ended_on, gone.reason
    FROM recipient_end AS gone JOIN household_line AS line ON line.household_id = gone.subject_id
   WHERE {_LIVE} AND {_AFTER}
  UNION
  SELECT line.*, gone.ended_on, gone.reason
    FROM recipient_end AS gone JOIN household_line AS line ON line.person_id = gone.subject_id
   WHERE {_LIVE} AND {_AFTER}
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('batch_id', batch_id, 'seq', seq, 'period', period, 'ended_on', min(ended_on)) AS facts
  FROM ended WHERE (:subject::text IS NULL OR id = :subject::uuid)
 GROUP BY id, area_code, batch_id, seq, period"""  # noqa: S608  constants of this file

_ABOVE = f"""
WITH standard AS (
  SELECT id AS batch_id,
         (SELECT (split_part(word, '=', 2)::numeric * 100)::bigint
            FROM unnest(:param(household_subsidy.standards, batch.county_code)) AS word
           WHERE split_part(word, '=', 1) = batch.policy) AS fen
    FROM household_batch AS batch
)
SELECT line.id::text AS subject_key, line.area_code,
       jsonb_build_object('batch_id', line.batch_id, 'seq', line.seq, 'amount_fen', line.amount_fen,
         'standard_fen', standard.fen) AS facts
  FROM standard JOIN household_line AS line ON line.batch_id = standard.batch_id
 WHERE (:subject::text IS NULL OR line.id = :subject::uuid) AND line.amount_fen > standard.fen AND {_LIVE}"""  # noqa: S608  constants of this file

# Money of the two schemes by village and year; the work fund counts by those posted there in the year.
_TEAMS = """
WITH money AS (
  SELECT place.village_code, i.fiscal_year, i.category, sum(kept.amount_fen * place.share_ppm) AS parts
    FROM indicator AS i
    JOIN ledger_balance AS kept ON kept.indicator_id = i.id
     AND kept.account IN ('1200', '1300', '1310', '1400', '1500', '1600', '1610', '1700')
    JOIN project_place AS place ON place.project_id = kept.project_id
   WHERE i.category IN ('first_secretary_work', 'village_development')
   GROUP BY place.village_code, i.fiscal_year, i.category
), judged AS (
  SELECT money.*, posted.persons,
         CASE category WHEN 'village_development' THEN :param(first_secretary.development_fund, village_code)
                       ELSE :param(first_secretary.work_fund, village_code) * posted.persons END AS limit_fen
    FROM money CROSS JOIN LATERAL (
      SELECT count(*) AS persons FROM ref_posting
       WHERE area_code = village_code AND role = 'first_secretary' AND since < make_date(fiscal_year + 1, 1, 1)
         AND (until IS NULL OR until >= make_date(fiscal_year, 1, 1))) AS posted
)
SELECT concat_ws('/', lpad(village_code::text, 12, '0'), fiscal_year, category) AS subject_key,
       village_code AS area_code,
       jsonb_build_object('category', category, 'fiscal_year', fiscal_year, 'fen', floor(parts / 1000000),
         'limit_fen', limit_fen, 'persons', persons) AS facts
  FROM judged WHERE parts > limit_fen * 1000000::numeric"""

_LOANS = """
WITH latest AS (
  SELECT DISTINCT ON (area_code) area_code, month, balance_fen, overdue_fen
    FROM ref_microcredit_month ORDER BY area_code, month DESC
)
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), month) AS subject_key, area_code,
       jsonb_build_object('month', month, 'balance_fen', balance_fen, 'overdue_fen', overdue_fen) AS facts
  FROM latest
 WHERE overdue_fen * :den(microcredit.overdue_max, area_code) > balance_fen * :num(microcredit.overdue_max, area_code)"""

HOUSEHOLD_WARNINGS = (
    warning("FW15", "card", _SHARED),
    warning("FW17", "household_line", _TWICE),
    warning("FW18", "household_line", _ENDED),
    warning("FW19", "household_line", _ABOVE),
    warning("FW47", "village_year", _TEAMS, severity=Severity.AMBER),
    warning("FW50", "county_month", _LOANS),
)

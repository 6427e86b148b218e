"""Early warnings on shares of a county's year, on the library, and on supervision itself: FW23 to FW26, trends, §4.3."""

from services.funds.checks.warning import LINKAGE, warning
from shared.checks.model import Severity

_KEY = "concat_ws('/', lpad(area_code::text, 12, '0'), year) AS subject_key, area_code"
_THIS_YEAR = "extract(year FROM :today)::int"

# What published plans give, and what was paid, of linkage money; and of both what goes to industry.
_SHARES = f"""
WITH planned AS (
  SELECT plan.area_code, plan.year, sum(line.amount_fen) AS fen,
         coalesce(sum(line.amount_fen) FILTER (WHERE p.is_industry), 0) AS industry
    FROM plan JOIN plan_line AS line ON line.plan_id = plan.id JOIN project AS p ON p.id = line.project_id
   WHERE plan.published_on IS NOT NULL AND line.category IN {LINKAGE}
   GROUP BY plan.area_code, plan.year
), paid AS (
  SELECT i.area_code, i.fiscal_year AS year, sum(kept.amount_fen) AS fen,
         coalesce(sum(kept.amount_fen) FILTER (WHERE p.is_industry), 0) AS industry
    FROM indicator AS i
    JOIN ledger_balance AS kept ON kept.indicator_id = i.id AND kept.account IN ('1500', '1600', '1610')
    JOIN project AS p ON p.id = kept.project_id
   WHERE i.category IN {LINKAGE}
   GROUP BY i.area_code, i.fiscal_year
)"""  # noqa: S608  constants of this file

# The plan counts while the year runs, payments from July on; once the year is over they decide.
_INDUSTRY = f"""{_SHARES}, both_bases AS (
  SELECT area_code, year, 'planned' AS basis, fen, industry FROM planned WHERE year >= {_THIS_YEAR}
  UNION ALL
  SELECT area_code, year, 'paid', fen, industry FROM paid
   WHERE fen > 0 AND (year = {_THIS_YEAR} - 1 OR (year = {_THIS_YEAR} AND extract(month FROM :today) >= 7))
), dated AS (
  SELECT *, make_date(year, 12, 31) AS year_end FROM both_bases
)
SELECT {_KEY}, jsonb_object_agg(basis, jsonb_build_object('fen', fen, 'industry_fen', industry)) AS facts,
       CASE WHEN year < {_THIS_YEAR} THEN 'red' ELSE 'amber' END AS severity
  FROM dated
 WHERE industry * :den(industry.min_share, area_code, year_end) < fen * :num(industry.min_share, area_code, year_end)
 GROUP BY area_code, year"""  # noqa: S608  constants of this file

# While a year runs its plan is compared with last year's; once it is over, what was paid with what was paid.
_TREND = f"""{_SHARES}, compared AS (
  SELECT now.*, 'planned' AS basis, last.fen AS last_fen, last.industry AS last_industry
    FROM planned AS now JOIN planned AS last ON last.area_code = now.area_code AND last.year = now.year - 1
   WHERE now.year >= {_THIS_YEAR}
  UNION ALL
  SELECT now.*, 'paid', last.fen, last.industry
    FROM paid AS now JOIN paid AS last ON last.area_code = now.area_code AND last.year = now.year - 1
   WHERE now.year = {_THIS_YEAR} - 1 AND now.fen > 0 AND last.fen > 0
)
SELECT {_KEY}, jsonb_build_object('basis', basis, 'fen', fen, 'industry_fen', industry, 'last_fen', last_fen,
         'last_industry_fen', last_industry) AS facts,
       CASE basis WHEN 'paid' THEN 'red' ELSE 'amber' END AS severity
  FROM compared WHERE industry * last_fen < last_industry * fen"""  # noqa: S608  constants of this file

_OWN_MONEY = f"""
WITH own AS (
  SELECT i.area_code, i.level, i.fiscal_year AS year, sum(i.amount_fen + i.adjusted_fen) AS fen
    FROM indicator AS i
    JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id AND c.state = 'CONFIRMED'
   WHERE i.category IN {LINKAGE} AND i.level IN ('provincial', 'city', 'county')
   GROUP BY i.area_code, i.level, i.fiscal_year
), compared AS (
  SELECT last.area_code, last.level, last.year + 1 AS year, coalesce(now.fen, 0) AS fen, last.fen AS last_fen
    FROM own AS last
    LEFT JOIN own AS now ON now.area_code = last.area_code AND now.level = last.level AND now.year = last.year + 1
)
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), level, year) AS subject_key, area_code,
       jsonb_build_object('level', level, 'year', year, 'fen', fen, 'last_fen', last_fen) AS facts,
       CASE WHEN year < {_THIS_YEAR} THEN 'red' ELSE 'amber' END AS severity
  FROM compared
 WHERE fen < last_fen
   AND (year = {_THIS_YEAR} - 1
     OR (year = {_THIS_YEAR} AND extract(month FROM :today) >= :param(own_money.from_month, area_code)))"""  # noqa: S608  constants of this file

_LEVELS = ("central", "provincial", "city", "county")


def _fee_cap(part: str) -> str:
    """The cap of the management fee from money of each level, by its day: one parameter a level."""
    cases = (f"WHEN '{each}' THEN :{part}(mgmt_fee.cap.{each}, area_code, year_end)" for each in _LEVELS)
    return f"CASE level {' '.join(cases)} END"


_FEES = f"""
WITH kept AS (
  SELECT i.area_code, i.fiscal_year AS year, i.level,
         sum(amount_fen) FILTER (WHERE account = '1000') AS fen,
         coalesce(sum(amount_fen) FILTER (WHERE p.category LIKE '0701%'), 0) AS fee
    FROM (SELECT id, area_code, fiscal_year, level FROM indicator WHERE category IN {LINKAGE}) AS i
    JOIN ledger_balance AS b ON b.indicator_id = i.id
    LEFT JOIN project AS p ON p.id = b.project_id
   GROUP BY i.area_code, i.fiscal_year, i.level
), capped AS (
  SELECT *, make_date(year, 12, 31) AS year_end FROM kept
)
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), level, year) AS subject_key, area_code,
       jsonb_build_object('level', level, 'received_fen', fen, 'fee_fen', fee) AS facts
  FROM capped
 WHERE fee * {_fee_cap("den")} > fen * {_fee_cap("num")}"""  # noqa: S608  constants of this file

_VILLAGES = f"""
WITH total AS (
  SELECT plan.area_code, plan.year, sum(line.amount_fen) AS fen
    FROM plan JOIN plan_line AS line ON line.plan_id = plan.id
   WHERE plan.published_on IS NOT NULL GROUP BY plan.area_code, plan.year
), other AS (
  SELECT plan.area_code, plan.year, sum(line.amount_fen * place.share_ppm) AS parts
    FROM plan JOIN plan_line AS line ON line.plan_id = plan.id
    JOIN project_place AS place ON place.project_id = line.project_id AND place.village_type = 'other'
   WHERE plan.published_on IS NOT NULL GROUP BY plan.area_code, plan.year
)
SELECT {_KEY}, jsonb_build_object('planned_fen', fen, 'other_fen', floor(parts / 1000000)) AS facts
  FROM total JOIN other USING (area_code, year)
 WHERE parts * :den(nonpoor_village.cap, area_code) > fen * 1000000 * :num(nonpoor_village.cap, area_code)"""  # noqa: S608  constants of this file

_OUTSIDE = """
SELECT p.id::text AS subject_key, p.area_code, jsonb_build_object('state', c.state) AS facts
  FROM project AS p
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = p.id
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
   AND NOT EXISTS (SELECT FROM case_step AS step WHERE step.case_id = c.id AND step.target = 'IN_LIBRARY')
   AND (EXISTS (SELECT FROM contract JOIN case_file AS k ON k.workflow = 'funds.contract' AND k.subject_id = contract.id
                 WHERE contract.project_id = p.id AND k.state NOT IN ('DRAFT', 'CANCELLED'))
     OR EXISTS (SELECT FROM household_batch WHERE project_id = p.id AND instructed_on IS NOT NULL))"""

# Alerts about supervision itself are left out, or they would hide what they are about.
_EXPLAINED = f"""
WITH ended AS (
  SELECT area_code / 1000000 * 1000000 AS area_code, {_THIS_YEAR} AS year, count(*) AS ended,
         count(*) FILTER (WHERE outcome = 'explained') AS explained
    FROM alert
   WHERE extract(year FROM closed_at AT TIME ZONE 'Asia/Shanghai') = {_THIS_YEAR} AND rule_id NOT LIKE 'FW-%'
   GROUP BY 1
)
SELECT {_KEY}, jsonb_build_object('ended', ended, 'explained', explained) AS facts
  FROM ended
 WHERE ended >= :param(alert.explained_least, area_code)
   AND explained * :den(alert.explained_max, area_code) > ended * :num(alert.explained_max, area_code)"""  # noqa: S608  constants of this file

LIMIT_WARNINGS = (
    warning("FW23", "county_year", _INDUSTRY),
    warning("FW24", "level_year", _FEES),
    warning("FW25", "county_year", _VILLAGES),
    warning("FW26", "project", _OUTSIDE),
    warning("FW-explained", "county_year", _EXPLAINED, severity=Severity.AMBER),
    warning("FW-own-money", "level_year", _OWN_MONEY),
    warning("FW-industry-trend", "county_year", _TREND),
)

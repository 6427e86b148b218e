"""Early warnings on indicators and progress: FW01 to FW05, FW21, what is owed to the upper level, FW36, FW37."""

from services.funds.checks.warning import BY_INDICATOR, BY_PROJECT, LINKAGE, warning
from shared.checks.model import Severity

_CONFIRMED = f"""
WITH kept AS ({BY_INDICATOR}
), confirmed AS (
  SELECT i.*, kept.received, kept.unallocated, kept.paid, kept.idle, kept.owed,
         kept.received - kept.passed_down AS in_place,
         CASE WHEN approved_on IS NOT NULL THEN approved_on
              WHEN is_advance_notice THEN greatest(received_on, make_date(fiscal_year, 1, 1))
              ELSE received_on END AS clock_on,
         CASE budget_kind WHEN 'transfer' THEN :cutoff(indicator.allocate_days, i.area_code)
              WHEN 'own_general' THEN :cutoff(indicator.own_budget_days.general, i.area_code)
              WHEN 'own_special' THEN :cutoff(indicator.own_budget_days.special, i.area_code) END AS late_from
    FROM indicator AS i
    JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id AND c.state = 'CONFIRMED'
    JOIN kept ON kept.indicator_id = i.id
)"""  # noqa: S608  constants of this file
# The linkage money of a county and year: what came, and what of it arrived at payees.
_PROGRESS = f"""{_CONFIRMED}, progress AS (
  SELECT area_code, fiscal_year, sum(in_place) AS received, sum(paid) AS paid
    FROM confirmed WHERE category IN {LINKAGE} GROUP BY area_code, fiscal_year HAVING sum(in_place) > 0
)"""  # noqa: S608  constants of this file
_OF_YEAR = """
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), fiscal_year) AS subject_key, area_code,
       jsonb_build_object('fiscal_year', fiscal_year, 'received_fen', received, 'paid_fen', paid{more}) AS facts,
       {severity} AS severity"""

_LATE = f"""{_CONFIRMED}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('clock_on', clock_on, 'unallocated_fen', unallocated) AS facts,
       CASE WHEN clock_on <= late_from THEN 'red' ELSE 'amber' END AS severity
  FROM confirmed
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND unallocated > 0 AND budget_kind = 'transfer'
   AND (clock_on + :param(indicator.amber_days, area_code)::int <= :today OR clock_on <= late_from)"""  # noqa: S608  constants of this file

_OWN_LATE = f"""{_CONFIRMED}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('approved_on', approved_on, 'kind', budget_kind, 'unallocated_fen', unallocated) AS facts
  FROM confirmed
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND unallocated > 0
   AND budget_kind <> 'transfer' AND clock_on <= late_from"""  # noqa: S608  constants of this file

_RATE = f"""{_CONFIRMED}
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), fiscal_year) AS subject_key, area_code,
       jsonb_build_object('fiscal_year', fiscal_year, 'received_fen', sum(received),
         'unallocated_fen', sum(unallocated)) AS facts
  FROM confirmed WHERE clock_on <= late_from
 GROUP BY area_code, fiscal_year HAVING sum(unallocated) > 0"""  # noqa: S608  constants of this file

_OWED = f"""{_CONFIRMED}
SELECT id::text AS subject_key, area_code, jsonb_build_object('owed_fen', owed) AS facts
  FROM confirmed WHERE (:subject::text IS NULL OR id = :subject::uuid) AND owed > 0"""  # noqa: S608  constants of this file

# Months that are over, the one that ends today among them; months ÷ 12 less the share paid, on whole numbers.
_BEHIND = f"""{_PROGRESS}, timed AS (
  SELECT *, extract(month FROM :today + 1)::int - 1 + 12 * (extract(year FROM :today + 1)::int - fiscal_year) AS months
    FROM progress WHERE fiscal_year = extract(year FROM :today)
){_OF_YEAR.format(more=", 'months', months", severity="CASE WHEN {red} THEN 'red' ELSE 'amber' END")}
  FROM timed WHERE {{amber}}"""  # noqa: S608  constants of this file


def _behind(limit: str) -> str:
    num, den = f":num({limit}, area_code)", f":den({limit}, area_code)"
    return f"12 * {den} * paid < received * (months * {den} - 12 * {num})"


_MILESTONE = f"""{_PROGRESS}, staged AS (
  SELECT *, CASE WHEN fiscal_year < extract(year FROM :today) THEN 12
                 WHEN extract(month FROM :today) >= 10 THEN 9 WHEN extract(month FROM :today) >= 4 THEN 3 END AS stage
    FROM progress WHERE fiscal_year BETWEEN extract(year FROM :today) - 1 AND extract(year FROM :today)
), asked AS (
  SELECT *, CASE stage WHEN 3 THEN :num(payment.curve.march, area_code)
                       WHEN 9 THEN :num(payment.curve.september, area_code)
                       WHEN 12 THEN :num(payment.year_end_min, area_code) END AS num,
            CASE stage WHEN 3 THEN :den(payment.curve.march, area_code)
                       WHEN 9 THEN :den(payment.curve.september, area_code)
                       WHEN 12 THEN :den(payment.year_end_min, area_code) END AS den
    FROM staged
){_OF_YEAR.format(more=", 'month', stage", severity="CASE stage WHEN 12 THEN 'red' ELSE 'amber' END")}
  FROM asked WHERE paid * den < received * num"""  # noqa: S608  constants of this file

# In December the year's own payments so far, in the other months those of last year.
_DECEMBER = """
WITH paid AS (
  SELECT entry.area_code / 1000000 * 1000000 AS county, extract(year FROM entry.on_day)::int AS year,
         sum(line.signed_fen) AS fen,
         coalesce(sum(line.signed_fen) FILTER (WHERE extract(month FROM entry.on_day) = 12), 0) AS december
    FROM ledger_entry AS entry JOIN ledger_line AS line ON line.entry_id = entry.id AND line.signed_fen > 0
   WHERE entry.template IN ('P08', 'P09', 'P16')
     AND entry.on_day >= make_date(extract(year FROM :today + 31)::int - 1, 1, 1)
     AND entry.on_day < make_date(extract(year FROM :today + 31)::int, 1, 1)
   GROUP BY 1, 2
)
SELECT concat_ws('/', lpad(county::text, 12, '0'), year) AS subject_key, county AS area_code,
       jsonb_build_object('year', year, 'paid_fen', fen, 'december_fen', december) AS facts
  FROM paid
 WHERE december * :den(payment.december_max, county) >= fen * :num(payment.december_max, county)"""

_IDLE = f"""{_CONFIRMED}
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('fiscal_year', fiscal_year, 'idle_fen', idle) AS facts,
       CASE WHEN extract(year FROM :today) - fiscal_year >= :param(idle.red, area_code) THEN 'red' ELSE 'amber' END
         AS severity
  FROM confirmed
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND idle > 0
   AND extract(year FROM :today) - fiscal_year >= :param(idle.amber, area_code)"""  # noqa: S608  constants of this file

_SURPLUS = f"""
WITH kept AS ({BY_PROJECT}
)
SELECT p.id::text AS subject_key, p.area_code,
       jsonb_build_object('surplus_fen', kept.surplus, 'since', since.day) AS facts
  FROM kept JOIN project AS p ON p.id = kept.project_id
 CROSS JOIN LATERAL (
   SELECT max(entry.on_day) AS day FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
    WHERE line.project_id = p.id AND line.account = '1800' AND line.signed_fen > 0) AS since
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid) AND kept.surplus > 0
   AND since.day <= :cutoff(surplus.days, p.area_code)"""  # noqa: S608  a constant

MONEY_WARNINGS = (
    warning("FW01", "indicator", _LATE),
    warning("FW02", "county_year", _RATE),
    warning("FW03", "indicator", _OWN_LATE, severity=Severity.AMBER),
    warning(
        "FW04",
        "county_year",
        _BEHIND.format(amber=_behind("payment.behind_amber"), red=_behind("payment.behind_red")),
    ),
    warning("FW05", "county_year", _MILESTONE),
    warning("FW21", "county_year", _DECEMBER, severity=Severity.AMBER),
    warning("FW36", "indicator", _IDLE),
    warning("FW-owed", "indicator", _OWED),
    warning("FW37", "project", _SURPLUS, severity=Severity.AMBER),
)

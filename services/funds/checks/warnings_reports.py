"""Early warnings on what is reported, and what reports tell: FW41, FW42, FW48."""

from services.funds.checks.warning import LINKAGE, warning
from shared.checks.model import Severity

# Each half month of the last year and the day its report is due (shared/reports/periods.py). A report that came late is
# told until the next one is due; one that never came stays.
_LATE = f"""
WITH months AS (
  SELECT generate_series(date_trunc('month', :today - interval '11 months'), :today, interval '1 month')::date AS first
), due AS (
  SELECT first AS starts_on, first + 14 AS due_on FROM months
  UNION ALL
  SELECT first + 15, least(first + 29, (first + interval '1 month')::date - 1) FROM months
), reporting AS (
  SELECT i.area_code, i.fiscal_year, min(i.received_on) AS since
    FROM indicator AS i
    JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = i.id AND c.state = 'CONFIRMED'
   WHERE i.category IN {LINKAGE} AND i.area_code % 1000000 = 0 AND i.area_code % 100000000 <> 0
   GROUP BY i.area_code, i.fiscal_year
), asked AS (
  SELECT r.area_code, due.*, due_on = max(due_on) OVER (PARTITION BY r.area_code) AS is_last,
         (SELECT min(issued_at AT TIME ZONE 'Asia/Shanghai') FROM report_issue AS issue
           WHERE issue.report_id = 'funds.progress' AND issue.area_code = r.area_code
             AND issue.period_start = due.starts_on) AS issued
    FROM reporting AS r JOIN due ON r.fiscal_year = extract(year FROM starts_on) AND r.since <= starts_on
   WHERE due_on < :today
)
SELECT concat_ws('/', lpad(area_code::text, 12, '0'), starts_on) AS subject_key, area_code,
       jsonb_build_object('starts_on', starts_on, 'due_on', due_on, 'issued_at', to_char(issued, 'YYYY-MM-DD HH24:MI:SS'))
         AS facts
  FROM asked WHERE issued IS NULL OR (is_last AND issued::date > due_on)"""  # noqa: S608  constants of this file

_BANK = """
SELECT concat_ws('/', lpad(bank.area_code::text, 12, '0'), on_day) AS subject_key, bank.area_code,
       jsonb_build_object('bank_paid_fen', paid_fen, 'paid_fen', kept.paid, 'bank_returned_fen', returned_fen,
         'returned_fen', kept.returned, 'bank_refunded_fen', refunded_fen, 'refunded_fen', kept.refunded) AS facts
  FROM bank_day AS bank
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(signed_fen) FILTER (WHERE template IN ('P08', 'P09', 'P16')), 0) AS paid,
          coalesce(sum(signed_fen) FILTER (WHERE template IN ('P11', 'P11.retention', 'P17')), 0) AS returned,
          coalesce(sum(signed_fen) FILTER (WHERE template LIKE 'P20%'), 0) AS refunded
     FROM ledger_entry AS entry JOIN ledger_line AS line ON line.entry_id = entry.id AND line.signed_fen > 0
    WHERE entry.area_code = bank.area_code AND entry.on_day = bank.on_day) AS kept
 WHERE (paid_fen, returned_fen, refunded_fen) IS DISTINCT FROM (kept.paid, kept.returned, kept.refunded)"""

# Since the first balance after the last day on which the account was empty.
_PARKED = """
WITH last AS (
  SELECT DISTINCT ON (area_code) area_code, as_of, balance_fen FROM township_balance
   WHERE as_of <= :today ORDER BY area_code, as_of DESC
), parked AS (
  SELECT last.*, (SELECT min(as_of) FROM township_balance AS after WHERE after.area_code = last.area_code
       AND after.as_of > coalesce((SELECT max(as_of) FROM township_balance AS empty
            WHERE empty.area_code = last.area_code AND empty.balance_fen = 0 AND empty.as_of <= last.as_of), '-infinity'))
     AS since
    FROM last WHERE balance_fen > 0
)
SELECT lpad(area_code::text, 12, '0') AS subject_key, area_code,
       jsonb_build_object('balance_fen', balance_fen, 'as_of', as_of, 'since', since) AS facts
  FROM parked WHERE since <= :cutoff(township.parked_days, area_code)"""

REPORT_WARNINGS = (
    warning("FW41", "report_period", _LATE, severity=Severity.AMBER),
    warning("FW42", "bank_day", _BANK),
    warning("FW48", "township", _PARKED, severity=Severity.AMBER),
)

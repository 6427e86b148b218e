"""Invariants that look beyond ledger and contract (§3.9): alerts, documents, plans, issued reports, adopted caps."""

from services.funds.checks.warnings_limits import LIMIT_WARNINGS
from services.funds.domain.postings import ALLOCATED, IN_TRANSIT, PAID
from shared.checks.model import Check, Severity

_ALLOCATED, _PAID = ("('" + "', '".join(accounts) + "')" for accounts in (ALLOCATED, PAID))

# The rule looks first and its findings become alerts at the end of the run, so one of today needs no alert yet.
_STRANDED = f"""
WITH sent AS (
  SELECT payment_id, min(area_code) AS area_code, sum(amount_fen) AS fen FROM ledger_balance
   WHERE account = '{IN_TRANSIT}' AND (:subject::text IS NULL OR payment_id = :subject::uuid)
   GROUP BY payment_id HAVING sum(amount_fen) <> 0
), dated AS (
  SELECT sent.*, since.day FROM sent
   CROSS JOIN LATERAL (
     SELECT max(entry.on_day) AS day FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
      WHERE line.payment_id = sent.payment_id AND line.account = '{IN_TRANSIT}' AND line.signed_fen > 0) AS since
)
SELECT payment_id::text AS subject_key, area_code, jsonb_build_object('in_transit', fen, 'since', day) AS facts
  FROM dated
 WHERE day <= :cutoff(payment.transit_days, area_code)
   AND NOT EXISTS (SELECT FROM alert WHERE rule_id = 'FW38' AND subject_key = dated.payment_id::text
                      AND (closed_at IS NULL OR (raised_at AT TIME ZONE 'Asia/Shanghai')::date >= day))
   AND NOT EXISTS (SELECT FROM finding WHERE check_id LIKE 'funds-FW38%' AND subject_key = dated.payment_id::text
                      AND closed_at IS NULL AND (opened_at AT TIME ZONE 'Asia/Shanghai')::date = :today)"""  # noqa: S608  constants of the book

# Each command, and each bank slip, is a document of its own: what it posted, it posted once.
_TWICE = """
SELECT concat_ws('/', template, document) AS subject_key, min(area_code) AS area_code,
       jsonb_build_object('entries', jsonb_agg(id ORDER BY seq)) AS facts
  FROM ledger_entry
 WHERE reverses IS NULL
   AND (:subject::text IS NULL OR document = substr(:subject, strpos(:subject, '/') + 1))
 GROUP BY template, document HAVING count(*) > 1"""

# What the papers of payments, refunds and household lines say of each integrated indicator; a payment counts when all
# that the ledger paid by it is its amount.
_INTEGRATED = f"""
WITH filed AS (
  SELECT DISTINCT ON (area_code, year) id, area_code FROM integration_plan
   WHERE filed_on IS NOT NULL ORDER BY area_code, year, version DESC
), source AS (
  SELECT filed.id AS plan_id, filed.area_code, given.indicator_id
    FROM filed JOIN integration_source AS given ON given.plan_id = filed.id
   WHERE :subject::text IS NULL OR given.indicator_id = split_part(:subject, '/', 2)::uuid
)
SELECT concat_ws('/', plan_id, source.indicator_id) AS subject_key, source.area_code,
       jsonb_build_object('ledger', kept.fen, 'payments', works.fen, 'lines', lines.fen) AS facts
  FROM source
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(amount_fen), 0) AS fen FROM ledger_balance
    WHERE indicator_id = source.indicator_id AND account IN {_PAID}) AS kept
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(line.signed_fen), 0) AS fen
     FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
     LEFT JOIN payment ON payment.id = line.payment_id AND payment.paid_on IS NOT NULL
    WHERE line.indicator_id = source.indicator_id AND line.account IN ('1500', '1600')
      AND ((entry.template IN ('P08', 'P09') AND payment.cash_fen = (
             SELECT sum(other.signed_fen) FROM ledger_line AS other JOIN ledger_entry AS own ON own.id = other.entry_id
              WHERE other.payment_id = payment.id AND other.account IN ('1500', '1600')
                AND own.template IN ('P08', 'P09')))
        OR (entry.template IN ('P20', 'P20.advance') AND EXISTS (
             SELECT FROM refund WHERE entry.document = 'refund:' || refund.id)))) AS works
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(borne.amount_fen), 0) AS fen
     FROM household_line_source AS borne
     JOIN household_line AS line ON line.id = borne.line_id AND line.outcome IN ('PAID', 'RECOVERING')
    WHERE borne.indicator_id = source.indicator_id) AS lines
 WHERE kept.fen <> works.fen + lines.fen"""  # noqa: S608  constants of the book

# Late postings of days before the cut-off belong to the next issue: what counts was written before the issue was made.
_ISSUED = f"""
WITH issue AS (
  SELECT id, area_code, extract(year FROM period_start)::int AS year, as_of, issued_at, content,
         area_code + CASE WHEN area_code = 0 THEN 1000000000000 WHEN area_code % 10000000000 = 0 THEN 10000000000
           WHEN area_code % 100000000 = 0 THEN 100000000 WHEN area_code % 1000000 = 0 THEN 1000000
           WHEN area_code % 1000 = 0 THEN 1000 ELSE 1 END AS next_code
    FROM report_issue
   WHERE report_id = 'funds.progress' AND (:subject::text IS NULL OR id = :subject::uuid)
), place AS (
  SELECT issue.id, one.value ->> 'name' AS name, (one.ordinality - 1)::int AS place
    FROM issue CROSS JOIN LATERAL jsonb_array_elements(content -> 'columns') WITH ORDINALITY AS one
   WHERE one.value ->> 'name' IN ('linked', 'spent')
), printed AS (
  SELECT issue.id, name, coalesce((content -> 'total' ->> place)::bigint, 0) AS total,
         (SELECT coalesce(sum((unit ->> place)::bigint), 0)
            FROM jsonb_array_elements(content -> 'rows') AS unit) AS added_up
    FROM issue JOIN place USING (id)
), moved AS MATERIALIZED (
  SELECT line.area_code, indicator.fiscal_year, entry.on_day,
         CASE WHEN entry.on_day < (entry.at AT TIME ZONE 'Asia/Shanghai')::date THEN entry.at END AS late,
         coalesce(sum(line.signed_fen) FILTER (WHERE account IN {_ALLOCATED}), 0) AS linked,
         coalesce(sum(line.signed_fen) FILTER (WHERE account IN {_PAID}), 0) AS spent
    FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
    JOIN indicator ON indicator.id = line.indicator_id
   WHERE EXISTS (SELECT FROM issue) GROUP BY 1, 2, 3, 4
), kept AS (
  SELECT issue.id, coalesce(sum(linked), 0) AS linked, coalesce(sum(spent), 0) AS spent
    FROM issue LEFT JOIN moved
      ON moved.area_code >= issue.area_code AND moved.area_code < issue.next_code AND moved.fiscal_year = issue.year
     AND moved.on_day <= issue.as_of AND (late IS NULL OR late <= issue.issued_at)
   GROUP BY issue.id
), compared AS (
  SELECT printed.*, CASE name WHEN 'linked' THEN kept.linked ELSE kept.spent END AS ledger
    FROM printed JOIN kept USING (id)
)
SELECT id::text AS subject_key, issue.area_code,
       jsonb_object_agg(name, jsonb_build_object('printed', total, 'rows', added_up, 'ledger', ledger)) AS facts
  FROM compared JOIN issue USING (id)
 WHERE total <> ledger OR added_up <> ledger
 GROUP BY id, issue.area_code"""  # noqa: S608  constants of the book

# The newest day that was made, of each county and year.
_MADE = f"""
WITH fact AS (
  SELECT DISTINCT ON (fiscal_year, area_code) fiscal_year, area_code, as_of, made_at, linked_fen, spent_fen
    FROM progress_fact ORDER BY fiscal_year, area_code, as_of DESC
), kept AS (
  SELECT fact.fiscal_year, fact.area_code,
         coalesce(sum(line.signed_fen) FILTER (WHERE account IN {_ALLOCATED}), 0) AS linked,
         coalesce(sum(line.signed_fen) FILTER (WHERE account IN {_PAID}), 0) AS spent
    FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id
    JOIN indicator ON indicator.id = line.indicator_id
    LEFT JOIN project ON project.id = line.project_id
    JOIN fact ON fact.fiscal_year = indicator.fiscal_year
     AND fact.area_code = coalesce(project.area_code, indicator.area_code) / 1000000 * 1000000
   WHERE entry.on_day <= fact.as_of AND entry.at <= fact.made_at GROUP BY 1, 2
)
SELECT concat_ws('/', fiscal_year, as_of, area_code) AS subject_key, area_code,
       jsonb_build_object('linked', jsonb_build_array(linked_fen, linked), 'spent', jsonb_build_array(spent_fen, spent)) AS facts
  FROM fact LEFT JOIN kept USING (fiscal_year, area_code)
 WHERE linked_fen <> coalesce(linked, 0) OR spent_fen <> coalesce(spent, 0)"""  # noqa: S608  constants of the book

_BY_RULE = {check.rule: check.select for check in LIMIT_WARNINGS}
# Where a county lets a cap block, nothing gets past it; elsewhere FW24 and FW25 tell.
_CAPS = "\nUNION ALL\n".join(
    f"""
SELECT concat_ws('/', '{limit}', subject_key) AS subject_key, area_code, facts
  FROM ({_BY_RULE[rule]}) AS beyond WHERE :param(rule.{limit}.mode, area_code) = 'block'"""  # noqa: S608  constants of this file
    for limit, rule in (("NL16", "FW24"), ("NL17", "FW25"))
)

BEYOND_LEDGER = (
    Check(
        "funds-V10",
        Severity.ERROR,
        "payment",
        "在途资金超期而没有预警",
        "money in transit is overdue and no alert says so",
        _STRANDED,
        rule="V10",
    ),
    Check(
        "funds-V12",
        Severity.ERROR,
        "document",
        "同一单据记账两次",
        "one document is posted twice",
        _TWICE,
        rule="V12",
    ),
    Check(
        "funds-V13",
        Severity.ERROR,
        "integration_source",
        "整合资金按来源的支付与账面不符",
        "what payments took of an integrated source differs from its ledger",
        _INTEGRATED,
        rule="V13",
    ),
    Check(
        "funds-V14",
        Severity.ERROR,
        "report_issue",
        "已印发半月报与截止日账面不符",
        "an issued progress report differs from the ledger at its cut-off",
        _ISSUED,
        rule="V14",
    ),
    Check(
        "funds-V14.facts",
        Severity.ERROR,
        "progress_fact",
        "进度日结与截止日账面不符",
        "the facts of a night differ from the ledger at its end",
        _MADE,
        rule="V14",
    ),
    Check(
        "funds-V15",
        Severity.ERROR,
        "county_year",
        "项目管理费或非脱贫村资金超过已采用的上限",
        "the management fee or villages that were never poor got more than the adopted cap",
        _CAPS,
        rule="V15",
    ),
)

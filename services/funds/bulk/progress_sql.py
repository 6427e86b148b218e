"""The statements behind the progress report: every unit's sums and counts as of the end of a day, and what holds it back."""

# $1, $2 the area's span; $3 fiscal year; $4 the last day; $5 how many codes one unit holds (a county's, a township's);
# $6 the day the report before looked at; $7 the instant after the last day.
PROGRESS = """
WITH money AS MATERIALIZED (
  SELECT coalesce(project.area_code, indicator.area_code) / $5 * $5 AS unit, line.project_id, line.account,
         line.signed_fen AS fen, entry.on_day, indicator.level, known.is_linkage, project.is_industry
    FROM ledger_line AS line
    JOIN ledger_entry AS entry ON entry.id = line.entry_id
    JOIN indicator ON indicator.id = line.indicator_id
    LEFT JOIN project ON project.id = line.project_id
    LEFT JOIN LATERAL (
      SELECT is_linkage FROM fund_category AS one
       WHERE one.code = indicator.category AND one.valid_from <= $4 ORDER BY one.valid_from DESC LIMIT 1) AS known ON true
   WHERE line.area_code BETWEEN $1 AND $2 AND indicator.fiscal_year = $3 AND entry.on_day <= $4
), sums AS (
  SELECT unit,
    coalesce(sum(-fen) FILTER (WHERE account = '1000'), 0)::bigint AS received,
    coalesce(sum(fen) FILTER (WHERE allocated), 0)::bigint AS linked,
    coalesce(sum(fen) FILTER (WHERE paid), 0)::bigint AS spent,
    coalesce(sum(fen) FILTER (WHERE paid AND on_day <= $6), 0)::bigint AS spent_before,
    coalesce(sum(fen) FILTER (WHERE allocated AND is_linkage), 0)::bigint AS linkage_linked,
    coalesce(sum(fen) FILTER (WHERE allocated AND is_linkage AND level = 'central'), 0)::bigint AS linkage_central,
    coalesce(sum(fen) FILTER (WHERE allocated AND is_linkage AND level = 'provincial'), 0)::bigint AS linkage_provincial,
    coalesce(sum(fen) FILTER (WHERE allocated AND is_linkage AND level = 'city'), 0)::bigint AS linkage_city,
    coalesce(sum(fen) FILTER (WHERE allocated AND is_linkage AND level = 'county'), 0)::bigint AS linkage_county,
    coalesce(sum(fen) FILTER (WHERE paid AND is_linkage), 0)::bigint AS linkage_spent,
    coalesce(sum(fen) FILTER (WHERE paid AND is_linkage AND is_industry), 0)::bigint AS industry_spent
  FROM (SELECT *, account = ANY($8::text[]) AS allocated, account = ANY($9::text[]) AS paid FROM money) AS told
  GROUP BY unit
), funded AS (
  SELECT DISTINCT unit, project_id FROM money WHERE account = ANY($8::text[]) AND project_id IS NOT NULL
), begun AS (
  SELECT unit, project_id,
    EXISTS (SELECT FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
             WHERE contract.project_id = funded.project_id AND contract.signed_on <= $4
               AND c.state NOT IN ('DRAFT', 'CANCELLED'))
      OR EXISTS (SELECT FROM household_batch AS batch
                  WHERE batch.project_id = funded.project_id AND batch.instructed_on <= $4) AS started,
    EXISTS (SELECT FROM contract WHERE contract.project_id = funded.project_id AND contract.completed_on <= $4)
      AND NOT EXISTS (SELECT FROM contract JOIN case_file AS c
                        ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
                       WHERE contract.project_id = funded.project_id AND c.state NOT IN ('DRAFT', 'CANCELLED')
                         AND (contract.completed_on IS NULL OR contract.completed_on > $4)) AS completed,
    EXISTS (SELECT FROM acceptance WHERE acceptance.project_id = funded.project_id AND acceptance.passed
               AND acceptance.accepted_on <= $4) AS accepted
  FROM funded
), counted AS (
  SELECT unit, count(*) AS projects, count(*) FILTER (WHERE started OR completed OR accepted) AS started,
         count(*) FILTER (WHERE completed OR accepted) AS completed, count(*) FILTER (WHERE accepted) AS accepted
    FROM begun GROUP BY unit
), warned AS (
  SELECT area_code / $5 * $5 AS unit,
         count(*) FILTER (WHERE closed_at IS NULL OR closed_at >= $7) AS alerts_open,
         count(*) FILTER (WHERE due_on <= $4) AS alerts_due,
         count(*) FILTER (WHERE due_on <= $4 AND closed_at < $7) AS alerts_handled
    FROM alert WHERE area_code BETWEEN $1 AND $2 AND raised_at < $7 GROUP BY 1
), filed AS (
  SELECT DISTINCT ON (area_code) area_code / $5 * $5 AS unit, planned_scale_fen, last_year_fen
    FROM integration_plan
   WHERE area_code BETWEEN $1 AND $2 AND year = $3 AND filed_on <= $4 ORDER BY area_code, version DESC
), scale AS (
  SELECT unit, sum(planned_scale_fen)::bigint AS planned, sum(last_year_fen)::bigint AS planned_before
    FROM filed GROUP BY unit
)
SELECT unit, division.name, planned, planned_before,
       coalesce(received, 0) AS received, coalesce(linked, 0) AS linked, coalesce(spent, 0) AS spent,
       coalesce(spent_before, 0) AS spent_before, coalesce(linkage_linked, 0) AS linkage_linked,
       coalesce(linkage_central, 0) AS linkage_central, coalesce(linkage_provincial, 0) AS linkage_provincial,
       coalesce(linkage_city, 0) AS linkage_city, coalesce(linkage_county, 0) AS linkage_county,
       coalesce(linkage_spent, 0) AS linkage_spent, coalesce(industry_spent, 0) AS industry_spent,
       coalesce(projects, 0) AS projects, coalesce(started, 0) AS started,
       coalesce(completed, 0) AS completed, coalesce(accepted, 0) AS accepted,
       coalesce(alerts_open, 0) AS alerts_open, coalesce(alerts_due, 0) AS alerts_due,
       coalesce(alerts_handled, 0) AS alerts_handled
  FROM sums FULL JOIN scale USING (unit) LEFT JOIN counted USING (unit) LEFT JOIN warned USING (unit)
  LEFT JOIN LATERAL (SELECT name FROM division WHERE code = unit AND valid_from <= $4
                      ORDER BY valid_from DESC LIMIT 1) AS division ON true
 ORDER BY unit"""

# $1 … $5 as above; $6, $7 the accounts of what is allocated, and paid; $8, $9 what is spent and linked in all, whose
# quotient is the average; $10 the units that are asked about; $11 how many projects of each are named, the rest is one row.
BEHIND = """
WITH money AS (
  SELECT coalesce(project.area_code, indicator.area_code) / $5 * $5 AS unit, line.project_id,
         coalesce(sum(line.signed_fen) FILTER (WHERE line.account = ANY($6::text[])), 0) AS linked,
         coalesce(sum(line.signed_fen) FILTER (WHERE line.account = ANY($7::text[])), 0) AS spent
    FROM ledger_line AS line
    JOIN ledger_entry AS entry ON entry.id = line.entry_id
    JOIN indicator ON indicator.id = line.indicator_id
    JOIN project ON project.id = line.project_id
   WHERE line.area_code BETWEEN $1 AND $2 AND indicator.fiscal_year = $3 AND entry.on_day <= $4
   GROUP BY 1, 2
), behind AS (
  SELECT unit, project_id, linked, spent, missing,
         least(row_number() OVER (PARTITION BY unit ORDER BY missing DESC, project_id), $11::int + 1) AS place
    FROM (SELECT *, div(linked * $8::bigint + $9::bigint - 1, $9::bigint) - spent AS missing FROM money) AS due
   WHERE unit = ANY($10::bigint[]) AND missing > 0
)
SELECT unit, place, count(*) AS projects, sum(linked)::bigint AS linked, sum(spent)::bigint AS spent,
       sum(missing)::bigint AS missing,
       (SELECT name FROM project WHERE id = (array_agg(behind.project_id))[1]) AS name
  FROM behind GROUP BY unit, place ORDER BY unit, place"""

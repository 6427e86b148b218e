"""The statement behind the progress report: every unit's sums and counts as of the end of a day, in one look."""

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
)
SELECT sums.*, coalesce(projects, 0) AS projects, coalesce(started, 0) AS started,
       coalesce(completed, 0) AS completed, coalesce(accepted, 0) AS accepted,
       coalesce(alerts_open, 0) AS alerts_open, coalesce(alerts_due, 0) AS alerts_due,
       coalesce(alerts_handled, 0) AS alerts_handled, division.name
  FROM sums LEFT JOIN counted USING (unit) LEFT JOIN warned USING (unit)
  LEFT JOIN LATERAL (SELECT name FROM division WHERE code = sums.unit AND valid_from <= $4
                      ORDER BY valid_from DESC LIMIT 1) AS division ON true
 ORDER BY sums.unit"""

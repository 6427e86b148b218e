"""What has happened that is to be published (公开触发事项): one set of trigger, subject, period and day."""

HAPPENED = """
  SELECT 'decomposition.issued' AS trigger, id AS subject_id, area_code, '' AS period, issued_on AS since
    FROM decomposition WHERE issued_on IS NOT NULL
  UNION ALL
  SELECT 'plan.published', id, area_code, '', published_on FROM plan WHERE published_on IS NOT NULL
  UNION ALL
  SELECT 'integration.filed', id, area_code, '', filed_on FROM integration_plan WHERE filed_on IS NOT NULL
  UNION ALL
  SELECT 'plan.quarter', id, area_code, concat(year, '-Q', quarter), ends_on
    FROM plan, generate_series(1, 4) AS quarter,
         LATERAL (SELECT (make_date(year, 3 * quarter, 1) + interval '1 month')::date - 1) AS calendar(ends_on)
   WHERE published_on <= ends_on AND ends_on < {today}
  UNION ALL
  SELECT CASE held.workflow WHEN 'funds.project' THEN 'project.' ELSE 'batch.' END || lower(taken.target),
         held.subject_id, held.area_code, '', min((taken.at AT TIME ZONE 'Asia/Shanghai')::date)
    FROM case_file AS held JOIN case_step AS taken ON taken.case_id = held.id
   WHERE (held.workflow = 'funds.project' AND taken.target IN ('IN_LIBRARY', 'IMPLEMENTING', 'COMPLETED', 'EXITED')
       OR held.workflow = 'funds.household_batch' AND taken.target IN ('ROSTER_PUBLICITY', 'DONE'))
     AND taken.source <> taken.target AND taken.step <> 'enter_published'
   GROUP BY 1, 2, 3"""
"""`{today}` is an expression for the day; of a state that was entered more than once the first time counts.

A project that entered by a publication elsewhere has been published: its papers are the evidence of that step.
"""

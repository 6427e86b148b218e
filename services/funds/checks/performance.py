"""What supervision finds about goals (绩效): FW28 missing or not published, FW29 behind, FW30 not evaluated (§4.2)."""

from services.funds.checks.warning import warning
from shared.checks.model import Severity

_MISSING = """
SELECT project.id::text AS subject_key, project.area_code,
       jsonb_build_object('state', c.state, 'year', project.plan_year) AS facts
  FROM project
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = project.id
 WHERE (:subject::text IS NULL OR project.id = :subject::uuid)
   AND c.state IN ('FUNDED', 'IMPLEMENTING', 'COMPLETED')
   AND NOT EXISTS (SELECT FROM goal_table AS goal WHERE goal.project_id = project.id AND goal.approved_on IS NOT NULL)"""

# Scenario 67: the twentieth working day is the last one in time.
_UNPUBLISHED = """
SELECT goal.id::text AS subject_key, goal.area_code,
       jsonb_build_object('project_id', project_id, 'approved_on', approved_on, 'year', year) AS facts
  FROM goal_table AS goal
 WHERE (:subject::text IS NULL OR goal.id = :subject::uuid)
   AND approved_on <= :cutoff(goal.days.publish, goal.area_code) AND published_on IS NULL"""

_BEHIND = """
SELECT goal.id::text AS subject_key, goal.area_code,
       jsonb_build_object('project_id', goal.project_id, 'as_of', last.as_of, 'money_deviation', last.money_deviation,
         'lines', (SELECT jsonb_agg(line) FROM jsonb_array_elements(last.lines) AS line
                    WHERE line ->> 'light' <> 'green')) AS facts,
       goal.light AS severity
  FROM goal_table AS goal
  JOIN case_file AS c ON c.workflow = 'funds.goal' AND c.subject_id = goal.id AND c.state = 'MONITORED'
 CROSS JOIN LATERAL (SELECT as_of, money_deviation, lines FROM goal_monitoring AS seen
                      WHERE seen.goal_id = goal.id ORDER BY as_of DESC, id DESC LIMIT 1) AS last
 WHERE (:subject::text IS NULL OR goal.id = :subject::uuid) AND goal.light IN ('amber', 'red')"""

_NOT_EVALUATED = """
SELECT goal.id::text AS subject_key, goal.area_code,
       jsonb_build_object('project_id', goal.project_id, 'year', goal.year, 'state', c.state) AS facts
  FROM goal_table AS goal
  JOIN case_file AS c ON c.workflow = 'funds.goal' AND c.subject_id = goal.id AND c.state IN ('PUBLISHED', 'MONITORED')
 WHERE (:subject::text IS NULL OR goal.id = :subject::uuid)
   AND :today > ((goal.year + 1)::text || '-' || :param(goal.evaluate_by, goal.area_code))::date"""


PERFORMANCE_CHECKS = (
    warning("FW28", "goal", _UNPUBLISHED, severity=Severity.AMBER),
    warning("FW28", "project", _MISSING, part="missing"),
    warning("FW29", "goal", _BEHIND),
    warning("FW30", "goal", _NOT_EVALUATED, severity=Severity.AMBER),
)

"""Early warnings on projects on their way: FW06, FW07, FW08, FW09 by what is seen, FW34, FW43, FW49."""

from services.funds.checks.warning import BY_PROJECT, warning
from shared.checks.model import Severity

_FUNDED = f"""
WITH kept AS ({BY_PROJECT}
), given AS (
  SELECT line.project_id, min(posted_on) AS given_on
    FROM allocation_line AS line JOIN allocation ON allocation.id = line.allocation_id
   WHERE posted_on IS NOT NULL GROUP BY line.project_id
), moved AS (
  SELECT to_project_id AS project_id, min(moved_on) AS given_on FROM allocation_move GROUP BY to_project_id
), funded AS (
  SELECT p.*, c.state, kept.held, kept.paid, least(given.given_on, moved.given_on) AS given_on
    FROM project AS p
    JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = p.id
    JOIN kept ON kept.project_id = p.id AND kept.held > 0
    LEFT JOIN given ON given.project_id = p.id LEFT JOIN moved ON moved.project_id = p.id
)"""  # noqa: S608  a constant

_ZERO = f"""{_FUNDED}
SELECT id::text AS subject_key, area_code, jsonb_build_object('given_on', given_on, 'held_fen', held) AS facts,
       CASE WHEN :today - given_on >= :param(project.zero_payment_red, area_code) THEN 'red' ELSE 'amber' END AS severity
  FROM funded
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND paid = 0
   AND state IN ('FUNDED', 'IMPLEMENTING', 'COMPLETED', 'ACCEPTED')
   AND :today - given_on >= :param(project.zero_payment_amber, area_code)"""  # noqa: S608  constants of this file

# Money that comes late in the year is given its days; what came early has to begin by the day that is set for all.
_IDLE = f"""{_FUNDED}
SELECT id::text AS subject_key, area_code, jsonb_build_object('given_on', given_on, 'held_fen', held) AS facts
  FROM funded
 WHERE (:subject::text IS NULL OR id = :subject::uuid) AND state = 'FUNDED'
   AND given_on <= :cutoff(project.start_days, area_code)
   AND (plan_year || '-' || :param(project.start_by, area_code))::date < :today
   AND NOT EXISTS (SELECT FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
                    WHERE contract.project_id = funded.id AND c.state <> 'CANCELLED')
   AND NOT EXISTS (SELECT FROM household_batch WHERE project_id = funded.id)"""  # noqa: S608  constants of this file

_CASE = """
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = p.id"""

_LATE = f"""
SELECT p.id::text AS subject_key, p.area_code,
       jsonb_build_object('ends_on', planned.ends_on, 'days', :today - planned.ends_on, 'state', c.state) AS facts,
       CASE WHEN :today - planned.ends_on > :param(project.late_red_days, p.area_code) THEN 'red' ELSE 'amber' END
         AS severity
  FROM project AS p{_CASE}
  JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no
 CROSS JOIN LATERAL (SELECT (v.content ->> 'ends_on')::date AS ends_on) AS planned
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
   AND c.state IN ('PLANNED', 'FUNDED', 'IMPLEMENTING') AND planned.ends_on < :today"""  # noqa: S608  a constant

_ACCEPTED = """
 CROSS JOIN LATERAL (SELECT accepted_on FROM acceptance AS a
                      WHERE a.project_id = p.id AND a.passed ORDER BY a.seq DESC LIMIT 1) AS accepted"""

_STUCK = f"""
SELECT p.id::text AS subject_key, p.area_code,
       jsonb_build_object('state', c.state, 'since', (c.entered_at AT TIME ZONE 'Asia/Shanghai')::date) AS facts
  FROM project AS p{_CASE}
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid) AND c.state = 'COMPLETED'
   AND (c.entered_at AT TIME ZONE 'Asia/Shanghai')::date <= :cutoff(acceptance.days, p.area_code)
UNION ALL
SELECT p.id::text, p.area_code, jsonb_build_object('state', c.state, 'since', accepted.accepted_on)
  FROM project AS p{_CASE}{_ACCEPTED}
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid) AND c.state = 'ACCEPTED'
   AND accepted.accepted_on <= :cutoff(settlement.days, p.area_code)"""  # noqa: S608  a constant

# Small and large works may take longer: a county adopts its own months. Household projects build nothing.
_NO_ACCOUNT = f"""
SELECT p.id::text AS subject_key, p.area_code, jsonb_build_object('completed_on', done.on_day, 'state', c.state) AS facts
  FROM project AS p{_CASE}
 CROSS JOIN LATERAL (SELECT (max(at) AT TIME ZONE 'Asia/Shanghai')::date AS on_day FROM case_step
                      WHERE case_id = c.id AND target = 'COMPLETED' AND source <> target) AS done
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid) AND NOT p.is_household_project
   AND c.state IN ('COMPLETED', 'ACCEPTED', 'SETTLED')
   AND done.on_day + make_interval(months => :param(final_account.months, p.area_code)::int) < :today
   AND NOT EXISTS (SELECT FROM final_account WHERE project_id = p.id)"""  # noqa: S608  a constant

# The newest photo against what is paid of all the project has.
_SEEN = f"""
WITH kept AS ({BY_PROJECT}
)
SELECT p.id::text AS subject_key, p.area_code,
       jsonb_build_object('seen_on', seen.seen_on, 'progress_ppm', seen.progress_ppm, 'paid_fen', kept.paid,
         'held_fen', kept.held) AS facts
  FROM project AS p
  JOIN kept ON kept.project_id = p.id
 CROSS JOIN LATERAL (SELECT seen_on, progress_ppm FROM site_progress
                      WHERE project_id = p.id ORDER BY seen_on DESC, id DESC LIMIT 1) AS seen
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
   AND seen.progress_ppm * kept.held * :den(progress.seen_behind, p.area_code)
     < 1000000 * (kept.paid * :den(progress.seen_behind, p.area_code)
       - kept.held * :num(progress.seen_behind, p.area_code))"""  # noqa: S608  constants of this file

_UNREGISTERED = f"""
SELECT p.id::text AS subject_key, p.area_code, jsonb_build_object('accepted_on', accepted.accepted_on) AS facts
  FROM project AS p{_CASE}{_ACCEPTED}
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
   AND p.asset_forming AND c.state IN ('ACCEPTED', 'SETTLED', 'CLOSED')
   AND accepted.accepted_on <= :cutoff(asset.register_days, p.area_code)
   AND NOT EXISTS (SELECT FROM ref_project_asset AS asset WHERE asset.project_id = p.id)"""  # noqa: S608  a constant

_UNLINKED = f"""
SELECT p.id::text AS subject_key, p.area_code, jsonb_build_object('accepted_on', accepted.accepted_on) AS facts
  FROM project AS p{_CASE}
  JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no{_ACCEPTED}
 WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
   AND p.is_industry AND c.state IN ('ACCEPTED', 'SETTLED', 'CLOSED')
   AND accepted.accepted_on + make_interval(months => :param(linkage.months, p.area_code)::int) <= :today
   AND coalesce((v.content #>> '{{benefit,out_of_poverty_households}}')::int, 0)
     + coalesce((v.content #>> '{{benefit,monitored_households}}')::int, 0) = 0"""  # noqa: S608  a constant

PROJECT_WARNINGS = (
    warning("FW06", "project", _ZERO),
    warning("FW07", "project", _IDLE, severity=Severity.AMBER),
    warning("FW08", "project", _LATE),
    warning("FW09", "project", _SEEN, part="seen"),
    warning("FW34", "project", _STUCK, severity=Severity.AMBER),
    warning("FW34", "project", _NO_ACCOUNT, part="final_account", severity=Severity.AMBER),
    warning("FW43", "project", _UNREGISTERED, severity=Severity.AMBER),
    warning("FW49", "project", _UNLINKED, severity=Severity.AMBER),
)

"""FW27: what is due by the catalogue and not published, hung too short, or hung without a photo of its last days (§4.2)."""

from services.funds.bulk.disclosure_triggers import HAPPENED
from services.funds.checks.warning import warning

_PERIODS = ("disclosure.due_days", "disclosure.start_days", "disclosure.quarter_days")
_OVERDUE = " ".join(f"WHEN '{name}' THEN :cutoff({name}, due.area_code)" for name in _PERIODS)

# One duty for each division in which the item has to hang: every village of a project, each of its townships, or
# the county. A project of the county hangs there too.
_MISSING = f"""
WITH happened AS ({HAPPENED.format(today=":today")}
), due AS (
  SELECT item.code, item.zh, item.due_parameter, subject_id, period, since, spot.area_code
    FROM happened
    JOIN disclosure_item AS item
      ON item.trigger = happened.trigger AND since >= valid_from AND since <= coalesce(valid_to, 'infinity')
    CROSS JOIN LATERAL (
      SELECT DISTINCT CASE item.level WHEN 'village' THEN village_code ELSE village_code - village_code % 1000 END
        FROM project_place
       WHERE project_id = subject_id AND item.subject_kind = 'project' AND item.level IN ('village', 'township')
      UNION
      SELECT area_code FROM household_line
       WHERE batch_id = subject_id AND outcome <> 'REMOVED'
         AND (item.subject_kind = 'batch' OR item.subject_kind = 'batch_paid' AND outcome = 'PAID')
      UNION
      SELECT happened.area_code - happened.area_code % 1000000 WHERE item.level IN ('county', 'unit')
      UNION
      SELECT happened.area_code WHERE item.level = 'upper' AND happened.area_code % 100000000 = 0) AS spot(area_code)
)
SELECT concat_ws('/', code, subject_id, due.area_code, period) AS subject_key, due.area_code,
       jsonb_build_object('item', code, 'zh', zh, 'subject_id', subject_id, 'period', period, 'since', since) AS facts,
       CASE WHEN since <= :cutoff(disclosure.red_days, due.area_code) THEN 'red' ELSE 'amber' END AS severity
  FROM due
 WHERE since <= CASE due_parameter {_OVERDUE} END
   AND (:subject::text IS NULL OR subject_id = split_part(:subject, '/', 2)::uuid)
   AND NOT EXISTS (
     SELECT FROM disclosure AS hung
      WHERE hung.item = code AND hung.subject_id = due.subject_id AND hung.area_code = due.area_code
        AND hung.period = due.period
        AND NOT EXISTS (SELECT FROM disclosure_withdrawal AS gone WHERE gone.disclosure_id = hung.id))"""  # noqa: S608  constants of this file

_SHORT = """
SELECT hung.id::text AS subject_key, hung.area_code,
       jsonb_build_object('item', item, 'posted_on', posted_on, 'until_on', until_on, 'withdrawn_on', withdrawn_on) AS facts,
       CASE WHEN withdrawn_on IS NOT NULL THEN 'red' ELSE 'amber' END AS severity
  FROM disclosure AS hung
  LEFT JOIN disclosure_withdrawal AS gone ON gone.disclosure_id = hung.id
 WHERE (:subject::text IS NULL OR hung.id = :subject::uuid)
   AND NOT EXISTS (
     SELECT FROM disclosure AS next
      WHERE next.item = hung.item AND next.subject_id = hung.subject_id AND next.area_code = hung.area_code
        AND next.period = hung.period AND next.version_no > hung.version_no)
   AND (withdrawn_on <= coalesce(until_on, objections_until)
     OR withdrawn_on IS NULL AND item LIKE 'unit.%' AND until_on < :today AND EXISTS (
          SELECT FROM case_file AS held WHERE held.workflow = 'funds.project' AND held.subject_id = hung.subject_id
             AND held.state = 'IMPLEMENTING')
     OR withdrawn_on IS NULL AND (item LIKE 'village.%' OR item LIKE 'township.%') AND until_on < :today
        AND NOT EXISTS (
          SELECT FROM disclosure_proof AS photo WHERE photo.disclosure_id = hung.id AND taken_on >= until_on))"""

DISCLOSURE_CHECKS = (
    warning("FW27", "disclosure", _MISSING),
    warning("FW27", "disclosure", _SHORT, part="short"),
)

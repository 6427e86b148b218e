"""Data-quality checks on monitored households (监测对象数据质量), domain-monitoring §7.4; and nobody is helped by the side."""

from services.monitoring.domain.episodes import SNAPSHOT_FIELDS
from shared.checks.model import Check, Severity

_BLANK = " OR ".join(f"s.{name} IS NULL" for name in SNAPSHOT_FIELDS)

NO_MEASURE_IN_TIME = Check(
    id="DQ-MS-01",
    severity=Severity.ERROR,
    subject="episode",
    zh="识别一个月后仍无已落实的帮扶措施",
    en="no measure is in place a month after the identification",
    rule="M-AST-06",
    select="""
SELECT e.id::text AS subject_key, e.area_code, jsonb_build_object('identified_on', e.identified_on) AS facts
  FROM episode e
 WHERE e.eliminated_on IS NULL AND e.identified_on + interval '1 month' < :today
   AND NOT EXISTS (SELECT FROM measure m WHERE m.episode_id = e.id AND m.delivered_on IS NOT NULL)
   AND (:subject::text IS NULL OR e.id = :subject::uuid)""",
)

SNAPSHOT_WHOLE = Check(
    id="DQ-EL-01",
    severity=Severity.ERROR,
    subject="episode",
    zh="已消除风险但13项指标有空项",
    en="eliminated, but one of the 13 snapshot fields is blank",
    rule="DQ-EL-01",
    select=f"""
SELECT e.id::text AS subject_key, e.area_code, jsonb_build_object('eliminated_on', e.eliminated_on) AS facts
  FROM episode e
  LEFT JOIN episode_snapshot s ON s.elimination_id = e.elimination_id AND s.moment = 'at_elimination'
 WHERE e.elimination_id IS NOT NULL AND (s.id IS NULL OR {_BLANK})
   AND (:subject::text IS NULL OR e.id = :subject::uuid)""",  # noqa: S608  names of columns
)

HELPED_BY_THE_SIDE = Check(
    id="M-ID-04",
    severity=Severity.AMBER,
    subject="household",
    zh="低于监测范围并享受到户资金，但未纳入监测（体外循环）",
    en="below the line and assisted, but not monitored",
    rule="M-ID-04",
    select="""
SELECT h.id::text AS subject_key, h.area_code, jsonb_build_object('reference_on', c.reference_on) AS facts
  FROM household h
  JOIN LATERAL (SELECT reference_on, position FROM income_classification
                 WHERE household_id = h.id ORDER BY reference_on DESC, id DESC LIMIT 1) c ON c.position = 'below'
 WHERE h.closed_on IS NULL AND (:subject::text IS NULL OR h.id = :subject::uuid)
   AND EXISTS (SELECT FROM household_receipt r WHERE r.household_id = h.id AND r.amount_fen > r.returned_fen)
   AND NOT EXISTS (SELECT FROM episode e WHERE e.household_id = h.id AND e.eliminated_on IS NULL)
   AND NOT EXISTS (SELECT FROM identification i JOIN case_file f ON f.subject_id = i.id AND f.is_open
                    WHERE i.household_id = h.id)""",
)

CHECKS = (NO_MEASURE_IN_TIME, SNAPSHOT_WHOLE, HELPED_BY_THE_SIDE)

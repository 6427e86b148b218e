"""What the library has to be looked after for: projects that wait too long, urgent entries left open, a thin reserve (§1.6)."""

from shared.checks.model import Check, Severity

_WAITS = """
SELECT waited.project_id::text AS subject_key, waited.area_code,
       jsonb_build_object('years_waiting', years_waiting, 'proposed', 'E07') AS facts
  FROM project_wait AS waited
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = waited.project_id AND c.state = 'IN_LIBRARY'
 WHERE years_waiting >= :param(library.exit_wait_years, waited.area_code)
   AND (:subject::text IS NULL OR waited.project_id = :subject::uuid)"""
_OPEN = """
SELECT urgent.project_id::text AS subject_key, urgent.area_code,
       jsonb_build_object('cause', cause, 'declared_on', declared_on, 'complete_by', complete_by) AS facts
  FROM urgent_entry AS urgent
  JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = urgent.project_id
   AND c.state NOT IN ('REJECTED', 'EXITED', 'CLOSED')
 WHERE completed_on IS NULL AND complete_by < :today
   AND (:subject::text IS NULL OR urgent.project_id = :subject::uuid)"""
# Of a project over several villages each has its share, as in the report reserve-coverage.
_THIN = """
SELECT concat_ws('/', envelope.area_code, year) AS subject_key, envelope.area_code,
       jsonb_build_object('year', year, 'envelope', amount_fen, 'reserve', reserve.fen) AS facts
  FROM planning_envelope AS envelope
  CROSS JOIN LATERAL (
    SELECT floor(coalesce(sum(project.planned_total_fen::numeric * place.share_ppm / 1000000), 0)) AS fen
      FROM project_place AS place
      JOIN project ON project.id = place.project_id
      JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = project.id AND c.state = 'IN_LIBRARY'
     WHERE place.live AND place.village_code BETWEEN envelope.area_code AND envelope.area_code + CASE
       WHEN envelope.area_code % 1000 > 0 THEN 0 WHEN envelope.area_code % 1000000 > 0 THEN 999 ELSE 999999 END
  ) AS reserve
 WHERE year > extract(year FROM :today::date)
   AND reserve.fen * :den(reserve.min_coverage, envelope.area_code)
     < envelope.amount_fen * :num(reserve.min_coverage, envelope.area_code)
   AND (:subject::text IS NULL OR concat_ws('/', envelope.area_code, year) = :subject)"""

LIBRARY_CHECKS = (
    Check(
        "funds-library-waits",
        Severity.INFO,
        "project",
        "在库多年未安排资金，建议以E07出库",
        "waited for years without money, and is to leave by E07",
        _WAITS,
        rule="F-1.6-E07",
    ),
    Check(
        "funds-urgent-open",
        Severity.RED,
        "project",
        "应急入库手续逾期未补齐",
        "an urgent entry was not completed in time",
        _OPEN,
        rule="F-1.6",
    ),
    Check(
        "funds-reserve-thin",
        Severity.AMBER,
        "planning_envelope",
        "下年度项目储备低于资金盘子（钱等项目）",
        "the reserve covers less than next year's money",
        _THIN,
        rule="F-1.6",
    ),
)

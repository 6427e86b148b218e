"""Early warnings on what money is used for: FW22, FW39, FW40, FW46."""

from services.funds.checks.warning import LINKAGE, warning
from services.funds.domain.negative_measures import LANDSCAPE
from services.funds.parameters.library import LIBRARY_PARAMETERS

# Accounts on which money of an indicator lies with a project; a surplus is the county's again.
_GIVEN = "NOT IN ('1000', '1100', '1150', '1800', '2000')"
# An area and all above it, whose rows of reference data may speak for it.
_ABOVE = "(0, {0} / 10000000000 * 10000000000, {0} / 100000000 * 100000000, {0})"

# Of each county and year the newest filed version of the integration plan.
_FILED = """
  SELECT DISTINCT ON (plan.area_code, plan.year) plan.id, plan.area_code, plan.year,
         least(:today, make_date(plan.year, 12, 31)) AS judged_on
    FROM integration_plan AS plan
    JOIN case_file AS c ON c.workflow = 'funds.integration_plan' AND c.subject_id = plan.id AND c.state = 'FILED'
   ORDER BY plan.area_code, plan.year, plan.version DESC"""
_INTEGRATED = f"""
WITH in_force AS ({_FILED}
), integrated AS (
  SELECT plan.id AS plan_id, plan.area_code, plan.year, source.indicator_id
    FROM in_force AS plan JOIN integration_source AS source ON source.plan_id = plan.id
   WHERE :param(integration.regime, plan.area_code, judged_on) = 'INTEGRATED'
)"""  # noqa: S608  constants of this file

_OUTSIDE_PLAN = f"""{_INTEGRATED}, given AS (
  SELECT plan_id, year, kept.project_id, sum(kept.amount_fen) AS fen
    FROM integrated JOIN ledger_balance AS kept USING (indicator_id)
   WHERE kept.account {_GIVEN}
   GROUP BY plan_id, year, kept.project_id HAVING sum(kept.amount_fen) > 0
)
SELECT concat_ws('/', given.plan_id, given.project_id) AS subject_key, p.area_code,
       jsonb_build_object('plan_id', given.plan_id, 'project_id', p.id, 'year', given.year, 'given_fen', fen,
         'planned_fen', own.amount_fen) AS facts
  FROM given JOIN project AS p ON p.id = given.project_id
  LEFT JOIN integration_project AS own ON own.plan_id = given.plan_id AND own.project_id = given.project_id
 WHERE (:subject::text IS NULL OR p.id = split_part(:subject, '/', 2)::uuid) AND fen > coalesce(own.amount_fen, 0)"""  # noqa: S608  constants of this file

# What the negative list forbids is FW22; integrated money follows its plan (FW39). Each pair is asked for once.
_MISMATCH = f"""{_INTEGRATED}, given AS (
  SELECT i.area_code AS county, i.category AS fund, p.category, p.id, p.area_code, sum(kept.amount_fen) AS fen
    FROM ledger_balance AS kept
    JOIN indicator AS i ON i.id = kept.indicator_id
    JOIN project AS p ON p.id = kept.project_id
   WHERE kept.account {_GIVEN} AND NOT EXISTS (SELECT FROM integrated WHERE integrated.indicator_id = i.id)
     AND (:subject::text IS NULL OR p.id = split_part(:subject, '/', 1)::uuid)
   GROUP BY i.area_code, i.category, p.id HAVING sum(kept.amount_fen) > 0
), asked AS (
  SELECT DISTINCT county, fund, category FROM given
), answered AS (
  SELECT asked.*, coalesce(answer.allowed, false) AS allowed, answer.rule, answer.source
    FROM asked LEFT JOIN LATERAL (
      SELECT allowed, rule, source FROM fund_eligibility AS row
       WHERE row.fund_category = asked.fund AND starts_with(asked.category, row.prefix)
         AND row.area_code IN {_ABOVE.format("asked.county")}
         AND row.valid_from <= :today AND coalesce(row.valid_to, 'infinity') >= :today
       ORDER BY length(row.prefix) DESC, row.area_code DESC, row.valid_from DESC LIMIT 1) AS answer ON true
)
SELECT concat_ws('/', id, fund) AS subject_key, given.area_code,
       jsonb_build_object('project_id', id, 'fund', fund, 'category', category, 'fen', fen, 'source', source) AS facts
  FROM given JOIN answered USING (county, fund, category)
 WHERE NOT allowed AND coalesce(rule, '') NOT LIKE 'NL%' AND :param(rule.FW40.mode, county) <> 'off'"""  # noqa: S608  constants of this file


_NOISE = r"[\s!-/:-@\[-`{-~，。、；：？！“”‘’《》〈〉【】〔〕「」…—·]+"


def _key(text: str) -> str:
    """`text` without what does not count when words are looked for, as domain/library.text_key takes it away."""
    return f"regexp_replace(lower(normalize({text}, NFKC)), '{_NOISE}', '', 'g')"


_MODES = " ".join(
    f"WHEN '{each.name.split('.')[1]}' THEN :param({each.name}, chosen.county)"
    for each in LIBRARY_PARAMETERS
    if each.name.startswith("rule.NL")
)
_FRACTION = "split_part(bound, '/', 1)::numeric / coalesce(nullif(split_part(bound, '/', 2), ''), '1')::numeric"
# What domain/negative_measures measures, in the same words.
_MEASURES = f"""CASE measure
    WHEN '' THEN true
    WHEN 'total_above' THEN planned_total_fen > bound::numeric * 100
    WHEN 'urban_place' THEN content @> '{{"places": [{{"village_type": "urban_community"}}]}}'
    WHEN 'largest_share_above' THEN (content #>> '{{benefit,largest_share_ppm}}')::int > {_FRACTION} * 1000000
    WHEN 'nobody_in_need' THEN (content #>> '{{benefit,households}}')::int > 0
      AND coalesce((content #>> '{{benefit,out_of_poverty_households}}')::int, 0)
        + coalesce((content #>> '{{benefit,monitored_households}}')::int, 0) = 0
    WHEN 'landscape_above' THEN (
      SELECT sum((line ->> 'cost')::numeric * 100) FROM jsonb_array_elements(content -> 'quantities') AS line
       WHERE line ->> 'label' ~ '{"|".join(LANDSCAPE)}') > planned_total_fen * ({_FRACTION})
    WHEN 'no_condition' THEN is_household_project
      AND trim(concat(content ->> 'subsidy_condition', content ->> 'linkage_detail')) = ''
    WHEN 'equity_without_asset' THEN NOT asset_forming AND content -> 'linkage' ? 'assets_as_shares' END"""  # noqa: S608  constants of this file

# Of each rule the nearest area's newest version in force; only lines count that block where the county adopted them.
_FORBIDDEN = f"""
WITH funded AS (
  SELECT p.id, p.area_code, p.area_code / 1000000 * 1000000 AS county, p.category, p.planned_total_fen, p.asset_forming,
         p.is_household_project, v.content, {_key("concat(v.content ->> 'name', v.content ->> 'content')")} AS words
    FROM project AS p
    JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = p.id
     AND c.state IN ('FUNDED', 'IMPLEMENTING', 'COMPLETED', 'ACCEPTED', 'SETTLED', 'SUSPENDED')
    JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no
   WHERE (:subject::text IS NULL OR p.id = :subject::uuid)
), counties AS (
  SELECT DISTINCT county FROM funded
), chosen AS (
  SELECT DISTINCT ON (county, rule_id) county, rule_id, rule.area_code, version
    FROM counties JOIN negative_rule AS rule ON rule.area_code IN {_ABOVE.format("county")}
   WHERE effective_from <= :today AND coalesce(effective_to, 'infinity') >= :today
   ORDER BY county, rule_id, rule.area_code DESC, version DESC
), lines AS MATERIALIZED (
  SELECT chosen.county, rule.*, ARRAY(SELECT {_key("word")} FROM unnest(keywords) AS word) AS wanted,
         (SELECT string_agg({_key("word")}, '|') FROM unnest(whitelist) AS word) AS spared
    FROM chosen JOIN negative_rule AS rule USING (rule_id, area_code, version)
   WHERE rule.verdict = 'block' AND CASE rule_id {_MODES} END = 'block'
)
SELECT funded.id::text AS subject_key, funded.area_code,
       jsonb_build_object('rules', jsonb_agg(DISTINCT rule_id || ' v' || version), 'zh', jsonb_agg(DISTINCT zh)) AS facts
  FROM funded JOIN lines USING (county)
 WHERE NOT EXISTS (SELECT FROM unnest(excepted) AS code WHERE starts_with(category, code))
   AND (wanted = '{{}}' OR EXISTS (SELECT FROM unnest(wanted) AS word
          WHERE strpos(CASE WHEN spared IS NULL THEN words ELSE regexp_replace(words, spared, '', 'g') END, word) > 0))
   AND (categories = '{{}}' OR EXISTS (SELECT FROM unnest(categories) AS code WHERE starts_with(category, code)))
   AND (economic_classes = '{{}}' OR EXISTS (
          SELECT FROM unnest(economic_classes) AS code, jsonb_array_elements_text(content -> 'economic_classes') AS own
           WHERE starts_with(own, code)))
   AND (NOT linkage_money_only OR EXISTS (
          SELECT FROM jsonb_array_elements(content -> 'funding') AS line WHERE line ->> 'category' IN {LINKAGE}))
   AND {_MEASURES}
 GROUP BY funded.id, funded.area_code"""  # noqa: S608  constants of this file

# Once the works are done, what persons earned by them is measured against the central money that the project has.
_LABOUR = f"""
WITH kept AS (
  SELECT b.project_id, sum(b.amount_fen) FILTER (WHERE i.level = 'central') AS central,
         bool_or(i.category = 'fund.work_relief') AS is_relief
    FROM ledger_balance AS b JOIN indicator AS i ON i.id = b.indicator_id
   WHERE b.account {_GIVEN} GROUP BY b.project_id
), judged AS (
  SELECT p.id, p.area_code, kept.central, coalesce((SELECT sum(amount_fen) FROM labour_pay WHERE project_id = p.id), 0) AS paid
    FROM kept JOIN project AS p ON p.id = kept.project_id
    JOIN case_file AS c ON c.workflow = 'funds.project' AND c.subject_id = p.id
     AND c.state IN ('COMPLETED', 'ACCEPTED', 'SETTLED', 'CLOSED')
   WHERE (:subject::text IS NULL OR p.id = :subject::uuid) AND kept.central > 0
     AND (kept.is_relief OR EXISTS (
       SELECT FROM contract JOIN case_file AS k ON k.workflow = 'funds.contract' AND k.subject_id = contract.id
        WHERE contract.project_id = p.id AND procurement = 'work_for_relief' AND k.state NOT IN ('DRAFT', 'CANCELLED')))
)
SELECT id::text AS subject_key, area_code, jsonb_build_object('central_fen', central, 'labour_fen', paid) AS facts
  FROM judged
 WHERE paid * :den(work_relief.labour_min, area_code) < central * :num(work_relief.labour_min, area_code)"""  # noqa: S608  constants of this file

USE_WARNINGS = (
    warning("FW22", "project", _FORBIDDEN),
    warning("FW39", "integrated_project", _OUTSIDE_PLAN),
    warning("FW40", "project_fund", _MISMATCH),
    warning("FW46", "project", _LABOUR),
)

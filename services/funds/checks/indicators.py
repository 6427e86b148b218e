"""What indicators have to hold: sums of what went down, and marks that stay."""

from shared.checks.model import Check, Severity

# What was passed down counts from its issue, confirmed or not.
_DECOMPOSED = """
SELECT upper.id::text AS subject_key, upper.area_code,
       jsonb_build_object('passed_down', kept.fen, 'below', below.fen) AS facts
  FROM indicator AS upper
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0) AS fen FROM ledger_balance
     WHERE indicator_id = upper.id AND account = '1150') AS kept
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE WHEN c.state = 'CONFIRMED' THEN coalesce(booked.fen, 0) ELSE child.amount_fen END), 0) AS fen
      FROM indicator AS child
      JOIN case_file AS c ON c.workflow = 'funds.indicator' AND c.subject_id = child.id
      CROSS JOIN LATERAL (
        SELECT sum(amount_fen) AS fen FROM ledger_balance
         WHERE indicator_id = child.id AND account IN ('1000', '2000')) AS booked
     WHERE child.parent_id = upper.id) AS below
 WHERE (:subject::text IS NULL OR upper.id = :subject::uuid) AND kept.fen <> below.fen"""
_UNMARKED = """
SELECT child.id::text AS subject_key, child.area_code,
       jsonb_build_object('parent_id', upper.id, 'category', child.category) AS facts
  FROM indicator AS child JOIN indicator AS upper ON upper.id = child.parent_id
 WHERE (:subject::text IS NULL OR child.id = :subject::uuid)
   AND ((upper.is_direct_fund AND NOT child.is_direct_fund) OR upper.category <> child.category
     OR upper.level <> child.level)"""

INDICATOR_CHECKS = (
    Check(
        "funds-decomposed",
        Severity.ERROR,
        "indicator",
        "已分解下级与下级指标合计不符",
        "what was passed down differs from what the lower levels hold",
        _DECOMPOSED,
        rule="LM01",
    ),
    Check(
        "funds-inherited",
        Severity.ERROR,
        "indicator",
        "下级指标未继承直达资金标识、资金类别或级次",
        "an indicator lost the mark of direct funds, its category or its level on the way down",
        _UNMARKED,
        rule="F-2.1",
    ),
)

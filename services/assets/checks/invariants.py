"""What must hold in the register and its money at any time (domain-funds-assets §7.4–7.9, §7.15), as SELECTs."""

from shared.checks.model import Check, Severity


def _check(
    name: str,
    rule: str,
    subject: str,
    zh: str,
    en: str,
    select: str,
    severity: Severity = Severity.ERROR,
) -> Check:
    return Check(id=name, severity=severity, subject=subject, zh=zh, en=en, select=select, rule=rule)


SOURCE_SHARES = _check(
    "assets-source-shares",
    "AR22",
    "asset",
    "资金来源占比合计不等于100%",
    "the source shares do not make one whole",
    """
SELECT asset.id::text AS subject_key, asset.area_code,
       jsonb_build_object('sum_ppm', coalesce(sum(share_ppm), 0)) AS facts
  FROM asset LEFT JOIN asset_source ON asset_id = asset.id
 WHERE NOT is_provisional AND (:subject::text IS NULL OR asset.id = :subject::uuid)
 GROUP BY asset.id HAVING coalesce(sum(share_ppm), 0) <> 1000000""",
)

OWNER_SHARES = _check(
    "assets-owner-shares",
    "F-7.6",
    "asset",
    "已确权资产的权属份额合计不等于100%",
    "the owner shares of a confirmed asset do not make one whole",
    """
SELECT asset.id::text AS subject_key, asset.area_code,
       jsonb_build_object('sum_ppm', coalesce(sum(share_ppm), 0)) AS facts
  FROM asset LEFT JOIN asset_owner ON asset_id = asset.id
 WHERE confirmed_on IS NOT NULL AND (:subject::text IS NULL OR asset.id = :subject::uuid)
 GROUP BY asset.id HAVING coalesce(sum(share_ppm), 0) <> 1000000""",
)

VALUE_IS_SOURCES = _check(
    "assets-value-is-sources",
    "F-7.4",
    "asset",
    "资产原值与各来源金额合计不符",
    "the value differs from what the sources bear",
    """
SELECT asset.id::text AS subject_key, asset.area_code,
       jsonb_build_object('value_fen', value_fen, 'sources_fen', coalesce(sum(amount_fen), 0)) AS facts
  FROM asset LEFT JOIN asset_source ON asset_id = asset.id
 WHERE NOT is_provisional AND (:subject::text IS NULL OR asset.id = :subject::uuid)
 GROUP BY asset.id HAVING coalesce(sum(amount_fen), 0) <> value_fen""",
)

PROJECT_IS_ASSETS = _check(
    "assets-project-is-assets",
    "AR23",
    "project",
    "项目结算及待摊费用与形成资产原值不符",
    "settlement and indirect costs differ from the values of the assets they formed",
    """
SELECT project_id::text AS subject_key, ref_project.area_code,
       jsonb_build_object('settled_fen', settlement_fen + indirect_fen, 'assets_fen', coalesce(assets_fen, 0)) AS facts
  FROM ref_project
  LEFT JOIN (SELECT project_id, sum(value_fen) AS assets_fen FROM asset GROUP BY project_id) AS formed USING (project_id)
 WHERE asset_forming AND settled_on IS NOT NULL AND (:subject::text IS NULL OR project_id = :subject::uuid)
   AND settlement_fen + indirect_fen <> coalesce(assets_fen, 0)""",
)

ONE_CUSTODIAN = _check(
    "assets-one-custodian",
    "AR03",
    "asset",
    "管护状态与在任管护主体不符",
    "the state of custody does not fit the custodian on record",
    """
SELECT asset.id::text AS subject_key, asset.area_code,
       jsonb_build_object('custody_state', case_file.state, 'custodians', count(asset_custody.id)) AS facts
  FROM asset
  JOIN case_file ON subject_id = asset.id AND workflow = 'assets.custody'
  LEFT JOIN asset_custody ON asset_id = asset.id AND ended_on IS NULL
 WHERE (:subject::text IS NULL OR asset.id = :subject::uuid)
 GROUP BY asset.id, case_file.state
HAVING count(asset_custody.id) <> CASE case_file.state WHEN 'ASSIGNED' THEN 1 ELSE 0 END""",
)

NOBODY_KEEPS = _check(
    "assets-nobody-keeps",
    "AR03",
    "asset",
    "已确权资产未落实管护",
    "nobody keeps a confirmed asset",
    """
SELECT asset.id::text AS subject_key, asset.area_code, jsonb_build_object('custody_state', case_file.state) AS facts
  FROM asset JOIN case_file ON subject_id = asset.id AND workflow = 'assets.custody'
 WHERE confirmed_on IS NOT NULL AND asset_class <> 'household' AND case_file.state IN ('UNASSIGNED', 'LAPSED')
   AND (:subject::text IS NULL OR asset.id = :subject::uuid)""",
    Severity.AMBER,
)

DISPOSED_IS_ENDED = _check(
    "assets-disposed-is-ended",
    "F-7.5",
    "asset",
    "已处置资产仍有未终止的确权、管护或使用状态",
    "a disposed asset has a right, custody or use that did not end",
    """
SELECT asset.id::text AS subject_key, asset.area_code, jsonb_build_object('workflow', min(workflow)) AS facts
  FROM asset JOIN case_file ON subject_id = asset.id
 WHERE disposed_on IS NOT NULL AND workflow IN ('assets.right', 'assets.custody', 'assets.use') AND is_open
   AND (:subject::text IS NULL OR asset.id = :subject::uuid)
 GROUP BY asset.id""",
)

RENT_CALENDAR = _check(
    "assets-rent-calendar",
    "F-7.8",
    "contract",
    "已签合同的租金计划与总额不符",
    "the rent calendar of a signed contract does not make its total",
    """
SELECT contract.id::text AS subject_key, contract.area_code,
       jsonb_build_object('rent_total_fen', rent_total_fen, 'calendar_fen', coalesce(sum(amount_fen), 0)) AS facts
  FROM operating_contract AS contract LEFT JOIN rent_instalment ON contract_id = contract.id
 WHERE signed_on IS NOT NULL AND (:subject::text IS NULL OR contract.id = :subject::uuid)
 GROUP BY contract.id HAVING coalesce(sum(amount_fen), 0) <> rent_total_fen""",
)

RENT_PAID = _check(
    "assets-rent-paid",
    "F-7.8",
    "contract",
    "分期已缴金额与到账分配不符",
    "what is paid on an instalment differs from what receipts paid of it",
    """
SELECT instalment.contract_id::text AS subject_key, instalment.area_code,
       jsonb_build_object('no', min(no), 'paid_fen', sum(paid_fen), 'receipts_fen', sum(coalesce(received, 0))) AS facts
  FROM rent_instalment AS instalment
  LEFT JOIN (SELECT contract_id, instalment_no AS no, sum(amount_fen) AS received
               FROM receipt_allocation GROUP BY contract_id, instalment_no) AS allocated USING (contract_id, no)
 WHERE paid_fen <> coalesce(received, 0) AND (:subject::text IS NULL OR instalment.contract_id = :subject::uuid)
 GROUP BY instalment.contract_id, instalment.area_code""",
)

RECEIPT_WENT = _check(
    "assets-receipt-went",
    "F-7.8",
    "receipt",
    "合同到账未全部入账到期次、滞纳金或预收",
    "a contract's receipt is not wholly instalments, late fee and prepayment",
    """
SELECT receipt.id::text AS subject_key, receipt.area_code,
       jsonb_build_object('amount_fen', receipt.amount_fen, 'booked_fen',
         late_fee_fen + unallocated_fen + coalesce(sum(allocation.amount_fen), 0)) AS facts
  FROM income_receipt AS receipt LEFT JOIN receipt_allocation AS allocation ON receipt_id = receipt.id
 WHERE receipt.contract_id IS NOT NULL AND (:subject::text IS NULL OR receipt.id = :subject::uuid)
 GROUP BY receipt.id
HAVING late_fee_fen + unallocated_fen + coalesce(sum(allocation.amount_fen), 0) <> receipt.amount_fen""",
)

DRAWN_IS_PLANNED = _check(
    "assets-drawn-is-planned",
    "F-7.9",
    "receipt",
    "收益已动用金额与各分配方案不符，或超过到账",
    "what is drawn of a receipt differs from its plans, or is more than arrived",
    """
SELECT receipt.id::text AS subject_key, receipt.area_code,
       jsonb_build_object('drawn_fen', drawn_fen, 'plans_fen', coalesce(sum(plan_receipt.amount_fen), 0)) AS facts
  FROM income_receipt AS receipt LEFT JOIN plan_receipt ON receipt_id = receipt.id
 WHERE (:subject::text IS NULL OR receipt.id = :subject::uuid)
 GROUP BY receipt.id
HAVING coalesce(sum(plan_receipt.amount_fen), 0) <> drawn_fen OR drawn_fen > receipt.amount_fen""",
)

PLAN_ADDS_UP = _check(
    "assets-plan-adds-up",
    "F-7.9",
    "distribution plan",
    "分配方案的部分、明细与总额不符",
    "parts or household lines do not make the plan's total",
    """
SELECT plan.id::text AS subject_key, plan.area_code,
       jsonb_build_object('total_fen', total_fen, 'parts_fen', sum(part.amount_fen)) AS facts
  FROM distribution_plan AS plan
  JOIN plan_part AS part ON part.plan_id = plan.id
  LEFT JOIN (SELECT plan_id, part, sum(amount_fen) FILTER (WHERE status NOT IN ('STRUCK', 'REVERSED')) AS lines_fen
               FROM plan_line GROUP BY plan_id, part) AS line ON line.plan_id = plan.id AND line.part = part.part
 WHERE (:subject::text IS NULL OR plan.id = :subject::uuid)
 GROUP BY plan.id
HAVING sum(part.amount_fen) <> total_fen
    OR bool_or(line.part IS NOT NULL AND coalesce(lines_fen, 0) <> part.amount_fen)""",
)

PAID_IS_RECEIVED = _check(
    "assets-paid-is-received",
    "F-7.9",
    "distribution plan",
    "已发放金额超过方案动用的到账收益",
    "more was paid out than the plan drew from receipts",
    """
SELECT plan.id::text AS subject_key, plan.area_code,
       jsonb_build_object('paid_fen', paid_fen, 'drawn_fen', coalesce(drawn_fen, 0)) AS facts
  FROM distribution_plan AS plan
  JOIN (SELECT plan_id, sum(amount_fen) AS paid_fen FROM plan_line WHERE status = 'PAID' GROUP BY plan_id) AS paid
    ON paid.plan_id = plan.id
  LEFT JOIN (SELECT plan_id, sum(amount_fen) AS drawn_fen FROM plan_receipt GROUP BY plan_id) AS drawn
    ON drawn.plan_id = plan.id
 WHERE paid_fen > coalesce(drawn_fen, 0) AND (:subject::text IS NULL OR plan.id = :subject::uuid)""",
)

INVARIANTS = (
    SOURCE_SHARES,
    OWNER_SHARES,
    VALUE_IS_SOURCES,
    PROJECT_IS_ASSETS,
    ONE_CUSTODIAN,
    NOBODY_KEEPS,
    DISPOSED_IS_ENDED,
    RENT_CALENDAR,
    RENT_PAID,
    RECEIPT_WENT,
    DRAWN_IS_PLANNED,
    PLAN_ADDS_UP,
    PAID_IS_RECEIVED,
)

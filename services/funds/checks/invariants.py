"""The invariants of ledger, contracts, payments, batches and settlements as checks (domain-funds-assets §3.9).

V10 and V12 to V15 stand in invariants_beyond.py.
"""

from dataclasses import replace

from services.funds.domain.postings import BOOK
from shared.checks.ledger import ledger_checks
from shared.checks.model import Check, Severity

_NUMBERED = {"funds-L1": "V01", "funds-trial-balance": "V01 V03", "funds-L3": "V02", "funds-L4": "V02"}
LEDGER_INVARIANTS = tuple(replace(check, rule=f"{check.rule} {_NUMBERED[check.id]}") for check in ledger_checks(BOOK))
"""The ledger's own checks bear V01 to V03: an entry balanced, no account below its floor, the source equal to its parts."""

# What the ledger holds of each contract, and what of it is in transit by its payments. Each contract looks its own up:
# behind the wall the planner expects one row of anything, and would add the whole ledger up once a contract. The
# ledger's indexes leave out cells that an account does not keep, so a look-up has to say that it asks for none of them.
_CONTRACTS = """
WITH stands AS (
  SELECT one.*, c.state, kept.committed, kept.held, kept.advance, kept.spent, way.fen AS in_transit
    FROM contract AS one
    JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = one.id
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(amount_fen) FILTER (WHERE account = '1300'), 0) AS committed,
            coalesce(sum(amount_fen) FILTER (WHERE account = '1310'), 0) AS held,
            coalesce(sum(amount_fen) FILTER (WHERE account = '1500'), 0) AS advance,
            coalesce(sum(amount_fen) FILTER (WHERE account = '1600'), 0) AS spent
       FROM ledger_balance
      WHERE contract_id = one.id AND contract_id <> '00000000-0000-0000-0000-000000000000'
        AND account IN ('1300', '1310', '1500', '1600')) AS kept
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(sent.amount_fen), 0) AS fen
       FROM payment
       JOIN ledger_balance AS sent ON sent.payment_id = payment.id AND sent.payment_id <> '00000000-0000-0000-0000-000000000000'
        AND sent.account = '1400'
      WHERE payment.contract_id = one.id) AS way
   WHERE c.state NOT IN ('DRAFT', 'CANCELLED') AND (:subject::text IS NULL OR one.id = :subject::uuid)
)
SELECT id::text AS subject_key, area_code,
       jsonb_build_object('committed', committed, 'held', held, 'in_transit', in_transit, 'advance', advance,
         'spent', spent, 'settlement', settlement_fen, 'claim', claim_fen, 'state', state) AS facts
  FROM stands WHERE """


def _contract_check(name: str, zh: str, en: str, offends: str) -> Check:
    return Check(f"funds-{name}", Severity.ERROR, "contract", zh, en, _CONTRACTS + offends, rule=name)


_INDICATORS = """
SELECT concat_ws('/', area_code, indicator_id) AS subject_key, area_code,
       jsonb_build_object('received', received, 'allocated', allocated, 'paid', paid) AS facts
  FROM (
    SELECT area_code, indicator_id,
           coalesce(sum(amount_fen) FILTER (WHERE account IN ('1000', '2000')), 0) AS received,
           coalesce(sum(amount_fen) FILTER (WHERE account NOT IN ('1000', '1100', '2000')), 0) AS allocated,
           coalesce(sum(amount_fen) FILTER (WHERE account IN ('1500', '1600', '1610')), 0) AS paid
      FROM ledger_balance
     WHERE (:subject::text IS NULL OR indicator_id = split_part(:subject, '/', 2)::uuid)
     GROUP BY area_code, indicator_id) AS sums
 WHERE paid > allocated OR allocated > received"""

_BATCHES = """
SELECT batch.id::text AS subject_key, batch.area_code,
       jsonb_build_object('header', total_fen, 'lines', lines.fen, 'sent', lines.sent, 'arrived', lines.arrived,
         'in_hand', lines.in_hand) AS facts
  FROM household_batch AS batch
 CROSS JOIN LATERAL (
   SELECT count(*) FILTER (WHERE outcome <> 'REMOVED') AS lines,
          coalesce(sum(amount_fen) FILTER (WHERE outcome <> 'REMOVED'), 0) AS fen,
          coalesce(sum(amount_fen) FILTER (WHERE instruction_no > 0 AND outcome IN ('PENDING', 'REISSUED')), 0) AS sent,
          coalesce(sum(amount_fen) FILTER (WHERE outcome IN ('PAID', 'RECOVERING')), 0) AS arrived,
          coalesce(sum(amount_fen) FILTER (WHERE outcome IN ('FAILED', 'CORRECTED')), 0)
            + coalesce(sum(amount_fen) FILTER (WHERE outcome = 'RECOVERED' AND EXISTS (
                SELECT FROM refund WHERE refund.household_line_id = line.id AND released_on IS NULL)), 0) AS in_hand
     FROM household_line AS line WHERE batch_id = batch.id) AS lines
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(amount_fen) FILTER (WHERE account = '1400'), 0) AS sent,
          coalesce(sum(amount_fen) FILTER (WHERE account = '1700'), 0) AS in_hand
     FROM ledger_balance
    WHERE payment_id = batch.id AND payment_id <> '00000000-0000-0000-0000-000000000000' AND account IN ('1400', '1700')) AS kept
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(own.amount_fen), 0) AS fen
     FROM household_line AS line
     JOIN ledger_balance AS own ON own.household_line_id = line.id AND own.account = '1610'
      AND own.household_line_id <> '00000000-0000-0000-0000-000000000000'
    WHERE line.batch_id = batch.id) AS paid
 WHERE (:subject::text IS NULL OR batch.id = :subject::uuid)
   AND (batch.line_count <> lines.lines OR batch.total_fen <> lines.fen
     OR kept.sent <> lines.sent OR kept.in_hand <> lines.in_hand OR paid.fen <> lines.arrived)"""

# Each entry has the journal row of its command; money that arrived has the case that says so.
_UNFOUNDED = """
SELECT entry.id::text AS subject_key, entry.area_code,
       jsonb_build_object('document', entry.document, 'template', entry.template, 'state', c.state) AS facts
  FROM ledger_entry AS entry
  LEFT JOIN journal ON journal.id = entry.command_id
  LEFT JOIN case_file AS c ON c.subject_id = CASE
       WHEN entry.document LIKE 'payment:%' OR entry.document LIKE 'contract:%'
       THEN split_part(entry.document, ':', 2)::uuid END
 WHERE (:subject::text IS NULL OR entry.id = :subject::uuid)
   AND (journal.id IS NULL
     OR (entry.template IN ('P08', 'P09') AND c.state NOT IN ('PAID', 'RECONCILED'))
     OR (entry.template = 'P05' AND c.state IN ('DRAFT', 'CANCELLED')))"""

_FORMED = """
SELECT concat_ws('/', told.project_id, told.indicator_id) AS subject_key, told.area_code,
       jsonb_build_object('told', told.amount_fen, 'ledger', kept.fen, 'claimed', claimed.fen) AS facts
  FROM project_settlement_source AS told
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(amount_fen), 0) AS fen FROM ledger_balance
    WHERE project_id = told.project_id AND indicator_id = told.indicator_id
      AND project_id <> '00000000-0000-0000-0000-000000000000'
      AND account IN ('1300', '1310', '1400', '1600', '1610')) AS kept
 CROSS JOIN LATERAL (
   SELECT coalesce(sum(claim.claimed_fen - claim.refunded_fen), 0) AS fen
     FROM contract JOIN refund_claim AS claim ON claim.contract_id = contract.id
    WHERE contract.project_id = told.project_id AND claim.indicator_id = told.indicator_id) AS claimed
 WHERE (:subject::text IS NULL OR told.project_id = split_part(:subject, '/', 1)::uuid)
   AND told.amount_fen <> kept.fen - claimed.fen"""

INVARIANTS = (
    Check(
        "funds-V04",
        Severity.ERROR,
        "indicator",
        "已付大于已分配，或已分配大于指标",
        "more is paid than allocated, or allocated than received",
        _INDICATORS,
        rule="V04",
    ),
    _contract_check(
        "V05",
        "合同账面与合同价及变更不符，或与合同行金额不符",
        "the ledger does not hold the contract with its variations, or differs from the contract's own sums",
        """(settlement_fen IS NULL AND committed + held + in_transit + advance + spent <> amount_fen + variation_fen)
   OR advance <> advanced_fen - recouped_fen OR spent <> worked_fen + recouped_fen - refunded_fen""",
    ),
    _contract_check(
        "V06",
        "已结算合同账面与结算价及应退款不符",
        "a settled contract's ledger differs from its settlement and open claim",
        "settlement_fen IS NOT NULL AND spent + held + in_transit + committed <> settlement_fen + claim_fen",
    ),
    _contract_check(
        "V07",
        "已结算合同仍有预付款",
        "a settled contract has an advance outstanding",
        "settlement_fen IS NOT NULL AND advance <> 0",
    ),
    _contract_check(
        "V08",
        "留置质保金超过批复金额",
        "more is retained than was approved within the cap",
        "held > retention_fen OR retention_fen > coalesce(settlement_fen, 0)",
    ),
    Check(
        "funds-V09",
        Severity.ERROR,
        "batch",
        "批次与明细或账面不符",
        "a batch differs from its lines, or its lines from the ledger",
        _BATCHES,
        rule="V09",
    ),
    Check(
        "funds-V11",
        Severity.ERROR,
        "ledger_entry",
        "分录没有相应的办理依据",
        "an entry stands on no command or on a case that does not bear it",
        _UNFOUNDED,
        rule="V11",
    ),
    Check(
        "funds-V16",
        Severity.ERROR,
        "project",
        "项目各来源支出与资产形成事件不符",
        "what each source bears differs from what the asset register was told",
        _FORMED,
        rule="V16",
    ),
)

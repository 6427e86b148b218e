"""Payees, contracts, valuations, payments, refunds, settlements, and household subsidy batches."""

from alembic import op

revision = "funds_0002"
down_revision = "funds_0001"
branch_labels = None
depends_on = None

CONTRACTS = (
    """CREATE TABLE payee(
         id uuid CONSTRAINT pk_payee PRIMARY KEY, area_code bigint NOT NULL, name text NOT NULL, kind text NOT NULL,
         credit_code text NOT NULL, bank_name text NOT NULL, account_sealed bytea NOT NULL, account_index bytea NOT NULL,
         changed_by uuid NOT NULL, changed_on date, confirmed_by uuid, confirmed_on date,
         CONSTRAINT uq_payee_area_code_credit_code UNIQUE (area_code, credit_code),
         CHECK (confirmed_by <> changed_by))""",
    "CREATE INDEX ix_payee_area_code ON payee(area_code)",
    "SELECT floor_protect('payee', 'rows')",
    """CREATE TABLE payee_relation(
         payee_id uuid, person uuid, declared_on date NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_payee_relation PRIMARY KEY (payee_id, person))""",
    "CREATE INDEX ix_payee_relation_area_code ON payee_relation(area_code)",
    "SELECT floor_protect('payee_relation', 'append')",
    """CREATE TABLE contract(
         id uuid CONSTRAINT pk_contract PRIMARY KEY, area_code bigint NOT NULL, county_code bigint NOT NULL,
         project_id uuid NOT NULL, payee_id uuid NOT NULL, number text NOT NULL, title text NOT NULL, kind text NOT NULL,
         procurement text NOT NULL, award_notice text, award_fen bigint, award_on date,
         signed_on date NOT NULL, defect_months int NOT NULL, payment_plan text NOT NULL,
         before_acceptance_ppm int, completed_on date,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), provisional_fen bigint NOT NULL,
         variation_fen bigint NOT NULL, certified_fen bigint NOT NULL, advanced_fen bigint NOT NULL,
         recouped_fen bigint NOT NULL, worked_fen bigint NOT NULL, refunded_fen bigint NOT NULL,
         open_advance_fen bigint NOT NULL, open_recoup_fen bigint NOT NULL, open_cash_fen bigint NOT NULL,
         reviewed_fen bigint, settlement_fen bigint, retention_fen bigint NOT NULL, retention_used_fen bigint NOT NULL,
         claim_fen bigint NOT NULL, bank_guarantee text, settlement_document text,
         CONSTRAINT uq_contract_county_code_number UNIQUE (county_code, number),
         CONSTRAINT ck_contract_paid_within_certified CHECK (
           worked_fen + recouped_fen + open_cash_fen + open_recoup_fen - refunded_fen <= certified_fen + claim_fen),
         CONSTRAINT ck_contract_taken_within_contract CHECK (
           advanced_fen + worked_fen + open_advance_fen + open_cash_fen - refunded_fen <= amount_fen + variation_fen),
         CONSTRAINT ck_contract_certified_within_contract CHECK (certified_fen <= amount_fen + variation_fen),
         CONSTRAINT ck_contract_recouped_within_advance CHECK (recouped_fen + open_recoup_fen <= advanced_fen),
         CONSTRAINT ck_contract_retention_within_set_aside CHECK (retention_used_fen <= retention_fen),
         CONSTRAINT ck_contract_nothing_below_zero CHECK (
           least(amount_fen, provisional_fen, certified_fen, advanced_fen, recouped_fen, worked_fen, refunded_fen,
             open_advance_fen, open_recoup_fen, open_cash_fen, retention_fen, retention_used_fen, claim_fen) >= 0))""",
    "CREATE INDEX ix_contract_area_code ON contract(area_code)",
    "CREATE INDEX ix_contract_project_id ON contract(project_id)",
    "CREATE INDEX ix_contract_payee_id ON contract(payee_id)",
    "SELECT floor_protect('contract', 'rows')",
    """CREATE TABLE contract_variation(
         id uuid CONSTRAINT pk_contract_variation PRIMARY KEY, contract_id uuid NOT NULL, seq int NOT NULL,
         delta_fen bigint NOT NULL CHECK (delta_fen <> 0), document_no text NOT NULL, proposed_by uuid NOT NULL,
         proposed_at timestamptz NOT NULL, applied_on date, area_code bigint NOT NULL,
         CONSTRAINT uq_contract_variation_contract_id_seq UNIQUE (contract_id, seq))""",
    "CREATE UNIQUE INDEX ux_contract_variation_open ON contract_variation(contract_id) WHERE applied_on IS NULL",
    "CREATE INDEX ix_contract_variation_area_code ON contract_variation(area_code)",
    "SELECT floor_protect('contract_variation', 'rows')",
    """CREATE TABLE valuation(
         id uuid CONSTRAINT pk_valuation PRIMARY KEY, contract_id uuid NOT NULL, seq int NOT NULL,
         certified_fen bigint NOT NULL CHECK (certified_fen > 0), certified_on date NOT NULL, document_no text NOT NULL,
         supervisor text NOT NULL, recorded_by uuid NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT uq_valuation_contract_id_seq UNIQUE (contract_id, seq))""",
    "CREATE INDEX ix_valuation_area_code ON valuation(area_code)",
    "SELECT floor_protect('valuation', 'append')",
    """CREATE TABLE refund_claim(
         contract_id uuid, indicator_id uuid, fiscal_year int, claimed_fen bigint NOT NULL, refunded_fen bigint NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT pk_refund_claim PRIMARY KEY (contract_id, indicator_id, fiscal_year),
         CONSTRAINT ck_refund_claim_refunded_within_claimed CHECK (refunded_fen BETWEEN 0 AND claimed_fen))""",
    "CREATE INDEX ix_refund_claim_area_code ON refund_claim(area_code)",
    "SELECT floor_protect('refund_claim', 'rows')",
    """CREATE TABLE project_settlement(
         project_id uuid CONSTRAINT pk_project_settlement PRIMARY KEY, settlement_fen bigint NOT NULL,
         retention_fen bigint NOT NULL, approval_document text NOT NULL, settled_on date NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_project_settlement_area_code ON project_settlement(area_code)",
    "SELECT floor_protect('project_settlement', 'rows')",
    """CREATE TABLE project_settlement_source(
         project_id uuid, indicator_id uuid, amount_fen bigint NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_project_settlement_source PRIMARY KEY (project_id, indicator_id))""",
    "CREATE INDEX ix_project_settlement_source_area_code ON project_settlement_source(area_code)",
    "SELECT floor_protect('project_settlement_source', 'rows')",
)

PAYMENTS = (
    """CREATE TABLE payment(
         id uuid CONSTRAINT pk_payment PRIMARY KEY, area_code bigint NOT NULL, county_code bigint NOT NULL,
         project_id uuid NOT NULL, contract_id uuid NOT NULL, payee_id uuid NOT NULL,
         stage text NOT NULL CHECK (stage IN ('advance', 'progress', 'balance', 'retention')),
         cash_fen bigint NOT NULL, recoup_fen bigint NOT NULL, reference text NOT NULL, applied_on date NOT NULL,
         opinion_on date, documents uuid[] NOT NULL, reserved boolean NOT NULL, instructions int NOT NULL,
         instructed_on date, account_index bytea, bank_reference text, paid_on date, fail_reason text, statement_no text,
         CONSTRAINT uq_payment_county_code_reference UNIQUE (county_code, reference),
         CONSTRAINT ck_payment_amounts CHECK (cash_fen > 0 AND recoup_fen >= 0))""",
    """CREATE UNIQUE INDEX ux_payment_bank_reference ON payment(county_code, bank_reference)
         WHERE bank_reference IS NOT NULL""",
    "CREATE INDEX ix_payment_area_code ON payment(area_code)",
    "CREATE INDEX ix_payment_contract_id ON payment(contract_id)",
    "CREATE INDEX ix_payment_area_code_applied_on_id ON payment(area_code, applied_on, id)",
    "SELECT floor_protect('payment', 'rows')",
    """CREATE TABLE payment_invoice(
         payment_id uuid, number text, number_index bytea NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         issued_on date NOT NULL, claimed boolean NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_payment_invoice PRIMARY KEY (payment_id, number))""",
    "CREATE UNIQUE INDEX ux_payment_invoice_claimed ON payment_invoice(number_index) WHERE claimed",
    "CREATE INDEX ix_payment_invoice_area_code ON payment_invoice(area_code)",
    "SELECT floor_protect('payment_invoice', 'rows')",
    """CREATE TABLE refund(
         id uuid CONSTRAINT pk_refund PRIMARY KEY, area_code bigint NOT NULL, county_code bigint NOT NULL,
         project_id uuid NOT NULL, contract_id uuid, payment_id uuid NOT NULL, household_line_id uuid,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), reason text NOT NULL, bank_reference text NOT NULL,
         received_on date NOT NULL, received_by uuid NOT NULL, released_on date,
         CONSTRAINT uq_refund_county_code_bank_reference UNIQUE (county_code, bank_reference))""",
    "CREATE INDEX ix_refund_area_code ON refund(area_code)",
    "CREATE INDEX ix_refund_contract_id ON refund(contract_id)",
    "CREATE INDEX ix_refund_household_line_id ON refund(household_line_id)",
    "SELECT floor_protect('refund', 'rows')",
)

SUBSIDIES = (
    """CREATE TABLE household_batch(
         id uuid CONSTRAINT pk_household_batch PRIMARY KEY, area_code bigint NOT NULL, county_code bigint NOT NULL,
         project_id uuid NOT NULL, number text NOT NULL, policy text NOT NULL, line_count int NOT NULL,
         total_fen bigint NOT NULL, content_index bytea NOT NULL, instruction_no int NOT NULL, instructed_on date,
         CONSTRAINT uq_household_batch_county_code_number UNIQUE (county_code, number),
         CONSTRAINT uq_household_batch_county_code_content_index UNIQUE (county_code, content_index),
         CONSTRAINT ck_household_batch_not_empty CHECK (line_count > 0 AND total_fen > 0))""",
    "CREATE INDEX ix_household_batch_area_code ON household_batch(area_code)",
    "CREATE INDEX ix_household_batch_project_id ON household_batch(project_id)",
    "SELECT floor_protect('household_batch', 'rows')",
    """CREATE TABLE household_line(
         id uuid CONSTRAINT pk_household_line PRIMARY KEY, area_code bigint NOT NULL, batch_id uuid NOT NULL,
         seq int NOT NULL, household_id uuid NOT NULL, person_id uuid, name_sealed bytea NOT NULL,
         id_number_sealed bytea NOT NULL, id_number_index bytea NOT NULL, card_sealed bytea NOT NULL,
         bank_code text NOT NULL, policy text NOT NULL, period text NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), basis text NOT NULL, claimed boolean NOT NULL,
         outcome text NOT NULL CHECK (outcome IN ('PENDING', 'PAID', 'FAILED', 'CORRECTED', 'REISSUED', 'ABANDONED',
           'RECOVERING', 'RECOVERED', 'REMOVED')),
         tries int NOT NULL, instruction_no int NOT NULL, fail_code text, bank_serial text, paid_on date,
         removed_reason text, CONSTRAINT uq_household_line_batch_id_seq UNIQUE (batch_id, seq))""",
    """CREATE UNIQUE INDEX ux_household_line_claimed ON household_line(id_number_index, policy, period)
         WHERE claimed""",
    "CREATE INDEX ix_household_line_area_code ON household_line(area_code)",
    "CREATE INDEX ix_household_line_batch_id_outcome ON household_line(batch_id, outcome)",
    "CREATE INDEX ix_household_line_household_id ON household_line(household_id)",
    "SELECT floor_protect('household_line', 'rows')",
    """CREATE TABLE household_line_source(
         line_id uuid, indicator_id uuid, fiscal_year int, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         area_code bigint NOT NULL,
         CONSTRAINT pk_household_line_source PRIMARY KEY (line_id, indicator_id, fiscal_year))""",
    "SELECT floor_protect('household_line_source', 'append')",
    """CREATE TABLE bank_result(
         id uuid CONSTRAINT pk_bank_result PRIMARY KEY, batch_id uuid NOT NULL, instruction_no int NOT NULL,
         content_index bytea NOT NULL, paid int NOT NULL, failed int NOT NULL, received_on date NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT uq_bank_result_batch_id_content_index UNIQUE (batch_id, content_index))""",
    "CREATE INDEX ix_bank_result_area_code ON bank_result(area_code)",
    "SELECT floor_protect('bank_result', 'append')",
    """CREATE TABLE recipient_end(
         subject_id uuid CONSTRAINT pk_recipient_end PRIMARY KEY, ended_on date NOT NULL, reason text NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_recipient_end_area_code ON recipient_end(area_code)",
    "SELECT floor_protect('recipient_end', 'rows')",
)

TABLES = (
    "recipient_end bank_result household_line_source household_line household_batch refund payment_invoice payment"
    " project_settlement_source project_settlement refund_claim valuation contract_variation contract payee_relation payee"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*CONTRACTS, *PAYMENTS, *SUBSIDIES):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

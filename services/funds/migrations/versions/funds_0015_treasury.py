"""Files of the treasury: indicators and payments that were made elsewhere."""

from alembic import op

revision = "funds_0015"
down_revision = "funds_0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE treasury_import(
         id uuid CONSTRAINT pk_treasury_import PRIMARY KEY, area_code bigint NOT NULL,
         kind text NOT NULL CHECK (kind IN ('indicators', 'payments')), sha256 bytea NOT NULL, form text NOT NULL,
         settings jsonb NOT NULL, content_sealed bytea NOT NULL, rows int NOT NULL, repeated int NOT NULL,
         from_on date, until_on date, received_by uuid NOT NULL, received_at timestamptz NOT NULL,
         CONSTRAINT uq_treasury_import_area_code_kind_sha256 UNIQUE (area_code, kind, sha256))""",
    "CREATE INDEX ix_treasury_import_area_code ON treasury_import(area_code)",
    "CREATE INDEX ix_treasury_import_area_code_id ON treasury_import(area_code, id)",
    "SELECT floor_protect('treasury_import', 'rows')",
    """CREATE TABLE treasury_fault(
         import_id uuid, row_no int, area_code bigint NOT NULL, faults jsonb NOT NULL,
         CONSTRAINT pk_treasury_fault PRIMARY KEY (import_id, row_no))""",
    "CREATE INDEX ix_treasury_fault_area_code ON treasury_fault(area_code)",
    "SELECT floor_protect('treasury_fault', 'append')",
    """CREATE TABLE treasury_indicator(
         import_id uuid, row_no int, area_code bigint NOT NULL, document_no text NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), unit_name text NOT NULL, category text NOT NULL,
         origin_year int, is_direct_fund boolean NOT NULL, set_aside text NOT NULL,
         CONSTRAINT pk_treasury_indicator PRIMARY KEY (import_id, row_no))""",
    "CREATE INDEX ix_treasury_indicator_area_code ON treasury_indicator(area_code)",
    "CREATE INDEX ix_treasury_indicator_area_code_document_no ON treasury_indicator(area_code, document_no)",
    "SELECT floor_protect('treasury_indicator', 'rows')",
    """CREATE TABLE treasury_line(
         id uuid CONSTRAINT pk_treasury_line PRIMARY KEY, area_code bigint NOT NULL, import_id uuid NOT NULL,
         row_no int NOT NULL, serial text NOT NULL, paid_on date NOT NULL, document_no text NOT NULL,
         contract_no text NOT NULL, purpose text NOT NULL, stage text, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         recoup_fen bigint NOT NULL CHECK (recoup_fen >= 0), payee_sealed bytea NOT NULL, name_index bytea NOT NULL,
         account_index bytea, payee_id uuid,
         outcome text NOT NULL CHECK (outcome IN ('posted', 'held', 'unmatched', 'set_aside')), reason text NOT NULL,
         facts jsonb NOT NULL, contract_id uuid, payment_id uuid, decided_by uuid, decided_at timestamptz,
         decision text NOT NULL,
         CONSTRAINT uq_treasury_line_area_code_serial UNIQUE (area_code, serial),
         CONSTRAINT ck_treasury_line_posted CHECK ((outcome = 'posted') = (payment_id IS NOT NULL)))""",
    "CREATE INDEX ix_treasury_line_area_code ON treasury_line(area_code)",
    "CREATE INDEX ix_treasury_line_area_code_outcome_id ON treasury_line(area_code, outcome, id)",
    "CREATE INDEX ix_treasury_line_import_id_row_no ON treasury_line(import_id, row_no)",
    "CREATE INDEX ix_treasury_line_contract_id ON treasury_line(contract_id) WHERE contract_id IS NOT NULL",
    "CREATE UNIQUE INDEX ux_treasury_line_payment_id ON treasury_line(payment_id) WHERE payment_id IS NOT NULL",
    "SELECT floor_protect('treasury_line', 'rows')",
    """CREATE TABLE treasury_breach(
         payment_id uuid, rule text, code text, area_code bigint NOT NULL, warning text NOT NULL, zh text NOT NULL,
         facts jsonb NOT NULL, noted_on date NOT NULL,
         CONSTRAINT pk_treasury_breach PRIMARY KEY (payment_id, rule, code))""",
    "CREATE INDEX ix_treasury_breach_area_code ON treasury_breach(area_code)",
    "CREATE INDEX ix_treasury_breach_warning_payment_id ON treasury_breach(warning, payment_id)",
    "SELECT floor_protect('treasury_breach', 'append')",
    "ALTER TABLE payment ALTER COLUMN payee_id DROP NOT NULL",
)

TABLES = "treasury_breach treasury_line treasury_indicator treasury_fault treasury_import"


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE payment ALTER COLUMN payee_id SET NOT NULL")
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

"""What the rest of the early-warning rules look at: accounts, cash, used invoices, bank days, labour pay, township accounts."""

from alembic import op

revision = "funds_0012"
down_revision = "funds_0011"
branch_labels = None
depends_on = None

PAYMENTS = (
    """ALTER TABLE payee ADD COLUMN account_kind text NOT NULL DEFAULT 'corporate'
         CONSTRAINT ck_payee_account_kind CHECK (account_kind IN ('corporate', 'personal'))""",
    """ALTER TABLE payment ADD COLUMN method text NOT NULL DEFAULT 'transfer'
         CONSTRAINT ck_payment_method CHECK (method IN ('transfer', 'cash'))""",
    # Read across counties: it holds a keyed hash and an opaque id, nothing that tells whose they are.
    """CREATE TABLE invoice_use(
         number_hash bytea, payment_id uuid, CONSTRAINT pk_invoice_use PRIMARY KEY (number_hash, payment_id))""",
    "SELECT floor_grant('invoice_use', 'rows')",
    """SELECT set_config('app.low', '0', true), set_config('app.high', '999999999999', true),
         set_config('app.scope', '{[0,999999999999]}', true)""",
    "INSERT INTO invoice_use(number_hash, payment_id) SELECT number_index, payment_id FROM payment_invoice",
)

REPORTS = (
    """CREATE TABLE bank_day(
         area_code bigint, on_day date, paid_fen bigint NOT NULL CHECK (paid_fen >= 0),
         returned_fen bigint NOT NULL CHECK (returned_fen >= 0), refunded_fen bigint NOT NULL CHECK (refunded_fen >= 0),
         statement_no text NOT NULL, reported_by uuid NOT NULL, reported_at timestamptz NOT NULL,
         CONSTRAINT pk_bank_day PRIMARY KEY (area_code, on_day))""",
    "SELECT floor_protect('bank_day', 'rows')",
    """CREATE TABLE labour_pay(
         id uuid CONSTRAINT pk_labour_pay PRIMARY KEY, area_code bigint NOT NULL, project_id uuid NOT NULL,
         reference text NOT NULL, period text NOT NULL, persons int NOT NULL CHECK (persons > 0),
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), paid_on date NOT NULL, reported_by uuid NOT NULL,
         CONSTRAINT uq_labour_pay_project_id_reference UNIQUE (project_id, reference))""",
    "CREATE INDEX ix_labour_pay_area_code ON labour_pay(area_code)",
    "SELECT floor_protect('labour_pay', 'append')",
    """CREATE TABLE township_balance(
         area_code bigint, as_of date, balance_fen bigint NOT NULL CHECK (balance_fen >= 0), reported_by uuid NOT NULL,
         reported_at timestamptz NOT NULL, CONSTRAINT pk_township_balance PRIMARY KEY (area_code, as_of))""",
    "SELECT floor_protect('township_balance', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*PAYMENTS, *REPORTS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("township_balance", "labour_pay", "bank_day", "invoice_use"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE payment DROP COLUMN method")
    op.execute("ALTER TABLE payee DROP COLUMN account_kind")

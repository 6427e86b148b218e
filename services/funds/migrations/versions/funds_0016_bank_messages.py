"""What the bank said of payments, contradictions among it; what of an integrated indicator its binding tasks need."""

from alembic import op

revision = "funds_0016"
down_revision = "funds_0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """ALTER TABLE integration_source ADD COLUMN binding_fen bigint NOT NULL DEFAULT 0
         CONSTRAINT ck_integration_source_binding CHECK (binding_fen >= 0)""",
    """CREATE TABLE bank_message(
         id uuid CONSTRAINT pk_bank_message PRIMARY KEY, area_code bigint NOT NULL, payment_id uuid NOT NULL,
         outcome text NOT NULL CHECK (outcome IN ('success', 'failure')), bank_reference text NOT NULL,
         amount_fen bigint NOT NULL, stated_on date NOT NULL,
         effect text NOT NULL CHECK (effect IN ('taken', 'duplicate', 'contradiction')), received_by uuid NOT NULL,
         received_at timestamptz NOT NULL, resolution text NOT NULL, resolved_by uuid, resolved_on date,
         CHECK (resolved_by <> received_by))""",
    "CREATE INDEX ix_bank_message_area_code ON bank_message(area_code)",
    "CREATE INDEX ix_bank_message_area_code_id ON bank_message(area_code, id)",
    "CREATE INDEX ix_bank_message_payment_id ON bank_message(payment_id)",
    "SELECT floor_protect('bank_message', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE bank_message")
    op.execute("ALTER TABLE integration_source DROP COLUMN binding_fen")

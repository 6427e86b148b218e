"""Terms of contracts: days to pay a small firm (LM15), and what a contract is a fee for (LM16)."""

from alembic import op

revision = "funds_0023"
down_revision = "funds_0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE payee ADD COLUMN is_small_firm boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE contract ADD COLUMN pay_days int CONSTRAINT ck_contract_pay_days CHECK (pay_days > 0)")
    op.execute(
        """ALTER TABLE contract ADD COLUMN fee text CONSTRAINT ck_contract_fee
             CHECK (fee IN ('design', 'review', 'tender', 'supervision', 'acceptance'))"""
    )


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE contract DROP COLUMN fee, DROP COLUMN pay_days")
    op.execute("ALTER TABLE payee DROP COLUMN is_small_firm")

"""Invoices that the treasury's payment details name."""

from alembic import op

revision = "funds_0020"
down_revision = "funds_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE treasury_line ADD COLUMN invoice text NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE treasury_line DROP COLUMN invoice")

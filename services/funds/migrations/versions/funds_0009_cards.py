"""The blind index of the card a household line is paid to: one card for several households is looked at (FW15)."""

from alembic import op

revision = "funds_0009"
down_revision = "funds_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE household_line ADD COLUMN card_index bytea")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE household_line DROP COLUMN card_index")

"""Lines of a person who is paid no more are looked up by the person (FW18)."""

from alembic import op

revision = "funds_0018"
down_revision = "funds_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_household_line_person_id ON household_line(person_id) WHERE person_id IS NOT NULL")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP INDEX ix_household_line_person_id")

"""Facts of the progress report as they stood at the end of a day."""

from alembic import op

revision = "funds_0017"
down_revision = "funds_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("""
CREATE TABLE progress_fact(
  fiscal_year int, as_of date, area_code bigint, name text NOT NULL, planned_fen bigint, received_fen bigint NOT NULL,
  linked_fen bigint NOT NULL, spent_fen bigint NOT NULL, linkage_linked_fen bigint NOT NULL,
  linkage_spent_fen bigint NOT NULL, industry_spent_fen bigint NOT NULL, projects int NOT NULL, started int NOT NULL,
  completed int NOT NULL, accepted int NOT NULL, alerts_open int NOT NULL, alerts_due int NOT NULL,
  alerts_handled int NOT NULL, made_at timestamptz NOT NULL,
  CONSTRAINT pk_progress_fact PRIMARY KEY (fiscal_year, as_of, area_code))""")
    op.execute("SELECT floor_protect('progress_fact', 'rows')")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE progress_fact")

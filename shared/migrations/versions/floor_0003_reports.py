"""Issued reports: frozen with their columns, figures and words, so that a later change of a report leaves them alone."""

from alembic import op

revision = "floor_0003"
down_revision = "floor_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    op.execute("""
CREATE TABLE report_issue(
  id uuid PRIMARY KEY, report_id text NOT NULL, version int NOT NULL, area_code bigint NOT NULL,
  period_start date NOT NULL, issue_no int NOT NULL CHECK (issue_no > 0), as_of date NOT NULL,
  content jsonb NOT NULL, content_sha256 bytea NOT NULL, note text NOT NULL,
  issued_by uuid NOT NULL, issued_at timestamptz NOT NULL,
  CONSTRAINT report_issue_once UNIQUE (report_id, area_code, period_start, issue_no))""")
    op.execute("CREATE INDEX report_issue_area ON report_issue(area_code, period_start, issue_no, id)")
    op.execute("SELECT floor_protect('report_issue', 'append')")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE report_issue")

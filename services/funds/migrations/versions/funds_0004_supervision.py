"""Alerts of the early-warning rules, and what monitoring tells that they need."""

from alembic import op

revision = "funds_0004"
down_revision = "funds_0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE alert(
         id uuid CONSTRAINT pk_alert PRIMARY KEY, area_code bigint NOT NULL, rule_id text NOT NULL, check_id text NOT NULL,
         finding_id uuid NOT NULL, subject_kind text NOT NULL, subject_key text NOT NULL, subject_id uuid NOT NULL,
         owner text NOT NULL, severity text NOT NULL CHECK (severity IN ('amber', 'red')), facts jsonb NOT NULL,
         raised_at timestamptz NOT NULL, due_on date NOT NULL, cleared_on date, plan text, plan_until date,
         responsible text, extended_on date, reopened int NOT NULL, closed_at timestamptz, outcome text,
         CHECK ((closed_at IS NULL) = (outcome IS NULL)))""",
    "CREATE UNIQUE INDEX ux_alert_open ON alert(check_id, subject_key) WHERE closed_at IS NULL",
    "CREATE INDEX ix_alert_finding_id ON alert(finding_id)",
    "CREATE INDEX ix_alert_area_code ON alert(area_code)",
    "CREATE INDEX ix_alert_area_code_raised_at_id ON alert(area_code, raised_at, id)",
    "CREATE INDEX ix_alert_due_on ON alert(due_on)",
    "SELECT floor_protect('alert', 'rows')",
    """CREATE TABLE ref_microcredit_month(
         area_code bigint, month text, balance_fen bigint NOT NULL, overdue_fen bigint NOT NULL,
         CONSTRAINT pk_ref_microcredit_month PRIMARY KEY (area_code, month))""",
    "SELECT floor_protect('ref_microcredit_month', 'rows')",
    """CREATE TABLE ref_posting(
         id uuid CONSTRAINT pk_ref_posting PRIMARY KEY, area_code bigint NOT NULL, role text NOT NULL, since date NOT NULL,
         until date)""",
    "CREATE INDEX ix_ref_posting_area_code ON ref_posting(area_code)",
    "SELECT floor_protect('ref_posting', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("ref_posting", "ref_microcredit_month", "alert"):
        op.execute(f"DROP TABLE {table}")

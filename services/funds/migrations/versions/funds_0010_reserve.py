"""The reserve: what areas may plan with, and how long projects of the library have waited."""

from alembic import op

revision = "funds_0010"
down_revision = "funds_0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE planning_envelope(
         area_code bigint, year int, amount_fen bigint NOT NULL CHECK (amount_fen > 0), document_no text NOT NULL,
         set_by uuid NOT NULL, set_at timestamptz NOT NULL,
         CONSTRAINT pk_planning_envelope PRIMARY KEY (area_code, year))""",
    "CREATE INDEX ix_planning_envelope_area_code ON planning_envelope(area_code)",
    "SELECT floor_protect('planning_envelope', 'rows')",
    """CREATE TABLE project_wait(
         project_id uuid CONSTRAINT pk_project_wait PRIMARY KEY, area_code bigint NOT NULL, years_waiting int NOT NULL,
         rolled_year int NOT NULL, fresh_on date, confirmed_by uuid)""",
    "CREATE INDEX ix_project_wait_area_code ON project_wait(area_code)",
    "SELECT floor_protect('project_wait', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("project_wait", "planning_envelope"):
        op.execute(f"DROP TABLE {table}")

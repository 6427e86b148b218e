"""Dynamic adjustment: exits, urgent entries, published lists; barred payees; the plan that approved a goal table."""

from alembic import op

revision = "funds_0013"
down_revision = "funds_0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE goal_table ADD COLUMN approved_plan uuid",
    """CREATE TABLE library_exit(
         project_id uuid CONSTRAINT pk_library_exit PRIMARY KEY, area_code bigint NOT NULL,
         reason text NOT NULL CHECK (reason ~ '^E(0[1-9]|1[0-2])$'), document_no text NOT NULL, detail text NOT NULL,
         merged_into uuid, version_no int NOT NULL, planned_total_fen bigint NOT NULL, years_waiting int NOT NULL,
         exited_on date NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_library_exit_area_code ON library_exit(area_code)",
    "CREATE INDEX ix_library_exit_area_code_exited_on_project_id ON library_exit(area_code, exited_on, project_id)",
    "SELECT floor_protect('library_exit', 'append')",
    """CREATE TABLE urgent_entry(
         project_id uuid CONSTRAINT pk_urgent_entry PRIMARY KEY, area_code bigint NOT NULL, cause text NOT NULL,
         document_no text NOT NULL, grounds text NOT NULL, declared_by uuid NOT NULL, declared_on date NOT NULL,
         complete_by date NOT NULL, completed_by uuid, completed_on date)""",
    "CREATE INDEX ix_urgent_entry_area_code ON urgent_entry(area_code)",
    "CREATE INDEX ix_urgent_entry_area_code_complete_by_project_id ON urgent_entry(area_code, complete_by, project_id)",
    "SELECT floor_protect('urgent_entry', 'rows')",
    """CREATE TABLE library_publication(
         id uuid CONSTRAINT pk_library_publication PRIMARY KEY, area_code bigint NOT NULL, document_no text NOT NULL,
         place text NOT NULL, hung_from date NOT NULL, hung_to date NOT NULL, announced_on date NOT NULL,
         projects int NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_library_publication_area_code ON library_publication(area_code)",
    "SELECT floor_protect('library_publication', 'append')",
    """CREATE TABLE published_entry(
         project_id uuid CONSTRAINT pk_published_entry PRIMARY KEY, publication_id uuid NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_published_entry_publication_id ON published_entry(publication_id)",
    "CREATE INDEX ix_published_entry_area_code ON published_entry(area_code)",
    "SELECT floor_protect('published_entry', 'append')",
    """CREATE TABLE payee_mark(
         payee_id uuid, mark text, since date, area_code bigint NOT NULL, until date, document_no text NOT NULL,
         recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL,
         CONSTRAINT pk_payee_mark PRIMARY KEY (payee_id, mark, since))""",
    "CREATE INDEX ix_payee_mark_area_code ON payee_mark(area_code)",
    "SELECT floor_protect('payee_mark', 'rows')",
)
TABLES = ("payee_mark", "published_entry", "library_publication", "urgent_entry", "library_exit")


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE goal_table DROP COLUMN approved_plan")

"""What the field sees of the works, and their final accounts (FW09, FW34)."""

from alembic import op

revision = "funds_0021"
down_revision = "funds_0020"
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE site_progress(
         id uuid CONSTRAINT pk_site_progress PRIMARY KEY, area_code bigint NOT NULL, project_id uuid NOT NULL,
         seen_on date NOT NULL, progress_ppm int NOT NULL CHECK (progress_ppm BETWEEN 0 AND 1000000),
         evidence_id uuid NOT NULL, reported_by uuid NOT NULL)""",
    "CREATE INDEX ix_site_progress_area_code ON site_progress(area_code)",
    "CREATE INDEX ix_site_progress_project_id_seen_on_id ON site_progress(project_id, seen_on, id)",
    "SELECT floor_protect('site_progress', 'append')",
    """CREATE TABLE final_account(
         project_id uuid CONSTRAINT pk_final_account PRIMARY KEY, area_code bigint NOT NULL, document_no text NOT NULL,
         approved_on date NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen >= 0), reported_by uuid NOT NULL)""",
    "CREATE INDEX ix_final_account_area_code ON final_account(area_code)",
    "SELECT floor_protect('final_account', 'append')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("final_account", "site_progress"):
        op.execute(f"DROP TABLE {table}")

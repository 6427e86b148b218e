"""Library tables of counties as they were sent, what became of their rows, and the counties' words for categories."""

from alembic import op

revision = "funds_0008"
down_revision = "funds_0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE library_import(
         id uuid CONSTRAINT pk_library_import PRIMARY KEY, area_code bigint NOT NULL, plan_year int NOT NULL,
         sha256 bytea NOT NULL, form text NOT NULL, settings jsonb NOT NULL, content_sealed bytea NOT NULL,
         rows int NOT NULL, received_by uuid NOT NULL, received_at timestamptz NOT NULL,
         CONSTRAINT uq_library_import_area_code_plan_year_sha256 UNIQUE (area_code, plan_year, sha256))""",
    "CREATE INDEX ix_library_import_area_code ON library_import(area_code)",
    "CREATE INDEX ix_library_import_area_code_id ON library_import(area_code, id)",
    "SELECT floor_protect('library_import', 'append')",
    """CREATE TABLE library_import_row(
         import_id uuid, row_no int, area_code bigint NOT NULL,
         outcome text NOT NULL CHECK (outcome IN ('taken', 'waiting', 'refused')), label text NOT NULL, category text,
         note text NOT NULL, faults jsonb NOT NULL, amount_fen bigint NOT NULL, project_id uuid,
         CONSTRAINT pk_library_import_row PRIMARY KEY (import_id, row_no))""",
    "CREATE INDEX ix_library_import_row_area_code ON library_import_row(area_code)",
    "CREATE INDEX ix_library_import_row_project_id ON library_import_row(project_id)",
    "SELECT floor_protect('library_import_row', 'rows')",
    """CREATE TABLE category_mapping(
         area_code bigint, label_key text, effective_from date, label text NOT NULL, category text NOT NULL,
         mapped_by uuid NOT NULL, mapped_at timestamptz NOT NULL,
         CONSTRAINT pk_category_mapping PRIMARY KEY (area_code, label_key, effective_from))""",
    "CREATE INDEX ix_category_mapping_area_code ON category_mapping(area_code)",
    "SELECT floor_protect('category_mapping', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("category_mapping", "library_import_row", "library_import"):
        op.execute(f"DROP TABLE {table}")

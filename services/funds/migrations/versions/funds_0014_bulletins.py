"""Known bulletins: the files, their rows as read, and what is wrong with them."""

from alembic import op

revision = "funds_0014"
down_revision = "funds_0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE known_bulletin(
         id uuid CONSTRAINT pk_known_bulletin PRIMARY KEY, area_code bigint NOT NULL, kind text NOT NULL,
         period_start date NOT NULL, title text NOT NULL, level text NOT NULL, unit text NOT NULL,
         sha256 bytea NOT NULL, content_sealed bytea NOT NULL, rows int NOT NULL, errors int NOT NULL,
         warnings int NOT NULL, notes int NOT NULL, received_by uuid NOT NULL, received_at timestamptz NOT NULL,
         CONSTRAINT uq_known_bulletin_area_code_kind_period_start_sha256
           UNIQUE (area_code, kind, period_start, sha256))""",
    "CREATE INDEX ix_known_bulletin_area_code ON known_bulletin(area_code)",
    "CREATE INDEX ix_known_bulletin_area_code_id ON known_bulletin(area_code, id)",
    "CREATE INDEX ix_known_bulletin_area_code_kind_period_start ON known_bulletin(area_code, kind, period_start)",
    "SELECT floor_protect('known_bulletin', 'append')",
    """CREATE TABLE known_bulletin_row(
         bulletin_id uuid, row_no int, area_code bigint NOT NULL, sheet text NOT NULL, line_no int NOT NULL,
         record text NOT NULL, label text NOT NULL, texts jsonb NOT NULL, figures jsonb NOT NULL,
         CONSTRAINT pk_known_bulletin_row PRIMARY KEY (bulletin_id, row_no))""",
    "CREATE INDEX ix_known_bulletin_row_area_code ON known_bulletin_row(area_code)",
    "SELECT floor_protect('known_bulletin_row', 'append')",
    """CREATE TABLE known_bulletin_finding(
         bulletin_id uuid, finding_no int, area_code bigint NOT NULL, severity text NOT NULL, kind text NOT NULL,
         content jsonb NOT NULL,
         CONSTRAINT pk_known_bulletin_finding PRIMARY KEY (bulletin_id, finding_no))""",
    "CREATE INDEX ix_known_bulletin_finding_area_code ON known_bulletin_finding(area_code)",
    "SELECT floor_protect('known_bulletin_finding', 'append')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("known_bulletin_finding", "known_bulletin_row", "known_bulletin"):
        op.execute(f"DROP TABLE {table}")

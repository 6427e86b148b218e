"""Who answers for a project and who in its township, sealed."""

from alembic import op

revision = "funds_0019"
down_revision = "funds_0018"
branch_labels = None
depends_on = None

STATEMENTS = (
    """CREATE TABLE project_contact(
         id uuid CONSTRAINT pk_project_contact PRIMARY KEY, project_id uuid NOT NULL, area_code bigint NOT NULL,
         role text NOT NULL CHECK (role IN ('responsible', 'township')), unit text NOT NULL, name_sealed bytea NOT NULL,
         phone_sealed bytea NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_project_contact_project_id ON project_contact(project_id)",
    "CREATE INDEX ix_project_contact_area_code ON project_contact(area_code)",
    "SELECT floor_protect('project_contact', 'append')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE project_contact")

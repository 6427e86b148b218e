"""What households earned by consumption assistance."""

from alembic import op

revision = "funds_0022"
down_revision = "funds_0021"
branch_labels = None
depends_on = None

_EARNINGS = (
    """CREATE TABLE consumption_earning(
         id uuid CONSTRAINT pk_consumption_earning PRIMARY KEY, area_code bigint NOT NULL, sale_id uuid NOT NULL,
         household_id uuid NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         CONSTRAINT uq_consumption_earning_sale_id_household_id UNIQUE (sale_id, household_id))""",
    "CREATE INDEX ix_consumption_earning_area_code ON consumption_earning(area_code)",
    "SELECT floor_protect('consumption_earning', 'append')",
)


def upgrade() -> None:
    """Apply."""
    for statement in ("SET lock_timeout = '5s'", *_EARNINGS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE consumption_earning")

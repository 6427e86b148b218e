"""Measures of the negative list, the matrix of money and categories, and new versions of rules as they are proposed."""

from alembic import op

revision = "funds_0005"
down_revision = "funds_0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE negative_rule ADD COLUMN measure text NOT NULL DEFAULT '', ADD COLUMN bound text NOT NULL DEFAULT ''",
    "ALTER TABLE negative_rule ALTER COLUMN measure DROP DEFAULT, ALTER COLUMN bound DROP DEFAULT",
    """CREATE TABLE fund_eligibility(
         fund_category text, prefix text, area_code bigint, valid_from date, valid_to date, allowed boolean NOT NULL,
         rule text NOT NULL, source text NOT NULL,
         CONSTRAINT pk_fund_eligibility PRIMARY KEY (fund_category, prefix, area_code, valid_from))""",
    "CREATE INDEX ix_fund_eligibility_area_code ON fund_eligibility(area_code)",
    "SELECT floor_reference('fund_eligibility', 'rows')",
    """CREATE TABLE rule_proposal(
         id uuid CONSTRAINT pk_rule_proposal PRIMARY KEY, area_code bigint NOT NULL, kind text NOT NULL,
         effective_from date NOT NULL, document text NOT NULL, lines jsonb NOT NULL, proposed_by uuid NOT NULL,
         proposed_at timestamptz NOT NULL, adopted_by uuid, adopted_at timestamptz, CHECK (proposed_by <> adopted_by))""",
    "CREATE INDEX ix_rule_proposal_area_code ON rule_proposal(area_code)",
    "SELECT floor_protect('rule_proposal', 'rows')",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("rule_proposal", "fund_eligibility"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE negative_rule DROP COLUMN measure, DROP COLUMN bound")

"""Indicators in a hierarchy, later documents, recoveries, and the factor method."""

from alembic import op

revision = "funds_0003"
down_revision = "funds_0002"
branch_labels = None
depends_on = None

HIERARCHY = (
    """ALTER TABLE indicator
         ADD COLUMN adjusted_fen bigint NOT NULL DEFAULT 0,
         ADD COLUMN budget_kind text NOT NULL DEFAULT 'transfer',
         ADD COLUMN approved_on date,
         ADD COLUMN restricted_to bigint[] NOT NULL DEFAULT '{}',
         ADD COLUMN goal_table text NOT NULL DEFAULT '',
         ADD COLUMN is_integratable boolean NOT NULL DEFAULT false,
         ADD COLUMN parent_id uuid,
         ADD COLUMN source_id uuid,
         ADD CONSTRAINT ck_indicator_not_below_zero CHECK (amount_fen + adjusted_fen >= 0),
         ADD CONSTRAINT ck_indicator_own_budget_has_its_day CHECK (budget_kind = 'transfer' OR approved_on IS NOT NULL)""",
    "CREATE INDEX ix_indicator_parent_id ON indicator(parent_id) WHERE parent_id IS NOT NULL",
    """CREATE TABLE decomposition(
         id uuid CONSTRAINT pk_decomposition PRIMARY KEY, area_code bigint NOT NULL, parent_id uuid NOT NULL,
         title text NOT NULL, issuer text NOT NULL, document_no text NOT NULL, factor_run_id uuid, issued_on date)""",
    "CREATE INDEX ix_decomposition_area_code ON decomposition(area_code)",
    "CREATE INDEX ix_decomposition_area_code_id ON decomposition(area_code, id)",
    "CREATE INDEX ix_decomposition_parent_id ON decomposition(parent_id)",
    """CREATE UNIQUE INDEX ux_decomposition_factor_run_id ON decomposition(factor_run_id)
         WHERE issued_on IS NOT NULL""",
    "SELECT floor_protect('decomposition', 'rows')",
    """CREATE TABLE decomposition_line(
         decomposition_id uuid, line_no int, target_code bigint NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), goal_table text NOT NULL, purpose text NOT NULL,
         restricted_to bigint[] NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_decomposition_line PRIMARY KEY (decomposition_id, line_no))""",
    "CREATE INDEX ix_decomposition_line_area_code ON decomposition_line(area_code)",
    "SELECT floor_protect('decomposition_line', 'append')",
)

DOCUMENTS = (
    """CREATE TABLE indicator_change(
         id uuid CONSTRAINT pk_indicator_change PRIMARY KEY, area_code bigint NOT NULL, indicator_id uuid NOT NULL,
         kind text NOT NULL CHECK (kind IN ('add', 'cut')), document_no text NOT NULL, issued_on date NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), confirmed_on date,
         short_fen bigint NOT NULL CHECK (short_fen BETWEEN 0 AND amount_fen),
         CONSTRAINT uq_indicator_change_indicator_id_document_no_kind UNIQUE (indicator_id, document_no, kind))""",
    "CREATE INDEX ix_indicator_change_area_code ON indicator_change(area_code)",
    "CREATE INDEX ix_indicator_change_area_code_id ON indicator_change(area_code, id)",
    "SELECT floor_protect('indicator_change', 'rows')",
    """CREATE TABLE indicator_recovery(
         id uuid CONSTRAINT pk_indicator_recovery PRIMARY KEY, area_code bigint NOT NULL,
         kind text NOT NULL CHECK (kind IN ('reuse', 'return')), title text NOT NULL, document_no text NOT NULL,
         decided_on date)""",
    "CREATE INDEX ix_indicator_recovery_area_code ON indicator_recovery(area_code)",
    "CREATE INDEX ix_indicator_recovery_area_code_id ON indicator_recovery(area_code, id)",
    "SELECT floor_protect('indicator_recovery', 'rows')",
    """CREATE TABLE indicator_recovery_line(
         recovery_id uuid, line_no int, indicator_id uuid NOT NULL, account text NOT NULL, project_id uuid,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), area_code bigint NOT NULL,
         CONSTRAINT pk_indicator_recovery_line PRIMARY KEY (recovery_id, line_no))""",
    "CREATE INDEX ix_indicator_recovery_line_area_code ON indicator_recovery_line(area_code)",
    "SELECT floor_protect('indicator_recovery_line', 'append')",
)

FACTORS = (
    """CREATE TABLE factor_scheme(
         id uuid CONSTRAINT pk_factor_scheme PRIMARY KEY, area_code bigint NOT NULL, title text NOT NULL,
         document_no text NOT NULL, effective_from date NOT NULL, factors jsonb NOT NULL)""",
    "CREATE INDEX ix_factor_scheme_area_code ON factor_scheme(area_code)",
    "CREATE INDEX ix_factor_scheme_area_code_effective_from_id ON factor_scheme(area_code, effective_from, id)",
    "SELECT floor_protect('factor_scheme', 'append')",
    """CREATE TABLE factor_value(
         id uuid CONSTRAINT pk_factor_value PRIMARY KEY, area_code bigint NOT NULL, code text NOT NULL, year int NOT NULL,
         value numeric NOT NULL CHECK (value >= 0), source text NOT NULL, recorded_by uuid NOT NULL,
         recorded_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_factor_value_area_code ON factor_value(area_code)",
    "CREATE INDEX ix_factor_value_area_code_year_code_id ON factor_value(area_code, year, code, id)",
    "SELECT floor_protect('factor_value', 'append')",
    """CREATE TABLE factor_run(
         id uuid CONSTRAINT pk_factor_run PRIMARY KEY, area_code bigint NOT NULL, indicator_id uuid NOT NULL,
         scheme_id uuid NOT NULL, factors jsonb NOT NULL, year int NOT NULL, total_fen bigint NOT NULL,
         unit text NOT NULL, left_fen bigint NOT NULL, run_by uuid NOT NULL, run_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_factor_run_area_code ON factor_run(area_code)",
    "CREATE INDEX ix_factor_run_area_code_id ON factor_run(area_code, id)",
    "CREATE INDEX ix_factor_run_indicator_id_id ON factor_run(indicator_id, id)",
    "SELECT floor_protect('factor_run', 'append')",
    """CREATE TABLE factor_run_line(
         run_id uuid, target_code bigint, inputs jsonb NOT NULL, share text NOT NULL, raw text NOT NULL,
         formula_fen bigint NOT NULL, adjustment_fen bigint NOT NULL, reason text NOT NULL,
         final_fen bigint NOT NULL CHECK (final_fen = formula_fen + adjustment_fen AND final_fen >= 0),
         area_code bigint NOT NULL, CONSTRAINT pk_factor_run_line PRIMARY KEY (run_id, target_code))""",
    "CREATE INDEX ix_factor_run_line_area_code ON factor_run_line(area_code)",
    "SELECT floor_protect('factor_run_line', 'append')",
)

TABLES = (
    "factor_run_line factor_run factor_value factor_scheme indicator_recovery_line indicator_recovery indicator_change"
    " decomposition_line decomposition"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*HIERARCHY, *DOCUMENTS, *FACTORS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")
    op.execute(
        """ALTER TABLE indicator DROP COLUMN adjusted_fen, DROP COLUMN budget_kind, DROP COLUMN approved_on,
             DROP COLUMN restricted_to, DROP COLUMN goal_table, DROP COLUMN is_integratable, DROP COLUMN parent_id,
             DROP COLUMN source_id"""
    )

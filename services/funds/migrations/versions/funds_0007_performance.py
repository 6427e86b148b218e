"""Goal tables with reviews, monitorings, measures, scores and samples; the evaluation of linkage money."""

from alembic import op

revision = "funds_0007"
down_revision = "funds_0006"
branch_labels = None
depends_on = None

GOALS = (
    """CREATE TABLE goal_table(
         id uuid CONSTRAINT pk_goal_table PRIMARY KEY, area_code bigint NOT NULL, project_id uuid, indicator_id uuid,
         year int NOT NULL, title text NOT NULL, version_no int NOT NULL, declared_on date, reviewed_on date,
         approved_on date, published_on date, approved_with text NOT NULL, light text NOT NULL, score_hundredths int,
         grade text NOT NULL,
         CONSTRAINT ck_goal_table_one_subject CHECK (num_nonnulls(project_id, indicator_id) = 1),
         CONSTRAINT uq_goal_table_project_id_year UNIQUE (project_id, year),
         CONSTRAINT uq_goal_table_indicator_id_area_code UNIQUE (indicator_id, area_code))""",
    "CREATE INDEX ix_goal_table_area_code ON goal_table(area_code)",
    "CREATE INDEX ix_goal_table_area_code_year_id ON goal_table(area_code, year, id)",
    "SELECT floor_protect('goal_table', 'rows')",
    """CREATE TABLE goal_version(
         goal_id uuid, version_no int, content jsonb NOT NULL, reason text NOT NULL, changed_by uuid NOT NULL,
         changed_at timestamptz NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_goal_version PRIMARY KEY (goal_id, version_no))""",
    "CREATE INDEX ix_goal_version_area_code ON goal_version(area_code)",
    "SELECT floor_protect('goal_version', 'append')",
    """CREATE TABLE goal_review(
         id uuid CONSTRAINT pk_goal_review PRIMARY KEY, goal_id uuid NOT NULL, version_no int NOT NULL,
         desk text NOT NULL, verdict text NOT NULL CHECK (verdict IN ('pass', 'revise', 'reject')),
         aspects jsonb NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_goal_review_area_code ON goal_review(area_code)",
    "CREATE INDEX ix_goal_review_goal_id_recorded_at ON goal_review(goal_id, recorded_at)",
    "SELECT floor_protect('goal_review', 'append')",
)

MONITORING = (
    """CREATE TABLE goal_monitoring(
         id uuid CONSTRAINT pk_goal_monitoring PRIMARY KEY, goal_id uuid NOT NULL, version_no int NOT NULL,
         as_of date NOT NULL, budget_fen bigint NOT NULL, paid_fen bigint NOT NULL, planned_money text NOT NULL,
         money_deviation text, money_light text NOT NULL, light text NOT NULL, lines jsonb NOT NULL,
         recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_goal_monitoring_area_code ON goal_monitoring(area_code)",
    "CREATE INDEX ix_goal_monitoring_goal_id_as_of_id ON goal_monitoring(goal_id, as_of, id)",
    "SELECT floor_protect('goal_monitoring', 'append')",
    """CREATE TABLE goal_measure(
         id uuid CONSTRAINT pk_goal_measure PRIMARY KEY, goal_id uuid NOT NULL, project_id uuid, measure text NOT NULL,
         ordered_on date NOT NULL, due_on date NOT NULL, ordered_by uuid NOT NULL, lifted_on date, lifted_by uuid,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_goal_measure_area_code ON goal_measure(area_code)",
    "CREATE INDEX ix_goal_measure_project_id ON goal_measure(project_id)",
    "CREATE UNIQUE INDEX ux_goal_measure_standing ON goal_measure(goal_id, measure) WHERE lifted_on IS NULL",
    "SELECT floor_protect('goal_measure', 'rows')",
)

SCORES = (
    """CREATE TABLE goal_score(
         id uuid CONSTRAINT pk_goal_score PRIMARY KEY, goal_id uuid NOT NULL, version_no int NOT NULL,
         kind text NOT NULL CHECK (kind IN ('self', 'recheck')), budget_fen bigint NOT NULL CHECK (budget_fen > 0),
         paid_fen bigint NOT NULL, execution_hundredths int NOT NULL, output_hundredths int NOT NULL,
         benefit_hundredths int NOT NULL, satisfaction_hundredths int NOT NULL, score_hundredths int NOT NULL
           CHECK (score_hundredths =
             execution_hundredths + output_hundredths + benefit_hundredths + satisfaction_hundredths),
         grade text NOT NULL, lines jsonb NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_goal_score_area_code ON goal_score(area_code)",
    "CREATE INDEX ix_goal_score_goal_id_recorded_at ON goal_score(goal_id, recorded_at)",
    "SELECT floor_protect('goal_score', 'append')",
    """CREATE TABLE goal_sample(
         id uuid CONSTRAINT pk_goal_sample PRIMARY KEY, area_code bigint NOT NULL, year int NOT NULL,
         share text NOT NULL, tables int NOT NULL, drawn int NOT NULL, drawn_by uuid NOT NULL,
         drawn_at timestamptz NOT NULL)""",
    "CREATE INDEX ix_goal_sample_area_code ON goal_sample(area_code)",
    "CREATE INDEX ix_goal_sample_area_code_year_id ON goal_sample(area_code, year, id)",
    "SELECT floor_protect('goal_sample', 'append')",
    """CREATE TABLE goal_sample_member(
         goal_id uuid CONSTRAINT pk_goal_sample_member PRIMARY KEY, sample_id uuid NOT NULL, drawn boolean NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_goal_sample_member_area_code ON goal_sample_member(area_code)",
    "SELECT floor_protect('goal_sample_member', 'append')",
)

EVALUATION = (
    """CREATE TABLE evaluation_weight(
         area_code bigint, code text, valid_from date, valid_to date, block text NOT NULL, zh text NOT NULL,
         en text NOT NULL, points int NOT NULL, figure text NOT NULL, is_placeholder boolean NOT NULL,
         source text NOT NULL, CONSTRAINT pk_evaluation_weight PRIMARY KEY (area_code, code, valid_from))""",
    "CREATE INDEX ix_evaluation_weight_area_code ON evaluation_weight(area_code)",
    "SELECT floor_reference('evaluation_weight', 'rows')",
    """CREATE TABLE evaluation(
         id uuid CONSTRAINT pk_evaluation PRIMARY KEY, area_code bigint NOT NULL, year int NOT NULL,
         is_placeholder boolean NOT NULL, weights jsonb NOT NULL, score_hundredths int, grade text NOT NULL,
         confirmed_on date, CONSTRAINT uq_evaluation_area_code_year UNIQUE (area_code, year))""",
    "CREATE INDEX ix_evaluation_area_code ON evaluation(area_code)",
    "CREATE INDEX ix_evaluation_year_id ON evaluation(year, id)",
    "SELECT floor_protect('evaluation', 'rows')",
    """CREATE TABLE evaluation_line(
         evaluation_id uuid, code text, score_hundredths int NOT NULL, share text NOT NULL,
         is_automatic boolean NOT NULL, basis text NOT NULL, document_no text NOT NULL, recorded_by uuid NOT NULL,
         recorded_at timestamptz NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_evaluation_line PRIMARY KEY (evaluation_id, code))""",
    "CREATE INDEX ix_evaluation_line_area_code ON evaluation_line(area_code)",
    "SELECT floor_protect('evaluation_line', 'rows')",
)

TABLES = (
    "evaluation_line evaluation evaluation_weight goal_sample_member goal_sample goal_score goal_measure"
    " goal_monitoring goal_review goal_version goal_table"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*GOALS, *MONITORING, *SCORES, *EVALUATION):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

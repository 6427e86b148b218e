"""Project library, indicators, annual plans, allocations, and the ledger of funds."""

from alembic import op

revision = "funds_0001"
down_revision = None
branch_labels = ("funds",)
depends_on = ("floor_0002",)

REFERENCE = (
    """CREATE TABLE category(
         code text, valid_from date, valid_to date, zh text NOT NULL, counts_as_industry boolean NOT NULL,
         CONSTRAINT pk_category PRIMARY KEY (code, valid_from))""",
    "SELECT floor_grant('category', 'rows')",
    """CREATE TABLE fund_category(
         code text, valid_from date, valid_to date, zh text NOT NULL, en text NOT NULL, profile text NOT NULL,
         is_linkage boolean NOT NULL, paid_by_finance boolean NOT NULL,
         CONSTRAINT pk_fund_category PRIMARY KEY (code, valid_from))""",
    "SELECT floor_grant('fund_category', 'rows')",
    """CREATE TABLE category_label(
         area_code bigint, prefix text, valid_from date, large text NOT NULL, small text NOT NULL,
         CONSTRAINT pk_category_label PRIMARY KEY (area_code, prefix, valid_from))""",
    "CREATE INDEX ix_category_label_area_code ON category_label(area_code)",
    "SELECT floor_reference('category_label', 'rows')",
    """CREATE TABLE negative_rule(
         rule_id text, part int, area_code bigint, version int, effective_from date NOT NULL, effective_to date,
         zh text NOT NULL, en text NOT NULL, verdict text NOT NULL CHECK (verdict IN ('block', 'warn')),
         keywords text[] NOT NULL, whitelist text[] NOT NULL, economic_classes text[] NOT NULL,
         categories text[] NOT NULL, excepted text[] NOT NULL, linkage_money_only boolean NOT NULL, source text NOT NULL,
         CONSTRAINT pk_negative_rule PRIMARY KEY (rule_id, part, area_code, version))""",
    "CREATE INDEX ix_negative_rule_area_code ON negative_rule(area_code)",
    "SELECT floor_reference('negative_rule', 'rows')",
    """CREATE TABLE ref_project_asset(
         asset_id uuid CONSTRAINT pk_ref_project_asset PRIMARY KEY, project_id uuid NOT NULL,
         registered_on date NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_ref_project_asset_project_id ON ref_project_asset(project_id)",
    "CREATE INDEX ix_ref_project_asset_area_code ON ref_project_asset(area_code)",
    "SELECT floor_protect('ref_project_asset', 'rows')",
)

INDICATORS = (
    """CREATE TABLE indicator(
         id uuid CONSTRAINT pk_indicator PRIMARY KEY, area_code bigint NOT NULL, issuer text NOT NULL,
         document_no text NOT NULL, line_no int NOT NULL, title text NOT NULL, issued_on date NOT NULL,
         received_on date NOT NULL, fiscal_year int NOT NULL, level text NOT NULL, category text NOT NULL,
         functional_class text NOT NULL, is_advance_notice boolean NOT NULL, is_direct_fund boolean NOT NULL,
         purpose text NOT NULL, supervision_code text NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         CONSTRAINT uq_indicator_area_code_issuer_document_no_line_no UNIQUE (area_code, issuer, document_no, line_no))""",
    "CREATE INDEX ix_indicator_area_code ON indicator(area_code)",
    "CREATE INDEX ix_indicator_area_code_received_on_id ON indicator(area_code, received_on, id)",
    "SELECT floor_protect('indicator', 'rows')",
    "SELECT floor_create_ledger('indicator_id', ARRAY['project_id', 'contract_id', 'payment_id', 'household_line_id'])",
)

LIBRARY = (
    """CREATE TABLE project(
         id uuid CONSTRAINT pk_project PRIMARY KEY, area_code bigint NOT NULL,
         seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_project_seq UNIQUE, plan_year int NOT NULL,
         name text NOT NULL, category text NOT NULL, planned_total_fen bigint NOT NULL CHECK (planned_total_fen > 0),
         is_industry boolean NOT NULL, is_household_project boolean NOT NULL, asset_forming boolean NOT NULL,
         content_key text NOT NULL, version_no int NOT NULL, village_version int, township_version int,
         county_version int, entered_on date)""",
    "CREATE INDEX ix_project_area_code ON project(area_code)",
    "CREATE INDEX ix_project_area_code_plan_year_id ON project(area_code, plan_year, id)",
    "SELECT floor_protect('project', 'rows')",
    """CREATE TABLE project_version(
         project_id uuid, version_no int, content jsonb NOT NULL, changed text[] NOT NULL, reason text NOT NULL,
         changed_by uuid NOT NULL, changed_at timestamptz NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_project_version PRIMARY KEY (project_id, version_no))""",
    "CREATE INDEX ix_project_version_area_code ON project_version(area_code)",
    "SELECT floor_protect('project_version', 'append')",
    """CREATE TABLE project_place(
         project_id uuid, village_code bigint, share_ppm int NOT NULL, village_type text NOT NULL, plan_year int NOT NULL,
         name_key text NOT NULL, live boolean NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_project_place PRIMARY KEY (project_id, village_code))""",
    "CREATE UNIQUE INDEX ux_project_place_name ON project_place(village_code, plan_year, name_key) WHERE live",
    "CREATE INDEX ix_project_place_area_code ON project_place(area_code)",
    "SELECT floor_protect('project_place', 'rows')",
    """CREATE TABLE project_funding(
         project_id uuid, line_no int, year int NOT NULL, level text NOT NULL, category text NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), area_code bigint NOT NULL,
         CONSTRAINT pk_project_funding PRIMARY KEY (project_id, line_no))""",
    "CREATE INDEX ix_project_funding_area_code ON project_funding(area_code)",
    "SELECT floor_protect('project_funding', 'rows')",
)

DESKS = (
    """CREATE TABLE meeting(
         id uuid CONSTRAINT pk_meeting PRIMARY KEY, subject_id uuid NOT NULL, kind text NOT NULL, number text NOT NULL,
         held_on date NOT NULL, entitled int, present int, in_favour int, earlier date[] NOT NULL,
         recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_meeting_subject_id ON meeting(subject_id)",
    "CREATE INDEX ix_meeting_area_code ON meeting(area_code)",
    "SELECT floor_protect('meeting', 'append')",
    """CREATE TABLE review_opinion(
         id uuid CONSTRAINT pk_review_opinion PRIMARY KEY, project_id uuid NOT NULL, version_no int NOT NULL,
         stage text NOT NULL, content jsonb NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_review_opinion_project_id_stage_recorded_at ON review_opinion(project_id, stage, recorded_at)",
    "CREATE INDEX ix_review_opinion_area_code ON review_opinion(area_code)",
    "SELECT floor_protect('review_opinion', 'append')",
    """CREATE TABLE project_verdict(
         opinion_id uuid, rule_id text, project_id uuid NOT NULL, version_no int NOT NULL, rule_version int NOT NULL,
         verdict text NOT NULL, evidence text[] NOT NULL, reason text NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_project_verdict PRIMARY KEY (opinion_id, rule_id))""",
    "CREATE INDEX ix_project_verdict_area_code ON project_verdict(area_code)",
    "SELECT floor_protect('project_verdict', 'append')",
    """CREATE TABLE acceptance(
         id uuid CONSTRAINT pk_acceptance PRIMARY KEY, project_id uuid NOT NULL, seq int NOT NULL, case_version int NOT NULL,
         accepted_on date NOT NULL, passed boolean NOT NULL, members jsonb NOT NULL, deliverables jsonb NOT NULL,
         provisional_value_fen bigint NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT uq_acceptance_project_id_seq UNIQUE (project_id, seq))""",
    "CREATE INDEX ix_acceptance_area_code ON acceptance(area_code)",
    "SELECT floor_protect('acceptance', 'append')",
    """CREATE TABLE goal_result(
         project_id uuid, goal_no int, actual text NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT pk_goal_result PRIMARY KEY (project_id, goal_no))""",
    "CREATE INDEX ix_goal_result_area_code ON goal_result(area_code)",
    "SELECT floor_protect('goal_result', 'append')",
)

PLANS = (
    """CREATE TABLE plan(
         id uuid CONSTRAINT pk_plan PRIMARY KEY, series_id uuid NOT NULL, area_code bigint NOT NULL, year int NOT NULL,
         batch int NOT NULL, title text NOT NULL, document_no text NOT NULL, published_on date,
         CONSTRAINT uq_plan_area_code_year_batch UNIQUE (area_code, year, batch))""",
    "CREATE INDEX ix_plan_area_code ON plan(area_code)",
    "SELECT floor_protect('plan', 'rows')",
    """CREATE TABLE plan_line(
         plan_id uuid, project_id uuid, level text, category text, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         area_code bigint NOT NULL, CONSTRAINT pk_plan_line PRIMARY KEY (plan_id, project_id, level, category))""",
    "CREATE INDEX ix_plan_line_project_id ON plan_line(project_id)",
    "CREATE INDEX ix_plan_line_area_code ON plan_line(area_code)",
    "SELECT floor_protect('plan_line', 'rows')",
    """CREATE TABLE allocation(
         id uuid CONSTRAINT pk_allocation PRIMARY KEY, area_code bigint NOT NULL, year int NOT NULL, title text NOT NULL,
         posted_on date)""",
    "CREATE INDEX ix_allocation_area_code ON allocation(area_code)",
    "CREATE INDEX ix_allocation_area_code_year_id ON allocation(area_code, year, id)",
    "SELECT floor_protect('allocation', 'rows')",
    """CREATE TABLE allocation_line(
         allocation_id uuid, line_no int, project_id uuid NOT NULL, indicator_id uuid NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen > 0), area_code bigint NOT NULL,
         CONSTRAINT pk_allocation_line PRIMARY KEY (allocation_id, line_no))""",
    "CREATE INDEX ix_allocation_line_project_id ON allocation_line(project_id)",
    "CREATE INDEX ix_allocation_line_indicator_id ON allocation_line(indicator_id)",
    "CREATE INDEX ix_allocation_line_area_code ON allocation_line(area_code)",
    "SELECT floor_protect('allocation_line', 'append')",
    """CREATE TABLE allocation_move(
         allocation_id uuid, move_no int, from_project_id uuid NOT NULL, to_project_id uuid NOT NULL,
         indicator_id uuid NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0), moved_on date NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT pk_allocation_move PRIMARY KEY (allocation_id, move_no))""",
    "CREATE INDEX ix_allocation_move_area_code ON allocation_move(area_code)",
    "SELECT floor_protect('allocation_move', 'append')",
)

TABLES = (
    "allocation_move allocation_line allocation plan_line plan goal_result acceptance project_verdict review_opinion meeting"
    " project_funding project_place project_version project indicator ref_project_asset negative_rule category_label"
    " fund_category category"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*REFERENCE, *INDICATORS, *LIBRARY, *DESKS, *PLANS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")
    op.execute("SELECT floor_drop_ledger()")

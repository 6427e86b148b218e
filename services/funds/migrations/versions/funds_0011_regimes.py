"""Integration plans, and consumption assistance."""

from alembic import op

revision = "funds_0011"
down_revision = "funds_0010"
branch_labels = None
depends_on = None

INTEGRATION = (
    """CREATE TABLE integration_plan(
         id uuid CONSTRAINT pk_integration_plan PRIMARY KEY, area_code bigint NOT NULL, year int NOT NULL,
         version int NOT NULL, title text NOT NULL, planned_scale_fen bigint NOT NULL CHECK (planned_scale_fen > 0),
         last_year_fen bigint NOT NULL CHECK (last_year_fen >= 0), filing_no text NOT NULL, filed_on date,
         CONSTRAINT uq_integration_plan_area_code_year_version UNIQUE (area_code, year, version))""",
    "CREATE INDEX ix_integration_plan_area_code ON integration_plan(area_code)",
    "SELECT floor_protect('integration_plan', 'rows')",
    """CREATE TABLE integration_source(
         plan_id uuid, indicator_id uuid, amount_fen bigint NOT NULL CHECK (amount_fen > 0), area_code bigint NOT NULL,
         CONSTRAINT pk_integration_source PRIMARY KEY (plan_id, indicator_id))""",
    "CREATE INDEX ix_integration_source_area_code ON integration_source(area_code)",
    "CREATE INDEX ix_integration_source_indicator_id ON integration_source(indicator_id)",
    "SELECT floor_protect('integration_source', 'append')",
    """CREATE TABLE integration_project(
         plan_id uuid, project_id uuid, amount_fen bigint NOT NULL CHECK (amount_fen > 0), area_code bigint NOT NULL,
         CONSTRAINT pk_integration_project PRIMARY KEY (plan_id, project_id))""",
    "CREATE INDEX ix_integration_project_area_code ON integration_project(area_code)",
    "SELECT floor_protect('integration_project', 'append')",
)

CONSUMPTION = (
    """CREATE TABLE consumption_quota(
         id uuid CONSTRAINT pk_consumption_quota PRIMARY KEY, area_code bigint NOT NULL, year int NOT NULL,
         unit_name text NOT NULL, planned_fen bigint NOT NULL CHECK (planned_fen > 0),
         reserved_fen bigint NOT NULL CHECK (reserved_fen BETWEEN 0 AND planned_fen), opened_on date, activated_on date,
         CONSTRAINT uq_consumption_quota_area_code_year_unit_name UNIQUE (area_code, year, unit_name),
         CONSTRAINT ck_consumption_quota_opened_first CHECK (activated_on IS NULL OR activated_on >= opened_on))""",
    "CREATE INDEX ix_consumption_quota_area_code ON consumption_quota(area_code)",
    "SELECT floor_protect('consumption_quota', 'rows')",
    """CREATE TABLE consumption_order(
         id uuid CONSTRAINT pk_consumption_order PRIMARY KEY, area_code bigint NOT NULL, quota_id uuid NOT NULL,
         reference text NOT NULL, ordered_on date NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         origin_code bigint NOT NULL,
         CONSTRAINT uq_consumption_order_area_code_reference UNIQUE (area_code, reference))""",
    "CREATE INDEX ix_consumption_order_area_code ON consumption_order(area_code)",
    "CREATE INDEX ix_consumption_order_quota_id_id ON consumption_order(quota_id, id)",
    "SELECT floor_protect('consumption_order', 'append')",
    """CREATE TABLE consumption_sale(
         id uuid CONSTRAINT pk_consumption_sale PRIMARY KEY, area_code bigint NOT NULL, reference text NOT NULL,
         sold_on date NOT NULL, product text NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         households int NOT NULL CHECK (households >= 0),
         CONSTRAINT uq_consumption_sale_area_code_reference UNIQUE (area_code, reference))""",
    "CREATE INDEX ix_consumption_sale_area_code ON consumption_sale(area_code)",
    "CREATE INDEX ix_consumption_sale_area_code_sold_on_id ON consumption_sale(area_code, sold_on, id)",
    "SELECT floor_protect('consumption_sale', 'append')",
)

TABLES = "consumption_sale consumption_order consumption_quota integration_project integration_source integration_plan"


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*INTEGRATION, *CONSUMPTION):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

"""The register of households, income, clues with their risks, and imported files."""

from alembic import op

revision = "monitoring_0001"
down_revision = None
branch_labels = ("monitoring",)
depends_on = ("floor_0002",)

REGISTER = (
    """CREATE TABLE household(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_no text, group_name text NOT NULL,
         household_type text NOT NULL, overlays text[] NOT NULL, registered_on date NOT NULL,
         closed_on date, close_reason text, CHECK ((closed_on IS NULL) = (close_reason IS NULL)))""",
    "CREATE UNIQUE INDEX household_no_once ON household(household_no, (area_code / 1000000))",
    "CREATE INDEX household_list ON household(area_code, id)",
    "SELECT floor_protect('household', 'rows')",
    """CREATE TABLE household_member(
         id uuid PRIMARY KEY, household_id uuid NOT NULL REFERENCES household, area_code bigint NOT NULL,
         name_sealed bytea NOT NULL, id_number_sealed bytea, id_number_index bytea, phone_sealed bytea,
         health_sealed bytea, sex text, relation text NOT NULL, labour text NOT NULL, shares_budget boolean NOT NULL,
         co_resident boolean NOT NULL, joined_on date, left_on date, left_reason text,
         CHECK ((left_on IS NULL) = (left_reason IS NULL)))""",
    # DQ-ID-01 and DQ-ID-09, kept by the database.
    "CREATE UNIQUE INDEX household_member_person ON household_member(id_number_index) WHERE left_on IS NULL",
    """CREATE UNIQUE INDEX household_member_head ON household_member(household_id)
         WHERE relation = 'HEAD' AND left_on IS NULL""",
    "CREATE INDEX household_member_household ON household_member(household_id)",
    "SELECT floor_protect('household_member', 'rows')",
)

INCOME = (
    """CREATE TABLE income_entry(
         id uuid PRIMARY KEY, household_id uuid NOT NULL REFERENCES household, area_code bigint NOT NULL,
         month date NOT NULL CHECK (extract(day FROM month) = 1), kind text NOT NULL,
         amount_fen bigint NOT NULL CHECK (amount_fen <> 0), origin text NOT NULL CHECK (origin IN ('declared', 'event')),
         source_id uuid, reverses uuid REFERENCES income_entry, recorded_at timestamptz NOT NULL,
         recorded_by uuid NOT NULL, CHECK ((origin = 'event') = (source_id IS NOT NULL)))""",
    "CREATE INDEX income_entry_sum ON income_entry(household_id, month)",
    "CREATE INDEX income_entry_reversal ON income_entry(reverses)",
    "SELECT floor_protect('income_entry', 'append')",
    """CREATE TABLE income_classification(
         id uuid PRIMARY KEY, household_id uuid NOT NULL REFERENCES household, area_code bigint NOT NULL,
         reference_on date NOT NULL, window_first date NOT NULL, window_last date NOT NULL, persons int NOT NULL,
         net_fen bigint NOT NULL, monitoring_fen bigint NOT NULL, per_capita_net_fen bigint,
         per_capita_monitoring_fen bigint, line_test text NOT NULL, line_fen bigint NOT NULL, position text,
         proposed_kind text, recorded_at timestamptz NOT NULL, recorded_by uuid NOT NULL)""",
    "CREATE INDEX income_classification_latest ON income_classification(household_id, reference_on, id)",
    "SELECT floor_protect('income_classification', 'append')",
    """CREATE TABLE line_basis(
         area_code bigint NOT NULL, effective_from date NOT NULL, basis text NOT NULL, override_reason text NOT NULL,
         PRIMARY KEY (area_code, effective_from))""",
    "SELECT floor_reference('line_basis', 'rows')",
)

IMPORTS = (
    """CREATE TABLE import_batch(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, exchange text NOT NULL, sha256 bytea NOT NULL, form text NOT NULL,
         status text NOT NULL CHECK (status IN ('STAGED', 'DONE')), total int NOT NULL, staged int NOT NULL,
         merged int NOT NULL, last_row int NOT NULL, unchanged int NOT NULL, refused int NOT NULL, clues int NOT NULL,
         risks int NOT NULL, received_at timestamptz NOT NULL, received_by uuid NOT NULL, finished_at timestamptz,
         CHECK (merged <= staged))""",
    "CREATE UNIQUE INDEX import_batch_content ON import_batch(exchange, area_code, sha256)",
    "CREATE INDEX import_batch_list ON import_batch(area_code, id)",
    "SELECT floor_protect('import_batch', 'rows')",
    """CREATE TABLE import_file(
         batch_id uuid PRIMARY KEY REFERENCES import_batch, area_code bigint NOT NULL, content_sealed bytea NOT NULL)""",
    "SELECT floor_protect('import_file', 'append')",
    """CREATE TABLE import_refusal(
         batch_id uuid NOT NULL REFERENCES import_batch, row_no int NOT NULL, field text NOT NULL, code text NOT NULL,
         rule text NOT NULL, area_code bigint NOT NULL, PRIMARY KEY (batch_id, row_no, field, code))""",
    "SELECT floor_protect('import_refusal', 'append')",
    """CREATE TABLE spending_entry(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, item text NOT NULL, record_no text NOT NULL,
         person_index bytea NOT NULL, settled_on date NOT NULL,
         self_paid_fen bigint NOT NULL CHECK (self_paid_fen >= 0), batch_id uuid NOT NULL REFERENCES import_batch)""",
    "CREATE UNIQUE INDEX spending_entry_once ON spending_entry(record_no, item, (area_code / 1000000))",
    "CREATE INDEX spending_entry_person ON spending_entry(person_index, item, settled_on)",
    "SELECT floor_protect('spending_entry', 'append')",
    # Staging: app-only, unlogged, without the wall, emptied by the merge (architecture.md D16).
    """CREATE UNLOGGED TABLE stage_spending(
         batch_id uuid NOT NULL, row_no int NOT NULL, id uuid NOT NULL, record_no text NOT NULL, area_code bigint NOT NULL,
         person_index bytea NOT NULL, settled_on date NOT NULL, self_paid_fen bigint NOT NULL, clue_id uuid NOT NULL,
         id_number_sealed bytea NOT NULL, name_sealed bytea NOT NULL, PRIMARY KEY (batch_id, row_no))""",
    "SELECT floor_grant('stage_spending', 'rows')",
    """CREATE UNLOGGED TABLE stage_member(
         batch_id uuid NOT NULL, row_no int NOT NULL, id uuid NOT NULL, household_id uuid NOT NULL,
         household_no text NOT NULL, area_code bigint NOT NULL, group_name text NOT NULL, household_type text NOT NULL,
         overlays text[] NOT NULL, name_sealed bytea NOT NULL, id_number_sealed bytea, id_number_index bytea,
         phone_sealed bytea, health_sealed bytea, sex text, relation text NOT NULL, labour text NOT NULL,
         shares_budget boolean NOT NULL, co_resident boolean NOT NULL, PRIMARY KEY (batch_id, row_no))""",
    "SELECT floor_grant('stage_member', 'rows')",
)

CLUES = (
    """CREATE TABLE risk(
         id uuid PRIMARY KEY, household_id uuid NOT NULL REFERENCES household, area_code bigint NOT NULL,
         cause text NOT NULL, severity text NOT NULL, rule_id text NOT NULL, rule_version int NOT NULL,
         relapse boolean NOT NULL, detected_on date NOT NULL, due_on date NOT NULL, cleared_on date, outcome text,
         CHECK ((cleared_on IS NULL) = (outcome IS NULL)))""",
    "CREATE UNIQUE INDEX risk_open ON risk(household_id) WHERE cleared_on IS NULL",
    "CREATE INDEX risk_list ON risk(area_code, id)",
    "SELECT floor_protect('risk', 'rows')",
    """CREATE TABLE clue(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, subject_key bytea NOT NULL, item text NOT NULL,
         period text NOT NULL, source text NOT NULL, match text NOT NULL, household_id uuid REFERENCES household,
         member_id uuid REFERENCES household_member, id_number_sealed bytea, name_sealed bytea, note_sealed bytea,
         cause text NOT NULL, amount_fen bigint, threshold_fen bigint, rule_id text NOT NULL, rule_version int NOT NULL,
         event_on date NOT NULL, received_on date NOT NULL, due_on date NOT NULL, risk_id uuid REFERENCES risk,
         disposition text, disposed_on date, disposed_by uuid,
         CHECK ((match = 'MATCHED') = (household_id IS NOT NULL)),
         CHECK ((disposition IS NULL) = (disposed_on IS NULL)), CHECK ((disposition IS NULL) = (disposed_by IS NULL)))""",
    "CREATE UNIQUE INDEX clue_once ON clue(subject_key, item, period, (area_code / 1000000))",
    "CREATE INDEX clue_worklist ON clue(area_code, due_on, id) WHERE disposition IS NULL",
    "CREATE INDEX clue_list ON clue(area_code, id)",
    "CREATE INDEX clue_household ON clue(household_id)",
    "CREATE INDEX clue_risk ON clue(risk_id)",
    "SELECT floor_protect('clue', 'rows')",
    """CREATE TABLE clue_source(
         id uuid PRIMARY KEY, clue_id uuid NOT NULL REFERENCES clue, area_code bigint NOT NULL, source text NOT NULL,
         department text NOT NULL, batch_id uuid REFERENCES import_batch, row_no int, amount_fen bigint,
         pushed_on date NOT NULL)""",
    """CREATE UNIQUE INDEX clue_source_once ON clue_source(clue_id, source, department, batch_id)
         NULLS NOT DISTINCT""",
    "CREATE INDEX clue_source_batch ON clue_source(batch_id, id)",
    "CREATE INDEX clue_source_list ON clue_source(area_code, id)",
    "SELECT floor_protect('clue_source', 'rows')",
    """CREATE TABLE clue_rule(
         area_code bigint NOT NULL, item text NOT NULL, person_scope text NOT NULL, valid_from date NOT NULL,
         department text NOT NULL, code text NOT NULL, version int NOT NULL, metric text NOT NULL,
         operator text NOT NULL CHECK (operator IN ('>=', '>')), threshold_fen bigint NOT NULL, document text NOT NULL,
         PRIMARY KEY (area_code, item, person_scope, valid_from))""",
    "SELECT floor_reference('clue_rule', 'rows')",
)

TABLES = (
    "clue_rule clue_source clue risk stage_member stage_spending spending_entry import_refusal import_file import_batch"
    " line_basis income_classification income_entry household_member household"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*REGISTER, *INCOME, *IMPORTS, *CLUES):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

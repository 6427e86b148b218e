"""The floor's tables: keys, journal, outbox, delivery, cases, parameters, checks; who may touch them."""

from alembic import op

revision = "floor_0001"
down_revision = None
branch_labels = ("floor",)
depends_on = None

ACCESS = (
    # The scope of a session; without one nothing is visible.
    """CREATE FUNCTION floor_low() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
       AS $$ SELECT nullif(current_setting('app.low', true), '')::bigint $$""",
    """CREATE FUNCTION floor_high() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
       AS $$ SELECT nullif(current_setting('app.high', true), '')::bigint $$""",
    """CREATE FUNCTION floor_scope() RETURNS int8multirange LANGUAGE sql STABLE PARALLEL SAFE
       AS $$ SELECT nullif(current_setting('app.scope', true), '')::int8multirange $$""",
    # Gives the app role rights on one table: 'rows', 'append' or 'read'. Nothing is granted otherwise.
    """CREATE FUNCTION floor_grant(target regclass, rights text) RETURNS void LANGUAGE plpgsql AS $$
       DECLARE app text := regexp_replace(current_user, '_owner$', '_app');
       BEGIN
         EXECUTE format('GRANT %s ON %s TO %I', CASE rights
           WHEN 'rows' THEN 'SELECT, INSERT, UPDATE, DELETE' WHEN 'append' THEN 'SELECT, INSERT'
           WHEN 'read' THEN 'SELECT' END, target, app);
       END $$""",
    # Rights plus the forced wall: rows outside the session's scope do not exist, for the owner neither.
    """CREATE FUNCTION floor_protect(target regclass, rights text) RETURNS void LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM floor_grant(target, rights);
         EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
         EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
         EXECUTE format('CREATE POLICY area_scope ON %s USING (area_code BETWEEN floor_low() AND floor_high()'
           ' AND area_code <@ floor_scope())', target);
       END $$""",
    # Published reference data (divisions, policy values): everybody reads, writing stays within the scope.
    """CREATE FUNCTION floor_reference(target regclass, rights text) RETURNS void LANGUAGE plpgsql AS $$
       BEGIN
         PERFORM floor_grant(target, rights);
         EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
         EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
         EXECUTE format('CREATE POLICY reading ON %s FOR SELECT USING (true)', target);
         EXECUTE format('CREATE POLICY area_scope ON %s USING (area_code BETWEEN floor_low() AND floor_high()'
           ' AND area_code <@ floor_scope())', target);
       END $$""",
    # Readiness compares the revision with the build's own.
    "SELECT floor_grant('alembic_version', 'read')",
)

COMMANDS = (
    """CREATE TABLE command_key(
         scope text NOT NULL, key text NOT NULL, input_hash bytea NOT NULL, outcome jsonb,
         created_at timestamptz NOT NULL, PRIMARY KEY (scope, key))""",
    "SELECT floor_grant('command_key', 'rows')",
    # An answer tells of an area: who gave the command may read it, and the system, in whose name events are handled.
    "ALTER TABLE command_key ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE command_key FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own_keys ON command_key USING (scope = current_setting('app.actor', true)
         OR current_setting('app.actor', true) = '00000000-0000-0000-0000-000000000000')""",
    """CREATE TABLE journal(
         id uuid PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1), pos bigint UNIQUE,
         at timestamptz NOT NULL, actor uuid NOT NULL, command text NOT NULL, input_hash bytea NOT NULL,
         correlation uuid NOT NULL, cause uuid, area_code bigint NOT NULL, subjects jsonb NOT NULL)""",
    "CREATE INDEX journal_unnumbered ON journal(seq) WHERE pos IS NULL",
    "SELECT floor_protect('journal', 'append')",
)

OUTBOX = (
    """CREATE TABLE outbox(
         id uuid PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1), pos bigint UNIQUE,
         topic text NOT NULL, key uuid NOT NULL, type text NOT NULL, sequence bigint, area_code bigint NOT NULL,
         envelope jsonb NOT NULL, at timestamptz NOT NULL, published_at timestamptz,
         UNIQUE (topic, key, sequence))""",
    "CREATE INDEX outbox_unnumbered ON outbox(seq) WHERE pos IS NULL",
    "CREATE INDEX outbox_unpublished ON outbox(pos) WHERE published_at IS NULL",
    "SELECT floor_protect('outbox', 'append')",
    """CREATE TABLE outbox_counter(only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
         last_pos bigint NOT NULL DEFAULT 0, last_journal_pos bigint NOT NULL DEFAULT 0)""",
    "INSERT INTO outbox_counter DEFAULT VALUES",
    "SELECT floor_grant('outbox_counter', 'rows')",
    """CREATE TABLE outbox_key(topic text, key uuid, last_sequence bigint NOT NULL, PRIMARY KEY (topic, key))""",
    "SELECT floor_grant('outbox_key', 'rows')",
    # The log that everybody reads, in the order of pos; the envelope with the sequence that numbering gave.
    """CREATE VIEW outbox_log AS SELECT pos, topic, key, sequence, id, type, area_code,
         envelope || jsonb_build_object('sequence', lpad(sequence::text, 12, '0')) AS envelope, at, published_at
         FROM outbox WHERE pos IS NOT NULL""",
    # Numbering fills these columns; nothing else of a journal or outbox row ever changes.
    """DO $$ DECLARE app text := regexp_replace(current_user, '_owner$', '_app');
       BEGIN
         EXECUTE format('GRANT UPDATE (pos, sequence, published_at) ON outbox TO %I', app);
         EXECUTE format('GRANT UPDATE (pos) ON journal TO %I', app);
         EXECUTE format('GRANT SELECT ON outbox_log TO %I', app);
       END $$""",
)

DELIVERY = (
    """CREATE TABLE delivery_cursor(consumer text, source text, pos bigint NOT NULL, PRIMARY KEY (consumer, source))""",
    "SELECT floor_grant('delivery_cursor', 'rows')",
    """CREATE TABLE delivery_key(consumer text, topic text, key uuid, last_sequence bigint NOT NULL,
         PRIMARY KEY (consumer, topic, key))""",
    "SELECT floor_grant('delivery_key', 'rows')",
    """CREATE TABLE parked_event(
         id uuid PRIMARY KEY, consumer text NOT NULL, source text NOT NULL, pos bigint NOT NULL, topic text NOT NULL,
         key uuid, sequence bigint, event_id uuid, type text NOT NULL, area_code bigint NOT NULL, body bytea NOT NULL,
         reason text NOT NULL, detail text NOT NULL, attempts int NOT NULL, parked_at timestamptz NOT NULL,
         outcome text CHECK (outcome IN ('REPLAYED', 'DISCARDED')), settled_at timestamptz, settled_by uuid,
         settled_second uuid, settled_reason text, CHECK ((outcome IS NULL) = (settled_at IS NULL)))""",
    "CREATE UNIQUE INDEX parked_once ON parked_event(consumer, event_id) WHERE outcome IS NULL",
    "CREATE INDEX parked_in_order ON parked_event(consumer, topic, key, sequence) WHERE outcome IS NULL",
    "CREATE INDEX parked_list ON parked_event(consumer, parked_at, id) WHERE outcome IS NULL",
    "SELECT floor_protect('parked_event', 'rows')",
)

CASES = (
    """CREATE TABLE case_file(
         id uuid PRIMARY KEY, workflow text NOT NULL, workflow_version int NOT NULL, subject_id uuid NOT NULL,
         area_code bigint NOT NULL, state text NOT NULL, previous text NOT NULL DEFAULT '', round int NOT NULL,
         marks jsonb NOT NULL, version int NOT NULL, started_on date NOT NULL, entered_at timestamptz NOT NULL,
         due_on date, total_due_on date, escalated int NOT NULL DEFAULT 0, is_open boolean NOT NULL,
         UNIQUE (workflow, subject_id))""",
    "CREATE INDEX case_worklist ON case_file(workflow, area_code, state, id)",
    "CREATE INDEX case_subject ON case_file(subject_id)",
    "CREATE INDEX case_due ON case_file(least(due_on, total_due_on)) WHERE is_open",
    "SELECT floor_protect('case_file', 'rows')",
    """CREATE TABLE case_step(
         case_id uuid NOT NULL REFERENCES case_file, version int NOT NULL, step text NOT NULL, source text NOT NULL,
         target text NOT NULL, round int NOT NULL, actor uuid NOT NULL, role text NOT NULL, at timestamptz NOT NULL,
         reason text NOT NULL, evidence uuid[] NOT NULL, area_code bigint NOT NULL, PRIMARY KEY (case_id, version))""",
    "SELECT floor_protect('case_step', 'append')",
    """CREATE TABLE case_evidence(
         id uuid PRIMARY KEY, sha256 bytea NOT NULL, kind text NOT NULL, media_type text NOT NULL, size bigint NOT NULL,
         taken_on date, uploaded_by uuid NOT NULL, uploaded_at timestamptz NOT NULL, area_code bigint NOT NULL)""",
    "SELECT floor_protect('case_evidence', 'append')",
    """CREATE TABLE case_notice(
         id uuid PRIMARY KEY, case_id uuid NOT NULL REFERENCES case_file, state text NOT NULL, level text NOT NULL,
         round int NOT NULL, posted_on date NOT NULL, last_day date NOT NULL, permanent boolean NOT NULL,
         content jsonb NOT NULL, content_sha256 bytea NOT NULL, first_proof uuid REFERENCES case_evidence,
         last_proof uuid REFERENCES case_evidence, closed_on date, area_code bigint NOT NULL)""",
    "CREATE UNIQUE INDEX case_notice_running ON case_notice(case_id) WHERE closed_on IS NULL AND NOT permanent",
    "SELECT floor_protect('case_notice', 'rows')",
    """CREATE TABLE case_objection(
         id uuid PRIMARY KEY, notice_id uuid NOT NULL REFERENCES case_notice, case_id uuid NOT NULL REFERENCES case_file,
         channel text NOT NULL, wording text NOT NULL, filed_at timestamptz NOT NULL, filed_by uuid NOT NULL,
         outcome text, reply text, resolved_at timestamptz, resolved_by uuid, area_code bigint NOT NULL)""",
    "CREATE INDEX case_objection_open ON case_objection(case_id) WHERE outcome IS NULL",
    "SELECT floor_protect('case_objection', 'rows')",
)

POLICY = (
    """CREATE TABLE policy_profile(code text PRIMARY KEY, zh text NOT NULL, en text NOT NULL,
         effective_from date NOT NULL, effective_to date, draft boolean NOT NULL)""",
    "SELECT floor_grant('policy_profile', 'rows')",
    """CREATE TABLE parameter_value(
         name text NOT NULL, area_code bigint NOT NULL, effective_from date NOT NULL, effective_to date,
         value text, document text NOT NULL, profile text REFERENCES policy_profile, proposed_by uuid NOT NULL,
         adopted_by uuid, PRIMARY KEY (name, area_code, effective_from),
         CHECK (proposed_by <> adopted_by OR proposed_by = '00000000-0000-0000-0000-000000000000'))""",
    "SELECT floor_reference('parameter_value', 'rows')",
    """CREATE TABLE division(
         code bigint NOT NULL, name text NOT NULL, level smallint NOT NULL, parent bigint NOT NULL, kind text NOT NULL,
         valid_from date NOT NULL, valid_to date, replaced_by bigint[] NOT NULL DEFAULT '{}',
         PRIMARY KEY (code, valid_from))""",
    "CREATE INDEX division_children ON division(parent, code)",
    "CREATE UNIQUE INDEX division_current ON division(code) WHERE valid_to IS NULL",
    "SELECT floor_grant('division', 'rows')",
    """CREATE UNLOGGED TABLE stage_division(
         code bigint NOT NULL, name text NOT NULL, level smallint NOT NULL, parent bigint NOT NULL, kind text NOT NULL,
         replaces bigint[] NOT NULL)""",
    "SELECT floor_grant('stage_division', 'rows')",
    "CREATE TABLE workday(day date PRIMARY KEY, is_workday boolean NOT NULL, source text NOT NULL)",
    "SELECT floor_grant('workday', 'rows')",
    "CREATE TABLE clock_offset(only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), seconds bigint NOT NULL)",
    "SELECT floor_grant('clock_offset', 'rows')",
)

CHECKS = (
    """CREATE TABLE check_run(id uuid PRIMARY KEY, check_id text NOT NULL, at timestamptz NOT NULL,
         opened int NOT NULL, closed int NOT NULL, standing int NOT NULL)""",
    "SELECT floor_grant('check_run', 'append')",
    """CREATE TABLE finding(
         id uuid PRIMARY KEY, check_id text NOT NULL, severity text NOT NULL, subject_kind text NOT NULL,
         subject_key text NOT NULL, area_code bigint NOT NULL, facts jsonb NOT NULL, opened_at timestamptz NOT NULL,
         closed_at timestamptz)""",
    "CREATE UNIQUE INDEX finding_open ON finding(check_id, subject_key) WHERE closed_at IS NULL",
    "SELECT floor_protect('finding', 'rows')",
)

TABLES = (
    "finding check_run clock_offset workday stage_division division parameter_value policy_profile case_objection"
    " case_notice case_evidence case_step case_file parked_event delivery_key delivery_cursor outbox_key"
    " outbox_counter outbox journal command_key"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*ACCESS, *COMMANDS, *OUTBOX, *DELIVERY, *CASES, *POLICY, *CHECKS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP VIEW outbox_log")
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")
    for function in ("floor_reference(regclass, text)", "floor_protect(regclass, text)", "floor_grant(regclass, text)"):
        op.execute(f"DROP FUNCTION {function}")
    for function in ("floor_low()", "floor_high()", "floor_scope()"):
        op.execute(f"DROP FUNCTION {function}")

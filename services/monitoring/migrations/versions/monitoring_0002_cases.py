"""Identification, elimination, episodes with their snapshots, measures, and the money that events brought."""

from alembic import op

revision = "monitoring_0002"
down_revision = "monitoring_0001"
branch_labels = None
depends_on = None

EPISODES = (
    """CREATE TABLE episode(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         identification_id uuid NOT NULL, risk_id uuid NOT NULL REFERENCES risk, previous_id uuid REFERENCES episode,
         kind text NOT NULL, risks text[] NOT NULL CHECK (cardinality(risks) BETWEEN 1 AND 5),
         disaster_subtype text NOT NULL, risk_note_sealed bytea, persons int NOT NULL, identified_on date NOT NULL,
         no_labour_backstop boolean NOT NULL, eliminated_on date, mode text CHECK (mode IN ('by_assistance', 'natural')),
         elimination_id uuid, CHECK ((eliminated_on IS NULL) = (mode IS NULL)))""",
    "CREATE UNIQUE INDEX episode_open ON episode(household_id) WHERE eliminated_on IS NULL",
    "CREATE INDEX episode_household ON episode(household_id, identified_on)",
    "CREATE INDEX episode_list ON episode(area_code, id)",
    "SELECT floor_protect('episode', 'rows')",
    """CREATE TABLE episode_snapshot(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, episode_id uuid NOT NULL REFERENCES episode,
         moment text NOT NULL CHECK (moment IN ('at_identification', 'at_elimination')), elimination_id uuid,
         taken_on date NOT NULL, persons int NOT NULL, dropout boolean, house_damaged boolean, uninsured boolean,
         water_damaged boolean, wage_fen bigint, property_fen bigint, transfer_fen bigint, business_fen bigint,
         business_expense_fen bigint, net_fen bigint NOT NULL, per_capita_fen bigint, claims_fen bigint,
         self_paid_fen bigint, line_fen bigint NOT NULL)""",
    "CREATE INDEX episode_snapshot_episode ON episode_snapshot(episode_id, moment)",
    "SELECT floor_protect('episode_snapshot', 'append')",
    """CREATE TABLE helper_assignment(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         helper uuid NOT NULL, is_primary boolean NOT NULL, from_on date NOT NULL, until_on date)""",
    """CREATE UNIQUE INDEX helper_assignment_primary ON helper_assignment(household_id)
         WHERE is_primary AND until_on IS NULL""",
    "CREATE INDEX helper_assignment_household ON helper_assignment(household_id)",
    "CREATE INDEX helper_assignment_helper ON helper_assignment(helper) WHERE until_on IS NULL",
    "SELECT floor_protect('helper_assignment', 'rows')",
)

IDENTIFICATION = (
    """CREATE TABLE identification(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         risk_id uuid NOT NULL REFERENCES risk, episode_id uuid NOT NULL, relapse_of uuid REFERENCES episode,
         opened_on date NOT NULL, applicant uuid, green_channel_on date, contact text NOT NULL, concluded_on date,
         classification_id uuid REFERENCES income_classification, proposed_kind text, kind text,
         kind_reason text NOT NULL, rejected_on date, tell_by date, told_on date, told_by uuid, told_channel text,
         CHECK ((told_on IS NULL) = (told_by IS NULL)), CHECK (told_on IS NULL OR rejected_on IS NOT NULL))""",
    "CREATE INDEX identification_list ON identification(area_code, id)",
    "CREATE INDEX identification_household ON identification(household_id)",
    "CREATE UNIQUE INDEX identification_risk ON identification(risk_id)",
    """CREATE INDEX identification_to_tell ON identification(area_code, tell_by)
         WHERE told_on IS NULL AND tell_by IS NOT NULL""",
    "SELECT floor_protect('identification', 'rows')",
    """CREATE TABLE authorisation(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, identification_id uuid NOT NULL REFERENCES identification,
         round int NOT NULL, purpose text NOT NULL, sources text[] NOT NULL, signed_on date NOT NULL,
         valid_until date NOT NULL CHECK (valid_until >= signed_on), written_by_other boolean NOT NULL)""",
    "CREATE INDEX authorisation_case ON authorisation(identification_id)",
    "SELECT floor_protect('authorisation', 'append')",
    """CREATE TABLE comparison(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, identification_id uuid NOT NULL REFERENCES identification,
         round int NOT NULL, household_id uuid NOT NULL REFERENCES household, source text NOT NULL,
         requested_on date NOT NULL, due_on date NOT NULL, result text CHECK (result IN ('clear', 'hit')),
         answered_on date, answered_by uuid, CHECK ((result IS NULL) = (answered_on IS NULL)))""",
    "CREATE UNIQUE INDEX comparison_round ON comparison(identification_id, round, source)",
    "CREATE INDEX comparison_list ON comparison(area_code, id)",
    "SELECT floor_protect('comparison', 'rows')",
    """CREATE TABLE comparison_hit(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, comparison_id uuid NOT NULL REFERENCES comparison,
         code text NOT NULL, note_sealed bytea, answer text CHECK (answer IN ('explained', 'confirmed', 'data_error')),
         answer_reason_sealed bytea, evidence_id uuid, settled_on date, settled_by uuid,
         CHECK ((answer IS NULL) = (settled_on IS NULL)))""",
    "CREATE UNIQUE INDEX comparison_hit_once ON comparison_hit(comparison_id, code)",
    "SELECT floor_protect('comparison_hit', 'rows')",
)

FINDINGS = (
    """CREATE TABLE household_check(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, subject_id uuid NOT NULL, round int NOT NULL,
         household_id uuid NOT NULL REFERENCES household, visited_on date NOT NULL, seen uuid[] NOT NULL,
         persons int NOT NULL, window_first date NOT NULL, window_last date NOT NULL, wage_fen bigint,
         business_fen bigint, business_expense_fen bigint, property_fen bigint, transfer_fen bigint, claims_fen bigint,
         self_paid_fen bigint, education text NOT NULL, medical text NOT NULL, housing text NOT NULL,
         water text NOT NULL, risks text[] NOT NULL CHECK (cardinality(risks) <= 5), disaster_subtype text NOT NULL,
         risk_note_sealed bytea, serious_difficulty boolean NOT NULL, rigid_spending text NOT NULL,
         stable_months int NOT NULL, recorded_by uuid NOT NULL, recorded_at timestamptz NOT NULL)""",
    "CREATE UNIQUE INDEX household_check_round ON household_check(subject_id, round)",
    "SELECT floor_protect('household_check', 'rows')",
    """CREATE TABLE village_meeting(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, subject_id uuid NOT NULL, round int NOT NULL,
         held_on date NOT NULL, enlarged boolean NOT NULL, entitled int NOT NULL, present int NOT NULL,
         in_favour int NOT NULL, against int NOT NULL, abstained int NOT NULL,
         CHECK (in_favour + against + abstained = present))""",
    "CREATE UNIQUE INDEX village_meeting_round ON village_meeting(subject_id, round)",
    "SELECT floor_protect('village_meeting', 'append')",
    """CREATE TABLE joint_review(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, subject_id uuid NOT NULL, round int NOT NULL,
         held_on date NOT NULL, members text[] NOT NULL,
         finding text NOT NULL CHECK (finding IN ('ENROL', 'RETURN', 'REJECT')), finding_reason text NOT NULL)""",
    "CREATE INDEX joint_review_round ON joint_review(subject_id, round, id)",
    "SELECT floor_protect('joint_review', 'append')",
    """CREATE TABLE objection_recheck(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, subject_id uuid NOT NULL, round int NOT NULL,
         rechecked_on date NOT NULL, founded boolean NOT NULL)""",
    "CREATE INDEX objection_recheck_round ON objection_recheck(subject_id, round, id)",
    "SELECT floor_protect('objection_recheck', 'append')",
)

ELIMINATION = (
    """CREATE TABLE elimination(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         episode_id uuid NOT NULL REFERENCES episode, mode text NOT NULL CHECK (mode IN ('by_assistance', 'natural')),
         natural_reason text NOT NULL CHECK ((mode = 'natural') = (natural_reason <> '')), proposed_on date NOT NULL,
         contact text NOT NULL, county_reason text NOT NULL, backstop_override text NOT NULL, voided_on date)""",
    "CREATE INDEX elimination_list ON elimination(area_code, id)",
    "CREATE INDEX elimination_episode ON elimination(episode_id)",
    "SELECT floor_protect('elimination', 'rows')",
    """CREATE TABLE look_back(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, elimination_id uuid NOT NULL REFERENCES elimination,
         household_id uuid NOT NULL REFERENCES household, due_on date NOT NULL, done_on date, found text, done_by uuid,
         recorded_at timestamptz NOT NULL, CHECK ((done_on IS NULL) = (found IS NULL)))""",
    "CREATE UNIQUE INDEX look_back_elimination ON look_back(elimination_id, due_on)",
    "CREATE INDEX look_back_due ON look_back(area_code, due_on) WHERE done_on IS NULL",
    "SELECT floor_protect('look_back', 'rows')",
)

MEASURES = (
    """CREATE TABLE assistance_plan(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, episode_id uuid NOT NULL REFERENCES episode,
         made_on date NOT NULL, made_by uuid NOT NULL)""",
    "CREATE UNIQUE INDEX assistance_plan_episode ON assistance_plan(episode_id)",
    "SELECT floor_protect('assistance_plan', 'append')",
    """CREATE TABLE measure(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         episode_id uuid NOT NULL, kind text NOT NULL, item text NOT NULL, trigger text NOT NULL, project_id uuid,
         policy text, planned_fen bigint, planned_on date NOT NULL, due_on date NOT NULL, delivered_on date,
         delivered_fen bigint, effect text, effect_on date, cancelled_on date,
         CHECK (delivered_on IS NULL OR cancelled_on IS NULL))""",
    "CREATE INDEX measure_episode ON measure(episode_id)",
    "CREATE INDEX measure_list ON measure(area_code, id)",
    "CREATE INDEX measure_project ON measure(household_id, project_id) WHERE project_id IS NOT NULL",
    "SELECT floor_protect('measure', 'rows')",
    """CREATE TABLE household_receipt(
         line_id uuid PRIMARY KEY, area_code bigint NOT NULL, household_id uuid NOT NULL REFERENCES household,
         event_type text NOT NULL, document_id uuid NOT NULL, project_id uuid, asset_id uuid, policy text,
         kind text NOT NULL, month date NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0),
         returned_fen bigint NOT NULL CHECK (returned_fen BETWEEN 0 AND amount_fen), paid_on date NOT NULL,
         measure_id uuid REFERENCES measure, received_at timestamptz NOT NULL)""",
    "CREATE INDEX household_receipt_household ON household_receipt(household_id, paid_on)",
    "CREATE INDEX household_receipt_project ON household_receipt(project_id, line_id) WHERE project_id IS NOT NULL",
    "CREATE INDEX household_receipt_asset ON household_receipt(asset_id, line_id) WHERE asset_id IS NOT NULL",
    "CREATE INDEX household_receipt_measure ON household_receipt(measure_id) WHERE measure_id IS NOT NULL",
    "SELECT floor_protect('household_receipt', 'rows')",
)

TABLES = (
    "household_receipt measure assistance_plan look_back elimination objection_recheck joint_review village_meeting"
    " household_check comparison_hit comparison authorisation identification helper_assignment episode_snapshot episode"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*EPISODES, *IDENTIFICATION, *FINDINGS, *ELIMINATION, *MEASURES):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

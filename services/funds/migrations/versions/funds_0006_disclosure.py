"""Disclosure: the catalogue, frozen snapshots with proofs and withdrawals, citizens' queries, complaints."""

from alembic import op

revision = "funds_0006"
down_revision = "funds_0005"
branch_labels = None
depends_on = None

SNAPSHOTS = (
    """CREATE TABLE disclosure_item(
         code text, valid_from date, valid_to date,
         level text NOT NULL CHECK (level IN ('upper', 'county', 'township', 'village', 'unit')),
         subject_kind text NOT NULL, trigger text NOT NULL, due_parameter text NOT NULL, publisher text NOT NULL,
         duration text NOT NULL CHECK (duration IN ('permanent', 'notice', 'board', 'works')),
         has_persons boolean NOT NULL, fields text[] NOT NULL, given text[] NOT NULL CHECK (given <@ fields),
         zh text NOT NULL, en text NOT NULL, source text NOT NULL,
         CONSTRAINT pk_disclosure_item PRIMARY KEY (code, valid_from))""",
    "SELECT floor_grant('disclosure_item', 'rows')",
    """CREATE TABLE disclosure(
         id uuid CONSTRAINT pk_disclosure PRIMARY KEY, area_code bigint NOT NULL, item text NOT NULL,
         level text NOT NULL, subject_kind text NOT NULL, subject_id uuid NOT NULL, period text NOT NULL,
         version_no int NOT NULL, project_id uuid, policy text NOT NULL, villages bigint[] NOT NULL,
         title text NOT NULL, content jsonb, content_sealed bytea, content_sha256 bytea NOT NULL,
         posted_on date NOT NULL, objections_until date, until_on date, published_by uuid NOT NULL,
         published_at timestamptz NOT NULL,
         CONSTRAINT uq_disclosure_item_subject_id_area_code_period_version_no
           UNIQUE (item, subject_id, area_code, period, version_no),
         CONSTRAINT ck_disclosure_one_content CHECK ((content IS NULL) <> (content_sealed IS NULL)))""",
    "CREATE INDEX ix_disclosure_area_code ON disclosure(area_code)",
    "CREATE INDEX ix_disclosure_posted_on_id ON disclosure(posted_on, id)",
    "CREATE INDEX ix_disclosure_project_id_item ON disclosure(project_id, item)",
    "CREATE INDEX ix_disclosure_villages ON disclosure USING gin(villages)",
    "SELECT floor_protect('disclosure', 'append')",
    """CREATE TABLE disclosure_proof(
         disclosure_id uuid, evidence_id uuid, taken_on date NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_disclosure_proof PRIMARY KEY (disclosure_id, evidence_id))""",
    "CREATE INDEX ix_disclosure_proof_area_code ON disclosure_proof(area_code)",
    "SELECT floor_protect('disclosure_proof', 'append')",
    """CREATE TABLE disclosure_withdrawal(
         disclosure_id uuid CONSTRAINT pk_disclosure_withdrawal PRIMARY KEY, reason text NOT NULL,
         withdrawn_on date NOT NULL, withdrawn_by uuid NOT NULL, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_disclosure_withdrawal_area_code ON disclosure_withdrawal(area_code)",
    "SELECT floor_protect('disclosure_withdrawal', 'append')",
)

QUERIES = (
    """CREATE TABLE disclosure_line(
         disclosure_id uuid, line_id uuid, household_id uuid NOT NULL, period text NOT NULL,
         amount_fen bigint NOT NULL, paid_on date, area_code bigint NOT NULL,
         CONSTRAINT pk_disclosure_line PRIMARY KEY (disclosure_id, line_id))""",
    "CREATE INDEX ix_disclosure_line_area_code ON disclosure_line(area_code)",
    "CREATE INDEX ix_disclosure_line_household_id ON disclosure_line(household_id)",
    "SELECT floor_protect('disclosure_line', 'append')",
    """CREATE TABLE access_code(
         id uuid CONSTRAINT pk_access_code PRIMARY KEY, household_id uuid NOT NULL, code_index bytea NOT NULL,
         issued_on date NOT NULL, expires_on date NOT NULL, revoked_on date, area_code bigint NOT NULL)""",
    "CREATE INDEX ix_access_code_area_code ON access_code(area_code)",
    "CREATE INDEX ix_access_code_household_id ON access_code(household_id)",
    "SELECT floor_protect('access_code', 'rows')",
    """CREATE TABLE public_query(
         id uuid CONSTRAINT pk_public_query PRIMARY KEY, at timestamptz NOT NULL, client_index bytea NOT NULL,
         kind text NOT NULL, filters text[] NOT NULL, project_id uuid, subject_index bytea, verdict text NOT NULL,
         area_code bigint NOT NULL)""",
    "CREATE INDEX ix_public_query_area_code ON public_query(area_code)",
    "CREATE INDEX ix_public_query_client_index_kind_at ON public_query(client_index, kind, at)",
    """CREATE INDEX ix_public_query_subject_index_at ON public_query(subject_index, at)
         WHERE subject_index IS NOT NULL""",
    "SELECT floor_protect('public_query', 'append')",
)

COMPLAINTS = (
    """CREATE TABLE complaint(
         id uuid CONSTRAINT pk_complaint PRIMARY KEY, area_code bigint NOT NULL, channel text NOT NULL,
         kind text NOT NULL CHECK (kind IN ('advice', 'investigation')), is_real_name boolean NOT NULL,
         object_kind text NOT NULL, object_id uuid, about_desk text NOT NULL, title text NOT NULL,
         wording_sealed bytea NOT NULL, reporter_name_sealed bytea, reporter_phone_sealed bytea,
         receipt_index bytea NOT NULL, received_on date NOT NULL, objection_id uuid, desk text, handler_code bigint,
         finding text, reply text, satisfaction text)""",
    "CREATE INDEX ix_complaint_area_code ON complaint(area_code)",
    "CREATE UNIQUE INDEX ix_complaint_receipt_index ON complaint(receipt_index)",
    "CREATE INDEX ix_complaint_desk_handler_code_id ON complaint(desk, handler_code, id)",
    "CREATE INDEX ix_complaint_object_id ON complaint(object_id)",
    "SELECT floor_protect('complaint', 'rows')",
)

TABLES = (
    "complaint public_query access_code disclosure_line disclosure_withdrawal disclosure_proof disclosure"
    " disclosure_item"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*SNAPSHOTS, *QUERIES, *COMPLAINTS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")

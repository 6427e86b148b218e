"""Imports in parts: a file is kept in sealed parts of some thousand rows, and each part is taken in one transaction."""

from alembic import op

revision = "monitoring_0003"
down_revision = "monitoring_0002"
branch_labels = None
depends_on = None

BATCHES = (
    # What is half taken stands in the old form of the file, which nobody will read any more.
    """DO $$ BEGIN
         IF EXISTS (SELECT FROM import_batch WHERE status <> 'DONE') THEN
           RAISE EXCEPTION 'finish the imports that are under way before upgrading';
         END IF;
       END $$""",
    "ALTER TABLE import_batch DROP CONSTRAINT import_batch_status_check, DROP COLUMN staged, DROP COLUMN merged",
    "ALTER TABLE import_batch ADD COLUMN done int",
    "UPDATE import_batch SET done = total",
    """ALTER TABLE import_batch ALTER COLUMN done SET NOT NULL, ADD CHECK (status IN ('RECEIVED', 'DONE')),
         ADD CHECK (done <= total)""",
    "DROP TABLE import_file",
    """CREATE TABLE import_file(
         batch_id uuid NOT NULL REFERENCES import_batch, first_row int NOT NULL, area_code bigint NOT NULL,
         rows int NOT NULL, content_sealed bytea NOT NULL, PRIMARY KEY (batch_id, first_row))""",
    # Sealed bytes cannot be compressed: do not try.
    "ALTER TABLE import_file ALTER COLUMN content_sealed SET STORAGE EXTERNAL",
    "SELECT floor_protect('import_file', 'append')",
)

# One row for each of a million settlements: as narrow as can be, with the two indexes that are read and no other, sorted by
# bytes. There is no foreign key to the batch: it costs a fifth of the insert, and the only writer holds the batch locked.
ENTRIES = (
    "CREATE TABLE spending_entry_before AS SELECT * FROM spending_entry",
    "DROP TABLE spending_entry",
    """CREATE TABLE spending_entry(
         batch_id uuid NOT NULL, area_code bigint NOT NULL, self_paid_fen bigint NOT NULL CHECK (self_paid_fen >= 0),
         settled_on date NOT NULL, row_no int NOT NULL,
         county_code int GENERATED ALWAYS AS ((area_code / 1000000)::int) STORED,
         person_index bytea NOT NULL, item text COLLATE "C" NOT NULL, record_no text COLLATE "C" NOT NULL)""",
    """INSERT INTO spending_entry(batch_id, area_code, self_paid_fen, settled_on, row_no, person_index, item, record_no)
       SELECT batch_id, area_code, self_paid_fen, settled_on, 0, person_index, item, record_no FROM spending_entry_before""",
    "DROP TABLE spending_entry_before",
    "ALTER TABLE spending_entry ADD PRIMARY KEY (record_no, county_code, item)",
    "CREATE INDEX spending_entry_person ON spending_entry(person_index, settled_on)",
    "SELECT floor_protect('spending_entry', 'append')",
    "DROP TABLE stage_spending",
    # Filled, read as a whole and emptied within one transaction: an index would only cost.
    """CREATE UNLOGGED TABLE stage_spending(
         batch_id uuid NOT NULL, row_no int NOT NULL, area_code bigint NOT NULL, person_index bytea NOT NULL,
         settled_on date NOT NULL, self_paid_fen bigint NOT NULL, sum_from date NOT NULL, sum_until date NOT NULL,
         record_no text COLLATE "C" NOT NULL)""",
    "SELECT floor_grant('stage_spending', 'rows')",
)

BEFORE = (
    "DROP TABLE stage_spending",
    """CREATE UNLOGGED TABLE stage_spending(
         batch_id uuid NOT NULL, row_no int NOT NULL, id uuid NOT NULL, record_no text NOT NULL, area_code bigint NOT NULL,
         person_index bytea NOT NULL, settled_on date NOT NULL, self_paid_fen bigint NOT NULL, clue_id uuid NOT NULL,
         id_number_sealed bytea NOT NULL, name_sealed bytea NOT NULL, PRIMARY KEY (batch_id, row_no))""",
    "SELECT floor_grant('stage_spending', 'rows')",
    "CREATE TABLE spending_entry_before AS SELECT * FROM spending_entry",
    "DROP TABLE spending_entry",
    """CREATE TABLE spending_entry(
         id uuid PRIMARY KEY, area_code bigint NOT NULL, item text NOT NULL, record_no text NOT NULL,
         person_index bytea NOT NULL, settled_on date NOT NULL,
         self_paid_fen bigint NOT NULL CHECK (self_paid_fen >= 0), batch_id uuid NOT NULL REFERENCES import_batch)""",
    """INSERT INTO spending_entry
       SELECT md5(concat_ws('/', record_no, item, county_code))::uuid, area_code, item, record_no, person_index, settled_on,
         self_paid_fen, batch_id FROM spending_entry_before""",
    "DROP TABLE spending_entry_before",
    "CREATE UNIQUE INDEX spending_entry_once ON spending_entry(record_no, item, (area_code / 1000000))",
    "CREATE INDEX spending_entry_person ON spending_entry(person_index, item, settled_on)",
    "SELECT floor_protect('spending_entry', 'append')",
    "DROP TABLE import_file",
    """CREATE TABLE import_file(
         batch_id uuid PRIMARY KEY REFERENCES import_batch, area_code bigint NOT NULL, content_sealed bytea NOT NULL)""",
    "SELECT floor_protect('import_file', 'append')",
    "ALTER TABLE import_batch ADD COLUMN staged int, ADD COLUMN merged int",
    "UPDATE import_batch SET staged = total, merged = done, status = 'DONE'",
    """ALTER TABLE import_batch DROP CONSTRAINT import_batch_status_check, DROP COLUMN done,
         ALTER COLUMN staged SET NOT NULL, ALTER COLUMN merged SET NOT NULL,
         ADD CHECK (status IN ('STAGED', 'DONE')), ADD CHECK (merged <= staged)""",
)

WALLED = ("import_batch", "spending_entry")
"""Tables whose rows are carried over: for that long the wall lets their owner through."""


def upgrade() -> None:
    """Apply. The refused rows of earlier files can no longer be written back into a copy."""
    _through_the_wall((*BATCHES, *ENTRIES))


def downgrade() -> None:
    """Take back. The files go."""
    _through_the_wall(BEFORE)


def _through_the_wall(statements: tuple[str, ...]) -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in statements:
        op.execute(statement)
    op.execute("ALTER TABLE import_batch FORCE ROW LEVEL SECURITY")

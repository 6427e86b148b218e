"""The ledger: a function by which a service's own migration makes its tables, with its group and its dimensions."""

from alembic import op

revision = "floor_0002"
down_revision = "floor_0001"
branch_labels = None
depends_on = None

# SELECT floor_create_ledger('indicator_id', ARRAY['project_id', 'contract_id']);
# Each dimension becomes a column of lines (empty where it does not apply) and of balances (zeros instead).
CREATE = """
CREATE FUNCTION floor_create_ledger(group_column text, dimensions text[]) RETURNS void LANGUAGE plpgsql AS $create$
DECLARE
  app text := regexp_replace(current_user, '_owner$', '_app');
  dimension text;
  line_columns text := '';
  balance_columns text := '';
  balance_key text := '';
BEGIN
  FOREACH dimension IN ARRAY dimensions LOOP
    line_columns := line_columns || format('%I uuid, ', dimension);
    balance_columns := balance_columns
      || format('%I uuid NOT NULL DEFAULT ''00000000-0000-0000-0000-000000000000'', ', dimension);
    balance_key := balance_key || format('%I, ', dimension);
  END LOOP;

  -- L5: one posting per template and document; an entry is reversed at most once, by an entry of its own (L2).
  CREATE TABLE ledger_entry(
    id uuid PRIMARY KEY, seq bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
    template text NOT NULL, document text NOT NULL, at timestamptz NOT NULL, on_day date NOT NULL,
    line_count int NOT NULL CHECK (line_count > 0), reverses uuid REFERENCES ledger_entry,
    command_id uuid NOT NULL, area_code bigint NOT NULL,
    CONSTRAINT ledger_entry_document UNIQUE (document, template),
    CONSTRAINT ledger_entry_reversed UNIQUE (reverses));
  CREATE INDEX ledger_entry_day ON ledger_entry(area_code, on_day);
  PERFORM floor_protect('ledger_entry', 'append');

  -- Debit is positive. The trigger below stands for a foreign key: checked once a statement, not once a line.
  EXECUTE format('CREATE TABLE ledger_line(
    entry_id uuid NOT NULL, line_no int NOT NULL, account text NOT NULL, %I uuid NOT NULL, %s
    fiscal_year int NOT NULL, signed_fen bigint NOT NULL CHECK (signed_fen <> 0), area_code bigint NOT NULL,
    PRIMARY KEY (entry_id, line_no))', group_column, line_columns);
  EXECUTE format('CREATE INDEX ledger_line_group ON ledger_line(%I, entry_id)', group_column);
  PERFORM floor_protect('ledger_line', 'append');

  -- The amount is counted on the account's normal side. The app role adds rows and changes amounts, nothing else.
  EXECUTE format('CREATE TABLE ledger_balance(
    account text NOT NULL, %1$I uuid NOT NULL, %2$s fiscal_year int NOT NULL, amount_fen bigint NOT NULL,
    floor_fen bigint, area_code bigint NOT NULL,
    PRIMARY KEY (%1$I, account, %3$s fiscal_year, area_code)) WITH (fillfactor = 70)',
    group_column, balance_columns, balance_key);
  CREATE INDEX ledger_balance_area ON ledger_balance(area_code, account);
  PERFORM floor_protect('ledger_balance', 'append');
  EXECUTE format('GRANT UPDATE (amount_fen) ON ledger_balance TO %I', app);

  FOREACH dimension IN ARRAY dimensions LOOP
    EXECUTE format('CREATE INDEX %I ON ledger_line(%I, entry_id) WHERE %2$I IS NOT NULL',
      'ledger_line_' || dimension, dimension);
    EXECUTE format('CREATE INDEX %I ON ledger_balance(%I, account)
      WHERE %2$I <> ''00000000-0000-0000-0000-000000000000''', 'ledger_balance_' || dimension, dimension);
  END LOOP;

  -- L1: the lines of a statement are balanced for each entry and group. An entry's lines arrive all in one statement,
  -- in its own area, numbered from 1, so the primary key lets nothing be added to it later.
  EXECUTE format('CREATE FUNCTION ledger_check_lines() RETURNS trigger LANGUAGE plpgsql AS $check$
    DECLARE faulty uuid;
    BEGIN
      SELECT entry_id INTO faulty FROM added GROUP BY entry_id, %I HAVING sum(signed_fen) <> 0 LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION ''ledger entry %% is not balanced'', faulty
          USING ERRCODE = ''check_violation'', CONSTRAINT = ''ledger_balanced'', TABLE = ''ledger_line'';
      END IF;
      SELECT entry_id INTO faulty FROM added GROUP BY entry_id, area_code
        HAVING min(line_no) <> 1 OR max(line_no) <> count(*) OR count(*) IS DISTINCT FROM (
          SELECT entry.line_count FROM ledger_entry AS entry
          WHERE entry.id = added.entry_id AND entry.area_code = added.area_code) LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION ''ledger entry %% is not complete in one statement'', faulty
          USING ERRCODE = ''check_violation'', CONSTRAINT = ''ledger_complete'', TABLE = ''ledger_line'';
      END IF;
      RETURN NULL;
    END $check$', group_column);
  CREATE TRIGGER ledger_check_lines AFTER INSERT ON ledger_line
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_lines();

  -- L3: tested on the row as it stands. A CHECK is tested on the row proposed to INSERT … ON CONFLICT as well,
  -- which for a withdrawal is negative by itself.
  EXECUTE format('CREATE TRIGGER ledger_check_floor AFTER INSERT OR UPDATE ON ledger_balance
    FOR EACH ROW WHEN (NEW.amount_fen < NEW.floor_fen) EXECUTE FUNCTION floor_refuse_balance(%L)', group_column);
END $create$"""

# Runs only for a broken floor; the detail is for the code that words the refusal.
REFUSE = """
CREATE FUNCTION floor_refuse_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before bigint := coalesce(OLD.amount_fen, 0);
BEGIN
  RAISE EXCEPTION 'account % would fall below its floor', NEW.account
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_floor', TABLE = 'ledger_balance',
      DETAIL = jsonb_build_object('account', NEW.account, 'group', to_jsonb(NEW) ->> TG_ARGV[0],
        'available_fen', before - NEW.floor_fen, 'asked_fen', before - NEW.amount_fen);
END $$"""

DROP = """
CREATE FUNCTION floor_drop_ledger() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DROP TABLE ledger_balance, ledger_line, ledger_entry;
  DROP FUNCTION ledger_check_lines();
END $$"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (REFUSE, CREATE, DROP):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP FUNCTION floor_drop_ledger()")
    op.execute("DROP FUNCTION floor_create_ledger(text, text[])")
    op.execute("DROP FUNCTION floor_refuse_balance()")

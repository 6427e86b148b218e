"""The register of assets, their contracts and receipts, distribution plans, disposals, and copies of others' facts."""

from alembic import op

revision = "assets_0001"
down_revision = None
branch_labels = ("assets",)
depends_on = ("floor_0002",)

REGISTER = (
    """CREATE TABLE asset(
         id uuid CONSTRAINT pk_asset PRIMARY KEY, area_code bigint NOT NULL,
         code varchar NOT NULL CONSTRAINT uq_asset_code UNIQUE, name varchar NOT NULL, asset_class varchar NOT NULL,
         form varchar NOT NULL, catalogue varchar, quantity numeric(15, 6) NOT NULL, unit varchar NOT NULL,
         origin varchar NOT NULL, project_id uuid, list_line int, direct_cost_fen bigint NOT NULL,
         value_fen bigint NOT NULL, is_provisional boolean NOT NULL, in_service_on date NOT NULL, valued_on date,
         valuation_document varchar, operation_holder_kind varchar, operation_holder_area bigint, confirmed_on date,
         right_document varchar, disposed_on date,
         CONSTRAINT uq_asset_project_id_list_line UNIQUE (project_id, list_line),
         CONSTRAINT ck_asset_value CHECK (value_fen >= 0), CONSTRAINT ck_asset_quantity CHECK (quantity > 0))""",
    "CREATE INDEX ix_asset_area_code ON asset(area_code)",
    "SELECT floor_protect('asset', 'rows')",
    """CREATE TABLE asset_source(
         asset_id uuid CONSTRAINT fk_asset_source_asset_id REFERENCES asset, line_no int, indicator_id uuid NOT NULL,
         document_no varchar NOT NULL, level varchar NOT NULL, category varchar NOT NULL, amount_fen bigint NOT NULL,
         share_ppm int NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_asset_source PRIMARY KEY (asset_id, line_no))""",
    "CREATE INDEX ix_asset_source_indicator_id ON asset_source(indicator_id)",
    "SELECT floor_protect('asset_source', 'rows')",
    """CREATE TABLE asset_owner(
         asset_id uuid CONSTRAINT fk_asset_owner_asset_id REFERENCES asset, line_no int, owner_kind varchar NOT NULL,
         owner_area bigint NOT NULL, owner_id uuid, share_ppm int NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_asset_owner PRIMARY KEY (asset_id, line_no))""",
    "SELECT floor_protect('asset_owner', 'rows')",
    """CREATE TABLE asset_handover(
         asset_id uuid CONSTRAINT pk_asset_handover PRIMARY KEY CONSTRAINT fk_asset_handover_asset_id REFERENCES asset,
         list_no varchar NOT NULL, value_fen bigint NOT NULL, handed_over_on date NOT NULL, book_entry_no varchar,
         booked_on date, area_code bigint NOT NULL)""",
    "SELECT floor_protect('asset_handover', 'rows')",
    """CREATE TABLE asset_custody(
         id uuid CONSTRAINT pk_asset_custody PRIMARY KEY,
         asset_id uuid NOT NULL CONSTRAINT fk_asset_custody_asset_id REFERENCES asset, custody_kind varchar NOT NULL,
         body varchar NOT NULL, person_sealed bytea NOT NULL, phone_sealed bytea NOT NULL, money_source varchar NOT NULL,
         standard_fen bigint NOT NULL, cycle_months int NOT NULL, assigned_on date NOT NULL, ended_on date,
         area_code bigint NOT NULL)""",
    "CREATE UNIQUE INDEX one_custodian ON asset_custody(asset_id) WHERE ended_on IS NULL",
    "SELECT floor_protect('asset_custody', 'rows')",
    """CREATE TABLE asset_use(
         asset_id uuid CONSTRAINT fk_asset_use_asset_id REFERENCES asset, case_version int, use varchar NOT NULL,
         changed_on date NOT NULL, unused_since date, income_fen bigint, agreed_fen bigint, used_ppm int,
         area_code bigint NOT NULL, CONSTRAINT pk_asset_use PRIMARY KEY (asset_id, case_version))""",
    "SELECT floor_protect('asset_use', 'append')",
    "CREATE TABLE asset_counter(prefix varchar CONSTRAINT pk_asset_counter PRIMARY KEY, last int NOT NULL)",
    "SELECT floor_grant('asset_counter', 'rows')",
)

# AR22: after each statement the shares of every asset it touched make one whole, or there are none. A statement
# trigger, because an asset's shares are replaced together: one DELETE, one INSERT.
SHARES = (
    """CREATE FUNCTION assets_check_shares() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE faulty uuid;
       BEGIN
         EXECUTE format('SELECT kept.asset_id FROM %I AS kept WHERE kept.asset_id IN (SELECT asset_id FROM touched)'
           ' GROUP BY kept.asset_id HAVING sum(kept.share_ppm) <> 1000000 OR min(kept.share_ppm) < 0 LIMIT 1',
           TG_TABLE_NAME) INTO faulty;
         IF faulty IS NOT NULL THEN
           RAISE EXCEPTION '% of asset % do not make 1000000 ppm', TG_TABLE_NAME, faulty
             USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_whole', TABLE = TG_TABLE_NAME;
         END IF;
         RETURN NULL;
       END $$""",
    *(
        f"CREATE TRIGGER {table}_whole_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} TABLE AS touched"
        " FOR EACH STATEMENT EXECUTE FUNCTION assets_check_shares()"
        for table in ("asset_source", "asset_owner")
        for name, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))
    ),
)

CONTRACTS = (
    """CREATE TABLE operating_contract(
         id uuid CONSTRAINT pk_operating_contract PRIMARY KEY, area_code bigint NOT NULL, contract_no varchar NOT NULL,
         asset_id uuid NOT NULL CONSTRAINT fk_operating_contract_asset_id REFERENCES asset, mode varchar NOT NULL,
         quantity numeric(15, 6) NOT NULL, lessor_kind varchar NOT NULL, lessor_area bigint NOT NULL,
         operator_id uuid NOT NULL, operator_code varchar NOT NULL, operator_name varchar NOT NULL,
         starts_on date NOT NULL, ends_on date NOT NULL, rent_total_fen bigint NOT NULL, deposit_fen bigint NOT NULL,
         late_fee_daily_ppm int NOT NULL, late_fee_due_fen bigint NOT NULL, agreed_by bigint[], signed_on date,
         ended_on date,
         CONSTRAINT ck_operating_contract_term CHECK (ends_on >= starts_on),
         CONSTRAINT ck_operating_contract_quantity CHECK (quantity > 0),
         CONSTRAINT ck_operating_contract_amounts CHECK (rent_total_fen >= 0 AND late_fee_due_fen >= 0))""",
    "CREATE INDEX ix_operating_contract_area_code ON operating_contract(area_code)",
    "CREATE INDEX ix_operating_contract_asset_id ON operating_contract(asset_id)",
    "SELECT floor_protect('operating_contract', 'rows')",
    """CREATE TABLE rent_instalment(
         contract_id uuid CONSTRAINT fk_rent_instalment_contract_id REFERENCES operating_contract, no int,
         due_on date NOT NULL, amount_fen bigint NOT NULL, paid_fen bigint NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_rent_instalment PRIMARY KEY (contract_id, no),
         CONSTRAINT ck_rent_instalment_paid CHECK (paid_fen BETWEEN 0 AND amount_fen))""",
    "CREATE INDEX rent_unpaid ON rent_instalment(due_on, contract_id) WHERE paid_fen < amount_fen",
    "SELECT floor_protect('rent_instalment', 'rows')",
    """CREATE TABLE income_receipt(
         id uuid CONSTRAINT pk_income_receipt PRIMARY KEY, area_code bigint NOT NULL,
         asset_id uuid NOT NULL CONSTRAINT fk_income_receipt_asset_id REFERENCES asset,
         contract_id uuid CONSTRAINT fk_income_receipt_contract_id REFERENCES operating_contract, kind varchar NOT NULL,
         period varchar NOT NULL, bank_serial varchar NOT NULL CONSTRAINT uq_income_receipt_bank_serial UNIQUE,
         amount_fen bigint NOT NULL, late_fee_fen bigint NOT NULL, unallocated_fen bigint NOT NULL,
         drawn_fen bigint NOT NULL, received_on date NOT NULL,
         CONSTRAINT ck_income_receipt_amount CHECK (amount_fen > 0),
         CONSTRAINT ck_income_receipt_drawn CHECK (drawn_fen BETWEEN 0 AND amount_fen))""",
    "CREATE INDEX ix_income_receipt_area_code ON income_receipt(area_code)",
    "CREATE INDEX ix_income_receipt_asset_id ON income_receipt(asset_id)",
    "CREATE INDEX ix_income_receipt_contract_id ON income_receipt(contract_id)",
    "SELECT floor_protect('income_receipt', 'rows')",
    """CREATE TABLE receipt_allocation(
         receipt_id uuid CONSTRAINT fk_receipt_allocation_receipt_id REFERENCES income_receipt, instalment_no int,
         contract_id uuid NOT NULL CONSTRAINT fk_receipt_allocation_contract_id REFERENCES operating_contract,
         amount_fen bigint NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_receipt_allocation PRIMARY KEY (receipt_id, instalment_no),
         CONSTRAINT ck_receipt_allocation_amount CHECK (amount_fen > 0))""",
    "CREATE INDEX ix_receipt_allocation_contract_id ON receipt_allocation(contract_id)",
    "SELECT floor_protect('receipt_allocation', 'append')",
)

INCOME = (
    """CREATE TABLE distribution_rule(
         id uuid CONSTRAINT pk_distribution_rule PRIMARY KEY, area_code bigint NOT NULL, valid_from date NOT NULL,
         document_no varchar NOT NULL,
         CONSTRAINT uq_distribution_rule_area_code_valid_from UNIQUE (area_code, valid_from))""",
    "SELECT floor_reference('distribution_rule', 'append')",
    """CREATE TABLE distribution_rule_part(
         rule_id uuid CONSTRAINT fk_distribution_rule_part_rule_id REFERENCES distribution_rule, part varchar,
         min_ppm int NOT NULL, max_ppm int NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_distribution_rule_part PRIMARY KEY (rule_id, part),
         CONSTRAINT ck_distribution_rule_part_range CHECK (min_ppm BETWEEN 0 AND max_ppm AND max_ppm <= 1000000))""",
    "SELECT floor_reference('distribution_rule_part', 'append')",
    """CREATE TABLE distribution_plan(
         id uuid CONSTRAINT pk_distribution_plan PRIMARY KEY, area_code bigint NOT NULL,
         rule_id uuid NOT NULL CONSTRAINT fk_distribution_plan_rule_id REFERENCES distribution_rule,
         period varchar NOT NULL, upkeep_fen bigint NOT NULL, tax_fen bigint NOT NULL, operator_fen bigint NOT NULL,
         loss_fen bigint NOT NULL, total_fen bigint NOT NULL, flat_filing_no varchar, resolved_on date,
         CONSTRAINT ck_distribution_plan_total CHECK (total_fen >= 0))""",
    "CREATE INDEX ix_distribution_plan_area_code ON distribution_plan(area_code)",
    "SELECT floor_protect('distribution_plan', 'rows')",
    """CREATE TABLE plan_receipt(
         plan_id uuid CONSTRAINT fk_plan_receipt_plan_id REFERENCES distribution_plan,
         receipt_id uuid CONSTRAINT fk_plan_receipt_receipt_id REFERENCES income_receipt, amount_fen bigint NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT pk_plan_receipt PRIMARY KEY (plan_id, receipt_id),
         CONSTRAINT ck_plan_receipt_amount CHECK (amount_fen >= 0))""",
    "CREATE INDEX ix_plan_receipt_receipt_id ON plan_receipt(receipt_id)",
    "SELECT floor_protect('plan_receipt', 'rows')",
    """CREATE TABLE plan_part(
         plan_id uuid CONSTRAINT fk_plan_part_plan_id REFERENCES distribution_plan, part varchar, share_ppm int NOT NULL,
         amount_fen bigint NOT NULL, area_code bigint NOT NULL, CONSTRAINT pk_plan_part PRIMARY KEY (plan_id, part))""",
    "SELECT floor_protect('plan_part', 'rows')",
    """CREATE TABLE plan_line(
         id uuid CONSTRAINT pk_plan_line PRIMARY KEY, area_code bigint NOT NULL,
         plan_id uuid NOT NULL CONSTRAINT fk_plan_line_plan_id REFERENCES distribution_plan, part varchar NOT NULL,
         household_id uuid NOT NULL, income_kind varchar NOT NULL, basis varchar NOT NULL, weight int NOT NULL,
         amount_fen bigint NOT NULL, status varchar NOT NULL, reason varchar, paid_on date, bank_serial varchar,
         CONSTRAINT uq_plan_line_plan_id_part_household_id UNIQUE (plan_id, part, household_id),
         CONSTRAINT ck_plan_line_amount CHECK (amount_fen >= 0),
         CONSTRAINT ck_plan_line_status CHECK (status IN ('PENDING', 'PAID', 'FAILED', 'STRUCK', 'REVERSED')),
         CONSTRAINT ck_plan_line_paid_on CHECK ((status IN ('PAID', 'REVERSED')) = (paid_on IS NOT NULL)))""",
    "CREATE INDEX paid_lines ON plan_line(household_id, paid_on, id)",
    "SELECT floor_protect('plan_line', 'rows')",
)

DISPOSALS = (
    """CREATE TABLE asset_disposal(
         id uuid CONSTRAINT pk_asset_disposal PRIMARY KEY, area_code bigint NOT NULL,
         asset_id uuid NOT NULL CONSTRAINT fk_asset_disposal_asset_id REFERENCES asset, ground varchar NOT NULL,
         way varchar NOT NULL, expected_fen bigint NOT NULL, is_pledged boolean NOT NULL, appraised_fen bigint,
         appraised_on date, is_appraiser_licensed boolean, proceeds_fen bigint, dealt_on date, reuse varchar)""",
    "CREATE INDEX ix_asset_disposal_area_code ON asset_disposal(area_code)",
    "CREATE INDEX ix_asset_disposal_asset_id ON asset_disposal(asset_id)",
    "SELECT floor_protect('asset_disposal', 'rows')",
    """CREATE TABLE disposal_share(
         disposal_id uuid CONSTRAINT fk_disposal_share_disposal_id REFERENCES asset_disposal, owner_line int,
         amount_fen bigint NOT NULL, area_code bigint NOT NULL,
         CONSTRAINT pk_disposal_share PRIMARY KEY (disposal_id, owner_line))""",
    "SELECT floor_protect('disposal_share', 'rows')",
)

COPIES = (
    """CREATE TABLE ref_project(
         project_id uuid CONSTRAINT pk_ref_project PRIMARY KEY, area_code bigint NOT NULL, title varchar,
         category varchar, plan_year int, planned_fen bigint, asset_forming boolean NOT NULL, asset_class varchar,
         accepted_on date, settled_on date, settlement_fen bigint, indirect_fen bigint, retention_fen bigint)""",
    "CREATE INDEX ix_ref_project_area_code ON ref_project(area_code)",
    "SELECT floor_protect('ref_project', 'rows')",
    """CREATE TABLE ref_project_paid(
         project_id uuid, indicator_id uuid, document_no varchar NOT NULL, paid_fen bigint NOT NULL,
         area_code bigint NOT NULL, CONSTRAINT pk_ref_project_paid PRIMARY KEY (project_id, indicator_id))""",
    "SELECT floor_protect('ref_project_paid', 'rows')",
    """CREATE TABLE ref_household(
         household_id uuid CONSTRAINT pk_ref_household PRIMARY KEY, area_code bigint NOT NULL,
         is_monitored boolean NOT NULL, ended_on date, into_household_id uuid)""",
    "CREATE INDEX ix_ref_household_area_code ON ref_household(area_code)",
    "SELECT floor_protect('ref_household', 'rows')",
)

TABLES = (
    "ref_household ref_project_paid ref_project disposal_share asset_disposal plan_line plan_part plan_receipt"
    " distribution_plan distribution_rule_part distribution_rule receipt_allocation income_receipt rent_instalment"
    " operating_contract asset_counter asset_use asset_custody asset_handover asset_owner asset_source asset"
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET lock_timeout = '5s'")
    for statement in (*REGISTER, *SHARES, *CONTRACTS, *INCOME, *DISPOSALS, *COPIES):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in TABLES.split():
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION assets_check_shares()")

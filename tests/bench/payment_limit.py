"""The limit of a payment-confirm: the same rows written by one function in the database, called by pgbench."""

import asyncio
import os
import re
from pathlib import Path
from time import perf_counter

import asyncpg

from shared.db.sessions import session_settings
from shared.kernel.actors import SYSTEM
from tests.bench.stage import Stage

CLIENTS = 8

# The same rows, locks and lengths; the answer and the event are those that a real command wrote.
_FUNCTION = """
CREATE SEQUENCE bench_next;
CREATE TABLE bench_sample AS
  SELECT (SELECT outcome FROM command_key LIMIT 1) AS outcome, (SELECT input_hash FROM command_key LIMIT 1) AS input_hash,
         (SELECT envelope FROM outbox LIMIT 1) AS envelope, (SELECT subjects FROM journal LIMIT 1) AS subjects;
GRANT SELECT ON bench_sample TO PUBLIC;
GRANT USAGE ON SEQUENCE bench_next TO PUBLIC;
CREATE FUNCTION bench_confirm() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  n bigint := nextval('bench_next');
  command uuid := gen_random_uuid();
  entry uuid := gen_random_uuid();
  event uuid := gen_random_uuid();
  sample bench_sample;
  asked payment;
  moved case_file;
  held ledger_balance;
BEGIN
  SELECT * INTO sample FROM bench_sample;
  INSERT INTO command_key(scope, key, input_hash, created_at) VALUES ('bench', 'bench-' || n, sample.input_hash, now());
  SELECT * INTO moved FROM case_file WHERE workflow = 'funds.payment' AND subject_id = bench_id(1, n) FOR UPDATE;
  SELECT * INTO asked FROM payment WHERE id = bench_id(1, n);
  PERFORM FROM case_file WHERE workflow = 'funds.project' AND subject_id = asked.project_id FOR SHARE;
  PERFORM FROM contract WHERE id = asked.contract_id FOR UPDATE;
  SELECT * INTO held FROM ledger_balance
   WHERE account = '1400' AND project_id = asked.project_id AND payment_id = asked.id AND amount_fen > 0 FOR UPDATE;
  IF moved.state <> 'INSTRUCTED' OR held.amount_fen <> asked.cash_fen THEN RAISE 'not instructed'; END IF;
  UPDATE case_file SET state = 'PAID', previous = 'INSTRUCTED', version = version + 1, entered_at = now(), due_on = NULL
   WHERE id = moved.id;
  INSERT INTO case_step(case_id, version, step, source, target, round, actor, role, at, reason, evidence, area_code)
  VALUES (moved.id, moved.version + 1, 'confirm_paid', 'INSTRUCTED', 'PAID', 1, command, 'treasury', now(), '', '{}',
          moved.area_code);
  INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)
  VALUES (entry, 'P09', 'payment:' || asked.id || ':1', now(), current_date, 2, command, asked.county_code);
  INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, contract_id, payment_id, fiscal_year,
                          signed_fen, area_code)
  VALUES (entry, 1, '1600', held.indicator_id, asked.project_id, asked.contract_id, asked.id, held.fiscal_year,
          asked.cash_fen, asked.county_code),
         (entry, 2, '1400', held.indicator_id, asked.project_id, asked.contract_id, asked.id, held.fiscal_year,
          -asked.cash_fen, asked.county_code);
  INSERT INTO ledger_balance AS known (account, indicator_id, project_id, contract_id, payment_id, fiscal_year, amount_fen,
                                       floor_fen, area_code)
  VALUES ('1400', held.indicator_id, asked.project_id, held.contract_id, asked.id, held.fiscal_year, -asked.cash_fen, 0,
          asked.county_code),
         ('1600', held.indicator_id, asked.project_id, asked.contract_id, held.contract_id, held.fiscal_year,
          asked.cash_fen, 0, asked.county_code)
  ON CONFLICT (indicator_id, account, project_id, contract_id, payment_id, household_line_id, fiscal_year, area_code)
  DO UPDATE SET amount_fen = known.amount_fen + excluded.amount_fen;
  UPDATE payment SET paid_on = current_date, reserved = false, bank_reference = 'BK-' || n WHERE id = asked.id;
  UPDATE contract SET worked_fen = worked_fen + asked.cash_fen, open_cash_fen = open_cash_fen - asked.cash_fen
   WHERE id = asked.contract_id;
  INSERT INTO outbox(id, topic, key, type, area_code, envelope, at)
  VALUES (event, 'funds.project.v1', asked.project_id, 'funds.payment.disbursed.v1', asked.area_code, sample.envelope, now());
  INSERT INTO journal(id, at, actor, command, input_hash, correlation, area_code, subjects)
  VALUES (command, now(), command, 'TakeStep', sample.input_hash, command, asked.area_code, sample.subjects);
  UPDATE command_key SET outcome = sample.outcome WHERE scope = 'bench' AND key = 'bench-' || n;
  RETURN 1;
END $$"""
_CALL = "SELECT bench_confirm()"
_RATE = re.compile(r"tps = ([0-9.]+)")


async def create_function(connection: asyncpg.Connection) -> None:
    """Make the function; one real command has to be in the database already."""
    await connection.execute(_FUNCTION)


async def confirm_by_function(stage: Stage, app_dsn: str, first: int, count: int) -> float:
    """Confirm `count` payments from number `first` on, as the app role; confirmations per second."""
    async with stage.server.admin(app_dsn.rsplit("/", 1)[1]) as connection:
        await connection.execute("SELECT setval('bench_next', $1, false)", first)
    if stage.pgbench is None:
        return await _by_driver(app_dsn, count)
    return await _by_pgbench(stage.pgbench, stage.directory, app_dsn, count)


async def _by_pgbench(program: Path, directory: Path, app_dsn: str, count: int) -> float:
    script = directory / "confirm.sql"
    script.write_text(f"{_CALL};\n")
    clients = min(CLIENTS, count)
    scope = " ".join(
        f"-c {name}={value.replace(' ', chr(92) + ' ')}" for name, value in session_settings(SYSTEM).items()
    )
    words = ("-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-t", str(count // clients), "-f", str(script))
    process = await asyncio.create_subprocess_exec(
        *(str(program), *words, app_dsn),
        env={**os.environ, "PGOPTIONS": scope},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, faults = await process.communicate()
    found = _RATE.search(told.decode())
    if process.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {faults.decode()}")
    return float(found[1])


async def _by_driver(app_dsn: str, count: int) -> float:
    """Where no pgbench is installed: the same calls over asyncpg, which prepares them as well."""
    async with asyncpg.create_pool(
        app_dsn, min_size=CLIENTS, max_size=CLIENTS, server_settings=session_settings(SYSTEM)
    ) as pool:

        async def call(times: int) -> None:
            async with pool.acquire() as connection:
                for _ in range(times):
                    await connection.fetchval(_CALL)

        started = perf_counter()
        await asyncio.gather(*(call(count // CLIENTS) for _ in range(CLIENTS)))
        return count // CLIENTS * CLIENTS / (perf_counter() - started)

"""V01 to V16 (domain-funds-assets §3.9): silent on a county at work, and each speaks when its data are broken on purpose."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import explain
from shared.commands.pipeline import Resources
from shared.kernel.ids import new_id
from shared.runtime.postgres_server import Server, ServiceDatabase
from shared.testing.clocks import SetClock
from shared.testing.postgres import Clones
from shared.testing.services import bench
from shared.vault.keys import KeyRing
from tests.service.funds.conftest import build
from tests.service.funds.county import COUNTY, County
from tests.service.funds.invariants import NUMBERED, NUMBERS, speaking
from tests.service.funds.lived import live

pytestmark = pytest.mark.asyncio

HOME = int(COUNTY)
BEGIN = datetime(2023, 1, 3, 2, tzinfo=UTC)


async def build_lived(owner_dsn: str) -> None:
    """The story, played once for all tests of this file."""
    await build(owner_dsn)
    names = ServiceDatabase("", "", "", "", owner_dsn, owner_dsn, "")
    async with bench(SERVICE, names, SetClock(BEGIN), KeyRing.fresh()) as it:
        await live(County(it))


@dataclass(frozen=True)
class Broken:
    """A superuser's hand in the data of a county, around every wall; nothing of it stays."""

    raw: asyncpg.Connection
    resources: Resources
    now: datetime

    async def __call__(self, sql: str, *values: object) -> None:
        """Do one damage; it hits something."""
        done = await self.raw.execute(sql, *values)
        assert done.split()[-1] != "0", sql

    async def said(self, later: int = 0) -> set[str]:
        """The numbers that speak, `later` days on."""
        return await speaking(self.raw, self.resources, self.now + timedelta(days=later))

    async def integrate(self) -> None:
        """File a plan that integrates every document."""
        plan = new_id()
        sql = "INSERT INTO integration_plan VALUES ($1, $2, 2023, 1, '方案', 1, 0, '备案', '2023-01-05')"
        await self.raw.execute(sql, plan, HOME)
        sql = "INSERT INTO integration_source SELECT $1, id, 1, area_code FROM indicator"
        await self.raw.execute(sql, plan)

    async def adopt(self, name: str, value: str) -> None:
        """A county's policy value."""
        nobody = UUID(int=0)
        sql = "INSERT INTO parameter_value VALUES ($1, $2, '2020-01-01', NULL, $3, '县文件', NULL, $4, $4)"
        await self.raw.execute(sql, name, HOME, value, nobody)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lived(template_for: Callable[..., Clones]) -> AsyncIterator[tuple[ServiceDatabase, Resources, datetime]]:
    async with (
        template_for("funds", build_lived, "lived").borrow() as names,
        bench(SERVICE, names, SetClock(BEGIN), KeyRing.fresh()) as it,
    ):
        county = County(it)
        (last,) = await county.look("SELECT max(at) AS at FROM journal")
        yield names, county.resources, last["at"]


@pytest_asyncio.fixture
async def broken(lived: tuple[ServiceDatabase, Resources, datetime], postgres_server: Server) -> AsyncIterator[Broken]:
    names, resources, now = lived
    async with postgres_server.admin(names.name) as raw:
        transaction = raw.transaction()
        await transaction.start()
        await raw.execute("SET LOCAL session_replication_role = replica")
        yield Broken(raw, resources, now)
        await transaction.rollback()


async def test_every_number_has_its_checks() -> None:
    assert all(NUMBERED[number] for number in NUMBERS)


async def test_a_county_at_work_hears_nothing(broken: Broken) -> None:
    assert await broken.said() == set()
    await broken.integrate()
    await broken.adopt("rule.NL16.mode", "block")
    await broken.adopt("rule.NL17.mode", "block")
    assert await broken.said(later=1) == set()


BREAKS = {
    "V01": "UPDATE ledger_line SET signed_fen = signed_fen + 1 WHERE line_no = 1 AND account = '1300'",
    "V02": "UPDATE ledger_balance SET amount_fen = -1 WHERE account = '1100'",
    "V03": "UPDATE ledger_balance SET amount_fen = amount_fen + 1 WHERE account = '1000'",
    "V04": "UPDATE ledger_balance SET amount_fen = amount_fen - 70000000 WHERE account = '1000'",
    "V05": "UPDATE contract SET worked_fen = worked_fen + 1",
    "V06": "UPDATE contract SET settlement_fen = settlement_fen - 1",
    "V07": "UPDATE ledger_balance SET amount_fen = amount_fen + 1 WHERE account = '1500'",
    "V08": "UPDATE contract SET retention_fen = retention_fen - 1",
    "V09": "UPDATE household_line SET outcome = 'FAILED' WHERE seq = 1 AND outcome = 'PAID'",
    "V11": "UPDATE case_file SET state = 'APPROVED' WHERE workflow = 'funds.payment'",
    "V16": "UPDATE project_settlement_source SET amount_fen = amount_fen + 1",
}


@pytest.mark.parametrize("number", BREAKS)
async def test_broken_data_are_told_by_their_number(broken: Broken, number: str) -> None:
    await broken(BREAKS[number])
    assert number in await broken.said()


async def test_v05_a_contract_that_the_ledger_does_not_hold(broken: Broken) -> None:
    """The released part of a contract is not committed again."""
    await broken("UPDATE ledger_balance SET amount_fen = amount_fen + 1 WHERE account = '1600'")
    assert {"V03", "V05", "V06"} <= await broken.said()


async def test_v08_retention_above_its_cap_of_the_settlement(broken: Broken) -> None:
    await broken("UPDATE contract SET retention_fen = settlement_fen + 1")
    assert "V08" in await broken.said()


async def test_v09_a_line_without_a_final_state(broken: Broken) -> None:
    """Every line counts once: one that left its batch is missed in count and fen."""
    await broken("DELETE FROM household_line WHERE seq = 2 AND outcome = 'FAILED'")
    assert await broken.said() == {"V09"}


async def test_v10_money_in_transit_whose_alert_is_gone(broken: Broken) -> None:
    """The night's own finding becomes an alert at its end; a day later one without an alert is told."""
    await broken("DELETE FROM alert WHERE rule_id = 'FW38'")
    assert await broken.said() == set()
    assert await broken.said(later=1) == {"V10"}


async def test_v10_money_in_transit_that_the_rule_does_not_see(broken: Broken) -> None:
    """The ledger holds it in transit, the batch says that it was never sent: the rule is blind, the invariant is not."""
    await broken("DELETE FROM alert WHERE rule_id = 'FW38'")
    await broken("UPDATE household_batch SET instructed_on = NULL")
    assert "V10" in await broken.said()


async def test_v11_an_entry_that_no_command_wrote(broken: Broken) -> None:
    await broken("UPDATE ledger_entry SET command_id = $1 WHERE template = 'P05'", new_id())
    assert await broken.said() == {"V11"}


async def test_v12_a_document_posted_twice(broken: Broken) -> None:
    await broken.raw.execute("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_document")
    twin = new_id()
    await broken(
        """INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)
           SELECT $1, template, document, at, on_day, line_count, command_id, area_code FROM ledger_entry
            WHERE template = 'P08'""",
        twin,
    )
    await broken(
        """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, contract_id, payment_id, fiscal_year,
             signed_fen, area_code)
           SELECT $1, line_no, account, indicator_id, project_id, contract_id, payment_id, fiscal_year, signed_fen,
             line.area_code
             FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = entry_id AND entry.id <> $1
            WHERE template = 'P08'""",
        twin,
    )
    said = await broken.said()
    assert "V12" in said
    policy = Policy(broken.resources.parameters, broken.resources.calendar)
    (check,) = NUMBERED["V12"]
    (document,) = [
        row["document"] for row in await broken.raw.fetch("SELECT document FROM ledger_entry WHERE id = $1", twin)
    ]
    (offence,) = await explain(broken.raw, check, f"P08/{document}", now=broken.now, policy=policy)
    assert len(offence.facts["entries"]) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payment SET cash_fen = cash_fen + 1 WHERE stage = 'advance'",
        "UPDATE payment SET paid_on = NULL WHERE stage = 'balance'",
        "UPDATE household_line_source SET amount_fen = amount_fen - 1",
        "UPDATE household_line SET outcome = 'RECOVERED' WHERE seq = 3",
    ],
)
async def test_v13_integrated_money_that_no_payment_bears(broken: Broken, damage: str) -> None:
    await broken.integrate()
    assert await broken.said() == set()
    await broken(damage)
    assert "V13" in await broken.said()


async def test_v14_a_figure_of_an_issued_report(broken: Broken) -> None:
    """Total and rows are compared with the ledger as it stood when the report was issued: 924 997.54 spent."""
    text = await broken.raw.fetchval("SELECT content::text FROM report_issue")
    assert "92499754" in text
    await broken("UPDATE report_issue SET content = replace(content::text, '92499754', '92499755')::jsonb")
    assert await broken.said() == {"V14"}


async def test_v14_a_fact_of_the_night(broken: Broken) -> None:
    await broken("UPDATE progress_fact SET spent_fen = spent_fen + 1 WHERE fiscal_year = 2023")
    assert await broken.said() == {"V14"}


async def test_v14_what_is_posted_later_for_an_earlier_day_belongs_to_the_next_issue(broken: Broken) -> None:
    """Dated before the cut-off: written after the issue it may be missing there, written before it may not."""
    entry = new_id()
    await broken(
        "INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)"
        " SELECT $1, 'P16', 'late', $2, '2023-02-01', 2, command_id, area_code FROM ledger_entry WHERE template = 'P05'",
        *(entry, broken.now + timedelta(days=1)),
    )
    await broken(
        "INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, fiscal_year, signed_fen, area_code)"
        " SELECT $1, n, account, id, NULL, 2023, fen, area_code FROM indicator,"
        " (VALUES (1, '1610', 1), (2, '1400', -1)) AS side(n, account, fen) WHERE document_no LIKE '%50号'",
        entry,
    )
    assert "V14" not in await broken.said()
    await broken("UPDATE ledger_entry SET at = '2023-02-01' WHERE id = $1", entry)
    assert "V14" in await broken.said()


async def test_v15_a_fee_beyond_the_adopted_cap(broken: Broken) -> None:
    await broken("UPDATE project SET category = '070101' WHERE is_household_project")
    assert await broken.said() == set(), "where the cap only warns, FW24 tells"
    await broken.adopt("rule.NL16.mode", "block")
    assert await broken.said() == {"V15"}


async def test_v15_villages_that_were_never_poor(broken: Broken) -> None:
    await broken("UPDATE project_place SET village_type = 'other'")
    assert await broken.said() == set()
    await broken.adopt("rule.NL17.mode", "block")
    assert await broken.said() == {"V15"}

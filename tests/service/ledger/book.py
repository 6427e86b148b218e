"""A small book for tests of the ledger, the database it lives in, and short words for posting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg

from shared.checks.ledger import ledger_checks
from shared.checks.run import Offence
from shared.db.migrate import migrate
from shared.db.sessions import scope_settings
from shared.kernel.actors import Actor
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.ledger.model import CREDIT, DEBIT, Account, Amount, Book, Template

COUNTY = AreaCode.parse("140212")
OTHER_COUNTY = AreaCode.parse("140213")
YEAR = 2023
DAY = date(2023, 3, 1)

BOOK = Book(
    name="small",
    group="source_id",
    dimensions=("project_id", "contract_id"),
    accounts=(
        Account("1000", "指标来源", "funding", CREDIT),
        Account("1100", "待分配指标", "unallocated", DEBIT, rule="LM01"),
        Account("1200", "项目额度", "project quota", DEBIT, ("project_id",)),
        Account("1300", "已签约未付", "committed unpaid", DEBIT, ("project_id", "contract_id")),
        Account("1600", "项目支出", "expenditure", DEBIT, ("project_id",)),
        Account("9000", "待查", "suspense", DEBIT, floor=None),
    ),
    templates=(
        Template("P01", "1100", "1000", "指标下达", "received"),
        Template("P03", "1200", "1100", "分配", "allocated"),
        Template("P04", "1100", "1200", "收回", "taken back"),
        Template("P05", "1300", "1200", "签约", "contracted"),
        Template("P09", "1600", "1300", "支付", "paid"),
        Template("P25", "1100", "1100", "结转", "carried over"),
        Template("X01", "1100", "9000", "暂收", "without a source yet"),
    ),
)
CHECKS = {check.id.removeprefix("small-"): check for check in ledger_checks(BOOK)}
DEBITS = [account.code for account in BOOK.accounts if account.normal is DEBIT]


@dataclass(frozen=True, slots=True)
class Cause:
    """Stands for a command's context."""

    id: UUID = field(default_factory=new_id)
    now: datetime = datetime(2023, 3, 1, 4, tzinfo=UTC)
    today: date = DAY


@dataclass(frozen=True, slots=True)
class Within:
    """Stands for a command's transaction."""

    raw: asyncpg.Connection


async def build(owner_dsn: str) -> None:
    """What a service does: the floor's migrations, then its own, which makes the ledger."""
    await migrate(owner_dsn, "book", revision="floor@head")
    connection = await asyncpg.connect(owner_dsn)
    await connection.execute("SELECT floor_create_ledger('source_id', ARRAY['project_id', 'contract_id'])")
    await connection.close()


async def enter(connection: asyncpg.Connection, actor: Actor) -> None:
    """Set the running transaction's scope, as sessions do."""
    settings = scope_settings(actor)
    await connection.execute(
        "SELECT set_config('app.low', $1, true), set_config('app.high', $2, true), set_config('app.scope', $3, true)",
        *(settings[name] for name in ("low", "high", "scope")),
    )


def fen(
    amount: int,
    source: UUID,
    dimensions: Mapping[str, UUID] | None = None,
    year: int = YEAR,
    credit_year: int | None = None,
) -> Amount:
    return Amount(amount, source, dimensions or {}, year, credit_year)


async def offences(connection: asyncpg.Connection) -> dict[str, list[Offence]]:
    """What the ledger's checks find in the whole database, by check."""
    found = {name: await connection.fetch(check.select.replace(":subject", "NULL")) for name, check in CHECKS.items()}
    return {
        name: [Offence(row["subject_key"], row["area_code"], row["facts"]) for row in rows]
        for name, rows in found.items()
        if rows
    }

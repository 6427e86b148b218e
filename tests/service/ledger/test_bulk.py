"""A batch for a whole county is one entry: a hundred thousand lines in one statement."""

from time import perf_counter

import asyncpg
import pytest

from shared.kernel.ids import new_id
from shared.ledger.balances import balance
from shared.ledger.post import post
from tests.service.ledger.book import BOOK, COUNTY, Cause, Within, fen, offences

pytestmark = pytest.mark.asyncio

HOUSEHOLDS = 50_000
ENOUGH_SECONDS = 10
"""Some two seconds on two quiet cores; checking line by line would take minutes."""


async def test_d12_a_hundred_thousand_lines(tx: Within) -> None:
    source = new_id()
    await post(tx, Cause(), BOOK, "P01", [fen(HOUSEHOLDS, source)], document="paper", area=COUNTY)
    amounts = [fen(1, source, {"project_id": new_id()}) for _ in range(HOUSEHOLDS)]
    started = perf_counter()
    entry = await post(tx, Cause(), BOOK, "P03", amounts, document="batch", area=COUNTY)
    assert perf_counter() - started < ENOUGH_SECONDS
    assert await tx.raw.fetchval("SELECT count(*) FROM ledger_line WHERE entry_id = $1", entry) == 2 * HOUSEHOLDS
    assert await balance(tx.raw, BOOK, "1100", source_id=source) == 0
    assert await offences(tx.raw) == {}


async def test_l1_one_wrong_line_among_a_hundred_thousand_is_found(tx: Within) -> None:
    source, entry = new_id(), new_id()
    await tx.raw.execute(
        "INSERT INTO ledger_entry(id, template, document, at, on_day, line_count, command_id, area_code)"
        " VALUES ($1, 'P03', $2, $3, $4, $5, $1, $6)",
        *(entry, str(entry), Cause().now, Cause().today, 2 * HOUSEHOLDS, COUNTY),
    )
    with pytest.raises(asyncpg.CheckViolationError, match="not balanced"):
        await tx.raw.execute(
            "INSERT INTO ledger_line(entry_id, line_no, account, source_id, fiscal_year, signed_fen, area_code)"
            " SELECT $1, no, '1100', $2, 2023, CASE no WHEN 77777 THEN 2 ELSE 2 * (no % 2) - 1 END, $3"
            " FROM generate_series(1, $4::int) AS no",
            *(entry, source, COUNTY, 2 * HOUSEHOLDS),
        )

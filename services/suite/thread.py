"""`thread`: fen traceable in both directions ÷ fen paid (资金可追溯率), year by year; what is not traceable is named."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

import asyncpg

from services.funds.queries.strands import Traceability, Untraced
from services.funds.queries.tracing import Tracing, tracing
from services.suite.fingerprint import addresses
from services.suite.fingerprint_rows import reading
from services.suite.settings import SuiteSettings
from shared.kernel.money import format_yuan

_YEARS = range(1949, 10_000)
_MOST = 200
"""So many untraced postings are named."""


def add_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--year", type=int, choices=_YEARS, metavar="YYYY", default=None, help="只看某一拨付年度 / payments of one year"
    )


async def run(asked: Namespace, settings: SuiteSettings) -> int:
    """Print the figures; 0 when every paid fen can be followed both ways, 1 when not, or when nothing was paid."""
    try:
        async with addresses(settings) as dsns, reading(dsns["funds"]) as connection:
            found = await tracing(connection, asked.year, _MOST)
    except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidPasswordError, asyncpg.UndefinedTableError):
        print("没有数据，请先运行演示。 / There are no data; play the demo first.")
        return 1
    print("\n".join(lines(found)))
    return 0 if found.is_whole else 1


def lines(found: Tracing) -> Iterator[str]:
    """The answer for a reader."""
    if not found.years:
        yield "没有已拨付资金。 / Nothing has been paid."
        return
    for year in found.years:
        yield from _block(f"{year.year} 年 / year {year.year}", year)
    if len(found.years) > 1:
        yield from _block("合计 / total", found.total())
    if found.untraced:
        yield f"不可追溯 / not traceable (最多 {_MOST} 笔 / at most {_MOST}):"
        yield from map(_named, found.untraced)


def _block(title: str, sums: Traceability) -> Iterator[str]:
    yield title
    for zh, en, fen in (
        ("已拨付", "paid", sums.paid),
        ("由指标追到收款人", "from the document down to the payee", sums.down),
        ("由收款人追回指标", "from the payee back to the document", sums.back),
        ("双向可追溯", "traceable in both directions", sums.traced),
    ):
        yield f"  {zh} / {en}: {format_yuan(fen)} 元"
    yield (f"  可追溯率 / fen traceable in both directions ÷ fen paid: {sums.traced} ÷ {sums.paid} = {percent(sums)}")


def percent(sums: Traceability) -> str:
    """The rate in per cent: 100 only when no fen is missing, otherwise cut after four decimals; blank without payments."""
    if sums.paid == 0:
        return "—"
    if sums.traced == sums.paid:
        return "100 %"
    whole, part = divmod(sums.traced * 1_000_000 // sums.paid, 10_000)
    return f"{whole}.{part:04} %"


def _named(one: Untraced) -> str:
    missing = [word for ok, word in ((one.down, "向下 down"), (one.back, "向上 back")) if not ok]
    return f"  {one.on_day} {one.template} {one.project} {one.paper}: {format_yuan(one.fen)} 元，缺 / lacks {', '.join(missing)}"

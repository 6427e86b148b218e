"""`thread`: fen traceable in both directions ÷ fen paid (资金可追溯率), year by year; what is not traceable is named."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

import asyncpg

from services.funds.service import SERVICE as FUNDS
from services.suite.fingerprint import addresses
from services.suite.fingerprint_rows import reading
from services.suite.settings import SuiteSettings
from shared.kernel.areas import NATION
from shared.kernel.money import format_yuan
from shared.parameters.lookup import Parameters
from shared.parameters.workdays import WorkdayCalendar
from shared.reports.compute import Computed, compute
from shared.reports.model import Figure, Row
from shared.reports.report import Asked

_REPORT = next(report for report in FUNDS.reports if report.id == "funds.traceability")
_YEARS = range(1950, 10_000)
_SUMS = ("paid", "down", "back", "traced")


def add_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--year", type=int, choices=_YEARS, metavar="YYYY", default=None, help="只看某一拨付年度 / payments of one year"
    )


async def run(asked: Namespace, settings: SuiteSettings) -> int:
    """Print the figures; 0 when every paid fen can be followed both ways, 1 when not, or when nothing was paid."""
    try:
        async with addresses(settings) as dsns, reading(dsns[FUNDS.name]) as connection:
            computed, astray = await _gathered(connection, asked.year)
    except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidPasswordError, asyncpg.UndefinedTableError):
        print("没有数据，请先运行演示。 / There are no data; play the demo first.")
        return 1
    print("\n".join(lines(computed, astray)))
    return 0 if is_whole(computed) else 1


async def _gathered(connection: asyncpg.Connection, year: int | None) -> tuple[Computed, Sequence[Row]]:
    """The service's own report over all areas, and its annex."""
    first, last = year or _YEARS.start, year or _YEARS.stop - 1
    parameters = Parameters(connection, FUNDS.declared_parameters)
    calendar = await WorkdayCalendar.from_connection(connection)
    asked = Asked(NATION, date(first, 1, 1), date(last, 12, 31), parameters, calendar)
    computed = compute(_REPORT.columns, await _REPORT.gather(connection, asked))
    (annex,) = _REPORT.annexes
    return computed, await annex.gather(connection, asked, computed)


def is_whole(computed: Computed) -> bool:
    """Something was paid, and no fen of it is astray."""
    return bool(computed.rows) and not computed.total["astray"]


def lines(computed: Computed, astray: Sequence[Row]) -> Iterator[str]:
    """The answer for a reader."""
    if not computed.rows:
        yield "没有已拨付资金。 / Nothing has been paid."
        return
    for row in computed.rows:
        yield from _block(f"{row['year']} 年 / year {row['year']}", row)
    if len(computed.rows) > 1:
        yield from _block("合计 / total", computed.total)
    if astray:
        yield "不可追溯 / not traceable:"
        yield from map(_named, astray)


def _block(title: str, row: Row) -> Iterator[str]:
    yield title
    columns = {column.name: column for column in _REPORT.columns}
    for name in _SUMS:
        yield f"  {columns[name].zh} / {columns[name].en}: {_yuan(row[name])} 元"
    rate = columns["rate"]
    yield f"  {rate.zh} / {rate.en}: {row['traced']} ÷ {row['paid']} = {percent(row['rate'])}"


def percent(rate: Figure) -> str:
    """In per cent: 100 only when no fen is missing, otherwise cut after four decimals; blank without payments."""
    if not isinstance(rate, int | Fraction):
        return "—"
    if rate == 1:
        return "100 %"
    whole, part = divmod(int(rate * 1_000_000), 10_000)
    return f"{whole}.{part:04} %"


def _yuan(figure: Figure) -> str:
    assert isinstance(figure, int), "amounts are whole fen"
    return format_yuan(figure)


def _named(row: Row) -> str:
    missing = [word for name, word in (("down", "向下 down"), ("back", "向上 back")) if row[name] != "是"]
    return (
        f"  {row['on_day']} {row['template']} {row['project']} {row['paper']}: {_yuan(row['fen'])} 元，"
        f"缺 / lacks {', '.join(missing)}"
    )

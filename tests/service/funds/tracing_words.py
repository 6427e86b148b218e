"""The report that follows paid money, asked within a test's transaction; the words of these tests."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from services.funds.queries.tracing import TRACEABILITY_REPORT
from shared.commands.pipeline import Resources
from shared.kernel.areas import NATION
from shared.parameters.lookup import Parameters
from shared.reports.compute import Computed, compute
from shared.reports.model import Row
from shared.reports.report import Asked


async def traced_years(raw: asyncpg.Connection, resources: Resources) -> tuple[Computed, Sequence[Row]]:
    """All years and all areas, and the annex of what is astray."""
    parameters = Parameters(raw, resources.parameters)
    asked = Asked(NATION, date(2000, 1, 1), date(2100, 1, 1), parameters, resources.calendar)
    computed = compute(TRACEABILITY_REPORT.columns, await TRACEABILITY_REPORT.gather(raw, asked))
    (annex,) = TRACEABILITY_REPORT.annexes
    return computed, await annex.gather(raw, asked, computed)

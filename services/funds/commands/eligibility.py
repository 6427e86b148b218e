"""Asks the matrix of money and categories (资金投向矩阵) for an area and a day."""

from collections.abc import Collection
from datetime import date

import asyncpg

from services.funds.domain.eligibility import Eligibility, EligibilityRow, judge
from shared.kernel.areas import AreaCode

_ROWS = """
SELECT fund_category, prefix, area_code, allowed, rule, source FROM fund_eligibility
 WHERE fund_category = ANY($1::text[]) AND area_code = ANY($2::bigint[])
   AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3)
 ORDER BY valid_from DESC"""


async def eligible(
    raw: asyncpg.Connection, fund_category: str, category_l3: str, area: AreaCode, day: date
) -> Eligibility:
    """Whether money of `fund_category` may pay for a project of `category_l3` in `area` on `day`."""
    return (await eligible_many(raw, {(fund_category, category_l3)}, area, day))[fund_category, category_l3]


async def eligible_many(
    raw: asyncpg.Connection, pairs: Collection[tuple[str, str]], area: AreaCode, day: date
) -> dict[tuple[str, str], Eligibility]:
    """The same for many pairs of fund category and project category, with one statement."""
    areas = [int(code) for code in area.ancestry()]
    found = await raw.fetch(_ROWS, sorted({fund for fund, _ in pairs}), areas, day)
    newest: dict[tuple[str, str, int], EligibilityRow] = {}
    for row in found:
        newest.setdefault((row["fund_category"], row["prefix"], row["area_code"]), EligibilityRow(*row))
    return {(fund, category): judge(newest.values(), fund, category) for fund, category in pairs}

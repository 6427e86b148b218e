"""What commands look up in the reference data: categories and kinds of money of a year, rules of the negative list."""

from collections.abc import Collection
from datetime import date

import asyncpg

from services.funds.domain.negative_list import NegativeRule
from shared.kernel.areas import AreaCode
from shared.parameters.model import Mode

_CATEGORIES = """
SELECT code, counts_as_industry FROM category
 WHERE code = ANY($1::text[]) AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $2)"""
_FUNDS = """
SELECT code, is_linkage, paid_by_finance FROM fund_category
 WHERE code = ANY($1::text[]) AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $2)"""
_LINKAGE = "SELECT DISTINCT code FROM fund_category WHERE is_linkage"
# Of each line the nearest area's newest version in force; a version that left a line out has lifted it.
_RULES = """
WITH chosen AS (
  SELECT DISTINCT ON (rule_id) rule_id, area_code, version FROM negative_rule
   WHERE area_code = ANY($1::bigint[]) AND effective_from <= $2 AND (effective_to IS NULL OR effective_to >= $2)
   ORDER BY rule_id, area_code DESC, version DESC)
SELECT rule.* FROM negative_rule AS rule JOIN chosen USING (rule_id, area_code, version) ORDER BY rule_id, part"""


async def industry_flags(raw: asyncpg.Connection, codes: Collection[str], year: int) -> dict[str, bool]:
    """Of project categories that the year has, whether they count as industry."""
    rows = await raw.fetch(_CATEGORIES, list(codes), date(year, 1, 1), date(year, 12, 31))
    return {row["code"]: row["counts_as_industry"] for row in rows}


async def known_funds(raw: asyncpg.Connection, codes: Collection[str], year: int) -> set[str]:
    """The fund categories among `codes` that the year has."""
    rows = await raw.fetch(_FUNDS, list(codes), date(year, 1, 1), date(year, 12, 31))
    return {row["code"] for row in rows}


async def linkage_money(raw: asyncpg.Connection) -> set[str]:
    """The codes of linkage money (衔接资金, later 常态化帮扶资金)."""
    return {row["code"] for row in await raw.fetch(_LINKAGE)}


async def negative_rules(raw: asyncpg.Connection, area: AreaCode, on: date) -> list[NegativeRule]:
    """The lines of the negative list in force in `area` on the day `on`."""
    rows = await raw.fetch(_RULES, [int(code) for code in area.ancestry()], on)
    return [
        NegativeRule(
            rule_id=row["rule_id"],
            part=row["part"],
            version=row["version"],
            zh=row["zh"],
            en=row["en"],
            verdict=Mode(row["verdict"]),
            keywords=tuple(row["keywords"]),
            whitelist=tuple(row["whitelist"]),
            economic_classes=tuple(row["economic_classes"]),
            categories=tuple(row["categories"]),
            excepted=tuple(row["excepted"]),
            linkage_money_only=row["linkage_money_only"],
            measure=row["measure"],
            bound=row["bound"],
        )
        for row in rows
    ]

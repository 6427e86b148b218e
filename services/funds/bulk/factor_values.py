"""The values of many units for a run of the factor method, in one statement."""

from collections.abc import Collection, Sequence
from fractions import Fraction

import asyncpg

from services.funds.domain.factors import Factor, Values

# The newest row of each unit and factor counts.
_VALUES = """
SELECT DISTINCT ON (area_code, code) area_code, code, value::text AS value FROM factor_value
 WHERE area_code = ANY($1::bigint[]) AND year = $2 AND code = ANY($3::text[])
 ORDER BY area_code, code, id DESC"""


async def values_of(raw: asyncpg.Connection, factors: Sequence[Factor], targets: Collection[int], year: int) -> Values:
    """What each unit has of each factor, and of the populations that gaps count; what is missing is left out."""
    codes = {factor.code for factor in factors} | {factor.population for factor in factors if factor.population}
    found: dict[int, dict[str, Fraction]] = {int(target): {} for target in targets}
    for row in await raw.fetch(_VALUES, list(found), year, sorted(codes)):
        found[row["area_code"]][row["code"]] = Fraction(row["value"])
    return found

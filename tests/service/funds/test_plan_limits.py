"""Scenario 9 over the pipeline: what a plan may give to villages that were never poor (NL17, §1.7)."""

import pytest

from tests.service.funds.county import NEXT_VILLAGE, County, bureau_clerk, entry
from tests.service.funds.works import refused, rules

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("other", "whole", "rule"),
    [
        pytest.param("3000000.00", "7000000.00", None, id="9: 3 000 000.00 of 10 000 000.00 is 30 %"),
        pytest.param("3000000.01", "6999999.99", "NL17", id="9: one fen more of the same whole"),
    ],
)
async def test_9_villages_never_poor_get_at_most_thirty_percent(
    county: County, other: str, whole: str, rule: str | None
) -> None:
    await county.adopt_rules("NL17")
    await county.indicator("10000000.00")
    poor = await county.in_library(entry(amount=whole))
    places = [{"village": NEXT_VILLAGE, "share_ppm": 1_000_000, "village_type": "other"}]
    never = await county.in_library(entry("大同镇同富村冷棚育苗基地建设", amount=other, places=places))
    plan = await county.plan({poor: [("central", whole)], never: [("central", other)]})
    proposed = county.take(bureau_clerk, "annual_plan", plan, "propose")
    if rule is None:
        await proposed
    else:
        assert rules(await refused(proposed)) == [rule]

"""NL16 with the figures of 泽库县 2023: the fee of a batch is measured by the year's money of its source (scenario 8)."""

import csv
import io
from collections.abc import Awaitable
from uuid import UUID

import pytest

from shared.kernel.errors import Problem
from shared.kernel.money import format_yuan, parse_wan
from tests.service.funds.bulletin_cases import data
from tests.service.funds.county import COUNTY, County, bureau_clerk, entry, finance_reviewer, sector

pytestmark = pytest.mark.asyncio

CATEGORIES = {"基础设施": "030106", "产业发展": "010101", "项目管理": "070101"}
PURPOSE = "批次内项目前期设计、评审、招标、监理和验收"


async def refused(attempt: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


async def zeku(county: County) -> UUID:
    """The published batch as a draft plan: six projects, 12 590 000.00 in all, 140 000.00 of them the fee."""
    lines = {}
    for row in csv.DictReader(io.StringIO(data("zeku-2023-central-batch2").decode("utf-8-sig"))):
        amount = format_yuan(parse_wan(row["投资(万元)"]))
        category = CATEGORIES[row["类别"]]
        text = PURPOSE if category == "070101" else row["项目"]
        project = await county.county_run(entry(row["项目"], amount, category=category, content=text))
        lines[project] = [("central", amount)]
    return await county.plan(lines)


async def test_the_fee_of_zeku_is_beyond_the_batch_and_within_the_year(county: County) -> None:
    """Scenario 8: cap 125 900.00 of 12 590 000.00; 139 999.99 of 13 999 999.99; 140 000.00 of 14 000 000.00."""
    await county.adopt({"industry.min_share": "0"})
    await county.adopt_rules("NL16")
    await county.indicator("12590000.00", document_no="青财农字〔2023〕505号")
    plan = await zeku(county)

    for more, limit in (("", "125900.00"), ("1409999.99", "139999.99")):
        if more:
            await county.indicator(more, document_no="青财农字〔2022〕1号")
        wrong = await refused(county.take(bureau_clerk, "annual_plan", plan, "propose"))
        assert [(each.code, each.rule) for each in wrong.violations] == [("MANAGEMENT_FEE_CAP", "NL16")]
        assert wrong.violations[0].facts == {"fee": "140000.00", "limit": limit, "level": "central"}

    await county.indicator("0.01", document_no="青财农字〔2023〕2号")
    await county.take(bureau_clerk, "annual_plan", plan, "propose")
    await county.take(finance_reviewer, "annual_plan", plan, "propose")
    assert await county.state(plan) == "PROPOSED"


async def test_a_fee_that_does_not_say_what_for_needs_an_answer(county: County) -> None:
    """NL16: only for design, review, tender, supervision and acceptance."""
    project = await county.enter(entry("批次项目管理费", category="070101", content="按比例提取"), COUNTY, sector)
    await county.take(sector, "project", project, "apply_for_county", "application_form")
    wrong = await refused(county.review_in_county(project))
    assert [(each.code, each.rule) for each in wrong.violations] == [("WARNING_UNANSWERED", "NL16")]
    answered = {"goals_agreed": True, "accepted_warnings": {"NL16": "用于监理，合同附后"}}
    await county.take(bureau_clerk, "project", project, "finish_county_review", form=answered)
    await county.take(finance_reviewer, "project", project, "finish_county_review", form=answered)
    assert await county.state(project) == "LG_PENDING"

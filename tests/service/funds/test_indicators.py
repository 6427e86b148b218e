"""Indicators on real PostgreSQL: two persons, one number, money that is unallocated until it is given."""

from collections.abc import Awaitable

import pytest

from services.funds.commands.indicators import CorrectIndicator, ReceiveIndicator
from shared.kernel.errors import Forbidden, Invalid, Problem
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, FUND, County, finance_clerk, finance_reviewer

pytestmark = pytest.mark.asyncio


async def refused(attempt: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value


async def test_a_confirmed_indicator_is_unallocated_money(county: County) -> None:
    """P01: 1100 against 1000, in the county's ledger; told with level, category and year."""
    indicator = await county.indicator("31740000.00")

    assert await county.balance("1100", indicator_id=indicator) == 3_174_000_000
    assert await county.balance("1000", indicator_id=indicator) == 3_174_000_000
    (entry,) = await county.look("SELECT template, area_code FROM ledger_entry")
    assert tuple(entry) == ("P01", int(COUNTY))
    (told,) = await county.events("funds.indicator.received")
    assert (told["amount"], told["document_no"]) == ("31740000.00", "黑财指(农)〔2023〕34号")
    assert (told["level"], told["category"], told["fiscal_year"]) == ("central", FUND, 2023)


async def test_who_submits_does_not_confirm(county: County) -> None:
    """§3.1 step 1, §3.2: registered by one person of finance, confirmed by another."""
    both = person("both", COUNTY, Role.FINANCE_CLERK, Role.FINANCE_REVIEWER)
    indicator = await county.enter_indicator("100.00")
    await county.take(both, "indicator", indicator, "submit", "indicator_document")
    assert (await refused(county.take(both, "indicator", indicator, "confirm"))).code == "SEPARATION_OF_DUTIES"
    clerk = county.take(finance_clerk, "indicator", indicator, "confirm")
    assert isinstance(await refused(clerk), Forbidden)
    assert await county.look("SELECT 1 FROM ledger_entry") == []


async def test_brackets_do_not_make_another_document(county: County) -> None:
    """Scenario 13: typed with square brackets, kept with 〔〕, and found to be the earlier one."""
    first = await county.enter_indicator("100.00", document_no="青财农字[2023]505号")
    (kept,) = await county.look("SELECT document_no FROM indicator WHERE id = $1", first)
    assert kept["document_no"] == "青财农字〔2023〕505号"

    again = await refused(county.enter_indicator("100.00", document_no="青财农字【2023】505号"))
    assert again.code == "DUPLICATE_INDICATOR"
    assert again.violations[0].field == "/document_no"
    await county.enter_indicator("100.00", document_no="青财农字【2023】505号", line_no=2)


async def test_an_indicator_is_corrected_only_while_it_is_with_its_clerk(county: County) -> None:
    indicator = await county.enter_indicator("100.00")
    (row,) = await county.look("SELECT received_on FROM indicator")
    fields = {
        "area_code": COUNTY,
        "indicator_id": indicator,
        "issuer": "黑龙江省财政厅",
        "document_no": "黑财指(农)〔2023〕34号",
        "title": "更正",
        "issued_on": "2022-11-29",
        "received_on": row["received_on"],
        "fiscal_year": 2023,
        "level": "central",
        "category": FUND,
        "functional_class": "2130505",
        "amount": "90.00",
    }
    correction = CorrectIndicator.model_validate(fields)
    await county.run(correction, finance_clerk)
    await county.take(finance_clerk, "indicator", indicator, "submit", "indicator_document")
    assert (await refused(county.run(correction, finance_clerk))).code == "INDICATOR_NOT_EDITABLE"

    await county.take(finance_reviewer, "indicator", indicator, "send_back", reason="金额有误")
    await county.run(correction, finance_clerk)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        pytest.param({"category": "fund.unknown"}, "/category", id="a category that the year does not have"),
        pytest.param({"issued_on": "2023-01-04"}, "/received_on", id="received before it was issued"),
        pytest.param({"area_code": "230606100200"}, "/area_code", id="a village has no indicators"),
    ],
)
async def test_what_cannot_be_is_invalid(county: County, changed: dict[str, str], field: str) -> None:
    wrong = await refused(county.enter_indicator("100.00", **changed))
    assert isinstance(wrong, Invalid)
    assert [violation.field for violation in wrong.violations] == [field]


async def test_money_is_never_a_number_with_a_fraction(county: County) -> None:
    with pytest.raises(ValueError, match="decimal string"):
        ReceiveIndicator.model_validate({"amount": 0.1})
    await county.enter_indicator("0.01")


async def test_the_kinds_of_money_have_the_names_of_their_time(county: County) -> None:
    """Architecture §6: linkage fund until 2025, regular assistance from 2026; one code, so history stays."""
    rows = await county.look(
        "SELECT profile, valid_from::text AS since, valid_to::text AS until, zh FROM fund_category"
        " WHERE code = $1 ORDER BY valid_from",
        FUND,
    )
    assert [(row["profile"], row["since"], row["until"]) for row in rows] == [
        ("transition-2021-2025", "2021-01-01", "2025-12-31"),
        ("regular-2026", "2026-01-01", None),
    ]
    assert "衔接" in rows[0]["zh"]
    assert "常态化帮扶" in rows[1]["zh"]
    assert "待核实" in rows[1]["zh"]

"""Not in the library → no money (NL18), at every one of the five points (domain-funds-assets §1.8)."""

from dataclasses import replace

import pytest

from services.funds.commands.plans import PutPlanLine
from services.funds.domain.payment_limits import Stage
from tests.service.funds.county import FUND, bureau_clerk, entry, finance_clerk, finance_reviewer, sector, unit
from tests.service.funds.households import POLICY, Households, line
from tests.service.funds.works import Works, refused, rules

pytestmark = pytest.mark.asyncio


async def test_no_money_at_any_of_the_five_points(works: Works) -> None:
    """A draft with a plan, an indicator, a contractor and a roster at hand gets nothing, and no balance moves."""
    county = works.county
    await county.adopt({"household_subsidy.standards": f"{POLICY}=10000.00"})
    draft = await county.enter(entry("大同镇八井子村未入库项目", is_household_project=True))
    own = replace(works, project=draft)
    before = await county.look("SELECT count(*)::int AS n FROM ledger_entry")

    plan = await county.plan({}, batch=9)
    source = {"level": "central", "category": FUND, "amount": "1.00"}
    listed = PutPlanLine.model_validate({"plan_id": plan, "project_id": draft, "sources": [source]})
    points = {"plan line": await refused(county.run(listed, bureau_clerk))}

    allocation = await county.draft((draft, works.central, "1.00"))
    points["allocation"] = await refused(county.take(finance_clerk, "allocation", allocation, "submit"))

    contract = await own.draft("1000.00")
    await county.take(unit, "contract", contract, "submit", "contract")
    points["contract"] = await refused(county.take(sector, "contract", contract, "register"))

    payment = await own.request(contract, str(Stage.ADVANCE), "100.00")
    points["payment request"] = await refused(own.submit(payment))

    roster = Households(own)
    batch = await roster.make([line(1, "100.00")], "100.00")
    await roster.approve(batch)
    points["household batch"] = await refused(county.take(finance_reviewer, "household_batch", batch, "check_finance"))

    assert {point for point, problem in points.items() if "NL18" not in rules(problem)} == set()
    assert len(points) == 5
    assert await county.look("SELECT count(*)::int AS n FROM ledger_entry") == before

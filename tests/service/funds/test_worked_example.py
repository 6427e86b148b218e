"""The worked example of domain-funds-assets §3.10 through the real cases, every figure to the fen (scenario 27)."""

from uuid import UUID

import pytest

from tests.service.funds.county import County, finance_clerk, finance_leader
from tests.service.funds.works import Works

pytestmark = pytest.mark.asyncio


async def test_27_nine_steps_to_the_fen(works: Works) -> None:
    contract = await to_the_last_progress_payment(works)
    await settled_to_the_fen(works, contract)
    await paid_and_closed(works, contract)
    await payments_were_told(works.county)


async def to_the_last_progress_payment(works: Works) -> UUID:
    """Steps 1 to 4."""
    county = works.county
    project = {"project_id": works.project}

    # 1 contract
    contract = await works.contract("960000.00")
    assert await works.by_source("1300") == (57_600_000, 38_400_000)
    assert await county.balance("1200", **project) == 4_000_000
    assert await county.state(works.project) == "IMPLEMENTING"
    await works.all_is_well()

    # 2 advance 30 %
    await works.pay(contract, "advance", "288000.00")
    assert await works.by_source("1500") == (17_280_000, 11_520_000)
    assert await county.balance("1300", **project) == 67_200_000
    await works.all_is_well()

    # 3 certified 480 000, 80 % of it: 240 000 in cash, 144 000 of the advance recouped
    await works.certify(contract, "480000.00")
    await works.pay(contract, "progress", "240000.00", "144000.00")
    assert await works.by_source("1600") == (14_400_000 + 8_640_000, 9_600_000 + 5_760_000)
    assert await county.balance("1300", **project) == 43_200_000
    assert await county.balance("1500", **project) == 14_400_000
    await works.all_is_well()

    # 4 the same again
    await works.certify(contract, "480000.00")
    await works.pay(contract, "progress", "240000.00", "144000.00")
    assert await county.balance("1300", **project) == 19_200_000
    assert await county.balance("1500", **project) == 0
    await works.all_is_well()

    return contract


async def settled_to_the_fen(works: Works, contract: UUID) -> None:
    """Steps 5 and 6, and what the asset register is told."""
    county = works.county
    project = {"project_id": works.project}

    # 5 settlement 951 234.57, and 6 the retention of it
    await works.complete(contract)
    await works.review(contract, "951234.57")
    await works.settle(contract, "28537.03")
    assert await works.by_source("1200") == (2_400_000 + 525_926, 1_600_000 + 350_617)
    assert await works.by_source("1310") == (1_712_222, 1_141_481)
    assert await county.balance("1300", **project) == 15_469_754
    await works.all_is_well()

    # the project is settled: what each source bears, retention and open balance included
    form = {"settled_on": works.today.isoformat(), "approval_document": "同财评〔2023〕15号"}
    await county.take(finance_leader, "project", works.project, "settle", "settlement_approval", form=form)
    (told,) = await county.events("funds.project.settled")
    assert (told["settlement"], told["retention"]) == ("951234.57", "28537.03")
    assert {source["indicator_id"]: source["amount"] for source in told["sources"]} == {
        str(works.central): "570740.74",
        str(works.own): "380493.83",
    }


async def paid_and_closed(works: Works, contract: UUID) -> None:
    """Steps 7 to 9."""
    county = works.county
    project = {"project_id": works.project}

    # 7 balance
    await works.pay(contract, "balance", "154697.54")
    assert await county.balance("1300", **project) == 0
    assert await county.state(contract) == "RETENTION"
    await works.all_is_well()

    # 8 retention, after the defect period
    county.bench.clock.forward(days=366)
    await works.pay(contract, "retention", "28537.03")
    assert await county.balance("1310", **project) == 0
    assert await county.state(contract) == "CLOSED"
    assert await works.by_source("1600") == (57_074_074, 38_049_383)
    await works.all_is_well()

    # 9 close: the rest is surplus
    await county.take(
        finance_clerk,
        "project",
        works.project,
        "close",
        form={"goal_results": [{"goal_no": 1, "actual": "40"}]},
    )
    assert await works.by_source("1800") == (2_925_926, 1_950_617)
    assert await works.by_source("1200") == (0, 0)
    await works.all_is_well()


async def payments_were_told(county: County) -> None:
    """Each payment with what each document bears."""
    paid = await county.events("funds.payment.disbursed")
    assert [(each["stage"], each["amount"]) for each in paid] == [
        ("advance", "288000.00"),
        ("progress", "240000.00"),
        ("progress", "240000.00"),
        ("balance", "154697.54"),
        ("retention", "28537.03"),
    ]
    assert [[part["amount"] for part in each["split"]] for each in paid] == [
        ["172800.00", "115200.00"],
        ["144000.00", "96000.00"],
        ["144000.00", "96000.00"],
        ["92818.52", "61879.02"],
        ["17122.22", "11414.81"],
    ]

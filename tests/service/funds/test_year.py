"""A county's year on real money: spent, mended, recovered, carried over, closed; V01 to V16 are silent at each stage."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.funds.commands.carry_over import CarryOver
from services.funds.commands.indicator_recoveries import DraftRecovery
from services.funds.commands.recoveries import OpenRecovery, ReceiveRecovery
from services.funds.commands.refunds import ReleaseRefund
from shared.kernel.actors import SYSTEM
from tests.service.funds.county import (
    COUNTY,
    County,
    finance_clerk,
    finance_leader,
    finance_reviewer,
    second_leader,
)
from tests.service.funds.households import sector_leader
from tests.service.funds.invariants import speaking
from tests.service.funds.lived import Lived, live, nightly, report
from tests.service.funds.test_regimes import drafted, filed
from tests.service.funds.tracing_words import traced_years
from tests.service.funds.works import Works, treasury

pytestmark = pytest.mark.asyncio


async def silent(county: County) -> None:
    """None of the sixteen speaks, and every paid fen is followed both ways."""
    async with county.bench.database.write(SYSTEM) as tx:
        assert await speaking(tx.raw, county.resources, county.bench.clock.now()) == set()
        computed, astray = await traced_years(tx.raw, county.resources)
    assert (computed.total["rate"], astray) == (1, [])


async def issued(county: County) -> Mapping[UUID, tuple[bytes, str]]:
    """Every issued report, as it stands."""
    rows = await county.look("SELECT id, content_sha256, content::text AS content FROM report_issue")
    return {row["id"]: (row["content_sha256"], row["content"]) for row in rows}


async def test_51_55_the_year_of_a_county_closes_with_all_invariants_silent(county: County) -> None:
    lived = await live(county)
    await integrated(lived)
    await silent(county)
    before = await issued(county)

    await the_bank_answers(lived)
    await a_wrong_payment_comes_back(lived)
    await silent(county)

    county.bench.clock.set(datetime(2023, 12, 31, 2, tzinfo=UTC))
    await nightly(county)
    await report(county)
    county.bench.clock.set(datetime(2024, 1, 2, 2, tzinfo=UTC))
    await report(county)
    await the_year_is_carried_over(lived)
    await nightly(county)
    await silent(county)

    await the_works_end(lived.works)
    await silent(county)
    after = await issued(county)
    assert len(after) == 3
    assert {key: after[key] for key in before} == before, "51: what came back later left the issued report alone"


async def integrated(lived: Lived) -> None:
    """The households' document is integrated by a filed plan (V13)."""
    county, own = lived.county, lived.households.works
    await county.adopt({"integration.regime": "INTEGRATED"})
    plan = await drafted(county, {own.central: "50000.00"}, {own.project: "50000.00"}, "50000.00", "0.00")
    await filed(county, plan)


async def the_bank_answers(lived: Lived) -> None:
    """46, 47: the failed line is corrected and arrives; the batch that waited is paid."""
    households = lived.households
    await households.correct(lived.answered, 2)
    await households.reissue(lived.answered)
    await households.answer(lived.answered, paid=[2], instruction=2)
    await households.answer(lived.waiting, paid=[1, 2])
    for batch in (lived.answered, lived.waiting):
        await lived.county.take(finance_reviewer, "household_batch", batch, "close")
    assert await households.balances() == (0, 580_000, 0)


async def a_wrong_payment_comes_back(lived: Lived) -> None:
    """51: P20, then P21; spent falls by 800.00 on the day of the recovery."""
    households, county = lived.households, lived.county
    wrong = await households.line_id(lived.answered, 3)
    county.bench.clock.forward(days=40)
    await county.run(OpenRecovery(line_id=wrong), sector_leader)
    slip = {"reason": "not_eligible", "bank_reference": "BK-BACK-1", "received_on": lived.works.today}
    moved = await county.run(ReceiveRecovery(line_id=wrong, **slip), treasury)
    await silent(county)
    await county.run(ReleaseRefund(refund_id=moved.result["refund_id"]), finance_leader)
    assert await households.balances() == (0, 500_000, 0)


async def the_year_is_carried_over(lived: Lived) -> None:
    """55: quota and retention go on in 2024, a second run posts nothing; what was spent stays in its year."""
    county = lived.county
    over = CarryOver.model_validate({"area_code": COUNTY, "year": 2023})
    moved = (await county.run(over, finance_leader)).result
    assert moved["amount"] == "122302.46"  # 48 765.43 quota, 28 537.03 retention, 45 000.00 quota for households
    again = (await county.run(over, finance_leader)).result
    assert (again["balances"], again["amount"]) == (0, "0.00")
    years = await county.look(
        "SELECT fiscal_year, sum(amount_fen)::bigint AS fen FROM ledger_balance"
        " WHERE account IN ('1100', '1200', '1300', '1310', '1800') GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row) for row in years] == [(2023, 0), (2024, 12_230_246)]


async def the_works_end(works: Works) -> None:
    """§3.10 steps 8 and 9 in the next year, and 54: the surplus is used again by its own sources."""
    county = works.county
    county.bench.clock.set(datetime(2024, 6, 3, 2, tzinfo=UTC))
    (contract,) = await county.look("SELECT id FROM contract")
    await works.pay(contract["id"], "retention", "28537.03")
    results = {"goal_results": [{"goal_no": 1, "actual": "40"}]}
    await county.take(finance_clerk, "project", works.project, "close", form=results)
    assert await works.by_source("1800") == (2_925_926, 1_950_617)
    await silent(county)

    lines = [
        {"indicator_id": source, "account": "1800", "project_id": works.project, "amount": amount}
        for source, amount in ((works.central, "29259.26"), (works.own, "19506.17"))
    ]
    command = {
        "area_code": COUNTY,
        "kind": "reuse",
        "title": "结余资金统筹再用",
        "document_no": "同财农〔2024〕6号",
        "lines": lines,
    }
    made = await county.run(DraftRecovery.model_validate(command), finance_clerk)
    recovery = UUID(made.result["id"])
    await county.take(finance_clerk, "indicator_recovery", recovery, "propose")
    await county.take(second_leader, "indicator_recovery", recovery, "reuse", "recovery_document")
    assert await county.balance("1100", indicator_id=works.central) == 2_925_926
    assert await county.balance("1100", indicator_id=works.own) == 1_950_617

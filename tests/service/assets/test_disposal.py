"""Disposal on a real database: domain-funds-assets §7.12, scenarios 83, 84, 87."""

from uuid import UUID

import pytest

from services.assets.commands.disposals import DraftDisposal
from tests.service.assets.test_rights import JOINT
from tests.service.assets.village import (
    HERE,
    Village,
    bureau_leader,
    codes,
    collective,
    committee,
    leader,
    sector,
    settled,
)


async def drafted(village: Village, asset: UUID) -> UUID:
    command = DraftDisposal(asset_id=asset, ground="end_of_life", way="auction", expected="40000.00", is_pledged=False)
    return UUID((await village.bench.run(command, collective)).result["disposal_id"])


async def apply(village: Village, disposal: UUID) -> None:
    papers = await village.bench.evidence(collective, HERE, "asset_photo", "owner_decision")
    await village.bench.step(collective, "assets.disposal", disposal, "apply", evidence=papers, reason="使用年限已到")


async def executing(village: Village, asset: UUID) -> UUID:
    """Appraised at 40 000.00, approved, published, being dealt."""
    bench, disposal = village.bench, await drafted(village, asset)
    await apply(village, disposal)
    report = await bench.evidence(sector, HERE, "appraisal_report")
    form = {"value": "40000.00", "appraised_on": village.today.isoformat(), "is_licensed": False}
    await bench.step(sector, "assets.disposal", disposal, "appraise", form=form, evidence=report)
    approval = await bench.evidence(leader, HERE, "disposal_approval")
    await bench.step(leader, "assets.disposal", disposal, "approve", evidence=approval)
    await bench.step(collective, "assets.disposal", disposal, "post")
    await bench.run_notice(committee, await village.case("disposal", disposal), HERE, last_day_in=10)
    await bench.step(collective, "assets.disposal", disposal, "execute")
    return disposal


@pytest.mark.asyncio
async def test_scenario_83_an_asset_under_contract_is_not_disposed_of(village: Village) -> None:
    *_, asset = await village.form_assets()
    await village.confirm_right(asset)
    await village.lease(asset)
    assert await codes(apply(village, await drafted(village, asset))) == {"ACTIVE_CONTRACT"}


@pytest.mark.asyncio
async def test_scenarios_83_84_87_price_floor_owner_shares_and_the_end(village: Village) -> None:
    *_, asset = await village.form_assets()
    await village.confirm_right(asset, JOINT)
    disposal = await executing(village, asset)
    bench = village.bench
    await village.adopt({"rule.F-7.12-price.mode": "block"})
    papers = await bench.evidence(collective, HERE, "deal_document", "bank_receipt")
    deal = {"proceeds": "35999.99", "dealt_on": village.today.isoformat(), "reuse": "reinvest"}
    low = bench.step(collective, "assets.disposal", disposal, "book_income", form=deal, evidence=papers)
    assert await codes(low) == {"PRICE_BELOW_FLOOR"}
    deal["proceeds"] = "36000.00"
    await bench.step(collective, "assets.disposal", disposal, "book_income", form=deal, evidence=papers)
    assert await village.rows("SELECT owner_line, amount_fen FROM disposal_share ORDER BY 1") == [
        (1, 21_600_00),
        (2, 14_400_00),
    ]
    await bench.step(bureau_leader, "assets.disposal", disposal, "dispose")
    (told,) = await village.told("assets.asset.disposed")
    assert (told["proceeds"], told["result"]) == ("36000.00", "-67153.79")
    for workflow in ("right", "custody", "use"):
        assert await village.state(workflow, asset) == "ENDED"
    assert await village.findings() == {}

    assert await codes(drafted(village, asset)) == {"ASSET_DISPOSED"}
    assert await codes(village.draft_contract(asset)) == {"ASSET_DISPOSED"}
    assert await codes(village.receive(asset, "1.00")) == {"ASSET_DISPOSED"}
    assert await codes(village.react(settled())) == {"ASSET_DISPOSED"}
    proposal = await bench.evidence(leader, HERE, "right_proposal")
    assert await codes(bench.step(leader, "assets.right", asset, "propose", evidence=proposal)) == {"STEP_NOT_IN_STATE"}


@pytest.mark.asyncio
async def test_an_asset_has_one_disposal_at_a_time(village: Village) -> None:
    *_, asset = await village.form_assets()
    await village.confirm_right(asset)
    first = await drafted(village, asset)
    assert await codes(drafted(village, asset)) == {"DISPOSAL_OPEN"}
    await village.bench.step(collective, "assets.disposal", first, "withdraw", reason="暂缓")
    await apply(village, await drafted(village, asset))

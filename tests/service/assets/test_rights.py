"""Right, hand-over, custody and use on a real database: domain-funds-assets §7.5–7.7, scenarios 71, 73."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.parts import OwnerShare
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Forbidden, NotFound
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.assets.village import (
    HERE,
    NEXT_DOOR,
    Village,
    accepted,
    clerk,
    codes,
    collective,
    committee,
    leader,
    sector,
    stranger,
    unit,
)

JOINT = (
    OwnerShare(owner_kind="village_collective", owner_area=AreaCode.parse(HERE), share_ppm=600_000),
    OwnerShare(owner_kind="village_collective", owner_area=AreaCode.parse(NEXT_DOOR), share_ppm=400_000),
)


@pytest.mark.asyncio
async def test_a_right_is_confirmed_after_ten_days_of_publicity(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    proposal = await bench.evidence(clerk, HERE, "right_proposal")
    await bench.step(clerk, "assets.right", asset, "propose", evidence=proposal)
    decision = await bench.evidence(collective, HERE, "owner_decision")
    posted = await bench.step(collective, "assets.right", asset, "post", evidence=decision)
    assert (posted.notice_until, village.today) == (date(2023, 11, 11), date(2023, 11, 1))
    document = await bench.evidence(leader, HERE, "right_document")
    form = {"document_no": "同政确〔2023〕1号"}
    early = bench.step(leader, "assets.right", asset, "confirm", form=form, evidence=document)
    assert await codes(early) == {"PUBLICITY_RUNNING"}
    await bench.run_notice(committee, await village.case("right", asset), HERE, last_day_in=10)
    done = await bench.step(leader, "assets.right", asset, "confirm", form=form, evidence=document)
    assert done.state == "CONFIRMED"
    (told,) = await village.told("assets.asset.confirmed")
    assert told["owners"] == [
        {"owner_kind": "village_collective", "owner_area": HERE, "share_ppm": 1_000_000, "owner_id": None}
    ]
    holder = "SELECT operation_holder_kind, operation_holder_area, right_document FROM asset WHERE id = $1"
    assert await village.rows(holder, asset) == [("village_collective", int(HERE), "同政确〔2023〕1号")]
    (notice,) = await village.rows("SELECT content FROM case_notice")
    assert notice[0]["value"] == "618922.78"


@pytest.mark.asyncio
async def test_owners_and_shares_are_proposed_by_hand_and_must_be_whole(village: Village) -> None:
    asset, *_ = await village.form_assets()
    proposal = await village.bench.evidence(clerk, HERE, "right_proposal")
    short = [JOINT[0].model_dump(mode="json"), JOINT[1].model_dump(mode="json") | {"share_ppm": 399_999}]
    attempt = village.bench.step(clerk, "assets.right", asset, "propose", form={"owners": short}, evidence=proposal)
    assert await codes(attempt) == {"OWNER_SHARES"}
    await village.confirm_right(asset, JOINT)
    assert await village.rows("SELECT owner_area, share_ppm FROM asset_owner WHERE asset_id = $1", asset) == [
        (int(HERE), 600_000),
        (int(NEXT_DOOR), 400_000),
    ]


@pytest.mark.asyncio
async def test_a_provisional_asset_has_no_sources_and_is_not_proposed(village: Village) -> None:
    await village.react(accepted())
    asset = await village.value("SELECT id FROM asset WHERE list_line = 1")
    proposal = await village.bench.evidence(clerk, HERE, "right_proposal")
    assert await codes(village.bench.step(clerk, "assets.right", asset, "propose", evidence=proposal)) == {
        "SOURCE_SHARES"
    }


@pytest.mark.asyncio
async def test_a_dispute_suspends_and_leads_back(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    bench = village.bench
    await bench.step(clerk, "assets.right", asset, "dispute", reason="邻村主张份额")
    finding = await bench.evidence(leader, HERE, "dispute_finding")
    back = await bench.step(leader, "assets.right", asset, "dismiss_dispute", evidence=finding, reason="无依据")
    assert back.state == "CONFIRMED"
    told = await village.told("assets.asset.status_changed")
    assert [(event["old"], event["new"], event["reason"]) for event in told] == [
        ("CONFIRMED", "DISPUTED", "dispute"),
        ("DISPUTED", "CONFIRMED", "dismiss_dispute"),
    ]


@pytest.mark.asyncio
async def test_both_sides_sign_the_hand_over_and_the_owner_books_it(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    paper = await bench.evidence(unit, HERE, "handover_list")
    form = {"list_no": "移交〔2023〕3号"}
    assert await codes(bench.step(unit, "assets.handover", asset, "hand_over", form=form, evidence=paper)) == {
        "RIGHT_NOT_CONFIRMED"
    }
    await village.confirm_right(asset, JOINT)
    first = await bench.step(unit, "assets.handover", asset, "hand_over", form=form, evidence=paper)
    assert first.state == "PENDING"
    assert await village.told("assets.asset.handed_over") == []
    again = bench.step(sector, "assets.handover", asset, "hand_over", form=form, evidence=paper)
    assert await codes(again) == {"ALREADY_SIGNED"}
    done = await bench.step(collective, "assets.handover", asset, "hand_over", form=form, evidence=paper)
    assert done.state == "HANDED_OVER"
    told = await village.told("assets.asset.handed_over")
    assert [(event["to_owner"]["owner_area"], event["value"]) for event in told] == [
        (HERE, "371353.67"),
        (NEXT_DOOR, "247569.11"),
    ]
    before = {"entry_no": "记字第12号", "booked_on": "2023-11-01"}
    assert await codes(bench.step(clerk, "assets.handover", asset, "book", form=before)) == {"BOOK_ENTRY_MISSING"}
    booked = {"entry_no": "记字第12号", "booked_on": village.today.isoformat()}
    assert (await bench.step(clerk, "assets.handover", asset, "book", form=booked)).state == "BOOKED"


CUSTODY = {
    "custody_kind": "village",
    "body": "先锋村委会",
    "person": "张三",
    "phone": "13800000000",
    "money_source": "村集体收入",
    "standard": "1200.00",
}


@pytest.mark.asyncio
async def test_custody_has_one_body_at_a_time_and_seals_the_person(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    paper = await bench.evidence(committee, HERE, "custody_agreement")
    bare = CUSTODY | {"phone": ""}
    assert await codes(bench.step(committee, "assets.custody", asset, "assign", form=bare, evidence=paper)) == {
        "CUSTODY_INCOMPLETE"
    }
    await bench.step(committee, "assets.custody", asset, "assign", form=CUSTODY, evidence=paper)
    other = CUSTODY | {"body": "大同区某某农业公司", "custody_kind": "operator"}
    await bench.step(clerk, "assets.custody", asset, "assign", form=other, evidence=paper)
    bodies = await village.rows("SELECT body, ended_on IS NULL, cycle_months FROM asset_custody ORDER BY id")
    assert bodies == [("先锋村委会", False, 1), ("大同区某某农业公司", True, 1)]
    sealed = await village.value(
        "SELECT string_agg(encode(person_sealed || phone_sealed, 'escape'), '') FROM asset_custody"
    )
    assert "张三" not in sealed
    assert "13800000000" not in sealed
    assert (await bench.step(clerk, "assets.custody", asset, "lapse", reason="离职")).state == "LAPSED"
    assert await village.findings() == {}


@pytest.mark.asyncio
async def test_use_changes_when_a_second_person_verified_it(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    photo = await bench.evidence(committee, HERE, "inspection_photo")
    form = {"unused_since": "2023-05-01"}
    seen = await bench.step(committee, "assets.use", asset, "find_idle", form=form, evidence=photo, reason="承租方退租")
    assert seen.state == "IN_USE"
    verified = await bench.step(clerk, "assets.use", asset, "find_idle", form=form, evidence=photo, reason="现场核实")
    assert verified.state == "IDLE"
    assert await village.rows("SELECT use, unused_since FROM asset_use") == [("IDLE", date(2023, 5, 1))]


@pytest.mark.asyncio
async def test_idleness_blocks_only_where_the_county_adopted_its_days(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    photo = await bench.evidence(committee, HERE, "inspection_photo")
    form = {"unused_since": "2023-10-01"}
    step: dict[str, Any] = {"form": form, "evidence": photo, "reason": "停用"}
    await bench.step(committee, "assets.use", asset, "find_idle", **step)
    await village.adopt({"rule.F-7.5-use.mode": "block"})
    assert await codes(bench.step(clerk, "assets.use", asset, "find_idle", **step)) == {"NOT_IDLE_YET"}


@pytest.mark.asyncio
async def test_strangers_and_wrong_roles_change_nothing(village: Village) -> None:
    asset, *_ = await village.form_assets()
    proposal = await village.bench.evidence(clerk, HERE, "right_proposal")
    with pytest.raises(NotFound):
        await village.bench.step(stranger, "assets.right", asset, "propose", evidence=proposal)
    with pytest.raises(Forbidden):
        await village.bench.step(collective, "assets.right", asset, "propose", evidence=proposal)
    mixed = person("two hats", HERE, Role.AUDITOR)
    with pytest.raises(Forbidden):
        await village.bench.step(mixed, "assets.right", asset, "propose", evidence=proposal)
    assert await village.value("SELECT count(*) FROM case_step WHERE step <> 'open'") == 0


@pytest.mark.asyncio
async def test_who_proposed_does_not_confirm(village: Village) -> None:
    asset, *_ = await village.form_assets()
    bench = village.bench
    proposal = await bench.evidence(leader, HERE, "right_proposal")
    await bench.step(leader, "assets.right", asset, "propose", evidence=proposal)
    decision = await bench.evidence(collective, HERE, "owner_decision")
    await bench.step(collective, "assets.right", asset, "post", evidence=decision)
    await bench.run_notice(committee, await village.case("right", asset), HERE, last_day_in=10)
    document = await bench.evidence(leader, HERE, "right_document")
    form = {"document_no": "同政确〔2023〕1号"}
    attempt = bench.step(leader, "assets.right", asset, "confirm", form=form, evidence=document)
    assert await codes(attempt) == {"SEPARATION_OF_DUTIES"}

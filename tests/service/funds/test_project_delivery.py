"""A project after its money has come: acceptance by four sides who took no part, rework, cancelling, the asset at the end."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.funds.commands.projects import NoteProjectAsset, RecordAcceptance
from services.funds.reactions import REACTIONS
from shared.contracts.assets import AssetRegistered
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from tests.service.funds.county import (
    VILLAGE,
    County,
    bureau_head,
    finance_clerk,
    finance_leader,
    group,
    sector,
    town_leader,
    unit,
    village,
)
from tests.service.funds.works import Works, funded, refused

pytestmark = pytest.mark.asyncio

UNIT, SECTOR = "区乡村建设服务中心", "区农业农村局"


async def completed(county: County) -> Works:
    """Works that are finished and hung their notice."""
    works = await funded(county)
    contract = await works.contract("960000.00")
    form = {"completed_on": works.today.isoformat()}
    await county.take(unit, "contract", contract, "complete", "completion_report", form=form)
    await report(works)
    return works


async def report(works: Works) -> None:
    await works.county.take(unit, "project", works.project, "report_completion", "completion_report")
    await works.county.hang(village, works.project)


async def record(works: Works, chair: str = SECTOR, members: int = 3, **changed: Any) -> UUID:
    names = (SECTOR, "区财政局", "大同镇政府", UNIT)[: members - 1]
    group_of = [{"organisation": name, "person_id": new_id(), "chairs": False} for name in names if name != chair]
    group_of = [{"organisation": chair, "person_id": new_id(), "chairs": True}, *group_of][:members]
    fields = {"project_id": works.project, "accepted_on": works.today, "passed": True, "members": group_of}
    made = await works.county.run(RecordAcceptance.model_validate(fields | changed), sector)
    return UUID(made.result["id"])


async def sign(works: Works, acceptance: UUID, actor: Any = sector) -> str:
    form = {"acceptance_id": str(acceptance)}
    taken = await works.county.take(
        actor, "project", works.project, "accept", "acceptance_report", "site_photo", form=form
    )
    return taken.state


async def test_four_sides_accept_and_the_asset_register_hears_the_provisional_value(county: County) -> None:
    """§1.5 step 15: the value is what is committed and paid; the planned owner comes from the custody plan."""
    works = await completed(county)
    lines = [
        {
            "line": 1,
            "label": "冷棚",
            "asset_class": "operating",
            "form": "building",
            "quantity": "40",
            "unit": "栋",
            "direct_cost": "960000.00",
            "village": VILLAGE,
        },
    ]
    acceptance = await record(works, members=4, deliverables=lines)
    states = [await sign(works, acceptance, actor) for actor in (sector, finance_clerk, town_leader, village)]

    assert states == ["COMPLETED", "COMPLETED", "COMPLETED", "ACCEPTED"]
    (told,) = await county.events("funds.project.accepted")
    assert told["provisional_value"] == "960000.00"
    assert [line["label"] for line in told["asset_list_draft"]] == ["冷棚"]


async def test_an_acceptance_is_recorded_before_it_is_signed(county: County) -> None:
    works = await completed(county)
    assert (await refused(sign(works, new_id()))).code == "ACCEPTANCE_NOT_RECORDED"
    failed = await record(works, passed=False)
    assert (await refused(sign(works, failed))).code == "ACCEPTANCE_FAILED"


@pytest.mark.parametrize(
    ("chair", "members"),
    [
        pytest.param(UNIT, 3, id="the unit's own staff in the chair"),
        pytest.param(SECTOR, 2, id="two members"),
    ],
)
async def test_the_group_is_large_enough_and_not_led_by_the_unit(county: County, chair: str, members: int) -> None:
    """§1.5 step 15, adopted by this county."""
    await county.adopt_rules("F-1.5-15")
    works = await completed(county)
    acceptance = await record(works, chair, members)
    assert (await refused(sign(works, acceptance))).code == "ACCEPTANCE_GROUP"


async def test_who_built_does_not_accept(county: County) -> None:
    """§3.2-2: nobody of the implementing unit takes part, not even as a member of the group."""
    works = await completed(county)
    members = [
        {"organisation": SECTOR, "person_id": new_id(), "chairs": True},
        {"organisation": "区财政局", "person_id": new_id()},
        {"organisation": UNIT, "person_id": unit.id},
    ]
    fields = {"project_id": works.project, "accepted_on": works.today, "passed": True, "members": members}
    made = await county.run(RecordAcceptance.model_validate(fields), sector)
    assert (await refused(sign(works, UUID(made.result["id"])))).code == "NOT_INDEPENDENT"


async def test_a_record_stands_once_a_side_has_signed_and_falls_with_a_rework(county: County) -> None:
    works = await completed(county)
    first = await record(works)
    await sign(works, first)
    assert (await refused(record(works))).code == "NOT_IN_STATE"

    await county.take(sector, "project", works.project, "order_rework", reason="棚膜破损")
    assert await county.state(works.project) == "IMPLEMENTING"
    await report(works)
    assert (await refused(sign(works, first))).code == "ACCEPTANCE_NOT_RECORDED"
    await sign(works, await record(works))


async def test_a_funded_project_is_cancelled_only_before_anything_is_bound(county: County) -> None:
    """§1.5, terminal rules: quota goes back by P04; a contract has to be ended first."""
    works = await funded(county)
    form = {"exit_reason": "E10", "document_no": "同农组发〔2023〕9号"}
    contract = await works.contract("1.00")
    cancel = county.take(group, "project", works.project, "cancel", "decision_document", form=form, reason="洪涝灾害")
    wrong = await refused(cancel)
    assert wrong.code == "MONEY_PAID"
    assert wrong.violations[0].facts["balances"] == {"1300": "1.00"}
    assert await county.state(contract) == "ACTIVE"


async def test_a_cancelled_projects_quota_is_unallocated_again(county: County) -> None:
    works = await funded(county)
    form = {"exit_reason": "E10", "document_no": "同农组发〔2023〕9号"}
    await county.take(group, "project", works.project, "cancel", "decision_document", form=form, reason="洪涝灾害")
    assert await works.by_source("1200") == (0, 0)
    assert await county.balance("1100") == 100_000_000
    (told,) = await county.events("funds.project.exited_library")
    assert told["reason"] == "E10"
    await works.all_is_well()


async def test_a_suspended_project_goes_back_to_where_it_was(county: County) -> None:
    """§1.5 s: works stand still in any state and go on from there."""
    works = await completed(county)
    await county.take(bureau_head, "project", works.project, "suspend", reason="核查")
    assert (await refused(sign(works, new_id()))).code == "STEP_NOT_IN_STATE"
    await county.take(bureau_head, "project", works.project, "resume", reason="核查完毕")
    assert await county.state(works.project) == "COMPLETED"


async def test_a_project_that_forms_an_asset_closes_when_the_asset_is_registered(county: County) -> None:
    """§1.5 step 17: the asset register's event is noted once, however often it comes."""
    custody = {
        "owner_kind": "village_collective",
        "owner_area": VILLAGE,
        "custodian": "一村股份经济合作社",
        "money_source": "租金",
    }
    works = await funded(county, "300000.00", "200000.00", asset_forming=True, asset_class="operating", custody=custody)
    contract = await works.contract("500000.00")
    await works.certify(contract, "500000.00")
    await works.complete(contract)
    (accepted,) = await county.events("funds.project.accepted")
    assert [(owner["owner_kind"], owner["share_ppm"]) for owner in accepted["owners"]] == [
        ("village_collective", 1_000_000)
    ]
    await works.review(contract, "500000.00")
    await works.settle(contract, "0.00", bank_guarantee="true")
    settlement = {"settled_on": works.today.isoformat(), "approval_document": "同财评〔2023〕15号"}
    await county.take(finance_leader, "project", works.project, "settle", "settlement_approval", form=settlement)
    await works.pay(contract, "balance", "500000.00")

    results = {"goal_results": [{"goal_no": 1, "actual": "40"}]}
    wrong = await refused(county.take(finance_clerk, "project", works.project, "close"))
    assert {violation.code for violation in wrong.violations} == {"GOALS_NOT_EVALUATED", "ASSET_NOT_REGISTERED"}

    event = AssetRegistered(
        area_code=AreaCode.parse(VILLAGE),
        asset_id=new_id(),
        project_id=works.project,
        value=50_000_000,
        provisional=False,
        origin="project",
        asset_class="operating",
        form="building",
        registered_on=date(2023, 6, 1),
    )
    for key in ("first", "again"):
        for reaction in REACTIONS[AssetRegistered]:
            command = reaction(event)
            if isinstance(command, NoteProjectAsset):
                await county.run(command, SYSTEM, key)
    await county.take(finance_clerk, "project", works.project, "close", form=results)
    assert await county.state(works.project) == "CLOSED"
    (told,) = await county.events("funds.project.exited_library")
    assert told["reason"] == "E01"
    (kept,) = await county.look("SELECT reason, document_no FROM library_exit")
    assert tuple(kept) == ("E01", "同财评〔2023〕15号")

"""Early warnings on projects, each at its exact border: FW06, FW07, FW08, FW34, FW43, FW49."""

from datetime import date

import pytest

from shared.kernel.ids import new_id
from tests.service.funds.ground import FIELD, Ground

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("on", "severity"),
    [("2023-04-30", None), ("2023-05-01", "amber"), ("2023-07-29", "amber"), ("2023-07-30", "red")],
)
async def test_fw06_nothing_paid_from_day_90_and_180_on(ground: Ground, on: str, severity: str | None) -> None:
    project = await ground.project("IMPLEMENTING", {"1200": "100.00"})
    await ground.allocated(project, "2023-01-31")
    begun = await ground.project("IMPLEMENTING", {"1200": "99.99", "1500": "0.01"})
    await ground.allocated(begun, "2023-01-31")
    assert await ground.found("FW06", on) == ({str(project): severity} if severity else {})


@pytest.mark.parametrize(("given", "last"), [("2022-12-20", "2023-04-01"), ("2023-03-01", "2023-05-30")])
async def test_fw07_by_april_or_ninety_days_after_the_money(ground: Ground, given: str, last: str) -> None:
    project = await ground.project("FUNDED", {"1200": "100.00"})
    await ground.allocated(project, given)
    assert await ground.found("FW07", last) == {}
    day_after = {"2023-04-01": "2023-04-02", "2023-05-30": "2023-05-31"}[last]
    assert await ground.found("FW07", day_after) == {str(project): "amber"}


async def test_fw07_a_contract_or_a_batch_is_a_beginning(ground: Ground) -> None:
    project = await ground.project("FUNDED", {"1200": "100.00"}, is_household_project=True)
    await ground.allocated(project, "2022-12-20")
    await ground.put(
        "household_batch",
        id=new_id(),
        area_code=FIELD,
        county_code=FIELD,
        project_id=project,
        number="1",
        policy="p",
        line_count=1,
        total_fen=1,
        content_index=b"",
        instruction_no=0,
    )
    assert await ground.found("FW07", "2023-12-01") == {}


@pytest.mark.parametrize(
    ("on", "severity"),
    [("2023-10-31", None), ("2023-11-01", "amber"), ("2023-12-30", "amber"), ("2023-12-31", "red")],
)
async def test_fw08_sixty_days_late_is_amber_and_one_more_red(ground: Ground, on: str, severity: str | None) -> None:
    project = await ground.project("IMPLEMENTING", content={"ends_on": "2023-10-31"})
    await ground.project("COMPLETED", content={"ends_on": "2023-10-31"}, name="已完工")
    assert await ground.found("FW08", on) == ({str(project): severity} if severity else {})


async def test_fw34_thirty_days_to_acceptance_and_ninety_to_settlement(ground: Ground) -> None:
    completed = await ground.project("COMPLETED", since="2023-06-01")
    accepted = await ground.project("ACCEPTED", since="2023-06-03")
    await ground.accepted(accepted, "2023-06-01")
    assert await ground.found("FW34", "2023-07-01") == {}
    assert await ground.found("FW34", "2023-07-02") == {str(completed): "amber"}
    assert await ground.found("FW34", "2023-08-30") == {str(completed): "amber"}
    assert await ground.found("FW34", "2023-08-31") == {str(completed): "amber", str(accepted): "amber"}


async def test_fw43_an_asset_is_registered_within_thirty_days(ground: Ground) -> None:
    project = await ground.project("ACCEPTED", asset_forming=True)
    await ground.accepted(project, "2023-06-01")
    none = await ground.project("ACCEPTED", asset_forming=False)
    await ground.accepted(none, "2023-06-01")
    assert await ground.found("FW43", "2023-07-01") == {}
    assert await ground.found("FW43", "2023-07-02") == {str(project): "amber"}
    registered = date(2023, 7, 2)
    await ground.put(
        "ref_project_asset", asset_id=new_id(), project_id=project, registered_on=registered, area_code=FIELD
    )
    assert await ground.found("FW43", "2023-07-03") == {}


async def test_fw49_an_industry_project_draws_households_along_in_six_months(ground: Ground) -> None:
    nobody = {"households": 60, "persons": 150}
    project = await ground.project("ACCEPTED", is_industry=True, content={"benefit": nobody})
    linked = await ground.project(
        "ACCEPTED", is_industry=True, content={"benefit": nobody | {"monitored_households": 1}}
    )
    road = await ground.project("ACCEPTED", is_industry=False, content={"benefit": nobody})
    for each in (project, linked, road):
        await ground.accepted(each, "2023-06-15")
    assert await ground.found("FW49", "2023-12-14") == {}
    assert await ground.found("FW49", "2023-12-15") == {str(project): "amber"}

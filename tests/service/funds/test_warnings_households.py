"""Early warnings on households, resident teams and small loans, each at its exact border: FW15, FW17 to FW19, FW47, FW50."""

from datetime import date
from typing import Any

import pytest

from shared.kernel.ids import new_id
from tests.service.funds.county import COUNTY, NEXT_VILLAGE, VILLAGE
from tests.service.funds.ground import FIELD, HOME, Ground
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio

ON = "2023-12-01"


async def test_fw15_one_card_for_two_households(ground: Ground) -> None:
    works, family = WorkGround(ground), new_id()
    batch = await works.batch()
    for seq, (card, household, outcome) in enumerate(
        [(b"own", family, "PAID"), (b"own", family, "PAID"), (b"two", family, "PAID"), (b"two", new_id(), "PENDING")], 1
    ):
        await works.line(batch, outcome, seq=seq, household_id=household, card_index=card)
    await works.line(batch, "REMOVED", seq=9, household_id=new_id(), card_index=b"own")
    assert await ground.found("FW15", ON) == {f"card:{b'two'.hex()}": "red"}


@pytest.mark.parametrize(
    ("changed", "found"),
    [({}, True), ({"policy": "other"}, False), ({"period": "2023-06"}, False), ({"outcome": "REMOVED"}, False)],
)
async def test_fw17_the_same_person_policy_and_period_elsewhere(
    ground: Ground, changed: dict[str, Any], found: bool
) -> None:
    # scenario 48
    works = WorkGround(ground)
    taken = {"id_number_index": b"same", "claimed": True, "area_code": int(NEXT_VILLAGE)}
    await works.line(await works.batch(), "PAID", **taken)
    again = await works.line(await works.batch(), **{"id_number_index": b"same"} | changed)
    assert await ground.found("FW17", ON) == ({str(again): "red"} if found else {})


@pytest.mark.parametrize(
    ("period", "outcome", "found"),
    [("2023-05", "PAID", False), ("2023-06", "PAID", True), ("2023-06", "REMOVED", False), ("2023", "PAID", False)],
)
@pytest.mark.parametrize("who", ["household_id", "person_id"])
async def test_fw18_payments_stop_with_the_month_after_the_end(
    ground: Ground, period: str, outcome: str, found: bool, who: str
) -> None:
    # scenario 49: died on 20 May
    works, gone = WorkGround(ground), new_id()
    await ground.put("recipient_end", subject_id=gone, ended_on=date(2023, 5, 20), reason="died", area_code=FIELD)
    line = await works.line(await works.batch(), outcome, period=period, **{who: gone})
    assert await ground.found("FW18", ON) == ({str(line): "red"} if found else {})


@pytest.mark.parametrize(("amount", "found"), [("10000.00", False), ("10000.01", True)])
async def test_fw19_the_policys_standard(ground: Ground, amount: str, found: bool) -> None:
    # scenario 50
    await ground.adopt("household_subsidy.standards", "yulu=10000.00,bus=300.00")
    works = WorkGround(ground)
    line = await works.line(await works.batch(), "PAID", amount=amount)
    await works.line(await works.batch("unstated"), "PAID", amount="99999.00")
    assert await ground.found("FW19", ON) == ({str(line): "red"} if found else {})


async def team_money(ground: Ground, category: str, amount: str) -> None:
    """Money of one of the two schemes for the village."""
    indicator = await ground.indicator({}, category=category)
    project = await ground.project("IMPLEMENTING")
    await ground.put(
        "project_place",
        project_id=project,
        village_code=FIELD,
        share_ppm=1_000_000,
        village_type="out_of_poverty",
        plan_year=2023,
        name_key=str(project),
        live=True,
        area_code=FIELD,
    )
    await ground.balance("1200", amount, indicator_id=indicator, project_id=project)


async def posting(ground: Ground, since: date, until: date | None = None, role: str = "first_secretary") -> None:
    await ground.put("ref_posting", id=new_id(), area_code=FIELD, role=role, since=since, until=until)


@pytest.mark.parametrize(("amount", "found"), [("60000.00", False), ("60000.01", True)])
async def test_fw47_thirty_thousand_for_each_person_posted_in_the_year(
    ground: Ground, amount: str, found: bool
) -> None:
    await team_money(ground, "first_secretary_work", amount)
    await posting(ground, date(2021, 3, 1), date(2023, 1, 1))
    await posting(ground, date(2023, 12, 31))
    await posting(ground, date(2021, 3, 1), date(2022, 12, 31))
    await posting(ground, date(2023, 3, 1), role="member")
    key = f"{VILLAGE}/2023/first_secretary_work"
    assert await ground.found("FW47", ON) == ({key: "amber"} if found else {})


async def test_fw47_a_village_without_a_first_secretary_has_no_work_fund(ground: Ground) -> None:
    await team_money(ground, "first_secretary_work", "0.01")
    assert await ground.found("FW47", ON) == {f"{VILLAGE}/2023/first_secretary_work": "amber"}


@pytest.mark.parametrize(("amount", "found"), [("200000.00", False), ("200000.01", True)])
async def test_fw47_two_hundred_thousand_for_a_village(ground: Ground, amount: str, found: bool) -> None:
    await team_money(ground, "village_development", amount)
    assert await ground.found("FW47", ON) == ({f"{VILLAGE}/2023/village_development": "amber"} if found else {})


@pytest.mark.parametrize(("overdue", "found"), [(8_000_00, False), (8_000_01, True)])
async def test_fw50_exactly_eight_per_mille_pass(ground: Ground, overdue: int, found: bool) -> None:
    months = {"2023-04": 999_999_99, "2023-05": overdue}
    for month, fen in months.items():
        await ground.put(
            "ref_microcredit_month", area_code=HOME, month=month, balance_fen=1_000_000_00, overdue_fen=fen
        )
    assert await ground.found("FW50", ON) == ({f"{COUNTY}/2023-05": "red"} if found else {})

"""LM15 and LM16 where contracts are submitted and payments recorded; FW-small-firm and FW-fees at their exact borders."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.cases.commands import TakeStep
from shared.kernel.ids import new_id
from tests.service.funds.county import COUNTY, County, sector, unit
from tests.service.funds.ground import FIELD, NOBODY, Ground, yuan
from tests.service.funds.ground_works import WorkGround
from tests.service.funds.treasury_files import Treasury
from tests.service.funds.works import Works, funded, refused, rules

pytestmark = pytest.mark.asyncio


async def warned(works: Works, contract: UUID) -> list[str]:
    """The limits told as not verified when the contract is submitted."""
    files = await works.county.bench.evidence(unit, COUNTY, "contract")
    step = TakeStep(workflow="funds.contract", subject_id=contract, step="submit", evidence=files)
    outcome = await works.county.run(step, unit)
    assert all(warning["zh"].startswith("未核实") for warning in outcome.warnings)
    return [warning["rule"] for warning in outcome.warnings]


async def test_lm15_more_than_sixty_days_for_a_small_firm_are_told_and_where_adopted_refused(works: Works) -> None:
    small = await works.payee(is_small_firm=True)
    large = await works.payee("91230606MA1B2C3D5F")
    assert await warned(works, await works.draft("1000.00", small)) == []
    assert await warned(works, await works.draft("1000.00", small, pay_days=60)) == []
    assert await warned(works, await works.draft("1000.00", large, pay_days=61)) == []
    assert await warned(works, await works.draft("1000.00", small, pay_days=61)) == ["LM15"]
    await works.county.adopt_rules("LM15")
    problem = await refused(warned(works, await works.draft("1000.00", small, pay_days=61)))
    assert rules(problem) == ["LM15"]


async def test_lm16_fees_stay_together_within_the_second_class_cost(county: County) -> None:
    works = await funded(county, second_class_cost="30000.00")
    fee: dict[str, Any] = {"payee": await works.payee(), "kind": "services"}
    await works.contract("10000.00", fee="design", **fee)
    assert await warned(works, await works.draft("500000.00", **fee)) == []
    assert await warned(works, await works.draft("20000.00", fee="supervision", **fee)) == []
    assert await warned(works, await works.draft("20000.01", fee="supervision", **fee)) == ["LM16"]
    await county.adopt_rules("LM16")
    problem = await refused(warned(works, await works.draft("20000.01", fee="supervision", **fee)))
    assert rules(problem) == ["LM16"]
    handed_in = [await works.draft("15000.00", fee=each, **fee) for each in ("tender", "review")]
    for contract in handed_in:
        assert await warned(works, contract) == []
    await county.take(sector, "contract", handed_in[0], "register")
    problem = await refused(county.take(sector, "contract", handed_in[1], "register"))
    assert rules(problem) == ["LM16"], "the first one has taken the cost"


async def test_where_payments_are_recorded_both_speak_the_same_day(works: Works) -> None:
    """LM15, LM16: a fee without its source, and half of a small firm's work paid after its days."""
    ours = Treasury(works)
    await ours.until(date(2099, 12, 31))
    payee = await works.payee(is_small_firm=True)
    contract = await ours.contract("50000.00", payee=payee, kind="services", fee="supervision")
    await works.certify(contract, "40000.00")
    works.county.bench.clock.forward(days=31)
    await ours.send(ours.line("ZF-0100", "20000.00", stage="进度款"))
    assert await ours.alerts() == [("FW-fees", "contract"), ("FW-small-firm", "contract")]
    await ours.send(ours.line("ZF-0101", "18800.00", stage="进度款"))
    assert await ours.alerts() == [("FW-fees", "contract")], "97 % are paid, the rest waits for the settlement"
    await works.all_is_well()


async def late(ground: Ground, on: str, **changed: Any) -> str | None:
    """What FW-small-firm says on a day of a contract of 100 000.00 whose work of 60 000.00 was certified on 1 June."""
    works = WorkGround(ground)
    payee = await works.payee(is_small_firm=changed.pop("is_small_firm", True))
    project = await ground.project("IMPLEMENTING")
    if accepted := changed.pop("accepted", ""):
        await ground.accepted(project, accepted)
    certified = changed.pop("certified", "60000.00")
    contract = await works.contract(project, payee_id=payee, amount="100000.00", certified=certified, **changed)
    await ground.put(
        "valuation",
        id=new_id(),
        contract_id=contract,
        seq=1,
        certified_fen=yuan(certified),
        certified_on=date(2023, 6, 1),
        document_no="计量单第1号",
        supervisor="监理公司",
        recorded_by=NOBODY,
        area_code=FIELD,
    )
    return (await ground.found("FW-small-firm", on)).get(str(contract))


@pytest.mark.parametrize(
    ("on", "changed", "found"),
    [
        pytest.param("2023-07-01", {}, False, id="LM15 the thirtieth day"),
        pytest.param("2023-07-02", {}, True, id="LM15 one day later"),
        pytest.param("2023-07-31", {"pay_days": 60}, False, id="LM15 the sixtieth day, as agreed"),
        pytest.param("2023-08-01", {"pay_days": 60}, True, id="LM15 one day later than agreed"),
        pytest.param("2023-08-01", {"pay_days": 90}, True, id="LM15 more than sixty days cannot be agreed"),
        pytest.param("2023-06-17", {"pay_days": 15}, True, id="LM15 fewer can"),
        pytest.param("2023-12-01", {"is_small_firm": False}, False, id="LM15 not a small firm"),
        pytest.param("2023-12-01", {"worked": "58200.00"}, False, id="LM15 LM05 97 % are paid"),
        pytest.param("2023-12-01", {"worked": "58199.99"}, True, id="LM15 one fen is missing"),
        pytest.param(
            "2023-12-01",
            {"worked": "38200.00", "advanced": "30000.00", "recouped": "20000.00"},
            False,
            id="LM15 the advance made good counts",
        ),
        pytest.param(
            "2023-12-01",
            {"certified": "100000.00", "worked": "90000.00"},
            False,
            id="LM15 LM07 no more before the acceptance",
        ),
        pytest.param(
            "2023-12-01",
            {"certified": "100000.00", "worked": "90000.00", "accepted": "2023-07-01"},
            True,
            id="LM15 accepted work",
        ),
    ],
)
async def test_lm15_certified_work_of_a_small_firm_is_paid_within_its_days(
    ground: Ground, on: str, changed: dict[str, Any], found: bool
) -> None:
    assert await late(ground, on, **changed) == ("amber" if found else None)


@pytest.mark.parametrize(
    ("worked", "found"),
    [pytest.param("97000.00", False, id="LM15 paid"), pytest.param("96999.99", True, id="LM15 not")],
)
async def test_lm15_the_balance_is_due_with_the_settlement(ground: Ground, worked: str, found: bool) -> None:
    money = {"certified": "100000.00", "settlement": "100000.00", "retention": "3000.00", "worked": worked}
    assert await late(ground, "2023-12-01", state="SETTLED", **money) == ("amber" if found else None)


async def test_lm15_a_limit_that_is_off_is_silent(ground: Ground) -> None:
    await ground.adopt("rule.LM15.mode", "off")
    assert await late(ground, "2023-12-01") is None


@pytest.mark.parametrize(
    ("content", "category", "found"),
    [
        pytest.param({"second_class_cost": "30000.00"}, "010101", [], id="LM16 all of the second-class cost"),
        pytest.param({"second_class_cost": "29999.99"}, "010101", [1], id="LM16 one fen less bears the first alone"),
        pytest.param({}, "010101", [0, 1], id="LM16 none stated"),
        pytest.param({}, "070101", [], id="LM16 the management fee"),
    ],
)
async def test_lm16_fees_have_their_source(
    ground: Ground, content: dict[str, str], category: str, found: list[int]
) -> None:
    project = await ground.project("IMPLEMENTING", category=category, content=content)
    works = WorkGround(ground)
    design = await works.contract(project, amount="10000.00", fee="design")
    supervision = await works.contract(project, amount="20000.00", fee="supervision", signed_on=date(2023, 5, 1))
    await works.contract(project, amount="500000.00")
    await works.contract(project, "DRAFT", amount="500000.00", fee="review")
    subjects = (str(design), str(supervision))
    assert await ground.found("FW-fees", "2023-12-01") == {subjects[place]: "red" for place in found}

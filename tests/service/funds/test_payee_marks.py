"""Payees whom policy bars, over contract, payment and HTTP (NL06, NL07, NL21 of domain-funds-assets §1.7)."""

from uuid import UUID

import pytest

from services.funds.checks.supervision import BY_ID
from services.funds.commands.payee_marks import MarkPayee
from services.funds.domain.payee_marks import Mark
from services.funds.domain.payment_limits import Stage
from shared.checks.run import run_check
from shared.commands.command import Command
from shared.kernel.actors import SYSTEM
from shared.kernel.ids import new_id
from tests.service.funds.county import County, finance_reviewer, sector, unit
from tests.service.funds.door import Door
from tests.service.funds.works import Works, refused, rules

pytestmark = pytest.mark.asyncio


def marking(payee: UUID, mark: str) -> Command:
    return MarkPayee(payee_id=payee, mark=Mark(mark), document_no="同财监〔2023〕4号")


@pytest.mark.parametrize(
    ("mark", "rule"),
    [
        pytest.param("loss_cover", "NL06", id="NL06: a company whose losses are covered"),
        pytest.param("government_entity", "NL07", id="NL07: an entity that government runs"),
        pytest.param("own_account", "NL21", id="NL21: a budget unit's own account"),
    ],
)
async def test_a_marked_payee_gets_no_contract_and_no_payment(works: Works, mark: str, rule: str) -> None:
    await works.county.adopt_rules(rule)
    payee = await works.payee()
    contract = await works.contract("1000.00", payee)
    payment = await works.request(contract, str(Stage.ADVANCE), "100.00")
    await works.county.run(marking(payee, mark), finance_reviewer)

    assert rules(await refused(works.submit(payment))) == [rule]
    second = await works.draft("1000.00", payee)
    assert rules(await refused(works.county.take(unit, "contract", second, "submit", "contract"))) == [rule]


async def test_a_mark_that_comes_after_the_paper_stops_the_registration(works: Works) -> None:
    await works.county.adopt_rules("NL06")
    payee = await works.payee()
    contract = await works.draft("1000.00", payee)
    await works.county.take(unit, "contract", contract, "submit", "contract")
    await works.county.run(marking(payee, "loss_cover"), finance_reviewer)
    assert rules(await refused(works.county.take(sector, "contract", contract, "register"))) == ["NL06"]


async def test_a_units_own_account_reimburses_what_villagers_build_themselves(works: Works) -> None:
    """§3.1: REIMBURSE_SELF_BUILD is the exception of NL21; a loss cover has none."""
    await works.county.adopt_rules("NL06", "NL21")
    payee = await works.payee()
    await works.county.run(marking(payee, "own_account"), finance_reviewer)
    contract = await works.draft("1000.00", payee, procurement="self_build")
    assert (await works.register(contract)).state == "REGISTERED"

    await works.county.run(marking(payee, "loss_cover"), finance_reviewer)
    other = await works.draft("1000.00", payee, procurement="self_build")
    assert rules(await refused(works.county.take(unit, "contract", other, "submit", "contract"))) == ["NL06"]


async def test_until_a_county_adopts_nl07_it_warns(works: Works) -> None:
    """NL07 rests on a judgement of words, so it ships as 未核实."""
    payee = await works.payee()
    await works.county.run(marking(payee, "government_entity"), finance_reviewer)
    assert (await works.register(await works.draft("1000.00", payee))).state == "REGISTERED"


async def test_marks_are_set_shown_and_lifted_over_http(county: County, door: Door) -> None:
    """A mark is lifted by a document, and both documents stay."""
    payee = await Works(county, new_id(), new_id(), new_id()).payee()
    body = {"mark": "government_entity", "document_no": "同财监〔2023〕4号"}
    assert (await door.send("unit", f"/v1/payees/{payee}/marks", body)).status_code == 403
    set_ = await door.send("finance_reviewer", f"/v1/payees/{payee}/marks", body)
    assert (set_.status_code, set_.json()["result"]["marks"]) == (201, ["government_entity"])
    assert (await door.send("finance_reviewer", f"/v1/payees/{payee}/marks", body)).status_code == 409

    lifted = await door.send(
        "finance_reviewer", f"/v1/payees/{payee}/marks/lift", body | {"document_no": "同财监〔2023〕5号"}
    )
    assert lifted.json()["result"]["marks"] == []
    assert (await door.send("finance_reviewer", f"/v1/payees/{payee}/marks/lift", body)).status_code == 404
    (shown,) = (await door.get("auditor", "/v1/payee-marks")).json()["items"]
    assert (shown["payee_id"], shown["until"] is None, shown["document_no"]) == (
        str(payee),
        False,
        "同财监〔2023〕4号；同财监〔2023〕5号",
    )


async def test_fw22_a_marked_payee_who_was_paid_all_the_same_is_found(works: Works) -> None:
    """NL07 only warned, so the money went; a mark that came later says nothing of it."""
    payee = await works.payee()
    contract = await works.contract("960000.00", payee)
    await works.pay(contract, "advance", "1000.00")
    works.county.bench.clock.forward(days=1)
    await works.county.run(marking(payee, "government_entity"), finance_reviewer)
    assert await paid_to_marked(works) == []
    second = await works.pay(contract, "advance", "2000.00")
    assert await paid_to_marked(works) == [(str(second), "government_entity", "red")]


async def paid_to_marked(works: Works) -> list[tuple[str, str, str]]:
    async with works.county.bench.database.write(SYSTEM) as tx:
        await run_check(tx.raw, BY_ID["funds-FW22.payee"], now=works.county.bench.clock.now())
        rows = await tx.raw.fetch("SELECT subject_key, facts, severity FROM finding WHERE closed_at IS NULL")
    return [(row["subject_key"], row["facts"]["mark"], row["severity"]) for row in rows]

"""A policy value that does not fit is refused, and one stored before that stops nothing but what needs it."""

from pathlib import Path
from typing import Any

import pytest

from services.funds.commands.treasury_imports import ReceiveTreasuryPayments
from services.suite.operate import tell_checks
from shared.checks.commands import RunChecks
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Unknown
from tests.service.funds.county import COUNTY, PEOPLE, County
from tests.service.funds.door import open_door
from tests.service.funds.treasury_files import Treasury, file_of
from tests.service.funds.works import Works, treasury

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("industry.min_share", "1e99999"),
        ("industry.min_share", "1/0"),
        ("industry.min_share", "-5"),
        ("payment.mode", "INSTRUCTED"),
        ("integration.regime", "BOTH"),
        ("library.windows", "02-31..13-40"),
        ("urgent.complete_days", "99999999999999"),
    ],
)
async def test_a_proposal_that_does_not_fit_is_answered_422(
    county: County, tmp_path: Path, name: str, value: str
) -> None:
    asked: dict[str, Any] = {"name": name, "area_code": COUNTY, "value": value, "document": "同财发〔2024〕9号"}
    async with open_door(county, PEOPLE, tmp_path) as desk:
        answer = await desk.send("finance_clerk", "/v1/parameters", asked | {"effective_from": "2031-01-01"})
    assert answer.status_code == 422, answer.text
    (told,) = answer.json()["errors"]
    assert (told["code"], told["pointer"], told["rule"]) == ("PARAMETER_VALUE", "/value", "§3.2-4")
    assert told["remedy"]["zh"]


async def test_a_stored_value_that_does_not_fit_fails_its_own_checks_only(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (await county.run(RunChecks(), SYSTEM)).result
    assert whole["failed"] == []
    await county.adopt({"industry.min_share": "1e99999"})
    made = await county.run(RunChecks(), SYSTEM)
    failed = [each["check_id"] for each in made.result["failed"]]
    assert failed
    assert all(each["codes"] == ["PARAMETER_UNFIT"] for each in made.result["failed"])
    assert len(made.result["runs"]) == len(whole["runs"]) - len(failed)
    assert {warning["facts"]["check"] for warning in made.warnings} == set(failed)
    assert tell_checks("funds", made.result) >= len(failed)
    printed = capsys.readouterr().out
    assert f"funds {failed[0]} 未能完成 / failed: PARAMETER_UNFIT" in printed


async def test_a_stored_word_that_is_no_mode_is_told_by_the_import(works: Works) -> None:
    async with works.county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE parameter_value SET value = 'INSTRUCTED' WHERE name = 'payment.mode'")
        await tx.session.commit()
    content = file_of(Treasury(works).line("ZF-0090", "1.00"))
    with pytest.raises(Unknown) as caught:
        await works.county.run(ReceiveTreasuryPayments(area_code=COUNTY, content=content), treasury)
    (told,) = caught.value.violations
    assert (told.code, told.facts["parameter"]) == ("PARAMETER_UNFIT", "payment.mode")
    assert "RECORD 或 INSTRUCT" in told.zh

"""Early warnings on reports and on what they tell, each at its exact border: FW16 by invoices, FW41, FW42, FW48."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import explain
from shared.db.sessions import scope_settings
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, ELSEWHERE, TOWN
from tests.service.funds.ground import CHECKS, FIELD, HOME, NOBODY, Ground, yuan
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio


# ── invoices ────────────────────────────────────────────────────────────────


async def invoiced(ground: Ground, payment: UUID, number: str, area: int = FIELD) -> None:
    """The payment names an invoice; its hash is the number's bytes here."""
    own = {"payment_id": payment, "number": number, "number_index": number.encode(), "area_code": area}
    await ground.put("payment_invoice", **own, amount_fen=1, issued_on=date(2023, 5, 1), claimed=False)
    await ground.put("invoice_use", number_hash=number.encode(), payment_id=payment)


async def test_39_an_invoice_of_another_county_is_found_and_not_told_whose_it_is(ground: Ground) -> None:
    # scenario 39: FW16 over the shared index of hashes
    works = WorkGround(ground)
    project = await ground.project("IMPLEMENTING")
    contract = await works.contract(project, amount="100.00")
    there = await works.payment(contract, project, area_code=int(ELSEWHERE), county_code=int(ELSEWHERE))
    here = await works.payment(contract, project, "DRAFT")
    clean = await works.payment(contract, project, cash="11.00")
    gone = await works.payment(contract, project, "CANCELLED", cash="12.00")
    await invoiced(ground, there, "23232000000012345678", int(ELSEWHERE))
    for payment in (here, gone):
        await invoiced(ground, payment, "23232000000012345678")
    await invoiced(ground, clean, "23232000000012345679")
    assert await ground.found("FW16.invoice", "2023-12-01") == {str(here): "red"}
    facts = await ground.raw.fetchval("SELECT facts FROM finding WHERE subject_key = $1", str(here))
    assert facts == {"invoices": ["23232000000012345678"], "amount_fen": 10_00}

    # a reader of the county sees its own payment and why, and nothing of the other county
    await as_reader(ground, COUNTY)
    policy = Policy(SERVICE.declared_parameters, ground.calendar)
    noon = datetime(2023, 12, 1, 4, tzinfo=UTC)
    (why,) = await explain(ground.raw, CHECKS["FW16.invoice"], str(here), now=noon, policy=policy)
    assert why.facts == facts
    assert await ground.raw.fetchval("SELECT count(*) FROM payment WHERE id = $1", there) == 0
    await as_reader(ground, ELSEWHERE)
    assert await explain(ground.raw, CHECKS["FW16.invoice"], str(here), now=noon, policy=policy) == []
    assert await ground.raw.fetchval("SELECT count(*) FROM finding WHERE subject_key = $1", str(here)) == 0


async def as_reader(ground: Ground, area: str) -> None:
    """Go on with the sight of an auditor of the area."""
    for name, value in scope_settings(person("reader", area, Role.AUDITOR)).items():
        await ground.raw.execute("SELECT set_config($1, $2, true)", f"app.{name}", value)


# ── the report of the 15th and the 30th ─────────────────────────────────────


async def issued(ground: Ground, period: str, at: datetime) -> None:
    """A frozen issue of the progress report."""
    day = date.fromisoformat(period)
    own: dict[str, Any] = {"report_id": "funds.progress", "version": 1, "area_code": HOME, "period_start": day}
    own |= {"issue_no": 1, "as_of": day, "content": {"rows": []}, "content_sha256": b"", "note": ""}
    await ground.put("report_issue", id=new_id(), **own, issued_by=NOBODY, issued_at=at)


@pytest.mark.parametrize(
    ("at", "on", "late"),
    [
        (datetime(2023, 2, 28, 15, 59, 59, tzinfo=UTC), "2023-03-01", False),  # 23:59:59 of the day
        (datetime(2023, 2, 28, 16, 0, 1, tzinfo=UTC), "2023-03-01", True),
        (datetime(2023, 2, 28, 16, 0, 1, tzinfo=UTC), "2023-03-15", True),
        (datetime(2023, 2, 28, 16, 0, 1, tzinfo=UTC), "2023-03-16", False),  # the next one is looked at
    ],
)
async def test_59_the_second_report_of_february_is_due_on_its_last_day(
    ground: Ground, at: datetime, on: str, late: bool
) -> None:
    # scenario 59: submitted on 1 March at 00:00:01
    await ground.indicator({}, received_on=date(2023, 2, 10))
    await issued(ground, "2023-02-16", at)
    await issued(ground, "2023-03-01", datetime(2023, 3, 14, 4, tzinfo=UTC))
    assert await ground.found("FW41", on) == ({f"{COUNTY}/2023-02-16": "amber"} if late else {})


async def test_fw41_a_report_that_never_came_stays(ground: Ground) -> None:
    await ground.indicator({}, received_on=date(2023, 2, 16))
    await ground.indicator({}, category="sector", received_on=date(2023, 1, 1))  # no linkage money
    await ground.indicator(
        {}, area_code=230600000000, received_on=date(2023, 1, 1)
    )  # the city gathers, it does not report
    assert await ground.found("FW41", "2023-02-28") == {}
    missing = {f"{COUNTY}/2023-02-16": "amber"}
    assert await ground.found("FW41", "2023-03-01") == missing
    assert await ground.found("FW41", "2023-03-16") == missing | {f"{COUNTY}/2023-03-01": "amber"}
    await issued(ground, "2023-02-16", datetime(2023, 3, 16, 4, tzinfo=UTC))
    assert await ground.found("FW41", "2023-03-16") == {f"{COUNTY}/2023-03-01": "amber"}


# ── the bank's day ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("paid", "returned", "refunded", "severity"),
    [
        ("30.00", "4.00", "5.00", None),
        ("29.99", "4.00", "5.00", "red"),
        ("30.00", "0.00", "5.00", "red"),
        ("30.00", "4.00", "5.01", "red"),
    ],
)
async def test_fw42_the_ledgers_day_is_the_banks(
    ground: Ground, paid: str, returned: str, refunded: str, severity: str | None
) -> None:
    for account, amount, template in (
        ("1500", "10.00", "P08"),
        ("1600", "15.00", "P09"),
        ("1610", "5.00", "P16"),
        ("1300", "3.00", "P11"),
        ("1700", "1.00", "P17"),
        ("1700", "5.00", "P20.advance"),
        ("1600", "7.00", "P10"),  # no money moves
    ):
        await ground.posted(account, amount, "2023-06-01", template)
    await ground.posted("1600", "99.00", "2023-06-02", "P09")
    sums = {"paid_fen": yuan(paid), "returned_fen": yuan(returned), "refunded_fen": yuan(refunded)}
    told = {"statement_no": "DZ-1", "reported_by": NOBODY, "reported_at": datetime(2023, 6, 2, tzinfo=UTC)}
    await ground.put("bank_day", area_code=HOME, on_day=date(2023, 6, 1), **sums, **told)
    assert await ground.found("FW42", "2023-06-02") == ({f"{COUNTY}/2023-06-01": severity} if severity else {})


# ── accounts of townships ───────────────────────────────────────────────────


async def lies(ground: Ground, on: str, amount: str) -> None:
    told = {"reported_by": NOBODY, "reported_at": datetime(2023, 6, 2, tzinfo=UTC)}
    await ground.put(
        "township_balance", area_code=int(TOWN), as_of=date.fromisoformat(on), balance_fen=yuan(amount), **told
    )


async def test_fw48_fifteen_days_on_a_townships_account(ground: Ground) -> None:
    await lies(ground, "2023-05-01", "9.00")
    await lies(ground, "2023-05-31", "0.00")
    await lies(ground, "2023-06-01", "9.00")
    await lies(ground, "2023-06-10", "0.01")
    assert await ground.found("FW48", "2023-06-16") == {}
    assert await ground.found("FW48", "2023-06-17") == {TOWN: "amber"}
    await lies(ground, "2023-06-17", "0.00")
    assert await ground.found("FW48", "2023-06-17") == {}


# ── works as they are seen, and their final account ─────────────────────────


async def seen(ground: Ground, project: UUID, on: str, ppm: int) -> None:
    photo = {"evidence_id": new_id(), "reported_by": NOBODY, "area_code": FIELD}
    day = date.fromisoformat(on)
    await ground.put("site_progress", id=new_id(), project_id=project, seen_on=day, progress_ppm=ppm, **photo)


@pytest.mark.parametrize(("ppm", "severity"), [(400_000, None), (399_999, "red")])
async def test_fw09_money_is_no_more_than_twenty_points_ahead_of_the_photo(
    ground: Ground, ppm: int, severity: str | None
) -> None:
    project = await ground.project("IMPLEMENTING", {"1300": "40.00", "1500": "10.00", "1600": "50.00"})
    await ground.project("IMPLEMENTING", {"1600": "100.00"}, name="没有照片")
    await seen(ground, project, "2023-05-01", 0)
    await seen(ground, project, "2023-06-01", ppm)  # the newest photo counts
    assert await ground.found("FW09.seen", "2023-06-02") == ({str(project): severity} if severity else {})


@pytest.mark.parametrize(
    ("state", "household", "on", "severity"),
    [
        ("SETTLED", False, "2023-09-01", None),
        ("SETTLED", False, "2023-09-02", "amber"),
        ("COMPLETED", False, "2023-09-02", "amber"),
        ("SETTLED", True, "2023-09-02", None),
        ("CLOSED", False, "2023-09-02", None),
    ],
)
async def test_fw34_a_final_account_within_three_months_of_completion(
    ground: Ground, state: str, household: bool, on: str, severity: str | None
) -> None:
    project = await ground.project(state, is_household_project=household)
    case = await ground.raw.fetchval("SELECT id FROM case_file WHERE subject_id = $1", project)
    done = {"source": "IMPLEMENTING", "target": "COMPLETED", "at": datetime(2023, 5, 31, 16, tzinfo=UTC)}  # 1 June here
    empty = {"round": 1, "actor": NOBODY, "role": "", "reason": "", "evidence": [], "area_code": FIELD}
    await ground.put("case_step", case_id=case, version=2, step="complete", **done, **empty)
    assert await ground.found("FW34.final_account", on) == ({str(project): severity} if severity else {})
    own = {"document_no": "同财决〔2023〕1号", "approved_on": date(2023, 8, 1), "amount_fen": 1}
    await ground.put("final_account", project_id=project, reported_by=NOBODY, area_code=FIELD, **own)
    assert await ground.found("FW34.final_account", on) == {}

"""The thread: every fen from its document to its payee and back, in one request; and what a request over HTTP looks like."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.funds.bulk.household_files import ROSTER_HEADINGS
from services.funds.commands.recoveries import OpenRecovery, ReceiveRecovery
from services.funds.queries.thread import indicator_thread, line_sources, payment_sources, project_thread
from services.funds.queries.tracing import traceability
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import ELSEWHERE, PEOPLE, TOWN, bureau_head
from tests.service.funds.door import Door, open_door
from tests.service.funds.households import Households, household, id_number
from tests.service.funds.tracing_words import traced_years
from tests.service.funds.works import Works, treasury

pytestmark = pytest.mark.asyncio


async def under_way(works: Works) -> tuple[UUID, list[UUID]]:
    """A contract with an advance and a progress payment that arrived, and one in transit."""
    contract = await works.contract("960000.00")
    payments = [await works.pay(contract, "advance", "288000.00")]
    await works.certify(contract, "480000.00")
    payments.append(await works.pay(contract, "progress", "240000.00", "144000.00"))
    transit = await works.request(contract, "progress", "0.01")
    await works.approve(transit)
    await works.instruct(transit)
    return contract, [*payments, transit]


async def test_a_document_leads_to_every_payee_with_amounts_at_each_stage(works: Works) -> None:
    contract, payments = await under_way(works)
    async with works.county.bench.database.read(SYSTEM) as session:
        thread = await indicator_thread(session, works.county.resources.keys, works.central, 100)
    (document,), (project,) = thread.documents, thread.projects
    assert thread.whole
    assert (document.received, document.unallocated) == (60_000_000, 0)
    assert [(each.project_id, each.amount) for each in thread.allocations] == [(works.project, 60_000_000)]
    (strand,) = project.contracts
    assert (strand.contract_id, strand.payee_name) == (contract, "大庆市恒远建筑工程有限公司")
    by_id = {each.payment_id: each for each in strand.payments}
    assert [(by_id[key].amount, by_id[key].paid, by_id[key].in_transit) for key in payments] == [
        (28_800_000, 17_280_000, 0),
        (24_000_000, 14_400_000, 0),
        (1, 0, 1),
    ]
    assert project.sums.paid == 17_280_000 + 14_400_000
    assert project.sums.quota == 60_000_000 - 57_600_000
    assert thread.sums == project.sums


async def test_both_documents_together_make_the_project(works: Works) -> None:
    _, payments = await under_way(works)
    async with works.county.bench.database.read(SYSTEM) as session:
        threads = [
            await indicator_thread(session, works.county.resources.keys, each, 100)
            for each in (works.central, works.own)
        ]
        whole = await project_thread(session, works.county.resources.keys, works.project, 100)
    assert whole.whole
    assert [document.received for document in whole.documents] == [None, None]
    (project,) = whole.projects
    for stage in ("quota", "committed", "in_transit", "advance", "spent", "paid"):
        assert getattr(project.sums, stage) == sum(getattr(each.sums, stage) for each in threads), stage
    paid = {each.payment_id: each.paid for each in project.contracts[0].payments}
    assert [paid[key] for key in payments] == [28_800_000, 24_000_000, 0]


async def test_a_payment_leads_back_to_its_documents_and_their_allocations(works: Works) -> None:
    _, (advance, _, transit) = await under_way(works)
    async with works.county.bench.database.read(SYSTEM) as session:
        sources = await payment_sources(session, advance)
        nothing = await payment_sources(session, transit)
    assert {source.indicator_id: source.amount for source in sources} == {
        works.central: 17_280_000,
        works.own: 11_520_000,
    }
    assert {source.document_no for source in sources} == {"黑财指(农)〔2023〕34号", "同财农〔2023〕3号"}
    assert [len(source.allocations) for source in sources] == [1, 1]
    assert nothing == []


async def test_a_household_line_is_followed_both_ways(households: Households) -> None:
    works = households.works
    batch = await households.sent("1500.00", "1500.00", "800.00", total="3800.00")
    await households.answer(batch, paid=[1, 2], failed=[3])
    async with works.county.bench.database.read(SYSTEM) as session:
        thread = await indicator_thread(session, works.county.resources.keys, works.central, 100)
        short = await indicator_thread(session, works.county.resources.keys, works.central, 1)
        sources = await line_sources(session, await households.line_id(batch, 2))
        traced = await traceability(session.raw)
    (strand,) = thread.projects[0].batches
    assert thread.whole
    assert (strand.line_count, [each.seq for each in strand.lines]) == (2, [1, 2])
    assert (strand.sums.households, thread.sums.paid) == (237_500, 237_500)
    assert (short.projects[0].batches[0].line_count, len(short.projects[0].batches[0].lines)) == (2, 1)
    assert {source.indicator_id: source.amount for source in sources} == {works.central: 87_500, works.own: 62_500}
    assert (traced.traced, traced.paid) == (300_000, 300_000)


async def test_money_without_a_payment_behind_it_would_be_noticed(works: Works) -> None:
    """The figure can fall: a payment that its row does not bear is paid and not traced back."""
    await under_way(works)
    async with works.county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE payment SET cash_fen = cash_fen + 1 WHERE stage = 'advance'")
        traced = await traceability(tx.raw)
        computed, astray = await traced_years(tx.raw, works.county.resources)
    assert (traced.paid - traced.traced, traced.down, traced.back) == (28_800_000, traced.paid, traced.traced)
    assert computed.total["astray"] == 28_800_000
    assert [(each["template"], each["down"], each["back"], each["fen"]) for each in astray] == [
        ("P08", "是", "否", 28_800_000)
    ]


async def test_money_that_no_decision_gave_the_project_would_be_noticed(works: Works) -> None:
    """Down it goes by an allocation: without one of this document the way is broken, though every payment is borne."""
    await under_way(works)
    async with works.county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE allocation SET posted_on = NULL")
        traced = await traceability(tx.raw)
        _, astray = await traced_years(tx.raw, works.county.resources)
    assert (traced.down, traced.back, traced.traced) == (0, traced.paid, 0)
    assert sorted(str(each["template"]) for each in astray) == ["P08", "P09", "P10"]


async def test_money_that_came_back_is_traced_like_what_was_paid(households: Households) -> None:
    works = households.works
    batch = await households.sent("1500.00", "800.00", total="2300.00")
    await households.answer(batch, paid=[1, 2])
    wrong = await households.line_id(batch, 2)
    await works.county.run(OpenRecovery(line_id=wrong), bureau_head)
    back = ReceiveRecovery(line_id=wrong, reason="not_eligible", bank_reference="BK-BACK-1", received_on=works.today)
    await works.county.run(back, treasury)
    async with works.county.bench.database.read(SYSTEM) as session:
        computed, astray = await traced_years(session.raw, works.county.resources)
    assert (computed.total["paid"], computed.total["traced"], astray) == (150_000, 150_000, [])
    async with works.county.bench.database.write(SYSTEM) as tx:
        await tx.raw.execute("UPDATE refund SET amount_fen = amount_fen + 1")
        _, astray = await traced_years(tx.raw, works.county.resources)
    assert [(each["template"], each["back"], each["fen"]) for each in astray] == [("P20.household", "否", -80_000)]


async def test_what_nobody_knows_has_no_thread(works: Works) -> None:
    async with works.county.bench.database.read(person("stranger", ELSEWHERE, Role.AUDITOR)) as session:
        with pytest.raises(NotFound):
            await indicator_thread(session, works.county.resources.keys, works.central, 100)


# ── over HTTP ───────────────────────────────────────────────────────────────


@pytest_asyncio.fixture
async def works_door(works: Works, tmp_path: Path) -> AsyncIterator[Door]:
    people = {**PEOPLE, "treasury": treasury, "stranger": person("stranger", ELSEWHERE, Role.FINANCE_CLERK)}
    async with open_door(works.county, people, tmp_path / "evidence") as opened:
        yield opened


async def test_a_payment_goes_its_way_over_http(works: Works, works_door: Door) -> None:
    contract, (advance, *_) = await under_way(works)
    shown = (await works_door.get("auditor", f"/v1/contracts/{contract}")).json()
    assert (shown["amount"], shown["paid"], shown["advance_outstanding"]) == ("960000.00", "528000.00", "144000.00")
    listed = (await works_door.get("auditor", "/v1/payments", contract_id=str(contract))).json()
    assert len(listed["items"]) == 3
    one = await works_door.get("auditor", f"/v1/payments/{advance}")
    assert (one.json()["state"], one.headers["etag"]) == ("PAID", f'"{one.json()["version"]}"')

    thread = (await works_door.get("auditor", f"/v1/indicators/{works.central}/thread")).json()
    assert (thread["whole"], thread["sums"]["paid"]) == (True, "316800.00")
    assert (await works_door.get("auditor", f"/v1/projects/{works.project}/thread")).json()["whole"] is True
    sources = (await works_door.get("auditor", f"/v1/payments/{advance}/sources")).json()
    assert [source["amount"] for source in sources] == ["172800.00", "115200.00"]
    assert (await works_door.get("auditor", "/v1/reports/traceability")).json() == {
        "paid": "528000.00",
        "down": "528000.00",
        "back": "528000.00",
        "traced": "528000.00",
    }
    assert (await works_door.get("stranger", f"/v1/contracts/{contract}")).status_code == 404


async def test_33_the_same_key_and_the_limit_over_http(works: Works, works_door: Door) -> None:
    contract = await works.contract("960000.00")
    body: dict[str, Any] = {
        "contract_id": str(contract),
        "stage": "advance",
        "amount": "288000.01",
        "reference": "YK-HTTP-0001",
        "applied_on": works.today.isoformat(),
        "documents": [str(key) for key in await works.county.bench.evidence(PEOPLE["unit"], "230606000000", "invoice")],
        "invoices": [{"number": "2323200000001", "amount": "288000.01", "issued_on": works.today.isoformat()}],
    }
    key = str(new_id())
    first = await works_door.send("unit", "/v1/payments", body, key=key)
    again = await works_door.send("unit", "/v1/payments", body, key=key)
    assert (first.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert first.json()["result"] == again.json()["result"]
    other = await works_door.send("unit", "/v1/payments", body | {"amount": "1.00"}, key=key)
    assert other.status_code == 409

    payment = first.json()["result"]["id"]
    papers = await works.county.bench.evidence(PEOPLE["unit"], "230606000000", "payment_application")
    step = {"evidence": [str(key) for key in papers]}
    refused = await works_door.step("unit", f"/v1/payments/{payment}/submit", step)
    problem = refused.json()
    assert refused.status_code == 409
    assert (problem["errors"][0]["rule"], problem["errors"][0]["facts"]["limit"]) == ("LM03", "288000.00")


async def test_a_roster_is_uploaded_as_csv(households: Households, tmp_path: Path) -> None:
    row = f"1,{household(1)},,王某,{id_number(1)},6228480000000000001,ABC,230606100200,2023-05,10.00,雨露"
    content = f"{','.join(ROSTER_HEADINGS)}\n{row}"
    people = {"clerk": person("town clerk", TOWN, Role.TOWNSHIP_CLERK)}
    params = {
        "area_code": TOWN,
        "project_id": str(households.works.project),
        "number": "2023-YL-01",
        "policy": "yulu",
        "line_count": "1",
        "total": "10.00",
    }
    async with open_door(households.county, people, tmp_path / "evidence") as door:
        headers = {"authorization": f"Bearer {door.tokens['clerk']}", "content-type": "text/csv"}
        answers = [
            await door.http.post(
                "/v1/household-batches/import",
                params=params,
                content=text.encode("gb18030"),
                headers=headers | {"idempotency-key": str(new_id())},
            )
            for text in (content.replace("2023-05", "May"), content)
        ]
        wrong, made = answers
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/file/2/period")
        assert made.status_code == 201
        batch = made.json()["result"]["id"]
        lines = (await door.get("clerk", f"/v1/household-batches/{batch}/lines")).json()["items"]
    assert [(each["household_id"], each["amount"], each["outcome"]) for each in lines] == [
        (str(household(1)), "10.00", "PENDING"),
    ]
    assert "person_name" not in lines[0]

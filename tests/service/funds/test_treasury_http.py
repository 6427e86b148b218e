"""The treasury's files over HTTP: rows sent back, candidates, lists of both sides, indicators compared."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from xlsxwriter import Workbook

from shared.kernel.ids import new_id
from shared.sheets.files import read_whole
from tests.service.funds.county import COUNTY, PEOPLE
from tests.service.funds.door import Door, open_door
from tests.service.funds.treasury_files import ACCOUNT, CENTRAL, NUMBER, OWN, PAYEE, Treasury, file_of
from tests.service.funds.works import Works, treasury

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Counter:
    """The treasury's clerk at the door."""

    door: Door
    ours: Treasury

    async def upload(self, path: str, content: bytes, *, code: int = 201, **asked: Any) -> Any:
        headers = {"authorization": f"Bearer {self.door.tokens['treasury']}", "idempotency-key": str(new_id())}
        params = {"area_code": COUNTY, **asked}
        answer = await self.door.http.post(f"/v1{path}", content=content, params=params, headers=headers)
        assert answer.status_code == code, answer.text
        return answer.json()["result"] if code == 201 else answer.json()

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.door.get("auditor", f"/v1{path}", **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, *, who: str = "treasury", code: int = 201) -> Any:
        answer = await self.door.send(who, f"/v1{path}", body)
        assert answer.status_code == code, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def counter(works: Works, tmp_path: Path) -> AsyncIterator[Counter]:
    ours = Treasury(works)
    await ours.until(date(2099, 12, 31))
    async with open_door(works.county, {**PEOPLE, "treasury": treasury}, tmp_path / "evidence") as door:
        yield Counter(door, ours)


async def test_a_workbook_with_a_countys_own_headings_is_taken(counter: Counter) -> None:
    """Columns are mapped with the import; titles above, 万元 in the heading, totals below."""
    contract = await counter.ours.contract()
    book = _workbook(
        ["某县国库集中支付明细（2023年1月）"],
        [
            "凭单号",
            "支付日期",
            "指标文号",
            "合同编号",
            "收款人全称",
            "收款人账号",
            "支付金额(万元)",
            "款项性质",
            "审批单号",
        ],
        [
            "PZ-1",
            counter.ours.today,
            "黑财指(农)[2023]34号",
            "同乡建合[2023]1号",
            PAYEE,
            ACCOUNT,
            28.8,
            "预付款",
            "SP-01",
        ],
        ["PZ-2", counter.ours.today, CENTRAL, NUMBER, PAYEE, ACCOUNT, "28.8888888", "预付款", "SP-02"],
        ["合计", "", "", "", "", "", 57.6888888],
    )
    missing = await counter.upload("/treasury-payments", book, code=422)
    assert missing["errors"][0]["code"] == "FILE_HEADER"
    wrong = await counter.upload("/treasury-payments", book, columns=["serial=凭单号", "paid_on=收款人账号"])
    assert (wrong["refused"], wrong["posted"]) == (2, 0), "the wrong mapping keeps nobody from the right one"
    made = await counter.upload("/treasury-payments", book, columns="serial=凭单号")
    assert (made["rows"], made["refused"], made["posted"], made["posted_amount"]) == (2, 1, 1, "288000.00")

    (fault,) = (await counter.get(f"/treasury-imports/{made['id']}/faults"))["items"]
    assert (fault["row_no"], fault["faults"][0]["code"]) == (4, "AMOUNT_FORM")
    copy = await counter.door.get("auditor", f"/v1/treasury-imports/{made['id']}/returned")
    assert copy.headers["content-type"].startswith("application/vnd.openxmlformats")
    _, rows = read_whole(copy.content)
    assert [cell for cell in rows[0] if cell] == ["某县国库集中支付明细（2023年1月）"], (
        "titles may name the unit of amounts"
    )
    assert (rows[1][:3], rows[2][0]) == (["行号", "退回原因", "凭单号"], "4")

    (line,) = (await counter.get("/treasury-lines", area_code=COUNTY, outcome="posted"))["items"]
    assert (line["payee"], line["approvals"], line["contract_id"]) == (PAYEE, "SP-01", str(contract))
    payment = await counter.get(f"/payments/{line['payment_id']}")
    assert (payment["state"], payment["reference"], payment["amount"]) == ("RECONCILED", "PZ-1", "288000.00")
    shown, _ = (await counter.get("/treasury-imports", area_code=COUNTY, kind="payments"))["items"]
    assert (shown["from_on"], shown["rows"]) == (counter.ours.today, 2)
    unknown = await counter.upload("/treasury-payments", book, columns="colour=凭单号", code=422)
    assert unknown["errors"][0]["code"] == "COLUMN_UNKNOWN"


async def test_an_unmatched_line_shows_candidates_and_is_matched_by_hand(counter: Counter) -> None:
    """Both sides list what the other lacks; approvals stay with the treasury and are referred to."""
    ours = counter.ours
    contract = await ours.contract()
    await ours.works.certify(contract, "480000.00")
    stranger = {"payee": "张某施工队", "account": "6228480000000000777"}
    made = await counter.upload("/treasury-payments", file_of(ours.line("ZF-1", "480000.00", contract="", **stranger)))
    assert made["unmatched"] == 1
    (line,) = (await counter.get("/treasury-lines", import_id=made["id"], outcome="unmatched"))["items"]
    assert (line["reason"], line["payee_known"]) == ("NO_CONTRACT", False)
    assert line == await counter.get(f"/treasury-lines/{line['id']}")
    (found,) = await counter.get(f"/treasury-lines/{line['id']}/candidates")
    assert (found["contract_id"], found["same_document"], found["same_amount"]) == (str(contract), True, True)
    (due,) = (await counter.get("/treasury-due", area_code=COUNTY))["items"]
    assert (due["contract_id"], due["due"]) == (str(contract), "480000.00")

    body = {"contract_id": str(contract), "stage": "progress", "reason": "施工单位更名，已核实"}
    await counter.post(f"/treasury-lines/{line['id']}/match", body, who="unit", code=403)
    tried = await counter.post(f"/treasury-lines/{line['id']}/match?dry_run=true", body)
    assert [(each["rule"], each["zh"]) for each in tried["warnings"]] == [("FW12", "收款方不是合同相对方")]
    made = await counter.post(f"/treasury-lines/{line['id']}/match", body)
    assert made["result"]["outcome"] == "posted"
    assert ("FW12", "payment") in await ours.alerts(), "nobody registered who was paid"
    (listed,) = (await counter.get("/payments", area_code=COUNTY))["items"]
    unregistered = (None, stranger["payee"], False)
    assert (listed["payee_id"], listed["payee_name"], listed["payee_registered"]) == unregistered
    shown = await counter.get(f"/payments/{listed['id']}")
    assert (shown["payee_id"], shown["payee_name"], shown["payee_registered"]) == unregistered
    (same,) = await ours.look(
        "SELECT p.account_index = l.account_index AS same FROM payment p JOIN treasury_line l ON true"
    )
    assert same["same"], "the account is kept as its keyed index"
    assert (await counter.get("/treasury-due", area_code=COUNTY))["items"] == []
    for path in (f"/projects/{ours.works.project}/thread", f"/indicators/{ours.works.central}/thread"):
        (project,) = (await counter.get(path))["projects"]
        ((strand,),) = [each["payments"] for each in project["contracts"]]
        assert (strand["payee_id"], strand["payee_name"], strand["payee_registered"]) == unregistered
    traced = await counter.get("/reports/traceability")
    assert traced == {"paid": "480000.00", "down": "0.00", "back": "480000.00", "traced": "0.00"}


async def test_what_our_books_have_and_the_treasury_does_not_is_listed(counter: Counter) -> None:
    ours = counter.ours
    contract = await ours.contract()
    await ours.until(date(2020, 1, 1))
    payment = await ours.works.pay(contract, "advance", "1000.00")
    await ours.until(date(2099, 12, 31))
    await counter.upload("/treasury-payments", file_of(ours.line("ZF-1", "2000.00", stage="预付款")))
    days = {"area_code": COUNTY, "from_on": ours.today, "until_on": ours.today}
    (alone,) = (await counter.get("/treasury-missing", **days))["items"]
    assert (alone["payment_id"], alone["amount"], alone["state"]) == (str(payment), "1000.00", "PAID")


async def test_indicators_are_compared_by_document_and_amount(counter: Counter) -> None:
    """Matched, another amount, unknown, set aside; and ours that the file does not have."""
    text = "\n".join(
        [
            "指标文号,指标金额,单位名称,资金性质,预算年度,直达资金标识",
            "黑财指(农)[2023]34号,600000.00,区农业农村局,衔接资金,2023,是",
            f"{OWN},400000.01,区农业农村局,县级配套,2023,否",
            "黑财指(社)〔2023〕8号,99.00,区民政局,救助,2023,否",
            "黑财指(社)〔2023〕9号,x,区民政局,救助,2023,否",
        ]
    )
    made = await counter.upload("/treasury-indicators", text.encode("gb18030"))
    assert (made["rows"], made["refused"], made["amount"]) == (4, 1, "1000099.01")
    path = f"/treasury-imports/{made['id']}"
    rows = (await counter.get(f"{path}/indicators"))["items"]
    assert [(row["row_no"], row["verdict"], row["mark_differs"]) for row in rows] == [
        (2, "matched", True),
        (3, "differs", False),
        (4, "unknown", False),
    ]
    assert rows[1]["our_amount"] == "400000.00"
    refused = await counter.post(f"{path}/indicators/2/set-aside", {"reason": "不归本系统管"}, code=409)
    assert refused["code"] == "ROW_MATCHED"
    await counter.post(f"{path}/indicators/4/set-aside", {"reason": "救助资金不归本系统管"})
    (aside,) = (await counter.get(f"{path}/indicators", verdict="set_aside"))["items"]
    assert (aside["row_no"], aside["set_aside"]) == (4, "救助资金不归本系统管")
    assert (await counter.get(f"{path}/indicators-missing"))["items"] == []

    only = "指标文号,指标金额,预算年度\n" + f"{CENTRAL},600000.00,2023\n"
    second = await counter.upload("/treasury-indicators", only.encode())
    (missing,) = (await counter.get(f"/treasury-imports/{second['id']}/indicators-missing"))["items"]
    assert (missing["document_no"], missing["amount"]) == (OWN, "400000.00")
    assert UUID(missing["indicator_id"]) == counter.ours.works.own


def _workbook(*rows: list[Any]) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()

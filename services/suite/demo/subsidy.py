"""Chapter 5 (到户补贴): a batch of three lines, one comes back from the bank, is corrected and paid; monitoring knows each."""

from typing import Any

from services.suite.demo import villagers
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.demo.safety import neighbours
from services.suite.people import TOWNSHIP, VILLAGE

_PROJECT = "雨露计划"
_POLICY = "yulu"
_AMOUNTS = ("1500.00", "1500.00", "800.00")
_TOTAL = "3800.00"
_NOTICE_DAYS = 10


async def tell(cast: Cast) -> None:
    """From the roster to the last line."""
    cast.teller.chapter("五、到户补贴", "5. Household subsidies")
    await cast.on(2024, 5, 10)
    await cast.adopt("funds", {"household_subsidy.standards": "yulu=1500.00"}, "黑乡振发〔2024〕2号", "2024-05-11")
    await cast.on(2024, 5, 13)
    lines = await _lines(cast)
    header = {
        "area_code": str(TOWNSHIP),
        "project_id": cast.ids[_PROJECT],
        "number": "DT-YL-2024-1",
        "policy": _POLICY,
        "line_count": len(lines),
        "lines": lines,
    }
    await cast.client.refused(
        "township_clerk",
        "/funds/v1/household-batches",
        {**header, "total": "3800.01"},
        "HEADER_MISMATCH",
        "F-3.7",
        "V09",
    )
    batch = (await cast.client.post("township_clerk", "/funds/v1/household-batches", {**header, "total": _TOTAL}))["id"]
    await _approve(cast, batch)
    await _bank(cast, batch)
    household = cast.ids["household"]
    await cast.client.until(
        "bureau_clerk",
        f"/monitoring/v1/households/{household}/income-entries",
        lambda shown: [entry for entry in shown["entries"]["items"] if entry["kind"] == "transfer" and entry["source"]],
        **{"from": "2024-04-01", "to": "2024-12-31"},
    )
    cast.teller.step(
        "三笔补贴：两笔到账、一笔退票，更正卡号后补发；监测只记到账的转移性收入",
        "three lines: two paid, one returned, corrected and paid again; monitoring counts only what arrived",
    )


async def _lines(cast: Cast) -> list[dict[str, Any]]:
    households = await neighbours(cast)
    register = {household.no: household for household in villagers.households()}
    made = []
    for place, (household, amount) in enumerate(zip(households, _AMOUNTS, strict=False), 1):
        seen = await cast.client.get("village_committee", f"/monitoring/v1/households/{household}")
        person = register[seen["household_no"]].members[0]
        made.append(
            {
                "seq": place,
                "household_id": household,
                "person_id": min(member["id"] for member in seen["members"]),
                "person_name": person.name,
                "id_number": person.number,
                "card_number": f"62284800000000{place:04d}",
                "bank_code": "ABC",
                "village": str(VILLAGE),
                "period": "2024-05",
                "amount": amount,
                "basis": "2024年春季学期",
            }
        )
    return made


async def _approve(cast: Cast, batch: str) -> None:
    plural = "funds/household-batches"
    posted = await cast.take("township_clerk", plural, batch, "post_roster", "roster")
    await cast.hang("township_clerk", "funds", [posted["case_id"]], _NOTICE_DAYS)
    await cast.take("bureau_leader", plural, batch, "approve")
    await cast.take("finance_reviewer", plural, batch, "check_finance")
    await cast.take("treasury", plural, batch, "instruct")


async def _bank(cast: Cast, batch: str) -> None:
    day = cast.client.today.isoformat()
    first = [
        {"seq": 1, "status": "paid", "bank_serial": "ABC-0001", "on": day},
        {"seq": 2, "status": "paid", "bank_serial": "ABC-0002", "on": day},
        {"seq": 3, "status": "failed", "fail_code": "name_mismatch", "on": day},
    ]
    path = f"/funds/v1/household-batches/{batch}"
    taken = await cast.client.post("treasury", f"{path}/bank-results", {"instruction_no": 1, "results": first})
    if (taken["paid"], taken["failed"]) != (2, 1):
        raise StoryBroken(f"the bank's answer was taken as {taken}")
    page = await cast.client.get("finance_reviewer", f"{path}/lines")
    failed = next(line for line in page["items"] if line["seq"] == len(_AMOUNTS))
    correction = {"card_number": "622848000000009999", "bank_code": "ABC"}
    await cast.client.post("township_clerk", f"/funds/v1/household-lines/{failed['id']}/correction", correction)
    await cast.take("sector_clerk", "funds/household-batches", batch, "reissue")
    await cast.take("finance_reviewer", "funds/household-batches", batch, "reissue")
    await cast.later(2)
    again = [{"seq": 3, "status": "paid", "bank_serial": "ABC-0003", "on": cast.client.today.isoformat()}]
    await cast.client.post("treasury", f"{path}/bank-results", {"instruction_no": 2, "results": again})
    await cast.take("finance_clerk", "funds/household-batches", batch, "close")

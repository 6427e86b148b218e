"""Chapters 4 and 6 (监测帮扶): ten thousand hospital bills, one household enrolled and helped, one refused, one safe again."""

from typing import Any

from services.suite.demo import villagers
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.demo.household import Way, declare, taken_up
from services.suite.people import COUNTY, VILLAGE

_FILE = "/monitoring/v1/imports/department/medical_insurance/inpatient_self_paid"


async def tell_risk(cast: Cast) -> Way:
    """From the register to the first measures."""
    cast.teller.chapter("四、部门数据、线索、识别、帮扶", "4. Department file, clues, identification, assistance")
    await _line(cast, (2023, 12, 28), "2024-01-01", "2025-12-31", "7300.00", "同农领办〔2023〕15号")
    await _register(cast)
    await _bills(cast)
    way = await _one_is_enrolled(cast)
    await _one_is_refused(cast)
    return way


async def _line(cast: Cast, day: tuple[int, int, int], since: str, until: str, amount: str, document: str) -> None:
    await cast.on(*day)
    line = {"area_code": str(COUNTY), "effective_from": since}
    terms = {"amount": amount, "basis": "flat", "document": document}
    body = {**line, **terms, **({"effective_to": until} if until else {})}
    await cast.client.post("bureau_clerk", "/monitoring/v1/monitoring-lines", body)
    await cast.client.post("bureau_leader", "/monitoring/v1/monitoring-lines/adopt", line)
    cast.teller.step(
        f"监测范围 {amount} 元，{since} 起，两人采用",
        f"the monitoring line of {amount} yuan from {since}, adopted by two persons",
    )


async def _register(cast: Cast) -> None:
    await cast.on(2024, 2, 20)
    register = villagers.households()
    content = villagers.register_file(register)
    report = await cast.client.upload(
        "bureau_clerk", "/monitoring/v1/imports/register", content, "text/csv", area_code=str(COUNTY)
    )
    cast.teller.step(
        f"导入农户花名册：{len(register)} 户 {report['taken']} 人，证件号码加密入库",
        f"register imported: {len(register)} households, {report['taken']} persons, their numbers sealed",
    )


async def _bills(cast: Cast) -> None:
    await cast.on(2024, 3, 5)
    content = villagers.medical_file(villagers.households())
    tried = await cast.client.upload("sector_clerk", _FILE, content, "text/csv", area_code=str(COUNTY), dry_run="true")
    report = await cast.client.upload("sector_clerk", _FILE, content, "text/csv", area_code=str(COUNTY))
    expected = (villagers.ROWS - villagers.BROKEN_ROWS, villagers.BROKEN_ROWS)
    if (report["taken"] + report["unchanged"], report["refused"]) != expected or tried["refused"] != expected[1]:
        raise StoryBroken(f"the file was not taken as it should: {report}")
    cast.teller.step(
        f"医保文件 {villagers.ROWS} 行（GB18030）：接收 {expected[0]} 行，退回 {expected[1]} 行，生成线索 {report['clues']} 条",
        f"{villagers.ROWS} hospital bills: {expected[0]} taken, {expected[1]} refused, {report['clues']} clues",
    )
    for row in report["refusals"]:
        cast.teller.aside(f"第 {row['row']} 行 {row['field']}：{row['zh']}（{row['rule']}） / {row['en']}")
    again = await cast.client.upload("sector_clerk", _FILE, content, "text/csv", area_code=str(COUNTY))
    if again["id"] != report["id"]:
        raise StoryBroken("the same file was taken twice")


async def neighbours(cast: Cast) -> list[str]:
    """The households of the story's village, by their numbers."""
    page = await cast.client.get("village_committee", "/monitoring/v1/households", area_code=str(VILLAGE), limit=200)
    return [item["id"] for item in sorted(page["items"], key=lambda item: str(item["household_no"]))]


async def _clues(cast: Cast) -> list[dict[str, Any]]:
    page = await cast.client.get(
        "township_clerk", "/monitoring/v1/clues", area_code=str(VILLAGE), limit=200, open_only="false"
    )
    found = [clue for clue in page["items"] if clue["household_id"] and clue["item"] == "inpatient_self_paid"]
    return sorted(found, key=lambda clue: -float(clue["amount"] or 0))


async def _one_is_enrolled(cast: Cast) -> Way:
    await cast.on(2024, 3, 7)
    clue = (await _clues(cast))[0]
    household = clue["household_id"]
    cast.ids["household"] = household
    await declare(cast, household, {"2023-06 wage": "9000.00", "2023-11 transfer": "1000.00", "2024-02 wage": "800.00"})
    way = await taken_up(cast, clue["id"])
    await way.checked()
    await way.enrolled()
    cast.teller.step(
        "一户因病风险：入户核查、授权比对、村民评议、公示 5 天、乡审县定、公告，纳入监测",
        "one household: visit, comparison, village review, five days of notice, township, county, announcement, enrolled",
    )
    await way.assisted()
    cast.teller.step(
        "一户一策：大病救助和养殖补助两项措施落实",
        "one plan for one household: medical relief and a breeding subsidy delivered",
    )
    return way


async def _one_is_refused(cast: Cast) -> None:
    await cast.on(2024, 4, 8)
    clue = next(clue for clue in await _clues(cast) if clue["household_id"] != cast.ids["household"])
    await declare(cast, clue["household_id"], {"2023-08 wage": "6000.00", "2023-12 transfer": "900.00"})
    way = await taken_up(cast, clue["id"])
    (hit,) = await way.checked(["X03"])
    shown = await way.refused(hit)
    cast.teller.aside(f"告知理由：{shown['rejection']['reason']}")
    cast.teller.step(
        "另一户比对发现非生产用小汽车，经核实联审不予纳入，并当面告知理由",
        "another is refused at comparison: a private car, confirmed, joint review, and told why",
    )


async def tell_safe(cast: Cast, way: Way) -> None:
    """More than half a year later."""
    cast.teller.chapter("七、风险消除", "7. Out of risk")
    await cast.on(2024, 11, 18)
    await declare(cast, way.household, {f"2024-{month:02d} wage": "2600.00" for month in range(4, 11)})
    await way.eliminated()
    episodes = await cast.client.get("bureau_clerk", f"/monitoring/v1/households/{way.household}/episodes")
    if not str(episodes).count("eliminated"):
        raise StoryBroken(f"the episode did not end: {episodes}")
    cast.teller.step(
        "收入稳定超过半年、刚性支出解决、三保障和饮水达标：公示后标注风险消除",
        "income stable for over half a year, spending solved, guarantees kept: published and marked as eliminated",
    )


async def tell_crossing_before(cast: Cast) -> Way:
    """A household whose case is open when the year turns."""
    await cast.on(2025, 12, 22)
    body = {
        "area_code": str(VILLAGE),
        "source": "CADRE",
        "item": "fire",
        "event_on": "2025-12-20",
        "household_id": (await neighbours(cast))[2],
    }
    clue = (await cast.client.post("village_committee", "/monitoring/v1/clues", body))["clue_id"]
    way = await taken_up(cast, clue)
    await declare(cast, way.household, {"2025-03 wage": "5000.00", "2025-09 transfer": "1200.00"})
    await way.take("township_clerk", "assign")
    return way


async def new_line(cast: Cast) -> None:
    """The county adopts its own line under the new policy."""
    await _line(cast, (2025, 12, 30), "2026-01-05", "", "8000.00", "同农领办〔2025〕20号")

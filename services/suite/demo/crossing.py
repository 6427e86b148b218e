"""Chapter 8 (跨年): 31 December 2025 passes with one open household and one unpaid project; names change, history does not."""

from services.suite.demo import library, papers, works
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.demo.household import Way
from services.suite.demo.safety import new_line, tell_crossing_before
from services.suite.people import COUNTY

_ROAD = "农村道路改造"
_ROAD_ADVANCE = "4500000.00"


async def tell(cast: Cast) -> None:
    """The last months of the transition and the first of what follows."""
    cast.teller.chapter("八、跨过2025年12月31日", "8. Across 31 December 2025")
    await _retention(cast)
    payment = await _unpaid(cast)
    way = await tell_crossing_before(cast)
    before = await _names(cast, "2025-12-31")
    await new_line(cast)
    await _after(cast, payment, way, before)
    await library.leave_a_notice(cast)


async def _retention(cast: Cast) -> None:
    await cast.on(2025, 10, 20)
    contract = cast.ids["contract"]
    payment = await works.ask(cast, contract, "retention", works.RETAINED, "defect_end_certificate")
    await works.review(cast, payment)
    await works.pay(cast, payment, works.RETAINED)
    thread = await cast.client.get("auditor", f"/funds/v1/projects/{cast.ids[papers.BASE]}/thread")
    if not thread["whole"]:
        raise StoryBroken(f"the thread of the project has a gap: {thread}")
    cast.teller.step(
        "质保期满，质保金 561 070.37 元付清：结算价一分不差全部付到收款人",
        "the defect period is over, the retention is paid: the settlement has reached its payee to the fen",
    )


async def _unpaid(cast: Cast) -> str:
    await cast.on(2025, 11, 10)
    contract = await works.draft(cast, _ROAD, cast.ids["builder"], "同建合〔2025〕7号", "15000000.00", "2025-11-10")
    await works.start_work(cast, contract)
    await cast.on(2025, 12, 18)
    payment = await works.ask(cast, contract, "advance", _ROAD_ADVANCE, "invoice")
    await works.review(cast, payment)
    cast.teller.step(
        "道路改造预付款已审批、年底未支付",
        "an advance of the road project is approved but not paid at the end of the year",
    )
    return payment


async def _names(cast: Cast, on: str) -> dict[str, str]:
    page = await cast.client.get("bureau_clerk", "/funds/v1/policy", area_code=str(COUNTY), on=on)
    return {row["name"]: row["value"] for row in page["values"]} | {"profile": page["profile"]}


async def _after(cast: Cast, payment: str, way: Way, before: dict[str, str]) -> None:
    await cast.on(2026, 1, 8)
    after = await _names(cast, "2026-01-08")
    changed = {name for name in ("profile", "name.bureau", "name.linkage_fund") if before[name] != after[name]}
    if changed != {"profile", "name.bureau", "name.linkage_fund"}:
        raise StoryBroken(f"the policy did not change: {before} {after}")
    cast.teller.step(
        f"政策口径由{before['profile']}换为{after['profile']}：{before['name.bureau']}→{after['name.bureau']}，"
        f"{before['name.linkage_fund']}→{after['name.linkage_fund']}",
        f"the policy profile turns from {before['profile']} to {after['profile']}: names, lines and categories change",
    )
    await works.pay(cast, payment, _ROAD_ADVANCE)
    cast.teller.step("跨年的拨付按原来源支付完毕", "the payment that crossed the year is paid from its own sources")
    await way.rest()
    cast.teller.step(
        "跨年的识别按新监测范围完成：8000 元", "the identification that crossed the year is judged by the new line"
    )
    indicator = await cast.client.get("auditor", f"/funds/v1/indicators/{cast.ids['central']}")
    episodes = await cast.client.get("bureau_clerk", f"/monitoring/v1/households/{cast.ids['household']}/episodes")
    if indicator["document_no"] != papers.documents()[0].number or not episodes:
        raise StoryBroken(f"history has changed: {indicator}")
    cast.teller.step(
        "历史不变：文号、资金名称、监测周期原样可查",
        "history has not changed: document, fund and episode stand as they were",
    )

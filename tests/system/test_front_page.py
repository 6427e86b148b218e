"""The front page in a real browser: the thread both ways with amounts, the ticker, two refusals; nothing from elsewhere."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from services.suite.demo import papers
from shared.testing.postgres import Clones, RunServer
from tests.system.front_stage import HOUSEHOLDS, UNDER_NOTICE, play, running_suite

pytestmark = [pytest.mark.asyncio, pytest.mark.browser, pytest.mark.slow]

_SCREENSHOT = Path(__file__).parents[2] / "build" / "front-page.png"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LAPTOP: ViewportSize = {"width": 1366, "height": 768}
_PHONE: ViewportSize = {"width": 390, "height": 844}
_OWN_TABLE = """村,一月(元),二月(元),合计(元)
东,1234,2345,3579
西,5678,1357,7035
南,2468,9753,12222
北,8642,1597,10239
""".encode()
_CENTRAL, _PROVINCIAL = "黑财指(农)〔2023〕34号", "黑财指(农)〔2023〕78号"
_AMOUNT = re.compile(r"\d{1,3}(,\d{3})*\.\d{2} 元")


def chromium() -> str:
    """The distribution's Chromium; without it the test is skipped, and fails on the build server."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent = "Chromium is not installed: THE FRONT PAGE IS NOT TESTED (install the package chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(absent)
        pytest.skip(absent)
    return found


@pytest_asyncio.fixture(scope="module")
async def address(
    template_for: Callable[..., Clones],
    run_server: RunServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[str]:
    """A system whose story has been played."""
    chromium()
    evidence = tmp_path_factory.mktemp("evidence")
    async with running_suite(template_for, f"{run_server.prefix}_log_reader", evidence) as found:
        await play(found)
        yield found


@dataclass(slots=True)
class Visit:
    """One visit of the page, and what it complained about or asked for."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the console says; a refused request is no fault of the page."""
        if message.type not in {"error", "warning"}:
            return
        if "status of 409" in message.text:
            self.refused.append(message.location["url"])
        else:
            self.faults.append(message.text)

    def column(self, name: str) -> Locator:
        """A column of the thread."""
        return self.page.locator(f"[data-column={name}]")

    def chosen(self, name: str) -> Locator:
        """The chosen card of a column."""
        return self.column(name).locator(".card.on")


@pytest_asyncio.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))
        yield found
        await found.close()


@pytest_asyncio.fixture
async def visit(address: str, browser: Browser) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport=_LAPTOP)
    page = await context.new_page()
    found = Visit(page, address)
    page.on("console", lambda message: found.hear(message))  # noqa: PLW0108  a bound method cannot be marked
    page.on("pageerror", lambda error: found.faults.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    await page.goto(address)
    await expect(found.chosen("household")).to_have_count(1, timeout=10_000)
    yield found
    await context.close()
    assert found.faults == []
    assert [url for url in found.requests if not url.startswith(f"{address}/")] == []


async def test_the_thread_leads_from_a_document_to_a_household(visit: Visit) -> None:
    assert await visit.column("document").locator(".card").count() == 2
    await visit.column("document").get_by_text(_CENTRAL).click()
    await expect(visit.chosen("document")).to_contain_text("31,740,000.00 元")
    await visit.column("project").get_by_text(papers.BASE).click()
    await expect(visit.chosen("project")).to_contain_text(_AMOUNT)
    payments = visit.column("payment")
    await expect(payments.get_by_text("预付款")).to_be_visible()
    await expect(payments).to_contain_text("5,664,000.00 元")
    await expect(payments.locator("table").first).to_contain_text(_AMOUNT)
    await visit.column("asset").locator("button.card").first.click()
    await expect(visit.chosen("asset")).to_contain_text("18,702,345.67 元")
    assert await _shares(visit) == 1_000_000
    await expect(visit.column("rent")).to_contain_text("935,000.00 元")
    households = visit.column("household").locator("button.card")
    await expect(households).to_have_count(HOUSEHOLDS)
    await households.first.click()
    await expect(visit.column("household").locator("table")).to_contain_text("财产性收入")
    trail = visit.page.locator("#trail")
    await expect(trail).to_contain_text(re.compile(f"{re.escape(_CENTRAL)}.*→.*→.*→.*户"))


async def _shares(visit: Visit) -> int:
    """What the shown source shares make together, in parts per million."""
    cells = await visit.column("asset").locator("td").all_inner_texts()
    return sum(int(percent.replace(".", "")) for percent in re.findall(r"(\d+\.\d{4}) %", "".join(cells)))


async def test_an_income_leads_back_to_the_documents(visit: Visit) -> None:
    await visit.column("household").get_by_role("button", name="← 资产").first.click()
    trail = visit.page.locator("#trail")
    await expect(trail).to_contain_text("这笔收入从这里来")
    for document in (_CENTRAL, _PROVINCIAL):
        await expect(trail).to_contain_text(re.compile(f"{re.escape(document)} [\\d,.]+ 元"))
    await expect(visit.chosen("document")).to_have_count(2)
    await expect(visit.chosen("project")).to_contain_text(papers.BASE)
    await visit.column("asset").get_by_role("button", name=_PROVINCIAL).click()
    await expect(visit.chosen("document")).to_have_count(1)
    await expect(visit.chosen("document")).to_contain_text(_PROVINCIAL)
    await expect(visit.chosen("household")).to_have_count(1)


async def test_one_fen_too_much_is_refused_with_its_rule(visit: Visit) -> None:
    await visit.page.locator("#over-allocate").click()
    box = visit.page.locator(".attempt", has=visit.page.locator("#over-allocate"))
    await expect(box.locator(".refusal")).to_contain_text("HTTP 409")
    await expect(box).to_contain_text("LM01")
    await expect(box).to_contain_text("一分未动")
    assert [url.rpartition("/")[2] for url in visit.refused] == ["submit"]


async def test_a_publicity_is_not_ended_early(visit: Visit) -> None:
    await visit.page.locator("#end-notice").click()
    box = visit.page.locator(".attempt", has=visit.page.locator("#end-notice"))
    await expect(box.locator(".refusal")).to_contain_text("PUBLICITY_RUNNING")
    await expect(box).to_contain_text(UNDER_NOTICE)
    await expect(box).to_contain_text("remedy")
    assert len(visit.refused) == 1


async def test_a_printed_table_is_checked(visit: Visit) -> None:
    await visit.page.locator("#check-table").click()
    lines = visit.page.locator("#checked tbody tr")
    await expect(lines).to_have_count(5)
    for line, (unit, printed, recomputed) in {
        0: ("梁园区", "0.21", "0.24"),
        3: ("合计 商丘市", "11.97", "11.71"),
        4: ("合计 商丘市", "14.72", "14.40"),
    }.items():
        await expect(lines.nth(line)).to_contain_text(re.compile(f"{unit}.*{printed}.*{recomputed}"))
    await expect(visit.page.locator("#checked")).to_contain_text("未计入 永城市")
    own: FilePayload = {"name": "own.csv", "mimeType": "text/csv", "buffer": _OWN_TABLE}
    await visit.page.locator("#own-table").set_input_files(own)
    await expect(lines).to_have_count(1)
    await expect(lines.first).to_contain_text(re.compile("南.*12222.*12221"))


async def test_events_are_told_and_tokens_given(visit: Visit) -> None:
    assert await visit.page.locator("#events li").count() > 10
    await expect(visit.page.locator("#events")).to_contain_text("assets.income.distributed_to_household.v1")
    await visit.page.locator("#persona").select_option("grid_worker")
    await visit.page.locator("#get-token").click()
    await expect(visit.page.locator("#token")).to_contain_text("Authorization: Bearer ey")
    for link in await visit.page.locator("#links a").all():
        answer = await visit.page.request.get(visit.address + str(await link.get_attribute("href")))
        assert answer.ok, answer.url


async def test_it_fits_a_laptop_and_a_phone_and_can_be_used_by_keyboard(visit: Visit) -> None:
    page = visit.page
    _SCREENSHOT.parent.mkdir(exist_ok=True)
    await page.screenshot(path=_SCREENSHOT, full_page=True)
    project = visit.chosen("project")
    await project.focus()
    await page.keyboard.press("Enter")
    await expect(visit.chosen("project")).to_be_focused()
    for size in (_LAPTOP, _PHONE):
        await page.set_viewport_size(size)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]

"""Early warnings on what money is used for, each at its exact border: FW20, FW21, FW22, FW39, FW40, FW46."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.funds.commands.reference import linkage_money, negative_rules
from services.funds.domain.negative_list import verdicts
from services.funds.domain.project_content import ProjectContent
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.parameters.model import Mode
from tests.service.funds.county import FUND, VILLAGE, entry
from tests.service.funds.ground import FIELD, HOME, NOBODY, Ground, yuan
from tests.service.funds.ground_works import WorkGround

pytestmark = pytest.mark.asyncio

ON = "2023-12-01"


# ── how it is paid ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "account", "method", "severity"),
    [
        ("company", "corporate", "transfer", None),
        ("company", "personal", "transfer", "red"),
        ("village_collective", "personal", "transfer", "red"),
        ("self_build_group", "personal", "transfer", None),
        ("company", "corporate", "cash", "red"),
        ("self_build_group", "personal", "cash", "red"),
    ],
)
async def test_fw20_a_company_is_paid_to_its_own_account_and_nobody_in_cash(
    ground: Ground, kind: str, account: str, method: str, severity: str | None
) -> None:
    works = WorkGround(ground)
    project = await ground.project("IMPLEMENTING")
    payee = await works.payee(kind=kind, account_kind=account)
    contract = await works.contract(project, amount="100.00", payee_id=payee)
    payment = await works.payment(contract, project, payee_id=payee, method=method)
    await works.payment(contract, project, "CANCELLED", payee_id=payee, method="cash")
    assert await ground.found("FW20", ON) == ({str(payment): severity} if severity else {})


@pytest.mark.parametrize(
    ("kind", "procurement", "severity"),
    [
        ("township", "competitive", "amber"),
        ("budget_unit", "competitive", "amber"),
        ("budget_unit", "self_build", None),
        ("company", "competitive", None),
    ],
)
async def test_fw21_an_office_is_paid_for_self_build_alone(
    ground: Ground, kind: str, procurement: str, severity: str | None
) -> None:
    works = WorkGround(ground)
    project = await ground.project("IMPLEMENTING")
    payee = await works.payee(kind=kind)
    contract = await works.contract(project, amount="100.00", payee_id=payee, procurement=procurement)
    payment = await works.payment(contract, project, payee_id=payee)
    assert await ground.found("FW21.own_account", ON) == ({str(payment): severity} if severity else {})


# ── negative list after the fact ────────────────────────────────────────────


async def blocking(ground: Ground) -> dict[str, Mode]:
    """Let every rule of the list block here; gives what the domain calls that."""
    rules = sorted({each.rule_id for each in await negative_rules(ground.raw, AreaCode(HOME), date(2023, 12, 1))})
    for rule in rules:
        await ground.adopt(f"rule.{rule}.mode", "block")
    return dict.fromkeys(rules, Mode.BLOCK)


ENTRIES: Mapping[str, dict[str, Any]] = {
    "clean": {},
    "office building by class and word": {"name": "大同镇村部办公楼", "economic_classes": ["50301"]},
    "office building by word alone": {"name": "大同镇村部办公楼"},
    "full width and blanks": {"name": "大同镇购置 公务 用车（二辆）"},
    "spared by the whitelist": {"content": "购置农机配套公务用车位"},
    "covering losses": {"content": "用于弥补企业亏损。"},
    "debt, but of relocation": {"category": "040103", "content": "偿还易地搬迁贷款"},
    "debt": {"category": "010101", "economic_classes": ["51201"]},
    "insurance from linkage money": {"category": "050302"},
    "insurance from donations": {
        "category": "050302",
        "funding": [{"year": 2023, "level": "other", "category": "donation", "amount": "5.00"}],
    },
    "thirty million": {"funding": [{"year": 2023, "level": "central", "category": FUND, "amount": "30000000.00"}]},
    "a fen more": {"funding": [{"year": 2023, "level": "central", "category": FUND, "amount": "30000000.01"}]},
    "in town": {"places": [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": "urban_community"}]},
    "a loan": {"linkage_detail": "借给农户", "content": "资金滚动使用"},
}


@pytest.mark.parametrize("changed", ENTRIES.values(), ids=ENTRIES.keys())
async def test_fw22_finds_what_the_review_would_block_today(ground: Ground, changed: dict[str, Any]) -> None:
    modes = await blocking(ground)
    content = ProjectContent.model_validate(entry(**changed))
    rules = await negative_rules(ground.raw, AreaCode(HOME), date(2023, 12, 1))
    hits = verdicts(content, rules, modes, await linkage_money(ground.raw))
    blocked = sorted(f"{each.rule_id} v{each.version}" for each in hits if each.verdict is Mode.BLOCK)
    own: dict[str, Any] = {"category": content.category, "planned_total_fen": content.total}
    project = await ground.project("FUNDED", content=content.model_dump(mode="json"), **own)
    await ground.project("IN_LIBRARY", content=content.model_dump(mode="json"), **own)  # nothing is paid for it
    assert await ground.found("FW22", ON) == ({str(project): "red"} if blocked else {})
    if blocked:
        facts = await ground.raw.fetchval("SELECT facts FROM finding WHERE subject_key = $1", str(project))
        assert sorted(facts["rules"]) == blocked


MEASURES: Mapping[str, tuple[str, str, dict[str, Any], bool]] = {
    "half to one": ("largest_share_above", "1/2", {"largest_share_ppm": 500_000}, False),
    "a millionth more": ("largest_share_above", "1/2", {"largest_share_ppm": 500_001}, True),
    "nobody was poor": (
        "nobody_in_need",
        "",
        {
            "out_of_poverty_households": 0,
            "out_of_poverty_persons": 0,
            "monitored_households": 0,
            "monitored_persons": 0,
        },
        True,
    ),
    "one was": ("nobody_in_need", "", {"monitored_households": 0, "monitored_persons": 0}, False),
}


@pytest.mark.parametrize(("measure", "bound", "benefit", "found"), MEASURES.values(), ids=MEASURES.keys())
async def test_fw22_measures_what_a_county_lets_block(
    ground: Ground, measure: str, bound: str, benefit: dict[str, Any], found: bool
) -> None:
    """A county's own version, from its day on."""
    await ground.adopt("rule.NL15.mode", "block")
    await own_rule(ground, measure=measure, bound=bound)
    project = await ground.project("IMPLEMENTING", content={"benefit": entry()["benefit"] | benefit})
    assert await ground.found("FW22", "2023-05-31") == {}
    assert await ground.found("FW22", "2023-06-01") == ({str(project): "red"} if found else {})


@pytest.mark.parametrize(("cost", "found"), [("10.00", False), ("10.01", True)])
async def test_fw22_landscape_is_a_tenth_at_most(ground: Ground, cost: str, found: bool) -> None:
    await ground.adopt("rule.NL15.mode", "block")
    await own_rule(ground, measure="landscape_above", bound="1/10")
    lines = [{"label": "村口牌坊", "quantity": "1", "unit": "座", "cost": cost}]
    project = await ground.project("IMPLEMENTING", content={"quantities": lines}, planned_total_fen=100_00)
    assert await ground.found("FW22", ON) == ({str(project): "red"} if found else {})


async def own_rule(ground: Ground, **changed: Any) -> None:
    """The county's own line of NL15, in force from June on."""
    empty: dict[str, Any] = {key: [] for key in ("keywords", "whitelist", "economic_classes", "categories", "excepted")}
    fields = {"verdict": "block", "linkage_money_only": False, "zh": "本县规定", "en": "own rule", "source": "县文件"}
    version = {"rule_id": "NL15", "part": 1, "version": 2, "area_code": HOME, "effective_from": date(2023, 6, 1)}
    await ground.put("negative_rule", **version, **empty, **fields, **changed)


async def test_fw22_a_new_version_of_the_rule_lifts_it(ground: Ground) -> None:
    await ground.adopt("rule.NL06.mode", "block")
    project = await ground.project("FUNDED", content={"content": "用于弥补企业亏损"})
    assert await ground.found("FW22", ON) == {str(project): "red"}
    fields: dict[str, Any] = {key: [] for key in ("whitelist", "economic_classes", "categories", "excepted")}
    fields |= {"verdict": "block", "keywords": ["弥补亏空"], "linkage_money_only": False, "measure": "", "bound": ""}
    words = {"zh": "本县规定", "en": "own rule", "source": "县文件", "effective_from": date(2023, 6, 1)}
    await ground.put("negative_rule", rule_id="NL06", part=1, version=2, area_code=HOME, **fields, **words)
    assert await ground.found("FW22", ON) == {}


async def test_fw22_a_rule_nobody_adopted_is_no_alert(ground: Ground) -> None:
    await ground.adopt("rule.NL06.mode", "warn")
    await ground.project("FUNDED", content={"content": "用于弥补企业亏损"})
    assert await ground.found("FW22", ON) == {}


# ── regimes ─────────────────────────────────────────────────────────────────


async def filed(ground: Ground, indicator: UUID, projects: Mapping[UUID, str], **changed: Any) -> UUID:
    """A filed integration plan of 2023 over one indicator."""
    plan_id = new_id()
    state = changed.pop("state", "FILED")
    fields: dict[str, Any] = {"area_code": HOME, "year": 2023, "version": 1, "title": "方案", "last_year_fen": 0}
    fields |= {"planned_scale_fen": 1, "filing_no": "1", "filed_on": date(2023, 2, 1)} | changed
    await ground.put("integration_plan", id=plan_id, **fields)
    await ground.case("integration_plan", plan_id, state)
    source = {"plan_id": plan_id, "indicator_id": indicator, "amount_fen": 1, "area_code": HOME}
    await ground.put("integration_source", **source)
    for project, amount in projects.items():
        own = {"plan_id": plan_id, "project_id": project, "amount_fen": yuan(amount), "area_code": HOME}
        await ground.put("integration_project", **own)
    return plan_id


@pytest.mark.parametrize(("planned", "found"), [("100.00", False), ("99.99", True), (None, True)])
async def test_fw39_integrated_money_beyond_the_plan_in_force(ground: Ground, planned: str | None, found: bool) -> None:
    await ground.adopt("integration.regime", "INTEGRATED")
    indicator = await ground.indicator({"1000": "1000.00"})
    project, other = await ground.project("IMPLEMENTING"), await ground.project("FUNDED", name="另一个")
    await ground.balance("1200", "40.00", indicator_id=indicator, project_id=project)
    await ground.balance("1600", "60.00", indicator_id=indicator, project_id=project)
    await ground.balance("1800", "5.00", indicator_id=indicator, project_id=project)  # the county's again
    await filed(ground, indicator, {project: "1.00", other: "1.00"})
    await filed(ground, indicator, {other: "1.00"} | ({project: planned} if planned else {}), version=2)
    draft = await filed(ground, indicator, {other: "1.00"}, version=3, state="DRAFT")
    keys = {key.split("/")[1] for key in await ground.found("FW39", ON) if not key.startswith(str(draft))}
    assert keys == ({str(project)} if found else set())


async def test_fw39_and_fw40_change_places_with_the_regime(ground: Ground) -> None:
    # scenario 24: money for minorities, given to public-welfare posts
    indicator = await ground.indicator({"1000": "100.00"}, category="fund.ethnic")
    posts = await ground.project("FUNDED", category="020501")
    await ground.balance("1200", "100.00", indicator_id=indicator, project_id=posts)
    assert await ground.found("FW40", ON) == {f"{posts}/fund.ethnic": "red"}
    await ground.adopt("integration.regime", "INTEGRATED")
    await filed(ground, indicator, {posts: "100.00"})
    assert await ground.found("FW40", ON) == {}
    assert await ground.found("FW39", ON) == {}


@pytest.mark.parametrize(
    ("fund", "category", "severity"),
    [
        ("fund.ethnic", "010101", None),
        ("fund.ethnic", "020501", "red"),
        ("fund.consolidation", "050302", None),  # forbidden by NL13: that is FW22
        ("village_development", "020501", "red"),  # infrastructure and industry only
        ("first_secretary_work", "080199", None),
        ("first_secretary_work", "010101", "red"),
        ("no_such_fund", "010101", "red"),
    ],
)
async def test_fw40_what_a_fund_is_meant_for(ground: Ground, fund: str, category: str, severity: str | None) -> None:
    indicator = await ground.indicator({"1000": "1.00"}, category=fund)
    project = await ground.project("FUNDED", category=category)
    await ground.balance("1200", "1.00", indicator_id=indicator, project_id=project)
    await ground.balance(
        "1800", "1.00", indicator_id=indicator, project_id=await ground.project("CLOSED", category="99")
    )
    assert await ground.found("FW40", ON) == ({f"{project}/{fund}": severity} if severity else {})


async def test_fw40_the_nearest_areas_row_counts_and_off_is_silent(ground: Ground) -> None:
    indicator = await ground.indicator({"1000": "1.00"}, category="fund.ethnic")
    posts = await ground.project("FUNDED", category="020501")
    await ground.balance("1200", "1.00", indicator_id=indicator, project_id=posts)
    row = {"fund_category": "fund.ethnic", "prefix": "0205", "valid_from": date(2023, 1, 1), "rule": "F-2.2"}
    await ground.put("fund_eligibility", **row, area_code=HOME // 10**10 * 10**10, allowed=True, source="省文件")
    assert await ground.found("FW40", ON) == {}
    await ground.put("fund_eligibility", **row, area_code=HOME, allowed=False, source="县文件")
    assert await ground.found("FW40", ON) == {f"{posts}/fund.ethnic": "red"}
    await ground.adopt("rule.FW40.mode", "off")
    assert await ground.found("FW40", ON) == {}


# ── work for relief ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "labour", "severity"),
    [
        ("IMPLEMENTING", "0.00", None),
        ("COMPLETED", "30.00", None),
        ("COMPLETED", "29.99", "red"),
        ("CLOSED", "0", "red"),
    ],
)
async def test_fw46_three_tenths_of_the_central_money_are_pay(
    ground: Ground, state: str, labour: str, severity: str | None
) -> None:
    indicator = await ground.indicator({"1000": "100.00"}, category="fund.work_relief")
    own = await ground.indicator({"1000": "900.00"}, level="county")
    project = await ground.project(state)
    await ground.balance("1600", "100.00", indicator_id=indicator, project_id=project)
    await ground.balance("1600", "900.00", indicator_id=own, project_id=project)  # not central
    if yuan(labour):
        await labour_paid(ground, project, labour)
    assert await ground.found("FW46", ON) == ({str(project): severity} if severity else {})


async def test_fw46_a_contract_of_relief_counts_whatever_pays_for_it(ground: Ground) -> None:
    works = WorkGround(ground)
    indicator = await ground.indicator({"1000": "100.00"})
    relief, other = await ground.project("COMPLETED"), await ground.project("COMPLETED", name="招标项目")
    for project, way in ((relief, "work_for_relief"), (other, "open_tender")):
        await ground.balance("1300", "50.00", indicator_id=indicator, project_id=project)
        await works.contract(project, amount="50.00", procurement=way)
    assert await ground.found("FW46", ON) == {str(relief): "red"}
    await labour_paid(ground, relief, "15.00")
    assert await ground.found("FW46", ON) == {}


async def labour_paid(ground: Ground, project: UUID, amount: str) -> None:
    fields = {"reference": "LW-1", "period": "2023-06", "persons": 3, "paid_on": date(2023, 6, 30)}
    own = {"project_id": project, "amount_fen": yuan(amount), "reported_by": NOBODY, "area_code": FIELD}
    await ground.put("labour_pay", id=new_id(), **fields, **own)

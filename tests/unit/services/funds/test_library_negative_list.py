"""The negative list as shipped (domain-funds-assets §1.7)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.funds.bulk.seed import SHIPPED
from services.funds.domain.negative_list import NegativeRule, category_refused, off_negative_list, passed, verdicts
from services.funds.domain.negative_measures import MEASURES
from shared.parameters.model import Mode
from shared.parameters.profiles_load import read
from tests.unit.services.funds.entries import VILLAGE, content

LINKAGE = {"fund.consolidation"}
ADOPTED = {f"NL{number:02d}": Mode.BLOCK for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 22)}
OTHER_MONEY = [{"year": 2023, "level": "county", "category": "sector", "amount": "1.00"}]


def shipped() -> list[NegativeRule]:
    return [
        NegativeRule(
            rule_id=row["rule_id"],
            part=int(row["part"]),
            version=int(row["version"]),
            zh=row["zh"],
            en=row["en"],
            verdict=Mode(row["verdict"]),
            linkage_money_only=row["linkage_money_only"] == "yes",
            measure=row["measure"],
            bound=row["bound"],
            **{name: tuple(filter(None, row[name].split("|"))) for name in LISTS},
        )
        for row in read(SHIPPED / "negative_rules.csv")
    ]


NEEDY = {"households": 60, "persons": 150, "monitored_households": 5, "monitored_persons": 11}


def money(amount: str) -> list[dict[str, Any]]:
    return [{"year": 2023, "level": "central", "category": "fund.consolidation", "amount": amount}]


def place(kind: str) -> list[dict[str, Any]]:
    return [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": kind}]


def works(label: str, cost: str) -> list[dict[str, Any]]:
    return [{"label": label, "quantity": "1", "unit": "组", "cost": cost}]


LISTS = ("keywords", "whitelist", "economic_classes", "categories", "excepted")


def judged(changed: Mapping[str, Any], modes: Mapping[str, Mode] = ADOPTED) -> dict[str, Mode]:
    found = verdicts(content(**changed), shipped(), modes, LINKAGE)
    return {verdict.rule_id: verdict.verdict for verdict in found}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({}, {}, id="a greenhouse"),
        pytest.param(
            {"name": "一村村部办公楼", "economic_classes": ["50301"]},
            {"NL04": Mode.BLOCK},
            id="7: NL04 by word and class",
        ),
        pytest.param({"name": "一村村部办公楼"}, {"NL04": Mode.WARN}, id="NL04 by word alone"),
        pytest.param({"economic_classes": ["50301"]}, {}, id="a building that is no office"),
        pytest.param({"content": "偿还村级债务"}, {"NL05": Mode.BLOCK}, id="NL05 by word"),
        pytest.param({"economic_classes": ["51201"]}, {"NL05": Mode.BLOCK}, id="NL05 by class"),
        pytest.param({"category": "040103", "content": "偿还易地扶贫搬迁贷款"}, {}, id="NL05 excepts relocation loans"),
        pytest.param({"category": "030302"}, {"NL12": Mode.BLOCK}, id="NL12: a clinic"),
        pytest.param({"category": "030302", "funding": OTHER_MONEY}, {}, id="NL12: a clinic of other money"),
        pytest.param({"category": "030304"}, {}, id="public lighting is none"),
        pytest.param(
            {"category": "050401"}, {"NL12": Mode.BLOCK, "NL13": Mode.BLOCK}, id="NL12 and NL13: income support"
        ),
        pytest.param({"category": "060204"}, {"NL12": Mode.BLOCK}, id="NL12: culture"),
        pytest.param({"name": "防返贫监测工作经费"}, {"NL14": Mode.BLOCK}, id="NL14"),
        pytest.param({"economic_classes": ["50102"]}, {"NL01": Mode.BLOCK}, id="NL01: pay of staff by class"),
        pytest.param(
            {"category": "070101", "economic_classes": ["50201"], "content": "项目前期设计、评审和监理"},
            {},
            id="NL01 excepts the management of projects",
        ),
        pytest.param({"category": "070101"}, {"NL16": Mode.WARN}, id="NL16: a fee that does not say what for"),
        pytest.param({"category": "070101", "content": "项目招标代理和验收"}, {}, id="NL16: tender and acceptance"),
        pytest.param({"content": "补充单位办公经费"}, {"NL01": Mode.WARN}, id="NL01 by word alone"),
        pytest.param(
            {"content": "发放年终奖金", "economic_classes": ["50101"]},
            {"NL01": Mode.BLOCK, "NL02": Mode.BLOCK},
            id="NL02: bonuses",
        ),
        pytest.param({"name": "乡镇福利院周边道路硬化"}, {}, id="NL02: a welfare home is no welfare of staff"),
        pytest.param({"economic_classes": ["50303"]}, {"NL03": Mode.BLOCK}, id="NL03: vehicles by class"),
        pytest.param({"content": "购置公务用车一辆"}, {"NL03": Mode.BLOCK}, id="NL03: vehicles by word"),
        pytest.param({"content": "购置农用车两辆"}, {}, id="NL03: farm machines are allowed"),
        pytest.param({"content": "弥补企业亏损"}, {"NL06": Mode.BLOCK}, id="NL06"),
        pytest.param({"content": "充实城投公司"}, {"NL07": Mode.WARN}, id="NL07 by word"),
        pytest.param({"content": "弥补预算缺口"}, {"NL08": Mode.BLOCK}, id="NL08"),
        pytest.param({"funding": money("30000000.00")}, {}, id="NL09: at the bound"),
        pytest.param({"funding": money("30000000.01")}, {"NL09": Mode.BLOCK}, id="NL09: a fen beyond it"),
        pytest.param({"content": "资金借给合作社滚动使用"}, {"NL10": Mode.BLOCK}, id="NL10: revolving"),
        pytest.param({"category": "010502"}, {"NL10": Mode.BLOCK}, id="NL10: risk compensation"),
        pytest.param({"category": "010501", "content": "贷款贴息，担保基金代偿除外"}, {}, id="NL10 excepts interest"),
        pytest.param({"places": place("urban_community")}, {"NL11": Mode.BLOCK}, id="NL11: a town's community"),
        pytest.param({"places": place("relocation_site")}, {}, id="NL11: a relocation site is none"),
        pytest.param({"benefit": {**NEEDY, "largest_share_ppm": 500_000}}, {}, id="NL15: half is not more than half"),
        pytest.param(
            {"benefit": {**NEEDY, "largest_share_ppm": 500_001}}, {"NL15": Mode.WARN}, id="NL15: one large household"
        ),
        pytest.param({"benefit": {"households": 9, "persons": 20}}, {"NL15": Mode.WARN}, id="NL15: nobody in need"),
        pytest.param({"quantities": works("雕塑一组", "50000.01")}, {"NL15": Mode.WARN}, id="NL15: landscape works"),
        pytest.param({"quantities": works("雕塑一组", "50000.00")}, {}, id="NL15: landscape of just a tenth"),
        pytest.param({"is_household_project": True, "linkage_detail": ""}, {"NL19": Mode.WARN}, id="NL19: a hand-out"),
        pytest.param(
            {"is_household_project": True, "linkage_detail": "", "subsidy_condition": "新增养牛一头以上"},
            {},
            id="NL19: with a condition",
        ),
        pytest.param({"linkage": ["assets_as_shares"]}, {"NL19": Mode.WARN}, id="NL19: shares and nothing else"),
        pytest.param({"category": "080199"}, {"NL22": Mode.WARN}, id="NL22: the reviewer says whether it belongs"),
        pytest.param({"name": "防返贫 监测，工作经费"}, {"NL14": Mode.BLOCK}, id="blanks and commas hide no word"),
    ],
)
def test_what_the_list_says(changed: dict[str, Any], found: dict[str, Mode]) -> None:
    assert judged(changed) == found


def test_a_rule_that_nobody_adopted_warns_and_one_that_is_off_is_silent() -> None:
    assert judged({"category": "030302"}, {"NL12": Mode.WARN}) == {"NL12": Mode.WARN}
    assert judged({"category": "030302"}, {"NL12": Mode.OFF}) == {}


def test_a_block_is_not_lifted_by_a_person_and_a_warning_only_with_a_reason() -> None:
    """Scenario 7: an override by a leader is refused; what helps is a new version of the rule."""
    blocks = verdicts(content(name="防返贫监测工作经费"), shipped(), ADOPTED, LINKAGE)
    found = off_negative_list(blocks, {"NL14": "领导同意"})
    assert found is not None
    assert (found.code, found.rule) == ("NEGATIVE_LIST", "NL14")

    warns = verdicts(content(name="一村村部办公楼"), shipped(), ADOPTED, LINKAGE)
    silent = off_negative_list(warns, {"NL04": "  "})
    assert silent is not None
    assert silent.code == "WARNING_UNANSWERED"
    assert off_negative_list(warns, {"NL04": "系村级活动场所"}) is None


def test_a_newer_version_that_leaves_the_line_out_lets_it_pass() -> None:
    assert (
        verdicts(content(category="030302"), [rule for rule in shipped() if rule.rule_id != "NL12"], ADOPTED, LINKAGE)
        == []
    )


@pytest.mark.parametrize(
    ("category", "fund", "rule"),
    [
        pytest.param("030302", "fund.consolidation", "NL12", id="linkage money for a clinic"),
        pytest.param("030302", "sector", "", id="other money for a clinic"),
        pytest.param("010101", "fund.consolidation", "", id="linkage money for a greenhouse"),
        pytest.param("050401", "fund.consolidation", "NL12", id="the first rule that refuses"),
    ],
)
def test_which_money_may_pay_for_what(category: str, fund: str, rule: str) -> None:
    assert category_refused(category, fund, shipped(), LINKAGE) == rule


def test_shipped_rules_have_a_day_a_source_and_no_line_twice() -> None:
    rows = read(SHIPPED / "negative_rules.csv")
    assert {date.fromisoformat(row["effective_from"]) for row in rows} == {date(2021, 1, 1)}
    assert all(row["source"] for row in rows)
    keys = [(row["rule_id"], row["part"], row["version"], row["area"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert {row["rule_id"] for row in rows} == set(ADOPTED)


def test_what_was_tried_and_did_not_hit_is_a_pass_of_a_version() -> None:
    found = verdicts(content(category="030302"), shipped(), ADOPTED, LINKAGE)
    tried = passed(shipped(), ADOPTED | {"NL13": Mode.OFF}, found)
    assert (set(tried), set(tried.values())) == (set(ADOPTED) - {"NL12", "NL13"}, {1})


def test_shipped_measures_exist_and_their_bounds_are_read() -> None:
    for rule in shipped():
        if rule.measure:
            MEASURES[rule.measure](content(), rule.bound)

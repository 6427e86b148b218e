"""The negative list as shipped: NL04, NL05, NL12, NL13, NL14 (domain-funds-assets §1.7)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from services.funds.bulk.seed import SHIPPED
from services.funds.domain.negative_list import NegativeRule, category_refused, off_negative_list, verdicts
from shared.parameters.model import Mode
from shared.parameters.profiles_load import read
from tests.unit.services.funds.entries import content

LINKAGE = {"fund.consolidation"}
ADOPTED = {f"NL{number:02d}": Mode.BLOCK for number in (4, 5, 12, 13, 14)}
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
            **{name: tuple(filter(None, row[name].split("|"))) for name in LISTS},
        )
        for row in read(SHIPPED / "negative_rules.csv")
    ]


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

"""NL01–NL22 of domain-funds-assets §1.7: for each rule what it hits and what it lets pass, none left out."""

from collections.abc import Callable
from fractions import Fraction
from uuid import UUID

import pytest

from services.funds.domain import plans
from services.funds.domain.contracts import Procurement
from services.funds.domain.integration import binding_first, levelled_out
from services.funds.domain.limits import management_fee, other_villages
from services.funds.domain.payee_marks import Mark, barred
from services.funds.domain.project_review import CountyFacts, duplicates_cleared
from tests.unit.services.funds.entries import content
from tests.unit.services.funds.test_library_negative_list import ADOPTED, NEEDY, judged, money, place

Hit = Callable[[], bool]

OTHER = UUID(int=7)


def entry_hits(rule: str, **changed: object) -> Hit:
    """Whether the rule speaks of an entry with these fields."""
    return lambda: rule in judged(changed)


def payee_hits(mark: Mark, procurement: Procurement, *marks: Mark) -> Hit:
    return lambda: barred(marks, procurement)[mark.rule] is not None


def listed(state: str) -> Hit:
    return lambda: plans.lines_in_library(plans.PlanFacts({OTHER: state}, {}, {})) is not None


def suspected(**cleared: str) -> Hit:
    facts = CountyFacts(
        content=content(),
        verdicts=(),
        accepted={},
        suspects=(OTHER,),
        cleared={OTHER: cleared.get("reason", "")},
        sector_agreed=True,
        goals_agreed=True,
    )
    return lambda: duplicates_cleared(facts) is not None


def fee(received: int) -> Hit:
    return lambda: management_fee(14_000_000, received, Fraction(1, 100), "central") is not None


def never_poor(fen: int) -> Hit:
    return lambda: other_villages(Fraction(fen), 1_000_000_000, Fraction(3, 10)) is not None


_TENDER, _SELF_BUILD = Procurement.OPEN_TENDER, Procurement.SELF_BUILD

TABLE: list[tuple[str, Hit, Hit]] = [
    ("NL01", entry_hits("NL01", economic_classes=["50102"]), entry_hits("NL01", economic_classes=["50302"])),
    ("NL02", entry_hits("NL02", content="发放年终奖金"), entry_hits("NL02", name="乡镇福利院周边道路硬化")),
    ("NL03", entry_hits("NL03", content="购置公务用车一辆"), entry_hits("NL03", content="购置农用车两辆")),
    ("NL04", entry_hits("NL04", name="一村村部办公楼"), entry_hits("NL04", economic_classes=["50301"])),
    ("NL05", entry_hits("NL05", content="偿还村级债务"), entry_hits("NL05", category="040103", content="偿还搬迁贷款")),
    ("NL06", entry_hits("NL06", content="弥补企业亏损"), entry_hits("NL06", content="与企业签订订单")),
    (
        "NL06",
        payee_hits(Mark.LOSS_COVER, _SELF_BUILD, Mark.LOSS_COVER),
        payee_hits(Mark.LOSS_COVER, _TENDER, Mark.OWN_ACCOUNT),
    ),
    ("NL07", entry_hits("NL07", content="充实城投公司"), entry_hits("NL07", content="与城镇超市产销对接")),
    (
        "NL07",
        payee_hits(Mark.GOVERNMENT_ENTITY, _TENDER, Mark.GOVERNMENT_ENTITY),
        payee_hits(Mark.GOVERNMENT_ENTITY, _TENDER),
    ),
    ("NL08", entry_hits("NL08", content="弥补预算缺口"), entry_hits("NL08", content="按预算实施")),
    ("NL09", entry_hits("NL09", funding=money("30000000.01")), entry_hits("NL09", funding=money("30000000.00"))),
    ("NL10", entry_hits("NL10", category="010502"), entry_hits("NL10", category="010501")),
    ("NL11", entry_hits("NL11", places=place("urban_community")), entry_hits("NL11", places=place("relocation_site"))),
    ("NL12", entry_hits("NL12", category="030302"), entry_hits("NL12", category="030304")),
    ("NL13", entry_hits("NL13", category="050401"), entry_hits("NL13", category="050201")),
    ("NL14", entry_hits("NL14", name="防返贫监测工作经费"), entry_hits("NL14", name="水质监测井建设")),
    (
        "NL15",
        entry_hits("NL15", benefit={**NEEDY, "largest_share_ppm": 500_001}),
        entry_hits("NL15", benefit={**NEEDY, "largest_share_ppm": 500_000}),
    ),
    ("NL16", fee(1_399_999_999), fee(1_400_000_000)),
    ("NL17", never_poor(300_000_001), never_poor(300_000_000)),
    ("NL18", listed("COUNTY_PUBLICITY"), listed("IN_LIBRARY")),
    (
        "NL19",
        entry_hits("NL19", is_household_project=True, linkage_detail=""),
        entry_hits("NL19", is_household_project=True, linkage_detail="", subsidy_condition="新增养牛一头以上"),
    ),
    ("NL20", suspected(), suspected(reason="二期工程")),
    (
        "NL21",
        payee_hits(Mark.OWN_ACCOUNT, _TENDER, Mark.OWN_ACCOUNT),
        payee_hits(Mark.OWN_ACCOUNT, _SELF_BUILD, Mark.OWN_ACCOUNT),
    ),
    ("NL21", lambda: binding_first({"x": 1}) is not None, lambda: binding_first({}) is not None),
    ("NL21", lambda: levelled_out([100, 100, 100]) is not None, lambda: levelled_out([100, 100, 101]) is not None),
    ("NL22", entry_hits("NL22", category="080199"), entry_hits("NL22", category="010101")),
]


@pytest.mark.parametrize(
    ("hit", "passed"), [pytest.param(hit, passed, id=f"{rule}-{n}") for n, (rule, hit, passed) in enumerate(TABLE)]
)
def test_each_rule_has_what_it_hits_and_what_it_lets_pass(hit: Hit, passed: Hit) -> None:
    assert hit()
    assert not passed()


def test_no_rule_is_left_out() -> None:
    assert {rule for rule, _, _ in TABLE} == {f"NL{number:02d}" for number in range(1, 23)}
    assert set(ADOPTED) <= {rule for rule, _, _ in TABLE}

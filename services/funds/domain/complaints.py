"""Rules of complaints (投诉举报, §6): who may handle what about whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.funds.domain.refusals import refusal
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation
from shared.kernel.roles import Role
from shared.workflow.desks import (
    BUREAU,
    COLLECTIVE,
    FINANCE,
    REVIEW_CENTRE,
    SECTOR,
    TOWNSHIP,
    TREASURY,
    UNIT,
    VILLAGE,
)

_RULE = "F-6"


class Desk(StrEnum):
    """A unit that complaints may be about, and that may handle those about others."""

    VILLAGE = "village"
    COLLECTIVE = "collective"
    TOWNSHIP = "township"
    SECTOR = "sector"
    BUREAU = "bureau"
    FINANCE = "finance"
    TREASURY = "treasury"
    UNIT = "unit"
    REVIEW_CENTRE = "review_centre"
    AUDIT = "audit"


DESKS: Mapping[Desk, frozenset[Role]] = {
    Desk.VILLAGE: VILLAGE,
    Desk.COLLECTIVE: COLLECTIVE,
    Desk.TOWNSHIP: TOWNSHIP,
    Desk.SECTOR: SECTOR,
    Desk.BUREAU: BUREAU,
    Desk.FINANCE: FINANCE,
    Desk.TREASURY: TREASURY,
    Desk.UNIT: UNIT,
    Desk.REVIEW_CENTRE: REVIEW_CENTRE,
    Desk.AUDIT: frozenset({Role.AUDITOR}),
}
"""Who acts for a unit."""

_NEAR = frozenset({frozenset({Desk.FINANCE, Desk.TREASURY}), frozenset({Desk.VILLAGE, Desk.COLLECTIVE})})
"""Units of one house: neither handles what is said of the other at the same level."""


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """What the guards judge: about whom, by whom it is or would be handled, and who asks."""

    about: Desk
    about_area: AreaCode
    desk: Desk | None
    handler_area: AreaCode | None
    acts_for_desk: bool
    acts_for_about: bool
    objection_open: bool


def of_the_territory(facts: ComplaintFacts) -> Violation | None:
    """The unit's area holds the place complained about, and the unit is one of its own level."""
    if facts.desk is None or facts.handler_area is None:
        return None
    levels = {Desk.VILLAGE: AreaLevel.VILLAGE, Desk.COLLECTIVE: AreaLevel.VILLAGE, Desk.TOWNSHIP: AreaLevel.TOWNSHIP}
    wanted = levels.get(facts.desk)
    fits = facts.handler_area.level is wanted if wanted else facts.handler_area.level <= AreaLevel.COUNTY
    if fits and facts.handler_area.contains(facts.about_area):
        return None
    return refusal(
        "NOT_IN_CHARGE",
        _RULE,
        "该单位不管辖被投诉事项所在地",
        "this unit is not in charge of the place complained about",
        ("按属地和层级交办", "assign it by territory and level"),
        field="/form/area_code",
    )


def of_another_unit(facts: ComplaintFacts) -> Violation | None:
    """The unit complained about never handles it; nor does a lower one, nor one of the same house."""
    if facts.desk is None or facts.handler_area is None:
        return None
    same_place = facts.handler_area == facts.about_area
    related = facts.desk is facts.about or frozenset({facts.desk, facts.about}) in _NEAR
    if not (same_place and related) and facts.handler_area.level <= facts.about_area.level:
        return None
    return refusal(
        "OWN_COMPLAINT",
        _RULE,
        "被投诉单位及其下级不得办理该投诉",
        "the unit complained about does not handle it, nor does one below it",
        ("交由同级其他单位或上级办理", "assign it to another unit or to the level above"),
        field="/form/desk",
    )


def is_assigned_desk(facts: ComplaintFacts) -> Violation | None:
    """Only the assigned unit handles it."""
    if facts.acts_for_desk:
        return None
    return refusal(
        "NOT_ASSIGNED",
        _RULE,
        "该投诉未交您单位办理",
        "this complaint is not assigned to your unit",
        ("由承办单位办理", "have the assigned unit do it"),
    )


def not_complained_about(facts: ComplaintFacts) -> Violation | None:
    """A person who also works for the unit complained about stands aside."""
    if not facts.acts_for_about:
        return None
    return refusal(
        "OWN_COMPLAINT",
        _RULE,
        "您所在单位是被投诉单位，应当回避",
        "you work for the unit complained about and stand aside",
        ("由其他人员办理", "have somebody else do it"),
    )


def no_objection_open(facts: ComplaintFacts) -> Violation | None:
    """What blocks a publicity is answered, not turned away."""
    if not facts.objection_open:
        return None
    return refusal(
        "OBJECTION_OPEN",
        _RULE,
        "该投诉同时是公示异议，须先答复异议",
        "the complaint is an objection to a notice, which is answered first",
        ("先办理异议", "resolve the objection first"),
    )

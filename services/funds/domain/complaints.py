"""Rules of complaints (投诉举报, §6): who may handle what about whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.funds.domain.refusals import refusal
from shared.kernel.actors import Grant
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation
from shared.kernel.roles import Role
from shared.workflow.desks import (
    BUREAU,
    COLLECTIVE,
    FINANCE,
    LEADING_GROUP,
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
    LEADING_GROUP = "leading_group"


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
    Desk.LEADING_GROUP: LEADING_GROUP,
}
"""Who acts for a unit."""

INTAKE = LEADING_GROUP
"""Who takes complaints in (12317), the only ones to whom a reporter's name opens."""
INTAKE_OUTSIDE = frozenset({Role.AUDITOR})
"""Who takes in what is said of the intake itself; the leading group of a level above may do so too."""
HOUSE_OF_INTAKE = frozenset({Desk.LEADING_GROUP, Desk.BUREAU})
"""The leading group and the bureau where its office sits: neither takes in what is said of one of them."""

_NEAR = frozenset(
    {frozenset({Desk.FINANCE, Desk.TREASURY}), frozenset({Desk.VILLAGE, Desk.COLLECTIVE}), HOUSE_OF_INTAKE}
)
"""Units of one house: neither handles what is said of the other at the same level."""


_LEVELS = {Desk.VILLAGE: AreaLevel.VILLAGE, Desk.COLLECTIVE: AreaLevel.VILLAGE, Desk.TOWNSHIP: AreaLevel.TOWNSHIP}
"""Units with one level; all others sit in a county or above."""


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """What the guards judge: about whom, by whom it is or would be handled, who asks, and whether they are intake."""

    about: Desk
    about_area: AreaCode
    desk: Desk | None
    handler_area: AreaCode | None
    acts_for_desk: bool
    acts_for_about: bool
    objection_open: bool
    is_intake: bool


def unit_area(desk: Desk, area: AreaCode) -> AreaCode:
    """The area of the unit that is in charge of `area`: a bureau sits in the county, whichever village is named."""
    return area.at(min(area.level, _LEVELS.get(desk, AreaLevel.COUNTY)))


def takes_in(about: Desk, area: AreaCode, grants: Collection[Grant]) -> bool:
    """Whether one of `grants` takes in complaints about this unit, and so sees who reported."""
    over = [grant for grant in grants if grant.area.contains(area)]
    if about not in HOUSE_OF_INTAKE:
        return any(grant.role in INTAKE for grant in over)
    return any(
        grant.role in INTAKE_OUTSIDE or (grant.role in INTAKE and grant.area.level < area.level) for grant in over
    )


def concerns(about: Desk, area: AreaCode, handled_by: tuple[Desk, AreaCode] | None, grants: Collection[Grant]) -> bool:
    """Whether one of `grants` has to do with the complaint: its intake or its handler, never the unit itself."""
    if any(grant.area == area and grant.role in DESKS[about] for grant in grants):
        return False
    return takes_in(about, area, grants) or any(
        handled_by is not None and grant.area == handled_by[1] and grant.role in DESKS[handled_by[0]]
        for grant in grants
    )


def stands_outside(facts: ComplaintFacts) -> Violation | None:
    """Complaints about the intake desk or its house are taken in outside it, all others by the intake desk."""
    if facts.is_intake:
        return None
    own = facts.about in HOUSE_OF_INTAKE
    return refusal(
        "NOT_INTAKE",
        _RULE,
        "投诉领导小组或主管局的，由审计或上级领导小组受理" if own else "投诉举报由领导小组办公室受理",
        "what is said of the intake desk is taken in outside it" if own else "this is for the intake desk",
        ("由审计机关或上级领导小组受理", "have the auditor or the level above do it")
        if own
        else ("由领导小组办公室受理", "have the leading group's office do it"),
    )


def of_the_territory(facts: ComplaintFacts) -> Violation | None:
    """The unit's area holds the place complained about, and the unit is one of its own level."""
    if facts.desk is None or facts.handler_area is None:
        return None
    wanted = _LEVELS.get(facts.desk)
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
    if facts.desk is Desk.LEADING_GROUP:
        return _intake_handles()
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


def _intake_handles() -> Violation:
    return refusal(
        "INTAKE_HANDLES",
        _RULE,
        "受理单位不得承办投诉",
        "who takes complaints in does not investigate them",
        ("交由其他单位办理", "assign it to another unit"),
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

"""Dynamic adjustment (动态调整): the windows of a year, urgent entries outside them, and why a project leaves (§1.6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, Protocol

from services.funds.domain.project_content import ProjectContent
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation

_SPAN = re.compile(r"(\d{2})-(\d{2})\.\.(\d{2})-(\d{2})")
_RULE = "F-1.6"


@dataclass(frozen=True, slots=True)
class Window:
    """The windows in force, each `MM-DD..MM-DD` with both days in it; one may run over the turn of the year."""

    spans: tuple[str, ...]
    today: date
    is_urgent: bool = False


ALWAYS = Window(("01-01..12-31",), date(2000, 1, 1))
"""Where no window is asked for."""


class HasWindow(Protocol):
    """Facts of a step that the windows bind."""

    @property
    def window(self) -> Window:
        """The windows of the project's county."""


def window_open(facts: HasWindow) -> Violation | None:
    """The county takes entries and changes in its windows; what is urgent comes in at any time (§1.6)."""
    window = facts.window
    if window.is_urgent or any(_holds(span, window.today) for span in window.spans):
        return None
    return refusal(
        "WINDOW_CLOSED",
        _RULE,
        f"今日不在项目库动态调整窗口期（{'、'.join(window.spans)}）内",
        f"today lies in no window of the library: {', '.join(window.spans)}",
        ("窗口期内办理；监测户急需或受灾的，先申请应急入库", "do it in a window, or declare it urgent"),
        windows=list(window.spans),
    )


def _holds(span: str, today: date) -> bool:
    """Whether the day lies in the span; words that are no span hold no day."""
    match = _SPAN.fullmatch(span)
    if match is None:
        return False
    first, last = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
    day = today.month, today.day
    return first <= day <= last if first <= last else day >= first or day <= last


class Cause(StrEnum):
    """Why an entry does not wait for a window: 监测户急需、灾害."""

    MONITORED_HOUSEHOLD = "monitored_household"
    DISASTER = "disaster"


@dataclass(frozen=True, slots=True)
class UrgencyFacts:
    """A declaration of urgency: its cause and paper, the entry, and whether there is one already."""

    cause: Cause
    document_no: str
    content: ProjectContent
    is_declared: bool


def urgency_founded(facts: UrgencyFacts) -> Violation | None:
    """Declared once; for monitored households that the entry names, or for a disaster that a document states (§1.6)."""
    if facts.is_declared:
        return refusal(
            "URGENT_ALREADY",
            _RULE,
            "该项目已申请应急入库",
            "the project is declared urgent already",
            ("无需重复申请", "nothing is left to do"),
        )
    if facts.cause is Cause.MONITORED_HOUSEHOLD and not facts.content.benefit.monitored_households:
        return refusal(
            "URGENCY_UNFOUNDED",
            _RULE,
            "项目受益对象中没有监测户，不能以监测户急需为由应急入库",
            "no monitored household benefits",
            ("核对受益对象", "check the beneficiaries"),
            field="/form/cause",
        )
    if facts.cause is Cause.DISASTER and not facts.document_no:
        return refusal(
            "URGENCY_UNFOUNDED",
            _RULE,
            "以灾害为由的，须填写灾情认定文号",
            "a disaster is stated by its document",
            ("填写灾情认定文号", "give the number of the document"),
            field="/form/document_no",
        )
    return None


@dataclass(frozen=True, slots=True)
class CompletionFacts:
    """An urgent entry that is to be completed: its content now, and whether anything is outstanding."""

    content: ProjectContent
    is_outstanding: bool
    is_urgent: bool = False


def urgency_outstanding(facts: CompletionFacts) -> Violation | None:
    """Only an urgent entry that is not completed yet is completed."""
    if facts.is_outstanding:
        return None
    return refusal(
        "NOTHING_OUTSTANDING",
        _RULE,
        "该项目不是应急入库项目，或手续已补齐",
        "the project was not entered as urgent, or is completed",
        ("无需补办", "nothing is left to do"),
    )


class ExitReason(StrEnum):
    """Why a project leaves the library (出库原因, §1.6)."""

    CLOSED = "E01"
    NO_NEED = "E02"
    CONDITIONS_LOST = "E03"
    OTHER_MONEY = "E04"
    MERGED = "E05"
    POLICY = "E06"
    WAITED_TOO_LONG = "E07"
    OBJECTION_UPHELD = "E08"
    UNIT_WITHDREW = "E09"
    DISASTER = "E10"
    TOO_FEW_BENEFIT = "E11"
    ADMINISTRATIVE = "E12"

    @property
    def zh(self) -> str:
        """The reason in words, as the notice of exit prints it."""
        return _REASONS[self]


_REASONS: Mapping[ExitReason, str] = {
    ExitReason.CLOSED: "已实施完成并办结",
    ExitReason.NO_NEED: "需求已不存在",
    ExitReason.CONDITIONS_LOST: "用地、环保、许可或线路等实施条件丧失",
    ExitReason.OTHER_MONEY: "已由其他资金实施",
    ExitReason.MERGED: "重复或并入其他项目",
    ExitReason.POLICY: "政策调整或触及负面清单",
    ExitReason.WAITED_TOO_LONG: "入库多年未安排资金",
    ExitReason.OBJECTION_UPHELD: "异议或举报属实",
    ExitReason.UNIT_WITHDREW: "实施单位退出或市场风险",
    ExitReason.DISASTER: "灾害或不可抗力",
    ExitReason.TOO_FEW_BENEFIT: "受益对象低于最低数",
    ExitReason.ADMINISTRATIVE: "区划调整",
}


class Claimed(NamedTuple):
    """What the decision says beside its reason."""

    merged_into: str = ""
    other_money: str = ""
    policy_basis: str = ""
    households_left: int | None = None


@dataclass(frozen=True, slots=True)
class ExitGround:
    """What the books know about a reason: the wait, upheld objections, places that ended, the project it merges into."""

    reason: ExitReason
    claimed: Claimed
    merges_in_library: bool
    years_waiting: int
    least_years: int
    is_upheld: bool
    hits_negative_list: bool
    least_households: int
    ended_places: int


class HasGround(Protocol):
    """Facts of a step by which a project leaves."""

    @property
    def ground(self) -> ExitGround:
        """What the books know."""


def exit_reason_holds(facts: HasGround) -> Violation | None:
    """A reason that the books can show is shown by them; the others stand on the decision document (§1.6)."""
    ground, claimed = facts.ground, facts.ground.claimed
    shown: Mapping[ExitReason, tuple[bool, str, str, str]] = {
        ExitReason.OTHER_MONEY: (
            bool(claimed.other_money),
            "须写明由何种资金实施",
            "say with which money it was done",
            "/form/other_money",
        ),
        ExitReason.MERGED: (
            ground.merges_in_library,
            "须写明并入的、在库的另一项目",
            "name the other project of the library that it merges into",
            "/form/merged_into",
        ),
        ExitReason.POLICY: (
            bool(claimed.policy_basis) or ground.hits_negative_list,
            "须写明政策依据，或由负面清单判定触及",
            "name the policy, or let the negative list block it",
            "/form/policy_basis",
        ),
        ExitReason.WAITED_TOO_LONG: (
            ground.years_waiting >= ground.least_years,
            f"在库等待 {ground.years_waiting} 个计划年度，未满 {ground.least_years} 年",
            f"it has waited {ground.years_waiting} plan years, not {ground.least_years}",
            "/form/exit_reason",
        ),
        ExitReason.OBJECTION_UPHELD: (
            ground.is_upheld,
            "没有属实的异议或举报",
            "no objection or complaint about it was upheld",
            "/form/exit_reason",
        ),
        ExitReason.TOO_FEW_BENEFIT: (
            claimed.households_left is not None and claimed.households_left < ground.least_households,
            f"须填写现有受益户数，且低于 {ground.least_households} 户",
            f"state the households left, fewer than {ground.least_households}",
            "/form/households_left",
        ),
        ExitReason.ADMINISTRATIVE: (
            ground.ended_places > 0,
            "建设地点的区划没有调整",
            "none of its places was merged or renamed",
            "/form/exit_reason",
        ),
    }
    holds, zh, en, field = shown.get(ground.reason, (True, "", "", ""))
    if holds:
        return None
    return refusal(
        "EXIT_REASON",
        f"{_RULE}-{ground.reason}",
        f"出库原因不成立：{zh}",
        f"the reason does not hold: {en}",
        ("核对原因，或改用其他原因", "check the reason, or give another"),
        field=field,
        reason=str(ground.reason),
    )

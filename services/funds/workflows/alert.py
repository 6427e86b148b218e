"""An alert (预警) from the check that raised it to the person who stands for its end; domain-funds-assets §4.3.

Overdue cases escalate by the floor's sweep, which never closes them. Closed and explained ones are not terminal: they
can be opened again, by a person or because the same thing got worse.
"""

from services.funds.domain.early_warnings import HANDLERS
from shared.contracts.funds import AlertClosed, AlertRaised
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU_HEADS, FINANCE_LEADER, FINANCE_REVIEWER, LEADING_GROUP, SYSTEM
from shared.workflow.model import Due, Evidence, State, Step, Workflow

_SECOND = FINANCE_REVIEWER | FINANCE_LEADER | BUREAU_HEADS
_LEADERS = FINANCE_LEADER | BUREAU_HEADS
_OPEN = ("ASSIGNED", "VERIFYING", "EXPLAINING", "CONFIRMED", "RECTIFYING", "EXTENDED", "REVIEW", "REOPENED")
ENDED = ("EXPLAINED", "CLOSED")
"""Handled (已处置)."""


def _due(days: str) -> Due:
    return Due(days, Role.FINANCE_LEADER)


_STATES = (
    State("NEW", "新产生", "new"),
    State("ASSIGNED", "已派发", "assigned", due=_due("alert.days.accept")),
    State("VERIFYING", "核实中", "being verified", due=_due("alert.days.verify")),
    State("EXPLAINING", "解释待复核", "explanation awaits a second person", due=_due("alert.days.review")),
    State("EXPLAINED", "已解释", "explained, no problem"),
    State("CONFIRMED", "确认有问题", "confirmed", due=_due("alert.days.plan")),
    State("RECTIFYING", "整改中", "being rectified", due=_due("alert.days.rectify")),
    State("EXTENDED", "整改延期", "rectification extended", due=_due("alert.days.extension")),
    State("REVIEW", "整改待复查", "rectification under review", due=_due("alert.days.review")),
    State("CLOSED", "已办结", "closed"),
    State("REOPENED", "重新打开", "reopened", due=_due("alert.days.accept")),
)

_BY_SYSTEM = (
    Step("assign", "自动派发", "assign", ("NEW",), "ASSIGNED", SYSTEM, emits=(AlertRaised,), rule="F-4.3"),
    Step(
        "worsen",
        "升级为红色并重新计时",
        "raise to red, clocks run anew",
        source=(*_OPEN, *ENDED),
        target="ASSIGNED",
        roles=SYSTEM,
        emits=(AlertRaised,),
        new_round=True,
        rule="F-4.2",
    ),
    Step(
        "clear",
        "条件消除，自动办结",
        "close, the condition is gone",
        source=_OPEN,
        target="CLOSED",
        roles=SYSTEM,
        emits=(AlertClosed,),
        rule="F-4.2",
    ),
)

_VERIFICATION = (
    Step(
        "verify",
        "开始核实",
        "begin to verify",
        source=("ASSIGNED", "REOPENED"),
        target="VERIFYING",
        roles=HANDLERS,
        guards=("is_owner",),
        rule="F-4.3",
    ),
    Step(
        "explain",
        "提出解释",
        "explain",
        source=("VERIFYING",),
        target="EXPLAINING",
        roles=HANDLERS,
        evidence=(Evidence("alert_explanation", "情况说明及佐证"),),
        guards=("is_owner",),
        reason=True,
        rule="F-4.3",
    ),
    Step(
        "accept_explanation",
        "认可解释",
        "accept the explanation",
        source=("EXPLAINING",),
        target="EXPLAINED",
        roles=_SECOND,
        different_from=("explain",),
        emits=(AlertClosed,),
        rule="F-4.3",
    ),
    Step(
        "reject_explanation",
        "不认可解释",
        "reject the explanation",
        source=("EXPLAINING",),
        target="VERIFYING",
        roles=_SECOND,
        different_from=("explain",),
        reason=True,
        forward=False,
        rule="F-4.3",
    ),
    Step(
        "confirm",
        "确认问题",
        "confirm the problem",
        source=("VERIFYING",),
        target="CONFIRMED",
        roles=HANDLERS,
        guards=("is_owner",),
        reason=True,
        rule="F-4.3",
    ),
)

_RECTIFICATION = (
    Step(
        "plan",
        "制定整改方案",
        "plan the rectification",
        source=("CONFIRMED",),
        target="RECTIFYING",
        roles=HANDLERS,
        guards=("is_owner", "plan_in_time"),
        rule="F-4.3",
    ),
    Step(
        "extend",
        "批准延期（一次，由上一级）",
        "extend, once and by the next level",
        source=("RECTIFYING",),
        target="EXTENDED",
        roles=_LEADERS,
        guards=("by_next_level", "not_extended_before"),
        reason=True,
        rule="F-4.3",
    ),
    Step(
        "submit_rectification",
        "报送整改结果",
        "submit the rectification",
        source=("RECTIFYING", "EXTENDED"),
        target="REVIEW",
        roles=HANDLERS,
        evidence=(Evidence("rectification_proof", "整改佐证"),),
        guards=("is_owner",),
        rule="F-4.3",
    ),
    Step(
        "return_rectification",
        "退回继续整改",
        "return the rectification",
        source=("REVIEW",),
        target="RECTIFYING",
        roles=_SECOND,
        reason=True,
        different_from=("submit_rectification",),
        forward=False,
        rule="F-4.3",
    ),
    Step(
        "close",
        "复查办结",
        "close after review",
        source=("REVIEW",),
        target="CLOSED",
        roles=_SECOND,
        different_from=("submit_rectification",),
        emits=(AlertClosed,),
        rule="F-4.3",
    ),
    Step(
        "reopen",
        "重新打开",
        "reopen",
        source=ENDED,
        target="REOPENED",
        roles=_LEADERS | LEADING_GROUP | {Role.AUDITOR},
        reason=True,
        new_round=True,
        emits=(AlertRaised,),
        forward=False,
        rule="F-4.3",
    ),
)

ALERT = Workflow(
    "funds.alert",
    "资金预警处置",
    "supervision alert",
    subject="alert",
    start="NEW",
    states=_STATES,
    steps=(*_BY_SYSTEM, *_VERIFICATION, *_RECTIFICATION),
    source="domain-funds-assets §4.3",
    duties="F-4.3",
)

"""A complaint (投诉举报): taken in, assigned by territory and level, investigated, answered, asked for satisfaction; §6."""

from services.funds.domain.complaints import INTAKE, INTAKE_OUTSIDE
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
from shared.workflow.model import Due, Evidence, State, Step, Workflow

_TAKERS = INTAKE | INTAKE_OUTSIDE
_HANDLERS = (
    BUREAU | COLLECTIVE | FINANCE | REVIEW_CENTRE | SECTOR | TOWNSHIP | TREASURY | UNIT | VILLAGE | {Role.AUDITOR}
)
_OWN = ("is_assigned_desk", "not_complained_about")


def _due(name: str) -> Due:
    return Due(f"complaint.days.{name}", Role.LEADING_GROUP)


COMPLAINT = Workflow(
    "funds.complaint",
    "投诉举报",
    "complaint",
    subject="complaint",
    start="RECEIVED",
    states=(
        State("RECEIVED", "已收件", "received", due=_due("accept")),
        State("REJECTED", "不予受理", "out of scope", terminal=True),
        State("ASSIGNED", "已交办", "assigned", due=_due("begin")),
        State("INVESTIGATING", "调查中", "being investigated", due=_due("handle")),
        State("REPLIED", "已答复", "answered", due=_due("close")),
        State("CLOSED", "已办结", "closed", terminal=True),
    ),
    steps=(
        Step(
            "reject",
            "不予受理",
            "reject as out of scope",
            source=("RECEIVED",),
            target="REJECTED",
            roles=_TAKERS,
            guards=("stands_outside", "no_objection_open"),
            reason=True,
            rule="F-6",
        ),
        Step(
            "assign",
            "交办",
            "assign",
            source=("RECEIVED",),
            target="ASSIGNED",
            roles=_TAKERS,
            guards=("stands_outside", "of_the_territory", "of_another_unit"),
            rule="F-6",
        ),
        Step(
            "hand_back",
            "退回重新交办",
            "hand back",
            source=("ASSIGNED", "INVESTIGATING"),
            target="RECEIVED",
            roles=_HANDLERS,
            guards=_OWN,
            reason=True,
            new_round=True,
            forward=False,
            rule="F-6",
        ),
        Step(
            "investigate",
            "开始调查",
            "begin to investigate",
            source=("ASSIGNED",),
            target="INVESTIGATING",
            roles=_HANDLERS,
            guards=_OWN,
            rule="F-6",
        ),
        Step(
            "reply",
            "答复",
            "answer",
            source=("INVESTIGATING",),
            target="REPLIED",
            roles=_HANDLERS,
            evidence=(Evidence("investigation_report", "调查报告"),),
            guards=_OWN,
            rule="F-6",
        ),
        Step(
            "reinvestigate",
            "不满意，重新调查",
            "investigate again",
            source=("REPLIED",),
            target="INVESTIGATING",
            roles=_TAKERS,
            guards=("stands_outside",),
            reason=True,
            forward=False,
            rule="F-6",
        ),
        Step(
            "close",
            "回访办结",
            "close with satisfaction",
            source=("REPLIED",),
            target="CLOSED",
            roles=_TAKERS,
            guards=("stands_outside",),
            different_from=("reply",),
            rule="F-6",
        ),
    ),
    source="domain-funds-assets §6",
    duties="F-6",
)

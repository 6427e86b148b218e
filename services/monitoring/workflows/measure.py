"""A measure of assistance (帮扶措施) from the household's plan to its checked effect; domain-monitoring M-AST-08."""

from shared.contracts.monitoring import MeasureDelivered
from shared.kernel.roles import Role
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FIELD, SECTOR, SYSTEM, TOWNSHIP, TOWNSHIP_LEADER
from shared.workflow.model import Due, Evidence, State, Step, Workflow

_HANDS = FIELD | TOWNSHIP | SECTOR | SYSTEM

MEASURE = Workflow(
    "monitoring.measure",
    "帮扶措施",
    "measure",
    subject="measure",
    start="PLANNED",
    states=(
        State("PLANNED", "已计划", "planned", due=Due("measure.days.first", Role.TOWNSHIP_LEADER)),
        State("APPLIED", "已申请", "applied"),
        State("APPROVED", "已批准", "approved"),
        State("IN_PROGRESS", "实施中", "in progress"),
        State("DELIVERED", "已落实", "delivered"),
        State("EFFECT_CHECKED", "已评估成效", "effect checked", terminal=True),
        State("CANCELLED", "已取消", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "apply",
            "申请措施",
            "apply",
            source=("PLANNED",),
            target="APPLIED",
            roles=FIELD | TOWNSHIP,
            rule="M-AST-08",
        ),
        Step(
            "approve",
            "批准措施",
            "approve",
            source=("APPLIED",),
            target="APPROVED",
            roles=TOWNSHIP_LEADER | SECTOR | BUREAU_HEADS,
            different_from=("apply",),
            guards=("household_eligible",),
            rule="M-AST-08",
        ),
        Step(
            "begin",
            "开始实施",
            "begin",
            source=("APPROVED",),
            target="IN_PROGRESS",
            roles=_HANDS,
            rule="M-AST-08",
        ),
        Step(
            "deliver",
            "落实措施",
            "deliver",
            source=("IN_PROGRESS",),
            target="DELIVERED",
            roles=FIELD | TOWNSHIP | SECTOR,
            evidence=(Evidence("delivery_proof", "落实凭证（支付凭证、照片或合同）"),),
            emits=(MeasureDelivered,),
            rule="M-AST-08",
        ),
        Step(
            "deliver_by_payment",
            "资金到账落实",
            "deliver by payment",
            source=("PLANNED", "APPLIED", "APPROVED", "IN_PROGRESS"),
            target="DELIVERED",
            roles=SYSTEM,
            guards=("payment_on_record",),
            emits=(MeasureDelivered,),
            rule="M-AST-08",
        ),
        Step(
            "check_effect",
            "评估成效",
            "check the effect",
            source=("DELIVERED",),
            target="EFFECT_CHECKED",
            roles=FIELD | TOWNSHIP,
            different_from=("approve",),
            evidence=(Evidence("visit_photo", "走访照片"),),
            guards=("effect_recorded",),
            rule="M-AST-09",
        ),
        Step(
            "send_back",
            "退回",
            "send back",
            source=("APPLIED",),
            target="PLANNED",
            roles=TOWNSHIP_LEADER | SECTOR | BUREAU,
            reason=True,
            new_round=True,
            rule="M-AST-08",
        ),
        Step(
            "cancel",
            "取消措施",
            "cancel",
            source=("PLANNED", "APPLIED", "APPROVED", "IN_PROGRESS"),
            target="CANCELLED",
            roles=FIELD | TOWNSHIP | BUREAU | SYSTEM,
            reason=True,
            rule="M-AST-08",
        ),
    ),
    source="domain-monitoring §5.1",
    duties="M-ID-09",
)
"""A payment that funds confirm delivers a measure from wherever it stands: the bank slip is the evidence."""

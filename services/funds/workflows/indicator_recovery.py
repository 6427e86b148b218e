"""A recovery (资金收回): idle money and surplus used again or returned, decided by two persons; domain-funds-assets §3.6."""

from shared.contracts.funds import IndicatorRecovered
from shared.workflow.desks import FINANCE_CLERK, FINANCE_LEADER, LEADING_GROUP
from shared.workflow.model import Evidence, State, Step, Workflow

INDICATOR_RECOVERY = Workflow(
    "funds.indicator_recovery",
    "结余结转资金收回",
    "recovery of idle money",
    subject="indicator_recovery",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft"),
        State("PROPOSED", "拟收回", "proposed"),
        State("REUSED", "已统筹再用", "back to use in the county", terminal=True),
        State("RETURNED", "已上缴", "returned to the upper level", terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "propose",
            "提出收回意见",
            "propose",
            source=("DRAFT",),
            target="PROPOSED",
            roles=FINANCE_CLERK,
            rule="F-3.6",
        ),
        Step(
            "reuse",
            "统筹再用",
            "use again",
            source=("PROPOSED",),
            target="REUSED",
            roles=LEADING_GROUP | FINANCE_LEADER,
            different_from=("propose",),
            evidence=(Evidence("recovery_document", "收回文件"),),
            guards=("meant_for_reuse",),
            rule="F-3.6 P23",
        ),
        Step(
            "return",
            "上缴",
            "return",
            source=("PROPOSED",),
            target="RETURNED",
            roles=FINANCE_LEADER,
            different_from=("propose",),
            evidence=(Evidence("recovery_document", "收回文件"),),
            guards=("meant_for_return",),
            emits=(IndicatorRecovered,),
            rule="F-3.6 P24",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT", "PROPOSED"),
            target="CANCELLED",
            roles=FINANCE_CLERK | FINANCE_LEADER,
            reason=True,
            forward=False,
            rule="F-3.6",
        ),
    ),
    source="domain-funds-assets §3.6",
    duties="F-3.2",
)

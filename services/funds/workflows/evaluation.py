"""The evaluation of a county's linkage money (衔接资金绩效评价): scored, submitted, confirmed by another person; §5.6."""

from shared.contracts.funds import PerformanceEvaluated
from shared.workflow.desks import BUREAU, FINANCE, FINANCE_LEADER
from shared.workflow.model import Evidence, Publicity, State, Step, Workflow

EVALUATION = Workflow(
    "funds.evaluation",
    "衔接资金绩效评价",
    "evaluation of linkage money",
    subject="evaluation",
    start="DRAFT",
    states=(
        State("DRAFT", "评分中", "being scored"),
        State("SUBMITTED", "待确认", "submitted"),
        State("CONFIRMED", "已确认", "confirmed", publicity=Publicity("county", permanent=True), terminal=True),
    ),
    steps=(
        Step(
            "submit",
            "提交评价结果",
            "submit",
            source=("DRAFT",),
            target="SUBMITTED",
            roles=FINANCE | BUREAU,
            guards=("all_scored",),
            rule="F-5.6",
        ),
        Step(
            "confirm",
            "确认评价结果",
            "confirm",
            source=("SUBMITTED",),
            target="CONFIRMED",
            roles=FINANCE_LEADER,
            different_from=("submit",),
            evidence=(Evidence("evaluation_report", "绩效评价报告"),),
            guards=("all_scored",),
            emits=(PerformanceEvaluated,),
            rule="F-5.6",
        ),
        Step(
            "send_back",
            "退回",
            "send back",
            source=("SUBMITTED",),
            target="DRAFT",
            roles=FINANCE_LEADER,
            reason=True,
            new_round=True,
            forward=False,
            rule="F-5.6",
        ),
    ),
    source="domain-funds-assets §5.6, §5.7",
    duties="F-3.2",
)

"""A later document on an indicator (指标追加、追减): entered by a clerk, posted by another person; domain-funds-assets §3.6."""

from shared.contracts.funds import IndicatorAdjusted
from shared.workflow.desks import FINANCE_CLERK, FINANCE_LEADER, FINANCE_REVIEWER
from shared.workflow.model import Evidence, State, Step, Workflow

INDICATOR_CHANGE = Workflow(
    "funds.indicator_change",
    "指标追加追减",
    "indicator change",
    subject="indicator_change",
    start="DRAFT",
    states=(
        State("DRAFT", "已录入", "entered"),
        State("SUBMITTED", "待确认", "awaiting confirmation"),
        State("CONFIRMED", "已记账", "posted", terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "submit",
            "提交确认",
            "submit",
            source=("DRAFT",),
            target="SUBMITTED",
            roles=FINANCE_CLERK,
            evidence=(Evidence("indicator_document", "追加或追减文件"),),
            rule="F-3.6",
        ),
        Step(
            "confirm",
            "确认记账",
            "confirm",
            source=("SUBMITTED",),
            target="CONFIRMED",
            roles=FINANCE_REVIEWER | FINANCE_LEADER,
            different_from=("submit",),
            emits=(IndicatorAdjusted,),
            rule="F-3.6 P01 P02",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT", "SUBMITTED"),
            target="CANCELLED",
            roles=FINANCE_CLERK | FINANCE_REVIEWER | FINANCE_LEADER,
            reason=True,
            forward=False,
            rule="F-3.6",
        ),
    ),
    source="domain-funds-assets §3.6",
    duties="F-3.2",
)
"""A wrong draft is cancelled and entered anew."""

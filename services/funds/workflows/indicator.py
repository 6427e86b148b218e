"""An indicator (指标): registered by a clerk of finance, confirmed by another person; domain-funds-assets §3.1 step 1."""

from shared.contracts.funds import IndicatorReceived
from shared.workflow.desks import FINANCE_CLERK, FINANCE_LEADER, FINANCE_REVIEWER
from shared.workflow.model import Evidence, State, Step, Workflow

INDICATOR = Workflow(
    "funds.indicator",
    "指标登记",
    "indicator",
    subject="indicator",
    start="DRAFT",
    states=(
        State("DRAFT", "已录入", "entered"),
        State("SUBMITTED", "待确认", "awaiting confirmation"),
        State("CONFIRMED", "已下达", "received", terminal=True),
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
            evidence=(Evidence("indicator_document", "指标文件"),),
            rule="F-3.1-1",
        ),
        Step(
            "confirm",
            "确认指标",
            "confirm",
            source=("SUBMITTED",),
            target="CONFIRMED",
            roles=FINANCE_REVIEWER | FINANCE_LEADER,
            different_from=("submit",),
            emits=(IndicatorReceived,),
            rule="F-3.1-1 P01",
        ),
        Step(
            "send_back",
            "退回更正",
            "send back",
            source=("SUBMITTED",),
            target="DRAFT",
            roles=FINANCE_REVIEWER | FINANCE_LEADER,
            reason=True,
            new_round=True,
            forward=False,
            rule="F-3.1-1",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT",),
            target="CANCELLED",
            roles=FINANCE_CLERK,
            guards=("entered_here",),
            reason=True,
            rule="F-3.1-1",
        ),
    ),
    source="domain-funds-assets §2.1, §3.1",
    duties="F-3.2",
)
"""A confirmed indicator is never edited; a later document adds to it or cuts it."""

"""An integration plan (统筹整合方案): decided by the leading group, filed with the upper level; domain-funds-assets §2.4."""

from shared.workflow.desks import BUREAU, FINANCE_CLERK, FINANCE_LEADER, LEADING_GROUP
from shared.workflow.model import Evidence, State, Step, Workflow

INTEGRATION_PLAN = Workflow(
    "funds.integration_plan",
    "统筹整合方案",
    "integration plan",
    subject="integration_plan",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft"),
        State("SUBMITTED", "已提交", "submitted"),
        State("APPROVED", "领导小组已审定", "approved by the leading group"),
        State("FILED", "已备案", "filed", terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "submit",
            "提交方案",
            "submit",
            source=("DRAFT",),
            target="SUBMITTED",
            roles=FINANCE_CLERK | BUREAU,
            guards=(
                "county_integrates",
                "sources_equal_projects",
                "scale_not_below_last_year",
                "sources_integratable",
                "integrated_in_library",
                "binding_tasks_first",
                "not_levelled_out",
            ),
            rule="F-2.4",
        ),
        Step(
            "approve",
            "领导小组审定",
            "approve",
            source=("SUBMITTED",),
            target="APPROVED",
            roles=LEADING_GROUP,
            evidence=(Evidence("meeting_minutes", "会议纪要"),),
            different_from=("submit",),
            rule="F-2.4",
        ),
        Step(
            "file",
            "上报备案",
            "file",
            source=("APPROVED",),
            target="FILED",
            roles=FINANCE_LEADER,
            evidence=(Evidence("filing_receipt", "备案回执"),),
            different_from=("submit",),
            guards=("sources_integratable", "integrated_in_library"),
            rule="F-2.4",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT", "SUBMITTED", "APPROVED"),
            target="CANCELLED",
            roles=FINANCE_CLERK | BUREAU | FINANCE_LEADER,
            reason=True,
            forward=False,
            rule="F-2.4",
        ),
    ),
    source="domain-funds-assets §2.4",
    duties="F-3.2",
)
"""A change of a filed plan is a new version, which goes the whole way and is filed again."""

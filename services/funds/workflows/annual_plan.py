"""The annual plan (年度项目实施计划), batch by batch: proposed by two bureaus, approved by the leading group, published."""

from shared.contracts.funds import PlanPublished
from shared.workflow.desks import BUREAU, BUREAU_HEADS, FINANCE, LEADING_GROUP
from shared.workflow.model import Evidence, Publicity, State, Step, Workflow

ANNUAL_PLAN = Workflow(
    "funds.annual_plan",
    "年度项目计划",
    "annual plan",
    subject="plan batch",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft"),
        State("PROPOSED", "已提出", "proposed"),
        State("LG_APPROVED", "领导小组已审定", "approved by the leading group"),
        State("PUBLISHED", "已公告", "published", publicity=Publicity("county", permanent=True), terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "propose",
            "提出计划",
            "propose",
            source=("DRAFT",),
            target="PROPOSED",
            roles=BUREAU | FINANCE,
            signatures=(BUREAU, FINANCE),
            guards=(
                "lines_in_library",
                "within_indicators",
                "industry_share_reached",
                "fee_cap_kept",
                "nonpoor_village_cap_kept",
                "goals_reviewed",
            ),
            rule="F-1.5-11 F-3.1-2 F-5.1",
        ),
        Step(
            "approve",
            "领导小组审定",
            "approve",
            source=("PROPOSED",),
            target="LG_APPROVED",
            roles=LEADING_GROUP,
            evidence=(Evidence("meeting_minutes", "会议纪要"),),
            different_from=("propose",),
            guards=("meeting_recorded",),
            rule="F-1.5-11 F-3.1-2",
        ),
        Step(
            "publish",
            "公告计划",
            "publish",
            source=("LG_APPROVED",),
            target="PUBLISHED",
            roles=BUREAU_HEADS,
            evidence=(Evidence("plan_document", "计划文件"),),
            guards=("lines_in_library",),
            emits=(PlanPublished,),
            rule="F-6",
        ),
        Step(
            "send_back",
            "退回",
            "send back",
            source=("PROPOSED", "LG_APPROVED"),
            target="DRAFT",
            roles=LEADING_GROUP | BUREAU_HEADS,
            reason=True,
            new_round=True,
            forward=False,
            rule="F-3.1-2",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT",),
            target="CANCELLED",
            roles=BUREAU,
            reason=True,
            rule="F-3.1-2",
        ),
    ),
    source="domain-funds-assets §1.5 step 11, §3.1, §6",
    duties="F-3.2",
)
"""A later change of the plan is another batch, so what was published stays as it was."""

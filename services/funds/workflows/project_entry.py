"""The way of a project into the library: three publicities, the reviews between them, and the ways back and out."""

from shared.contracts.funds_project import (
    ProjectEnteredLibrary,
)
from shared.workflow.desks import (
    BUREAU,
    BUREAU_HEADS,
    FINANCE,
    LEADING_GROUP,
    SECTOR,
    SECTOR_LEADER,
    TOWNSHIP,
    TOWNSHIP_CLERK,
    TOWNSHIP_LEADER,
    VILLAGE,
    VILLAGE_COMMITTEE,
)
from shared.workflow.model import (
    Evidence,
    Step,
    Target,
)

BEFORE_DECISION = "project.county_publicity_before_decision"
"""Where it is on, the county publishes before the leading group decides. The order is chosen once, when the county
review ends, and has states of its own: a change of the setting never lets a running case miss either of the two."""

_MINUTES = Evidence("meeting_minutes", "会议纪要")

_BY_TOWNSHIP = ("VILLAGE_PUBLICITY", "TOWNSHIP_REVIEW", "TOWNSHIP_PUBLICITY")
_BY_COUNTY = ("COUNTY_REVIEW", "COUNTY_PUBLICITY", "EARLY_COUNTY_PUBLICITY")
_BY_GROUP = ("LG_PENDING", "LG_PENDING_PUBLICISED")

BEFORE_LIBRARY = (
    "DRAFT",
    "VILLAGE_RESOLVED",
    *_BY_TOWNSHIP,
    "COUNTY_APPRAISAL",
    *_BY_COUNTY,
    *_BY_GROUP,
    "RETURNED",
)
"""The open states outside the library."""

ENTRY = (
    Step(
        "resolve",
        "村级决议",
        "resolve in the village",
        source=("DRAFT",),
        target="VILLAGE_RESOLVED",
        roles=VILLAGE_COMMITTEE,
        evidence=(Evidence("resolution_minutes", "四议两公开会议记录"),),
        guards=("four_discussions_recorded", "quorum_and_majority"),
        rule="F-1.5-2",
    ),
    Step(
        "apply_for_county",
        "县级统筹项目申报",
        "apply for a county-run project",
        source=("DRAFT",),
        target="COUNTY_APPRAISAL",
        roles=SECTOR,
        evidence=(Evidence("application_form", "项目申报表"),),
        guards=("run_by_county", "window_open", "fields_complete"),
        rule="F-1.5-1",
    ),
    Step(
        "post_in_village",
        "张贴村级公示",
        "post the village notice",
        source=("VILLAGE_RESOLVED",),
        target="VILLAGE_PUBLICITY",
        roles=VILLAGE,
        rule="F-1.5-3",
    ),
    Step(
        "apply",
        "报乡镇审核",
        "apply to the township",
        source=("VILLAGE_PUBLICITY",),
        target="TOWNSHIP_REVIEW",
        roles=VILLAGE,
        evidence=(Evidence("application_form", "项目申报表"),),
        rule="F-1.5-4",
    ),
    Step(
        "check_on_site",
        "乡镇实地核查",
        "check on site",
        source=("TOWNSHIP_REVIEW",),
        target=Target.SAME,
        roles=TOWNSHIP_CLERK,
        evidence=(Evidence("site_check", "实地核查记录"),),
        guards=("fields_complete", "beneficiaries_reconciled"),
        marks="checked_on_site",
        rule="F-1.5-5",
    ),
    Step(
        "approve_township",
        "乡镇同意并公示",
        "approve and post in the township",
        source=("TOWNSHIP_REVIEW",),
        target="TOWNSHIP_PUBLICITY",
        roles=TOWNSHIP_LEADER,
        needs=("checked_on_site",),
        different_from=("check_on_site",),
        guards=("fields_complete", "beneficiaries_reconciled"),
        rule="F-1.5-5",
    ),
    Step(
        "send_to_county",
        "报县级论证",
        "send to the county",
        source=("TOWNSHIP_PUBLICITY",),
        target="COUNTY_APPRAISAL",
        roles=TOWNSHIP_LEADER,
        guards=("window_open",),
        rule="F-1.5-6 F-1.6",
    ),
    Step(
        "appraise",
        "行业部门论证",
        "appraise",
        source=("COUNTY_APPRAISAL",),
        target="COUNTY_REVIEW",
        roles=SECTOR,
        evidence=(Evidence("appraisal_opinion", "项目论证意见"),),
        guards=("appraisal_agrees", "papers_shown"),
        rule="F-1.5-7",
    ),
    *(
        Step(
            "finish_county_review",
            "完成县级审核",
            "finish the county review",
            source=("COUNTY_REVIEW",),
            target=target,
            roles=BUREAU | FINANCE,
            signatures=(BUREAU, FINANCE),
            guards=("off_negative_list", "duplicates_cleared", "goals_reviewed", "benefit_linkage_present"),
            when=when,
            unless=unless,
            rule="F-1.5-8",
        )
        for target, when, unless in (
            ("LG_PENDING", "", BEFORE_DECISION),
            ("EARLY_COUNTY_PUBLICITY", BEFORE_DECISION, ""),
        )
    ),
    Step(
        "decide",
        "领导小组审定",
        "decide in the leading group",
        source=("LG_PENDING",),
        target="COUNTY_PUBLICITY",
        roles=LEADING_GROUP,
        evidence=(_MINUTES,),
        guards=("meeting_recorded",),
        rule="F-1.5-9",
    ),
    Step(
        "list_for_meeting",
        "提交领导小组",
        "list for the meeting",
        source=("EARLY_COUNTY_PUBLICITY",),
        target="LG_PENDING_PUBLICISED",
        roles=BUREAU,
        rule="F-1.5-9",
    ),
    Step(
        "enter_library",
        "入库并公告",
        "enter the library",
        source=("COUNTY_PUBLICITY",),
        target="IN_LIBRARY",
        roles=BUREAU_HEADS,
        emits=(ProjectEnteredLibrary,),
        rule="F-1.5-10",
    ),
    Step(
        "enter_library",
        "审定入库并公告",
        "decide and enter the library",
        source=("LG_PENDING_PUBLICISED",),
        target="IN_LIBRARY",
        roles=LEADING_GROUP,
        evidence=(_MINUTES,),
        guards=("meeting_recorded",),
        emits=(ProjectEnteredLibrary,),
        rule="F-1.5-9 F-1.5-10",
    ),
    *(
        Step(
            "send_back",
            "退回",
            "send back",
            source=sources,
            target="RETURNED",
            roles=desk,
            reason=True,
            forward=False,
            rule="F-1.5-r",
        )
        for desk, sources in (
            (TOWNSHIP, _BY_TOWNSHIP),
            (SECTOR, ("COUNTY_APPRAISAL",)),
            (BUREAU | FINANCE, _BY_COUNTY),
            (LEADING_GROUP, _BY_GROUP),
        )
    ),
    Step(
        "revise",
        "修改后重新办理",
        "revise from the draft on",
        source=("RETURNED",),
        target="DRAFT",
        roles=VILLAGE | SECTOR,
        new_round=True,
        rule="F-1.5-r",
    ),
    Step(
        "resubmit_to_township",
        "修改后报乡镇",
        "resubmit to the township",
        source=("RETURNED",),
        target="TOWNSHIP_REVIEW",
        roles=VILLAGE,
        guards=("village_publicity_stands",),
        new_round=True,
        rule="F-1.5-r",
    ),
    Step(
        "resubmit_to_county",
        "修改后报县级",
        "resubmit to the county",
        source=("RETURNED",),
        target="COUNTY_APPRAISAL",
        roles=TOWNSHIP_LEADER,
        guards=("township_publicity_stands",),
        new_round=True,
        rule="F-1.5-r",
    ),
    Step(
        "withdraw",
        "撤回申报",
        "withdraw",
        source=("DRAFT", "VILLAGE_RESOLVED", "VILLAGE_PUBLICITY", "RETURNED"),
        target="REJECTED",
        roles=VILLAGE | SECTOR,
        reason=True,
        forward=False,
        rule="F-1.5-x",
    ),
    *(
        Step(
            "reject",
            "不予入库",
            "reject",
            source=sources,
            target="REJECTED",
            roles=desk,
            reason=True,
            forward=False,
            rule="F-1.5-x",
        )
        for desk, sources in (
            (TOWNSHIP_LEADER, _BY_TOWNSHIP),
            (SECTOR_LEADER, ("COUNTY_APPRAISAL",)),
            (BUREAU_HEADS, (*_BY_COUNTY, "RETURNED")),
            (LEADING_GROUP, _BY_GROUP),
        )
    ),
)
"""Steps 2 to 10, r and x of domain-funds-assets §1.5."""

"""A project (项目) from the village's proposal through the library and its money to the closed file.

Three publicities and one announcement (三公示一公告); domain-funds-assets §1.5.
"""

from services.funds.workflows.project_adjustment import ADJUSTMENT
from services.funds.workflows.project_delivery import DELIVERY
from services.funds.workflows.project_entry import ENTRY
from shared.workflow.model import Publicity, State, Workflow

_VILLAGE_NOTICE = Publicity("village", "publicity.min_days.village")
_COUNTY_NOTICE = Publicity("county", "publicity.min_days.county")

_STATES = (
    State("DRAFT", "草稿", "draft"),
    State("VILLAGE_RESOLVED", "村级已决议", "resolved by the village"),
    State("VILLAGE_PUBLICITY", "村级公示", "village publicity", publicity=_VILLAGE_NOTICE),
    State("TOWNSHIP_REVIEW", "乡镇审核", "township review"),
    State(
        "TOWNSHIP_PUBLICITY",
        "乡镇公示",
        "township publicity",
        publicity=Publicity("township", "publicity.min_days.township"),
    ),
    State("COUNTY_APPRAISAL", "行业部门论证", "county appraisal"),
    State("COUNTY_REVIEW", "县级审核", "county review"),
    State("LG_PENDING", "待领导小组审定", "awaiting the leading group"),
    State("COUNTY_PUBLICITY", "县级公示", "county publicity", publicity=_COUNTY_NOTICE),
    State("EARLY_COUNTY_PUBLICITY", "县级公示（审定前）", "county publicity before decision", publicity=_COUNTY_NOTICE),
    State("LG_PENDING_PUBLICISED", "已公示待审定", "publicised, awaiting the leading group"),
    State("IN_LIBRARY", "已入库", "in the library", publicity=Publicity("county", permanent=True)),
    State("PLANNED", "已列入年度计划", "in the annual plan"),
    State("FUNDED", "资金已下达", "funded"),
    State("IMPLEMENTING", "实施中", "under way"),
    State("COMPLETED", "已完工公示", "completed, on notice", publicity=_VILLAGE_NOTICE),
    State("ACCEPTED", "已验收", "accepted"),
    State("SETTLED", "已结算", "settled"),
    State("CLOSED", "已办结", "closed", terminal=True),
    State("RETURNED", "已退回", "returned"),
    State("REJECTED", "不予入库", "rejected", terminal=True),
    State("EXITED", "已出库", "left the library", publicity=Publicity("county", permanent=True), terminal=True),
    State("SUSPENDED", "已中止", "suspended"),
)

PROJECT = Workflow(
    "funds.project",
    "项目入库与实施",
    "project",
    subject="project",
    start="DRAFT",
    states=_STATES,
    steps=(*ENTRY, *DELIVERY, *ADJUSTMENT),
    source="domain-funds-assets §1.5, §1.6",
    duties="F-3.2",
)
"""An objection does not move the project, it blocks the notice it was raised against. A suspended notice runs anew
after the resumption, because a notice that was taken down did not hang its days."""

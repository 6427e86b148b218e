"""The identification (识别认定) of a household: from a clue to ENROLLED and its first assistance; domain-monitoring §4.

One comparison, one publicity, one announcement (一比对、一公示、一公告). Visit, application with authorisation, and
comparison run side by side in ASSIGNED; each leaves a mark, and the check is concluded when all are there.
"""

from services.monitoring.workflows.identification_check import CHECK
from services.monitoring.workflows.identification_decision import DECISION
from shared.kernel.roles import Role
from shared.workflow.model import Due, Publicity, State, Workflow

IDENTIFICATION = Workflow(
    "monitoring.identification",
    "监测对象识别",
    "identification",
    subject="case",
    start="RECEIVED",
    states=(
        State("RECEIVED", "已接收线索", "clue received", due=Due("identification.days.assign", Role.TOWNSHIP_LEADER)),
        State("MERGED", "并入已有线索", "merged", terminal=True),
        State("ASSIGNED", "核查比对中", "being checked", due=Due("identification.days.check", Role.TOWNSHIP_LEADER)),
        State("CLOSED_NOT_RISK", "核实无风险", "closed, no risk", terminal=True),
        State("COMPARED", "已比对", "compared", due=Due("identification.days.review", Role.TOWNSHIP_LEADER)),
        State("REJECTED_COMPARE", "联审不予纳入", "rejected by joint review", terminal=True),
        State("REVIEWED", "已评议", "reviewed", due=Due("identification.days.review", Role.TOWNSHIP_LEADER)),
        State("REJECTED_REVIEW", "评议未通过", "rejected by the village meeting", terminal=True),
        State("PUBLICISED", "村级公示", "on notice", publicity=Publicity("village", "publicity.min_days.village")),
        State("OBJECTED", "公示有异议", "objected", due=Due("identification.days.recheck", Role.TOWNSHIP_LEADER)),
        State("RECHECKED", "已复核", "rechecked", due=Due("identification.days.review", Role.TOWNSHIP_LEADER)),
        State("REJECTED_OBJECTION", "异议成立", "rejected on objection", terminal=True),
        State("TOWN_CHECKED", "乡镇已审核", "checked", due=Due("identification.days.county", Role.BUREAU_LEADER)),
        State("RETURNED", "已退回", "returned", due=Due("identification.days.assign", Role.TOWNSHIP_LEADER)),
        State("COUNTY_APPROVED", "县级已审定", "approved", due=Due("identification.days.enrol", Role.BUREAU_LEADER)),
        State(
            "ANNOUNCED",
            "已公告",
            "announced",
            publicity=Publicity("village", permanent=True),
            due=Due("identification.days.enrol", Role.BUREAU_LEADER),
        ),
        State("ENROLLED", "已纳入监测", "enrolled", due=Due("identification.days.plan", Role.TOWNSHIP_LEADER)),
        State("PLANNED", "已定帮扶计划", "planned", due=Due("identification.days.first_measure", Role.BUREAU_LEADER)),
        State("ASSISTED", "已落实帮扶", "assisted", terminal=True),
        State("EPISODE_ENDED", "监测已终止", "episode ended", terminal=True),
        State("WITHDRAWN", "申请人撤回", "withdrawn", terminal=True),
    ),
    steps=(*CHECK, *DECISION),
    total=Due("identification.days.total", Role.BUREAU_LEADER),
    total_until=frozenset({"ANNOUNCED"}),
    source="domain-monitoring §4.1–§4.3",
    duties="M-ID-09",
)
"""Nothing closes by time: an overdue case escalates and stays open (M-CLK-06). The total clock runs from the clue to the
announcement, through returns as well (M-CLK-07)."""

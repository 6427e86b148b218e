"""Ways into the library beside the ordinary one: urgent entries, and lists that were published elsewhere (§1.6)."""

from services.funds.workflows.project_delivery import IN_LIBRARY
from shared.contracts.funds_project import ProjectEnteredLibrary
from shared.workflow.desks import BUREAU, BUREAU_HEADS, SECTOR_LEADER, TOWNSHIP_LEADER
from shared.workflow.model import Evidence, Step, Target

ADJUSTMENT = (
    Step(
        "declare_urgent",
        "申请应急入库",
        "declare urgent",
        source=("DRAFT", "VILLAGE_RESOLVED", "TOWNSHIP_REVIEW", "COUNTY_APPRAISAL", "COUNTY_REVIEW"),
        target=Target.SAME,
        roles=TOWNSHIP_LEADER | SECTOR_LEADER | BUREAU_HEADS,
        evidence=(Evidence("urgency_basis", "应急依据"),),
        guards=("urgency_founded",),
        reason=True,
        rule="F-1.6",
    ),
    Step(
        "complete_urgent",
        "补齐应急入库手续",
        "complete an urgent entry",
        source=IN_LIBRARY,
        target=Target.SAME,
        roles=BUREAU,
        evidence=(Evidence("completion_papers", "补办材料"),),
        guards=("urgency_outstanding", "fields_complete"),
        rule="F-1.6",
    ),
    Step(
        "enter_published",
        "按已公布的项目库入库",
        "enter by a library published elsewhere",
        source=("DRAFT",),
        target="IN_LIBRARY",
        roles=BUREAU_HEADS,
        evidence=(Evidence("published_library", "已公布的项目库文件"), Evidence("publication_proof", "公示公告佐证")),
        guards=("publication_proven", "category_stated", "off_negative_list"),
        emits=(ProjectEnteredLibrary,),
        rule="F-1.5-10 F-1.6",
    ),
)
"""A county that changes over keeps the library it has published: each project enters by that publication, once."""

"""A decomposition (指标分解下达): an indicator passed down by three persons; domain-funds-assets §2.1, §2.3, §2.5."""

from shared.workflow.desks import FINANCE_CLERK, FINANCE_LEADER, FINANCE_REVIEWER
from shared.workflow.model import Evidence, State, Step, Workflow

_FITS = ("goals_split", "within_parent")

DECOMPOSITION = Workflow(
    "funds.decomposition",
    "指标分解下达",
    "decomposition",
    subject="decomposition",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft"),
        State("SUBMITTED", "待审核", "awaiting review"),
        State("APPROVED", "已审核", "approved"),
        State("ISSUED", "已下达", "issued", terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "submit",
            "提交审核",
            "submit",
            source=("DRAFT",),
            target="SUBMITTED",
            roles=FINANCE_CLERK,
            guards=_FITS,
            rule="F-2.1",
        ),
        Step(
            "approve",
            "审核",
            "approve",
            source=("SUBMITTED",),
            target="APPROVED",
            roles=FINANCE_REVIEWER,
            different_from=("submit",),
            rule="F-2.5 F-3.2",
        ),
        Step(
            "issue",
            "签发下达",
            "issue",
            source=("APPROVED",),
            target="ISSUED",
            roles=FINANCE_LEADER,
            different_from=("submit", "approve"),
            evidence=(Evidence("indicator_document", "下达文件"),),
            guards=_FITS,
            rule="F-2.1 LM01",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT", "SUBMITTED", "APPROVED"),
            target="CANCELLED",
            roles=FINANCE_CLERK | FINANCE_REVIEWER | FINANCE_LEADER,
            reason=True,
            forward=False,
            rule="F-2.1",
        ),
    ),
    source="domain-funds-assets §2.1, §2.3, §2.5",
    duties="F-3.2",
)

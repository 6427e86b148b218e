"""A factor scheme (因素法分配方案): proposed with its document, adopted by another person; domain-funds-assets §2.5."""

from shared.workflow.desks import FINANCE_CLERK, FINANCE_LEADER, FINANCE_REVIEWER
from shared.workflow.model import Evidence, State, Step, Workflow

FACTOR_SCHEME = Workflow(
    "funds.factor_scheme",
    "因素法分配方案",
    "factor scheme",
    subject="factor_scheme",
    start="DRAFT",
    states=(
        State("DRAFT", "草稿", "draft"),
        State("PROPOSED", "拟采用", "proposed"),
        State("ADOPTED", "已采用", "adopted", terminal=True),
        State("CANCELLED", "已作废", "cancelled", terminal=True),
    ),
    steps=(
        Step(
            "propose",
            "提请采用",
            "propose",
            source=("DRAFT",),
            target="PROPOSED",
            roles=FINANCE_CLERK,
            evidence=(Evidence("scheme_document", "分配办法文件"),),
            rule="F-2.5",
        ),
        Step(
            "adopt",
            "采用",
            "adopt",
            source=("PROPOSED",),
            target="ADOPTED",
            roles=FINANCE_REVIEWER | FINANCE_LEADER,
            different_from=("propose",),
            rule="F-2.5",
        ),
        Step(
            "cancel",
            "作废",
            "cancel",
            source=("DRAFT", "PROPOSED"),
            target="CANCELLED",
            roles=FINANCE_CLERK | FINANCE_LEADER,
            reason=True,
            forward=False,
            rule="F-2.5",
        ),
    ),
    source="domain-funds-assets §2.5",
    duties="F-3.2",
)

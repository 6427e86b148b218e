"""The hand-over (移交) of an asset: both sides sign one list, then the new owner books it; domain-funds-assets §7.5, §7.6."""

from shared.contracts.assets import AssetHandedOver, AssetStatusChanged
from shared.kernel.roles import Role
from shared.workflow.desks import COLLECTIVE, SECTOR, TOWNSHIP, TOWNSHIP_LEADER, UNIT, VILLAGE_COMMITTEE
from shared.workflow.model import Due, Evidence, State, Step, Workflow

_GIVER = UNIT | SECTOR
_TAKER = COLLECTIVE | VILLAGE_COMMITTEE | TOWNSHIP

HANDOVER = Workflow(
    "assets.handover",
    "资产移交",
    "hand-over",
    subject="asset",
    start="PENDING",
    states=(
        State("PENDING", "待移交", "pending", due=Due("handover.days.transfer", Role.BUREAU_LEADER)),
        State("HANDED_OVER", "已移交", "handed over", due=Due("handover.days.book", Role.TOWNSHIP_LEADER)),
        State("BOOKED", "已入账", "booked", terminal=True),
        State("NOT_REQUIRED", "无需移交", "not required", terminal=True),
    ),
    steps=(
        Step(
            "hand_over",
            "双方签字移交",
            "hand over",
            source=("PENDING",),
            target="HANDED_OVER",
            roles=_GIVER | _TAKER,
            signatures=(_GIVER, _TAKER),
            evidence=(Evidence("handover_list", "移交清单"),),
            guards=("right_confirmed", "value_final"),
            emits=(AssetHandedOver,),
            rule="F-7.6 AR02",
        ),
        Step(
            "book",
            "登记入账",
            "book",
            source=("HANDED_OVER",),
            target="BOOKED",
            roles=COLLECTIVE | TOWNSHIP | SECTOR,
            guards=("book_entry_made",),
            emits=(AssetStatusChanged,),
            rule="F-7.6 F-7.10",
        ),
        Step(
            "waive",
            "无需移交",
            "waive",
            source=("PENDING",),
            target="NOT_REQUIRED",
            roles=TOWNSHIP_LEADER | SECTOR,
            reason=True,
            emits=(AssetStatusChanged,),
            rule="F-7.5",
        ),
    ),
    source="domain-funds-assets §7.5, §7.6",
    duties="F-7.5",
)

"""Custody (管护) of an asset: a body, a responsible person, a phone and money; domain-funds-assets §7.5, §7.7."""

from shared.contracts.assets import AssetStatusChanged
from shared.workflow.desks import COLLECTIVE, SECTOR, SYSTEM, TOWNSHIP, VILLAGE_COMMITTEE
from shared.workflow.model import Evidence, State, Step, Workflow

_AGREEMENT = Evidence("custody_agreement", "管护协议")

CUSTODY = Workflow(
    "assets.custody",
    "资产管护",
    "custody",
    subject="asset",
    start="UNASSIGNED",
    states=(
        State("UNASSIGNED", "未落实管护", "unassigned"),
        State("ASSIGNED", "已落实管护", "assigned"),
        State("LAPSED", "管护失效", "lapsed"),
        State("ENDED", "已终止", "ended", terminal=True),
    ),
    steps=(
        Step(
            "assign",
            "落实管护",
            "assign",
            source=("UNASSIGNED", "LAPSED", "ASSIGNED"),
            target="ASSIGNED",
            roles=COLLECTIVE | VILLAGE_COMMITTEE | TOWNSHIP | SECTOR,
            evidence=(_AGREEMENT,),
            guards=("custody_complete",),
            emits=(AssetStatusChanged,),
            rule="F-7.7 AR03",
        ),
        Step(
            "lapse",
            "登记管护失效",
            "lapse",
            source=("ASSIGNED",),
            target="LAPSED",
            roles=TOWNSHIP | SECTOR | SYSTEM,
            reason=True,
            emits=(AssetStatusChanged,),
            rule="F-7.5 AR03",
        ),
        Step(
            "end",
            "资产处置终止",
            "end with the asset",
            source=("UNASSIGNED", "ASSIGNED", "LAPSED"),
            target="ENDED",
            roles=SYSTEM,
            guards=("asset_disposed",),
            rule="F-7.5",
        ),
    ),
    source="domain-funds-assets §7.5, §7.7",
    duties="F-7.5",
)

"""The use (使用状态) of an asset; each change is seen by one person and verified by another; domain-funds-assets §7.5, §7.11."""

from shared.contracts.assets import AssetStatusChanged
from shared.kernel.roles import Role
from shared.workflow.desks import COLLECTIVE, FIELD, SECTOR, SYSTEM, TOWNSHIP
from shared.workflow.model import Due, Evidence, State, Step, Target, Workflow

_SEEN = COLLECTIVE | FIELD
_VERIFIED = TOWNSHIP | SECTOR
_PHOTOS = Evidence("inspection_photo", "现场查验照片")

_CHANGES = (
    ("find_inefficient", "认定低效", "find inefficient", ("IN_USE",), "INEFFICIENT", ("inefficient",)),
    ("find_idle", "认定闲置", "find idle", ("IN_USE", "INEFFICIENT"), "IDLE", ("idle",)),
    ("find_damaged", "认定损毁", "find damaged", ("IN_USE", "INEFFICIENT", "IDLE"), "DAMAGED", ()),
    ("find_lost", "认定灭失", "find lost", ("IN_USE", "INEFFICIENT", "IDLE", "DAMAGED"), "LOST", ()),
    ("repair", "开始维修", "repair", ("INEFFICIENT", "IDLE", "DAMAGED"), "UNDER_REPAIR", ()),
    ("return_to_use", "恢复使用", "return to use", ("INEFFICIENT", "UNDER_REPAIR", "LOST"), "IN_USE", ()),
)

USE = Workflow(
    "assets.use",
    "资产使用状态",
    "use",
    subject="asset",
    start="IN_USE",
    states=(
        State("IN_USE", "在用", "in use"),
        State("INEFFICIENT", "低效", "inefficient"),
        State("IDLE", "闲置", "idle", due=Due("use.days.revitalise", Role.BUREAU_LEADER)),
        State("DAMAGED", "损毁", "damaged"),
        State("LOST", "灭失", "lost"),
        State("UNDER_REPAIR", "维修中", "under repair"),
        State("ENDED", "已终止", "ended", terminal=True),
    ),
    steps=(
        *(
            Step(
                name,
                zh,
                en,
                source=sources,
                target=target,
                roles=_SEEN | _VERIFIED,
                signatures=(_SEEN, _VERIFIED),
                evidence=(_PHOTOS,),
                guards=guards,
                reason=True,
                emits=(AssetStatusChanged,),
                rule="F-7.5",
            )
            for name, zh, en, sources, target, guards in _CHANGES
        ),
        Step(
            "plan_revival",
            "制定盘活方案",
            "plan the revival",
            source=("IDLE",),
            target=Target.SAME,
            roles=COLLECTIVE | TOWNSHIP,
            evidence=(Evidence("revival_plan", "盘活方案"), Evidence("owner_decision", "权属人决议")),
            marks="revival_planned",
            rule="F-7.11",
        ),
        Step(
            "revive",
            "盘活验收",
            "revive",
            source=("IDLE",),
            target="IN_USE",
            roles=_SEEN | _VERIFIED,
            signatures=(_SEEN, _VERIFIED),
            needs=("revival_planned",),
            evidence=(_PHOTOS,),
            emits=(AssetStatusChanged,),
            rule="F-7.11",
        ),
        Step(
            "end",
            "资产处置终止",
            "end with the asset",
            source=("IN_USE", "INEFFICIENT", "IDLE", "DAMAGED", "LOST", "UNDER_REPAIR"),
            target="ENDED",
            roles=SYSTEM,
            guards=("asset_disposed",),
            rule="F-7.5",
        ),
    ),
    source="domain-funds-assets §7.5, §7.11",
    duties="F-7.5",
)

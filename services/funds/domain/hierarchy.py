"""Indicators in a hierarchy (指标层级, §2.1): what is passed down keeps its marks, and is decided above, not below."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.funds.domain.limits import insufficient
from services.funds.domain.refusals import refusal
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation
from shared.kernel.money import Fen

_TARGETS = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWNSHIP)


class Origin(NamedTuple):
    """Where an indicator comes from: an indicator of the upper level, or a document entered here."""

    parent_id: UUID | None


def entered_here(origin: Origin) -> Violation | None:
    """What the upper level passed down is neither rewritten nor cancelled by who receives it."""
    if origin.parent_id is None:
        return None
    return refusal(
        "PASSED_DOWN",
        "F-2.1",
        "上级分解下达的指标不得由下级改写或作废",
        "what an upper level passed down is not rewritten or cancelled below",
        ("由上级以追加、追减文件调整", "have the upper level change it by a document"),
    )


class PassedLine(NamedTuple):
    """So much for one area, and the number of its part of the goal table."""

    target: AreaCode
    fen: Fen
    goal_table: str


@dataclass(frozen=True, slots=True)
class DecompositionFacts:
    """What is to be passed down, and what its indicator still has unallocated and says of goals."""

    lines: Sequence[PassedLine]
    is_confirmed: bool
    unallocated: Fen
    document_no: str
    goal_table: str


def targets_below(area: AreaCode, targets: Collection[AreaCode]) -> Violation | None:
    """Money goes down to cities, counties and townships below its own area."""
    strange = [str(target) for target in targets if target == area or not area.contains(target)]
    strange += [str(target) for target in targets if target.level not in _TARGETS]
    if not strange:
        return None
    return refusal(
        "TARGET_NOT_BELOW",
        "F-2.1",
        "只能分解到本区域以下的市、县、乡镇",
        "an indicator is passed down to cities, counties and townships below its area",
        ("核对接收单位的区划代码", "check the codes of the receivers"),
        field="/lines",
        targets=sorted(set(strange)),
    )


def goals_split(facts: DecompositionFacts) -> Violation | None:
    """Goals go down with the money: each part has its own table where the whole has one (区域绩效目标, §2.1)."""
    bare = [str(line.target) for line in facts.lines if not line.goal_table.strip()]
    if not facts.goal_table or not bare:
        return None
    return refusal(
        "GOALS_NOT_SPLIT",
        "F-2.1",
        f"绩效目标未随资金分解：{len(bare)} 个单位",
        f"the goals are not split with the money: {len(bare)} receiver(s)",
        ("为每个单位填写区域绩效目标表编号", "give each receiver its goal table"),
        field="/lines",
        targets=bare,
    )


def within_parent(facts: DecompositionFacts) -> Violation | None:
    """Σ children ≤ parent (LM01): only confirmed, unallocated money; the ledger holds it against parallel decisions."""
    if not facts.is_confirmed:
        return refusal(
            "PARENT_NOT_CONFIRMED",
            "F-2.1",
            "上级指标尚未确认，不得分解",
            "the indicator is not confirmed",
            ("先确认指标", "confirm it first"),
        )
    return insufficient(
        sum(line.fen for line in facts.lines), facts.unallocated, document_no=facts.document_no, field="/lines"
    )

"""The monitoring line (监测范围): how a figure is held against it, and which kind of monitored household is proposed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.income import Figures
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Unknown, Violation
from shared.kernel.money import Fen, format_yuan


class LineTest(StrEnum):
    """Which per-capita figure is held against the line (M-INC-03, M-INC-04)."""

    NET = "net"
    NET_MINUS_RIGID = "net_minus_rigid"


class Position(StrEnum):
    """Where a figure lies; 低于 and 超过 are both strict (M-LINE-07)."""

    BELOW = "below"
    ON_THE_LINE = "on_the_line"
    ABOVE = "above"


class MonitorKind(StrEnum):
    """监测对象类别 (1.5.2)."""

    UNSTABLE = "UNSTABLE"
    EDGE = "EDGE"
    SUDDEN = "SUDDEN"


KIND_NAMES: Mapping[MonitorKind, str] = {
    MonitorKind.UNSTABLE: "脱贫不稳定户",
    MonitorKind.EDGE: "边缘易致贫户",
    MonitorKind.SUDDEN: "突发严重困难户",
}


class Basis(StrEnum):
    """What a line was derived from (M-LINE-11)."""

    MULTIPLE_OF_POVERTY_STANDARD = "multiple_of_poverty_standard"
    FLAT = "flat"
    DIBAO_MULTIPLE = "dibao_multiple"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Standing:
    """A figure held against a line; `compared` is None for a household in which nobody shares a budget (A06)."""

    test: LineTest
    compared: Fen | None
    line: Fen
    position: Position | None


def standing(found: Figures, line: Fen, test: LineTest) -> Standing:
    """The figure with its two decimals, as it is shown, is what is compared: what people read is what decided."""
    compared = found.per_capita_net if test is LineTest.NET else found.per_capita_monitoring
    return Standing(test, compared, line, None if compared is None else position(compared, line))


def position(per_capita: Fen, line: Fen) -> Position:
    """Below and above are strict; on the line is neither (M-LINE-07, A03)."""
    if per_capita < line:
        return Position.BELOW
    return Position.ON_THE_LINE if per_capita == line else Position.ABOVE


def propose_kind(
    household_type: HouseholdType,
    where: Position | None,
    *,
    has_risk: bool,
    serious_difficulty: bool = False,
) -> MonitorKind | None:
    """The kind that the facts suggest; the county confirms it (M-ID-08). Income alone enrols nobody."""
    if not has_risk:
        return None
    if where is Position.BELOW:
        return MonitorKind.UNSTABLE if household_type is HouseholdType.POVERTY_LIFTED else MonitorKind.EDGE
    return MonitorKind.SUDDEN if serious_difficulty else None


def not_above(held: Standing) -> Violation | None:
    """Elimination needs a figure above the line in force then (M-EL-01, M-LINE-07, M-LINE-08)."""
    if held.position is Position.ABOVE:
        return None
    shown = "无" if held.compared is None else format_yuan(held.compared)
    return Violation(
        "NOT_ABOVE_LINE",
        f"人均收入{shown}元，未超过监测范围{format_yuan(held.line)}元",
        f"per-capita income of {shown} yuan is not above the line of {format_yuan(held.line)}",
        rule="M-LINE-07",
        remedy_zh="继续帮扶，待收入稳定超过监测范围后再申请",
        remedy_en="carry on with the assistance until income is above the line",
        facts={"line": format_yuan(held.line), "position": held.position},
    )


def below_higher_line(amount: Fen, higher: Fen | None, override_reason: str) -> Violation | None:
    """A lower level may not set a line below the one above it, unless it says why (M-LINE-10)."""
    if higher is None or amount >= higher or override_reason:
        return None
    return Violation(
        "LINE_BELOW_HIGHER_LEVEL",
        f"低于上级监测范围 {format_yuan(higher)} 元，且未说明理由",
        f"below the line of {format_yuan(higher)} yuan that holds above, and no reason is given",
        rule="M-LINE-10",
        field="/amount",
        remedy_zh="提高标准，或填写理由 override_reason",
        remedy_en="raise the amount, or state override_reason",
        facts={"higher": format_yuan(higher)},
    )


def no_line(area: int, on: date) -> Unknown:
    """Nobody has set a line; there is no fallback to 6 000 (M-LINE-06)."""
    return Unknown(
        Violation(
            "NO_LINE_CONFIGURED",
            f"{AreaCode(area)} 在 {on} 没有已采用的监测范围",
            f"no monitoring line is adopted for {AreaCode(area)} on {on}",
            rule="M-LINE-06",
            remedy_zh="请县级主管部门按文件录入监测范围，并由另一人采用",
            remedy_en="have the county propose the line with its document, and another person adopt it",
            facts={"area_code": str(AreaCode(area)), "on": on.isoformat()},
        ),
    )

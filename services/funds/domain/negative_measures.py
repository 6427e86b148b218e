"""What rules of the negative list measure of an entry beyond words and codes; a rule's line names its measure and bound."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from services.funds.domain.project_content import Linkage, ProjectContent, VillageType
from shared.kernel.money import PPM, format_yuan, parse_yuan

Measure = Callable[[ProjectContent, str], tuple[str, ...] | None]
"""The evidence that an entry is beyond `bound`, or None when it is not."""

LANDSCAPE = ("牌坊", "雕塑", "景观大门", "大型喷泉", "景观墙", "文化广场大门")
"""Works that show rather than serve (造亮点), NL15."""
MANAGEMENT = ("设计", "评审", "招标", "监理", "验收")
"""What a management fee (项目管理费) may be spent on, NL16."""


def _total_above(content: ProjectContent, bound: str) -> tuple[str, ...] | None:
    """NL09: large and medium capital construction, by the planned total in yuan."""
    return (f"total={format_yuan(content.total)}>{bound}",) if content.total > parse_yuan(bound) else None


def _urban_place(content: ProjectContent, _bound: str) -> tuple[str, ...] | None:
    """NL11: a place that is no village; a relocation site has a type of its own."""
    found = tuple(str(place.village) for place in content.places if place.village_type is VillageType.URBAN)
    return found or None


def _largest_share_above(content: ProjectContent, bound: str) -> tuple[str, ...] | None:
    """NL15: one beneficiary gets more than `bound` of the benefit."""
    share = content.benefit.largest_share_ppm
    over = share is not None and Fraction(share, PPM) > Fraction(bound)
    return (f"largest_share={share}ppm>{bound}",) if over else None


def _nobody_in_need(content: ProjectContent, _bound: str) -> tuple[str, ...] | None:
    """NL15: a project with beneficiaries of whom none was poor or is monitored."""
    benefit = content.benefit
    reached = benefit.out_of_poverty_households + benefit.monitored_households
    return ("out_of_poverty=0", "monitored=0") if benefit.households and not reached else None


def _landscape_above(content: ProjectContent, bound: str) -> tuple[str, ...] | None:
    """NL15: landscape works cost more than `bound` of the planned total."""
    lines = [line for line in content.quantities if line.cost and any(word in line.label for word in LANDSCAPE)]
    cost = sum(line.cost or 0 for line in lines)
    return tuple(line.label for line in lines) if cost > content.total * Fraction(bound) else None


def _fee_without_purpose(content: ProjectContent, _bound: str) -> tuple[str, ...] | None:
    """NL16: a management fee whose text names none of the works of managing a project."""
    return None if any(word in content.name + content.content for word in MANAGEMENT) else ("purpose=",)


def _no_condition(content: ProjectContent, _bound: str) -> tuple[str, ...] | None:
    """NL19: money to households without a word on what for."""
    silent = not content.subsidy_condition.strip() and not content.linkage_detail.strip()
    return ("subsidy_condition=",) if content.is_household_project and silent else None


def _equity_without_asset(content: ProjectContent, _bound: str) -> tuple[str, ...] | None:
    """NL19: shares are bought (入股) and no asset is to be confirmed and kept."""
    shares = Linkage.ASSETS_AS_SHARES in content.linkage
    return ("linkage=assets_as_shares", "asset_forming=no") if shares and not content.asset_forming else None


MEASURES: Mapping[str, Measure] = {
    "total_above": _total_above,
    "urban_place": _urban_place,
    "largest_share_above": _largest_share_above,
    "nobody_in_need": _nobody_in_need,
    "landscape_above": _landscape_above,
    "fee_without_purpose": _fee_without_purpose,
    "no_condition": _no_condition,
    "equity_without_asset": _equity_without_asset,
}

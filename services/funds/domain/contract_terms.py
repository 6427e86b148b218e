"""Terms of a contract that limits look at beside its money: when a small firm is paid, and what may bear a fee."""

from dataclasses import dataclass
from enum import StrEnum

from services.funds.domain.plans import MANAGEMENT_FEE
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan

PAY_DAYS = "sme.pay_days"
PAY_DAYS_MAX = "sme.pay_days_max"


class Fee(StrEnum):
    """What a contract is a fee for (费用类别): 设计、评审、招标、监理、验收; all else is the work itself."""

    DESIGN = "design"
    REVIEW = "review"
    TENDER = "tender"
    SUPERVISION = "supervision"
    ACCEPTANCE = "acceptance"


def small_firm_days(days: int, most: int) -> Violation | None:
    """LM15: a small firm (小微企业) is paid within the days agreed after delivery, at most `most`."""
    if days <= most:
        return None
    return refusal(
        "SMALL_FIRM_DAYS",
        "LM15",
        f"与小微企业约定交付后 {days} 日付款，超过 {most} 日",
        f"{days} days to pay a small firm are more than {most}",
        ("缩短约定的付款期限", "agree on fewer days"),
        field="/pay_days",
        days=str(days),
        most=str(most),
    )


@dataclass(frozen=True, slots=True)
class FeeSource:
    """What may bear the fees of a project: its category, its second-class cost (二类费用), fees contracted already."""

    category: str
    second_class_cost: Fen
    contracted: Fen = 0


def fee_source(fee: Fen, source: FeeSource) -> Violation | None:
    """LM16: fees come from the management fee or, all together, from the project's own second-class cost."""
    together = source.contracted + fee
    if source.category.startswith(MANAGEMENT_FEE) or together <= source.second_class_cost:
        return None
    return refusal(
        "FEE_SOURCE",
        "LM16",
        f"项目费用累计 {format_yuan(together)} 元超过其二类费用 {format_yuan(source.second_class_cost)} 元，"
        "且不属于项目管理费",
        f"fees of {format_yuan(together)} yuan are more than the second-class cost "
        f"{format_yuan(source.second_class_cost)}, and the project is no management fee",
        (
            "从项目管理费列支，或在项目库条目中列明二类费用",
            "pay from the management fee, or state the second-class cost",
        ),
        field="/fee",
        fees=format_yuan(together),
        second_class_cost=format_yuan(source.second_class_cost),
    )

"""The words that several rules of the library share."""

from shared.kernel.errors import Violation


def refusal(
    code: str, rule: str, zh: str, en: str, remedy: tuple[str, str], /, field: str = "", **facts: object
) -> Violation:
    """A violation; `remedy` in Chinese and English."""
    return Violation(code, zh, en, rule=rule, field=field, remedy_zh=remedy[0], remedy_en=remedy[1], facts=facts)


def not_in_library(states: dict[str, str], field: str = "") -> Violation:
    """NL18: no money and no place in a plan for what is not in the library (§1.8, scenario 5); project id → state."""
    return refusal(
        "NOT_IN_LIBRARY",
        "NL18",
        f"项目未入库，不得安排资金：{len(states)} 个",
        f"not in the library, so no money: {len(states)} project(s)",
        ("先按程序入库", "take the project into the library first"),
        field=field,
        states=states,
    )

"""Goal tables in the words of these tests: the worked example of §5.5 for a project, and its way to publication."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.funds.commands.goals import EnterGoals
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, County, finance_reviewer, sector, unit

sector_head = person("sector head", COUNTY, Role.SECTOR_LEADER)

PASS: Mapping[str, Any] = {"completeness": True, "relevance": True, "suitability": True, "feasibility": True}
ACTUALS = {
    "C1": "18",
    "C2": "100",
    "C3": "5",
    "C4": "52846.37",
    "X1": "41500",
    "X2": "230",
    "X3": "90",
    "M1": "88",
}


def item(code: str, section: str, weight: str, target: str | None, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "code": code,
        "name": f"指标{code}",
        "section": section,
        "direction": "qualitative" if target is None else "at_least",
        "target": target,
        "wording": "持续发挥作用" if target is None else "",
        "weight": weight,
        "data_source": "项目台账",
        "verification": "现场核查",
    }
    return fields | changed


def table() -> dict[str, Any]:
    """The table of the worked example."""
    return {
        "starts_on": "2023-01-01",
        "ends_on": "2023-12-31",
        "items": [
            item("C1", "quantity", "20", "20", unit="km", is_core=True),
            item("C2", "quality", "10", "100", unit="%", accrues=False),
            item("C3", "timeliness", "10", "6", unit="个节点"),
            item("C4", "cost", "10", "48000", unit="元/km", direction="at_most", accrues=False),
            item("X1", "economic", "10", "50000", unit="元"),
            item("X2", "social", "10", "200", unit="户"),
            item("X3", "sustainable", "10", None),
            item("M1", "satisfaction", "10", "90", unit="%", accrues=False),
        ],
    }


def figures(actuals: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "actual": actual} for code, actual in actuals.items()]


async def entered(county: County, project: UUID, content: Mapping[str, Any] | None = None) -> UUID:
    """A draft."""
    fields = {
        "area_code": COUNTY,
        "project_id": project,
        "year": 2023,
        "title": "冷棚育苗基地绩效目标表",
        "content": content or table(),
    }
    return UUID((await county.run(EnterGoals.model_validate(fields), unit)).result["id"])


async def reviewed(county: County, goal: UUID) -> None:
    """From the draft through both reviews."""
    await county.take(unit, "goal", goal, "declare")
    await county.take(sector, "goal", goal, "review_sector", form=PASS)
    await county.take(finance_reviewer, "goal", goal, "review_finance", form=PASS)

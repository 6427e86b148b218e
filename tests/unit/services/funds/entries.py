"""Invented entries for the tests of rules."""

from typing import Any

from services.funds.domain.project_content import ProjectContent

VILLAGE, NEXT_VILLAGE = "230606100201", "230606100202"


def content(amount: str = "500000.00", **changed: Any) -> ProjectContent:
    """An entry that lacks nothing, with some fields changed."""
    fields: dict[str, Any] = {
        "name": "一村冷棚育苗基地建设",
        "category": "010101",
        "nature": "new",
        "plan_year": 2023,
        "places": [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": "out_of_poverty"}],
        "content": "建设冷棚四十栋",
        "quantities": [{"label": "冷棚", "quantity": "40", "unit": "栋"}],
        "starts_on": "2023-04-01",
        "ends_on": "2023-10-31",
        "sector_authority": "区农业农村局",
        "implementing_unit": "区乡村建设服务中心",
        "funding": [{"year": 2023, "level": "central", "category": "fund.consolidation", "amount": amount}],
        "benefit": {"households": 60, "persons": 150, "monitored_households": 5, "monitored_persons": 11},
        "linkage": ["wage_work"],
        "linkage_detail": "带动就业二十人",
        "goals": [{"kind": "output", "label": "建成冷棚", "target": "40", "unit": "栋"}],
    }
    return ProjectContent.model_validate(fields | changed)

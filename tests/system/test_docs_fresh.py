"""The generated documents are as fresh as the code, and no interface takes from its clients what they use."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from services.suite import docs
from services.suite.breaking import breaking_changes
from services.suite.services import SERVICES
from shared.kernel.roles import Role

FOLDER = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return docs.documents()


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return dict(docs.described(SERVICES[0]))


def test_committed_documents_are_fresh(made: dict[str, str]) -> None:
    stale = [
        name
        for name, text in made.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"run `make docs`: {stale}"


def test_nothing_is_left_of_what_is_no_longer_made(made: dict[str, str]) -> None:
    for folder in ("workflows", "openapi"):
        kept = {f"{folder}/{path.name}" for path in (FOLDER / folder).iterdir()}
        assert kept == {name for name in made if name.startswith(f"{folder}/")}


def test_every_workflow_is_drawn(made: dict[str, str]) -> None:
    drawn = 0
    for service in SERVICES:
        for binding in service.bindings:
            text = made[f"workflows/{binding.workflow.name.replace('.', '-')}.md"]
            assert "stateDiagram" in text
            assert all(state.name in text for state in binding.workflow.states)
            drawn += 1
    assert drawn > 10


def test_every_step_that_a_person_takes_is_described(made: dict[str, str]) -> None:
    for service in SERVICES:
        paths = json.loads(made[f"openapi/{service.name}.json"])["paths"]
        for binding in service.bindings:
            for step in binding.workflow.steps:
                path = f"/v1/{binding.plural}/{{subject_id}}/{step.name.replace('_', '-')}"
                assert (path in paths) == bool(step.roles - {Role.SYSTEM}), path


def test_interfaces_take_nothing_away(made: dict[str, str]) -> None:
    assert docs.broken(FOLDER, made) == []


def test_a_removed_operation_is_reported(description: dict[str, Any]) -> None:
    after = copy.deepcopy(description)
    del after["paths"]["/v1/indicators"]["post"]
    assert breaking_changes(description, after) == ["POST /v1/indicators: removed"]


def test_a_removed_field_of_an_answer_is_reported(description: dict[str, Any]) -> None:
    after = copy.deepcopy(description)
    entered = after["components"]["schemas"]["IndicatorEntered"]["properties"]
    del entered["document_no"]
    found = breaking_changes(description, after)
    assert "POST /v1/indicators: no longer answers 201 /result/document_no" in found


def test_a_new_demand_is_reported_and_a_new_offer_is_not(description: dict[str, Any]) -> None:
    after = copy.deepcopy(description)
    wanted = after["components"]["schemas"]["ReceiveIndicator"]
    wanted["properties"]["colour"] = {"type": "string"}
    assert breaking_changes(description, after) == []
    wanted["required"].append("colour")
    assert breaking_changes(description, after) == ["POST /v1/indicators: now demands body /colour"]
    hue = {"type": "object", "properties": {"hue": {"type": "integer"}}, "required": ["hue"]}
    wanted["properties"]["shades"] = {"type": "array", "items": hue}
    assert breaking_changes(description, after) == ["POST /v1/indicators: now demands body /colour"]
    wanted["required"].append("shades")
    found = breaking_changes(description, after)
    assert found == [f"POST /v1/indicators: now demands body /{field}" for field in ("colour", "shades")]
    wanted["required"].remove("shades")
    del wanted["properties"]["shades"]
    after["paths"]["/v1/indicators"]["get"]["responses"]["200"]["description"] = "other words"
    after["paths"]["/v1/colours"] = {"get": {"responses": {}}}
    assert len(breaking_changes(description, after)) == 1

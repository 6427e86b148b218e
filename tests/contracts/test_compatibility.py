"""The gate for schema changes: every planted break is caught, every allowed change passes (platform.md §3.5)."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from shared.contracts.compatibility import breaking_changes
from shared.contracts.funds_project import PaymentDisbursed
from shared.contracts.goldens import schema_of
from shared.contracts.monitoring import RiskDetected

Change = Callable[[dict[str, Any]], object]


def changed(base: dict[str, Any], change: Change) -> dict[str, Any]:
    copy = deepcopy(base)
    change(copy)
    return copy


def example() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "stage": {"type": "string", "enum": ["advance", "progress"]},
            "code": {"type": "string", "pattern": "^[a-z]+$", "minLength": 1, "maxLength": 9},
            "count": {"type": "integer", "minimum": 0, "maximum": 9},
            "id": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
            "part": {"$ref": "#/$defs/Part"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        },
        "required": ["stage", "part"],
        "$defs": {
            "Part": {"type": "object", "properties": {"amount": {"type": "string"}}, "required": ["amount"]},
        },
    }


def fields(schema: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = schema["properties"]
    return properties


BREAKS: dict[str, tuple[Change, str]] = {
    "removed": (lambda s: fields(s).pop("count"), ".count: removed"),
    "renamed": (lambda s: fields(s).update(total=fields(s).pop("count")), ".count: removed"),
    "retyped": (lambda s: fields(s)["count"].update(type="string"), ".count: can no longer be integer"),
    "new and required": (
        lambda s: (fields(s).update(level={"type": "string"}), s["required"].append("level")),
        ".level: now required",
    ),
    "made required": (lambda s: s["required"].append("count"), ".count: now required"),
    "made optional": (lambda s: s["required"].remove("stage"), ".stage: no longer always there"),
    "fewer values": (lambda s: fields(s)["stage"]["enum"].remove("advance"), ".stage: fewer values"),
    "closed list": (lambda s: fields(s)["code"].update(enum=["a"]), ".code: fewer values"),
    "constant": (lambda s: fields(s)["count"].update(const=1), ".count: fewer values"),
    "other pattern": (lambda s: fields(s)["code"].update(pattern="^[a-f]+$"), ".code: other pattern"),
    "new pattern": (lambda s: fields(s)["stage"].update(pattern="^a"), ".stage: other pattern"),
    "other format": (lambda s: fields(s)["id"]["anyOf"][0].update(format="date"), ".id: other format"),
    "null no more": (lambda s: fields(s)["id"]["anyOf"].pop(), ".id: can no longer be null"),
    "null now": (
        lambda s: fields(s).update(code={"anyOf": [fields(s)["code"], {"type": "null"}]}),
        ".code: can now be",
    ),
    "higher minimum": (lambda s: fields(s)["count"].update(minimum=1), ".count: tighter minimum"),
    "lower maximum": (lambda s: fields(s)["count"].update(maximum=8), ".count: tighter maximum"),
    "shorter": (lambda s: fields(s)["code"].update(maxLength=8), ".code: tighter maxLength"),
    "not empty": (lambda s: fields(s)["parts"].update(minItems=1), ".parts: tighter minItems"),
    "part": (lambda s: s["$defs"]["Part"]["properties"].pop("amount"), ".part.amount: removed"),
    "part of a list": (lambda s: s["$defs"]["Part"]["properties"]["amount"].update(type="number"), ".parts[].amount"),
    "published": (lambda s: fields(s)["code"].update({"x-private": True}), ".code: private"),
    "moved": (lambda s: s.update({"x-topic": "funds.other.v1"}), "x-topic: changed"),
    "other key": (lambda s: s.update({"x-key": "id"}), "x-key: changed"),
}

FINE: dict[str, Change] = {
    "nothing": lambda _: None,
    "optional field": lambda s: fields(s).update(level={"type": "string", "default": ""}),
    "optional field of a part": lambda s: s["$defs"]["Part"]["properties"].update(level={"type": "string"}),
    "one more value": lambda s: fields(s)["stage"]["enum"].append("balance"),
    "open list": lambda s: fields(s)["stage"].pop("enum"),
    "no pattern": lambda s: fields(s)["code"].pop("pattern"),
    "lower minimum": lambda s: fields(s)["count"].update(minimum=-1),
    "no maximum": lambda s: fields(s)["count"].pop("maximum"),
    "longer": lambda s: fields(s)["code"].update(maxLength=10),
    "other words": lambda s: s.update(description="other words"),
    "inlined part": lambda s: fields(s).update(part=s["$defs"]["Part"]),
}


@pytest.mark.parametrize(("change", "fault"), BREAKS.values(), ids=BREAKS)
def test_a_planted_break_is_caught(change: Change, fault: str) -> None:
    found = breaking_changes(example(), changed(example(), change))
    assert any(fault in line for line in found), found


@pytest.mark.parametrize("change", FINE.values(), ids=FINE)
def test_an_allowed_change_passes(change: Change) -> None:
    assert breaking_changes(example(), changed(example(), change)) == []


def test_a_break_deep_in_a_real_event_is_caught() -> None:
    old = schema_of(PaymentDisbursed)
    new = changed(old, lambda s: s["$defs"]["IndicatorAmount"]["required"].remove("document_no"))
    assert breaking_changes(old, new) == [".split[].document_no: no longer always there"]


def test_a_private_field_cannot_be_let_out() -> None:  # D9
    old = schema_of(RiskDetected)
    new = changed(old, lambda s: s["properties"]["cause"].pop("x-private"))
    assert breaking_changes(old, new) == [".cause: private no more, or only now"]

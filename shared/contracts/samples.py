"""One sample of every event, made from its schema: for the generated docs and for tests; always the same."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.contracts.event import Event
from shared.kernel.ids import derived_id

_ROOT = UUID("00000000-0000-5000-8000-000000000000")

_CODES: Mapping[str, str] = {  # by the name of the field
    "catalogue": "0102",
    "cause": "ILLNESS",
    "change": "arrived",
    "check_id": "DQ-EL-01",
    "department": "medical_insurance",
    "disposition": "POLICY_SOLVED",
    "form": "fixed",
    "grade": "excellent",
    "item": "inpatient_self_paid",
    "kind": "SUDDEN",
    "linkage": "wage_work",
    "measure_kind": "medical_relief",
    "mode": "lease",
    "new": "IMPLEMENTING",
    "old": "FUNDED",
    "origin": "project",
    "outcome": "rectified",
    "owner_kind": "village_collective",
    "policy": "020101",
    "reason": "E01",
    "result": "passed",
    "reuse": "reinvest",
    "role": "first_secretary",
    "rule_id": "FW06",
    "source": "DEPT",
    "sources": "DEPT",
    "stage": "progress",
    "state_field": "use_state",
    "subject_kind": "project",
    "unit": "座",
    "way": "auction",
}

_DATA: Mapping[str, Mapping[str, Any]] = {  # where amounts would not add up or a code would not fit
    "funds.project.settled": {"settlement": "1000.00", "indirect_costs": [{"kind": "design", "amount": "234.50"}]},
    "monitoring.household.eliminated": {"mode": "by_assistance"},
    "monitoring.risk.detected": {"rule_id": "CLUE-MED-01"},
}


def sample(event_type: type[Event]) -> Event:
    """A valid event of the type; ids follow from the name of the field, so samples of different types fit together."""
    schema = event_type.model_json_schema()
    data = _value("", schema, schema)
    return event_type.model_validate(data | _DATA.get(event_type.TYPE, {}))


def _value(field: str, node: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in node:
        return _value(field, root["$defs"][node["$ref"].rpartition("/")[2]], root)
    if "anyOf" in node:
        return _value(field, node["anyOf"][0], root)
    match node["type"]:
        case "object":
            return {name: _value(name, part, root) for name, part in node["properties"].items()}
        case "array":
            return [_value(field, node["items"], root)]
        case "boolean":
            return True
        case _:
            return _scalar(field, node)


def _scalar(field: str, node: Mapping[str, Any]) -> Any:
    match node.get("format"):
        case "uuid":
            return str(derived_id(_ROOT, field))
        case "date":
            return "2025-06-30"
        case _:
            own = _CODES.get(field) if node.get("description") in {"code", "text"} else None
            return own or node["examples"][0]

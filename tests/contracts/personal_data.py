"""The lint for personal data in events: it reads field names, forms and the list of private fields (M-PI-08)."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.contracts.event import DataClass, Event

BANNED_WORDS = frozenset(
    {
        *("name", "names", "surname", "gender", "sex", "ethnic", "birth", "birthday", "birthdate"),
        *("idcard", "idno", "identity", "number", "phone", "mobile", "tel", "card", "account", "bank"),
        *("address", "street", "health", "illness", "disease", "diagnosis", "disability"),
        *("photo", "signature", "note", "remark", "text"),
    },
)
"""Words of a field name that promise a person's data."""

PRIVATE_WORDS = frozenset(
    {"cause", "policy", "item", "result", "measure_kind", "person_id", "person_ids", "household_ids"},
)
"""Fields that an event about a household or case may carry for our own services only."""

PERSONAL_FIELDS = frozenset({"household_id", "person_id", "person_ids", "household_ids"})
"""Fields that refer to a household or person, so that the event is of class L3."""


def personal_data(event_type: type[Event]) -> list[str]:
    """What an event would tell about a person, one line each."""
    schema = event_type.model_json_schema()
    fields = set(schema["properties"])
    faults = [f"{path}: {fault}" for path, node in _fields("", schema, schema) for fault in _field_faults(path, node)]
    if fields & PERSONAL_FIELDS and event_type.DATA_CLASS is not DataClass.L3:
        faults.append(f"refers to a household and is of class {event_type.DATA_CLASS}")
    if event_type.DATA_CLASS is DataClass.L3:
        faults += [f"{field}: must be private" for field in sorted(fields & PRIVATE_WORDS - event_type.PRIVATE)]
    return faults


def _field_faults(path: str, node: Mapping[str, Any]) -> Iterator[str]:
    words = set(path.rpartition(".")[2].split("_"))
    yield from (f"named like a person's {word}" for word in sorted(words & BANNED_WORDS))
    if node.get("type") == "number":
        yield "a floating number"
    if node.get("type") == "string" and not node.keys() & {"pattern", "format", "enum", "const"}:
        yield "free text"
    if node.get("type") == "object" and "properties" not in node:
        yield "anything at all"


def _fields(path: str, node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field and what it may be, through parts, lists and choices."""
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    yield path, node
    for choice in node.get("anyOf", ()):
        yield from _fields(path, choice, root)
    if "items" in node:
        yield from _fields(path, node["items"], root)
    for name, field in node.get("properties", {}).items():
        yield from _fields(f"{path}.{name}", field, root)

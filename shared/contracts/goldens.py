"""JSON Schemas of the catalogue, committed under `schemas/`; `python -m shared.contracts.goldens` writes them.

A committed schema counts as published: a breaking change is refused, it needs a new version of the type. Before the
first release it is enough to delete the file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import CATALOGUE, schema_urn
from shared.contracts.compatibility import breaking_changes
from shared.contracts.event import Event

SCHEMAS = Path(__file__).with_name("schemas")
"""Where the committed schemas lie, one file per type and version."""

COMMAND = "python -m shared.contracts.goldens"
"""What brings the committed schemas up to date."""


def schema_of(event_type: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's data; private fields are marked and optional, since outside they are missing."""
    schema = _without_titles(event_type.model_json_schema())
    for field in event_type.PRIVATE:
        schema["properties"][field]["x-private"] = True
    schema["required"] = [field for field in schema["required"] if field not in event_type.PRIVATE]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_urn(event_type),
        "title": event_type.__name__,
        "x-type": event_type.wire_type(),
        "x-topic": event_type.TOPIC,
        "x-key": event_type.KEY,
        "x-dataclass": event_type.DATA_CLASS.value,
        **schema,
    }


def schema_text(event_type: type[Event]) -> str:
    """The committed form of the schema."""
    return json.dumps(schema_of(event_type), ensure_ascii=False, indent=2) + "\n"


def write_schemas(directory: Path) -> list[str]:
    """Write all schemas and return the types that changed. Raises ValueError, before writing, on a breaking change."""
    texts = {directory / f"{wire_type}.json": schema_text(event) for wire_type, event in CATALOGUE.items()}
    changed = {path: text for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text}
    breaks = [
        f"{path.stem}: {fault}"
        for path, text in changed.items()
        if path.exists()
        for fault in breaking_changes(json.loads(path.read_text("utf-8")), json.loads(text))
    ]
    if breaks:
        raise ValueError("give the type a new VERSION instead:\n" + "\n".join(breaks))
    directory.mkdir(exist_ok=True)
    for path, text in changed.items():
        path.write_text(text, "utf-8")
    return [path.stem for path in changed]


def _without_titles(node: Any) -> Any:
    """Without the titles that pydantic makes of field names; a field may itself be called title."""
    if isinstance(node, dict):
        return {
            key: _without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_without_titles(item) for item in node]
    return node


if __name__ == "__main__":
    try:
        sys.stdout.writelines(f"{wire_type}\n" for wire_type in write_schemas(SCHEMAS))
    except ValueError as error:
        sys.exit(str(error))

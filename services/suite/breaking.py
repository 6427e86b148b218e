"""Whether an interface description may replace a published one: nothing that a client uses may disappear."""

from collections.abc import Iterator, Mapping
from typing import Any

Description = Mapping[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch")


def breaking_changes(old: Description, new: Description) -> list[str]:
    """What breaks a client of `old`, one line each: an operation or a field of an answer is gone, or more is asked for."""
    found: list[str] = []
    for path, item in old["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            name = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                found.append(f"{name}: removed")
                continue
            gone = set(_answers(item[method], old)) - set(_answers(now, new))
            found += [f"{name}: no longer answers {field}" for field in sorted(gone)]
            asked = set(_demands(now, new)) - set(_demands(item[method], old))
            holders = {"", *(path.replace("[]", "") for path, _ in _sent(item[method], old))}
            found += [f"{name}: now demands {field}" for field in sorted(asked) if _holder(field) in holders]
    return found


def _answers(operation: Description, root: Description) -> Iterator[str]:
    """Every field of every good answer, by its path."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            yield status
            for content in _resolved(answer, root).get("content", {}).values():
                yield from (f"{status} {path}" for path, _ in _fields(content.get("schema", {}), root))


def _demands(operation: Description, root: Description) -> Iterator[str]:
    """Every parameter and every field of the body that may not be missing."""
    for parameter in operation.get("parameters", ()):
        if parameter.get("required"):
            yield f"{parameter['in']} {parameter['name']}"
    yield from (f"body {path}" for path, required in _sent(operation, root) if required)


def _sent(operation: Description, root: Description) -> Iterator[tuple[str, bool]]:
    """Every field of the body, and whether it has to be there when what holds it is."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from _fields(content.get("schema", {}), root)


def _holder(demand: str) -> str:
    """The path of what holds a demanded field: who did not send that before need not send what is in it now."""
    where, _, path = demand.partition(" ")
    return path.rpartition("/")[0].replace("[]", "") if where == "body" else ""


def _fields(
    schema: Description, root: Description, path: str = "", seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, bool]]:
    """Paths below a schema, and whether each has to be there when what holds it is; a schema within itself ends the way."""
    name = schema.get("$ref", "")
    if name in seen:
        return
    plain = _resolved(schema, root)
    below = (*seen, name) if name else seen
    required = plain.get("required", ())
    for field, inner in plain.get("properties", {}).items():
        yield f"{path}/{field}", field in required
        yield from _fields(inner, root, f"{path}/{field}", below)
    if isinstance(plain.get("items"), dict):
        yield from _fields(plain["items"], root, f"{path}[]", below)
    for kind in ("anyOf", "oneOf", "allOf"):
        for choice in plain.get(kind, ()):
            yield from _fields(choice, root, path, below)


def _resolved(node: Description, root: Description) -> Description:
    if "$ref" not in node:
        return node
    target: Description = root
    for step in node["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    return _resolved(target, root)

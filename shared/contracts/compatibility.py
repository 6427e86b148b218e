"""Whether a schema may replace a published one within the same version (platform.md §3.5).

Fine: a new optional field, a new value in a list, a looser limit. Everything else breaks old readers or old events.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What breaks when `new` replaces `old`, one line each; empty if they are compatible."""
    marks = [f"{mark}: changed" for mark in ("x-type", "x-topic", "x-key") if old.get(mark) != new.get(mark)]
    return marks + list(_node("", old, new, old, new))


def _node(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    if old.get("x-private") != new.get("x-private"):
        yield f"{path}: private no more, or only now"
    old_forms, new_forms = _forms(old, old_root), _forms(new, new_root)
    yield from (f"{path}: can no longer be {form}" for form in old_forms.keys() - new_forms.keys())
    yield from (f"{path}: can now be {form}" for form in new_forms.keys() - old_forms.keys())
    for form in old_forms.keys() & new_forms.keys():
        before, after = old_forms[form], new_forms[form]
        yield from (f"{path}: {fault}" for fault in _narrowed(before, after))
        if form == "array":
            yield from _node(f"{path}[]", before.get("items", {}), after.get("items", {}), old_root, new_root)
        if form == "object":
            yield from _fields(path, before, after, old_root, new_root)


def _fields(path: str, old: Schema, new: Schema, old_root: Schema, new_root: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{path}.{field}: removed" for field in sorted(before.keys() - after.keys()))
    yield from (f"{path}.{field}: now required" for field in sorted(must_after - must_before))
    yield from (
        f"{path}.{field}: no longer always there" for field in sorted((must_before - must_after) & after.keys())
    )
    for field in before.keys() & after.keys():
        yield from _node(f"{path}.{field}", before[field], after[field], old_root, new_root)


def _forms(node: Schema, root: Schema) -> dict[str, Schema]:
    """The forms a value may take, by JSON type; references are followed."""
    if "$ref" in node:
        target: Schema = root
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _forms(target, root)
    if "anyOf" in node:
        return {form: part for choice in node["anyOf"] for form, part in _forms(choice, root).items()}
    return {node.get("type", "anything"): node}


def _narrowed(old: Schema, new: Schema) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if after is not None and (before is None or before - after):
        yield "fewer values"
    yield from (f"other {key}" for key in ("pattern", "format") if key in new and new[key] != old.get(key))
    yield from (f"tighter {key}" for key in _LOWER if key in new and (key not in old or new[key] > old[key]))
    yield from (f"tighter {key}" for key in _UPPER if key in new and (key not in old or new[key] < old[key]))


def _values(node: Schema) -> set[Any] | None:
    if "const" in node:
        return {node["const"]}
    return set(node["enum"]) if "enum" in node else None

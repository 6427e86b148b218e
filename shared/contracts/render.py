"""The event catalogue as a page for those who read our events: docs/events.md is this text."""

from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from shared.contracts.catalogue import CATALOGUE, CONSUMERS, OPEN_TO_AGENCIES, SERVICES, producer
from shared.contracts.event import Event
from shared.contracts.goldens import schema_of
from shared.contracts.samples import sample

_HEAD = """# 事件目录 / Event catalogue

由程序生成，请勿手改。/ Generated, do not edit.

事件是已经发生的事实，信封为 CloudEvents 1.0（结构化 JSON）。同一主题、同一键的事件保证顺序，`sequence` 从 1 连续编号；\
同一 `id` 可能送达两次。事件不含姓名、证件号、电话、账号、住址、健康信息：户和人只有不透明编号。\
标「内」的字段只供本平台三个服务使用，对外推送时去掉。读取方应忽略不认识的字段、代码和类型。

Events are facts that have happened, in a CloudEvents 1.0 envelope (structured JSON). Order is promised per topic and key,
`sequence` counts them from 1 without a gap; the same `id` may arrive twice. No names, numbers, phones, accounts,
addresses or health: households and persons are opaque ids. Fields marked 内 (private) stay with our own three services
and are dropped outside. Readers ignore fields, codes and types they do not know.

Money is a decimal text in yuan with two digits, an area is its 12-digit code, shares are parts per million, times are UTC.
Schemas: `shared/contracts/schemas/`. 数据分级 / data class: L1 public, L2 within government, L3 refers to a household
or person by an opaque id.
"""

_TITLES = {"funds": "资金 / funds", "monitoring": "监测 / monitoring", "assets": "资产 / assets"}


def events_markdown() -> str:
    """The whole page: one table of all events, then each with its fields, a sample sentence and its schema's name."""
    lines = [_HEAD, *_overview()]
    for service in sorted(SERVICES):
        lines += ["", f"## {_TITLES[service]}"]
        for event_type in CATALOGUE.values():
            if producer(event_type) == service:
                lines += _section(event_type)
    return "\n".join(lines) + "\n"


def _overview() -> Iterator[str]:
    yield "| 事件 type | 主题 topic | 键 key | 分级 class | 本平台读者 consumers | 对外 agencies |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for wire_type, event in sorted(CATALOGUE.items()):
        readers = ", ".join(sorted(CONSUMERS[event])) or "–"
        outside = "可订阅 / yes" if event in OPEN_TO_AGENCIES else "–"
        yield f"| `{wire_type}` | `{event.TOPIC}` | `{event.KEY}` | {event.DATA_CLASS} | {readers} | {outside} |"


def _section(event_type: type[Event]) -> Iterator[str]:
    schema, example = schema_of(event_type), sample(event_type)
    data = example.model_dump(mode="json")
    yield from ("", f"### `{event_type.wire_type()}`", "", getdoc(event_type) or "", "")
    yield f"> {example.sentence()}"
    yield from ("", "| 字段 field | 形式 form | 必有 always | 例 example |", "| --- | --- | --- | --- |")
    for path, node, always, value in _rows("", schema, schema, data):
        form = _form(node, schema) + (" · 内 private" if node.get("x-private") else "")
        yield f"| `{path}` | {form} | {'是' if always else '–'} | {value} |"


def _rows(
    prefix: str,
    node: Mapping[str, Any],
    root: Mapping[str, Any],
    data: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], bool, str]]:
    """Path, schema, presence and example of each field, those of parts under the field that holds them."""
    for name, field in node["properties"].items():
        value = data[name]
        inner = _part(field, root)
        listed = value[0] if isinstance(value, list) and value else value
        shown = "" if inner or value == [] else f"`{str(listed).lower() if isinstance(listed, bool) else listed}`"
        yield f"{prefix}{name}", field, name in node["required"], shown
        if inner and listed:
            yield from _rows(f"{prefix}{name}{'[]' if isinstance(value, list) else ''}.", inner, root, listed)


def _part(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The part (an object of its own) that a field or its items consist of."""
    node = node.get("items", node)
    return root["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else None


def _form(node: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    if "anyOf" in node:
        return " or ".join(_form(choice, root) for choice in node["anyOf"])
    if "items" in node:
        return f"list of {_form(node['items'], root)}"
    if "$ref" in node:
        return "part"
    return str(node.get("description") or node.get("format") or node["type"])

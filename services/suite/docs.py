"""Writes the generated documents: events, workflows, parameters, checks, interface descriptions. A test finds stale ones."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from joserfc.jwk import KeySet

from services.suite.breaking import breaking_changes
from services.suite.services import SERVICES
from shared.contracts.render import events_markdown
from shared.http.app import create_app
from shared.http.jwks import FixedKeys
from shared.http.tokens import Verifier
from shared.kernel.clock import SystemClock
from shared.parameters.workdays import WorkdayCalendar
from shared.runtime.assemble import assemble
from shared.runtime.service import Service
from shared.runtime.surroundings import Surroundings, edge_on
from shared.vault.keys import KeyRing
from shared.workflow.draw import mermaid, table

_MADE = "<!-- 由 make docs 生成，请勿手改 / made by make docs, do not edit -->\n\n"

_NOWHERE = "postgresql://nobody@127.0.0.1/nothing"


def documents() -> dict[str, str]:
    """Every generated file under docs/, by its relative path."""
    made = {"events.md": _MADE + events_markdown(), "parameters.md": parameters_markdown(), "checks.md": _checks()}
    for service in SERVICES:
        made |= {f"workflows/{name}": text for name, text in _workflows(service)}
        made[f"openapi/{service.name}.json"] = openapi_text(described(service))
    return made


def write(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Write what differs; gives the names of the changed files."""
    changed = []
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def broken(folder: Path, made: Mapping[str, str]) -> list[str]:
    """What the interface descriptions in `made` take away from clients of those that lie in `folder`."""
    found = []
    for name, text in made.items():
        path = folder / name
        if name.startswith("openapi/") and path.exists():
            changes = breaking_changes(json.loads(path.read_text(encoding="utf-8")), json.loads(text))
            found += [f"{Path(name).stem} {change}" for change in changes]
    return found


def described(service: Service) -> Mapping[str, Any]:
    """The interface description of a service; needs no database, because nothing is asked of it."""
    keys, clock = KeyRing.fresh(), SystemClock()
    around = Surroundings(clock, keys, Verifier("nobody", "nobody", FixedKeys(KeySet([]))), Path())
    made = assemble(service, _NOWHERE, clock=clock, calendar=WorkdayCalendar({}), keys=keys)
    return create_app(service, edge_on(made, around)).openapi()


def openapi_text(description: Mapping[str, object]) -> str:
    """An interface description as it is committed."""
    return json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _workflows(service: Service) -> Iterator[tuple[str, str]]:
    for binding in service.bindings:
        workflow = binding.workflow
        title = f"# {workflow.zh} / {workflow.en} (`{workflow.name}`, v{workflow.version})\n\n"
        source = f"来源 / source: {workflow.source}\n\n" if workflow.source else ""
        picture = f"```mermaid\n{mermaid(workflow)}\n```\n\n"
        yield f"{workflow.name.replace('.', '-')}.md", _MADE + title + source + picture + table(workflow) + "\n"


def parameters_markdown() -> str:
    """The parameters of all services, with the values that each takes."""
    lines = [_MADE + "# 政策参数 / Parameters\n"]
    for service in SERVICES:
        lines += [
            f"\n## {service.zh} / {service.name}\n",
            "| 名称 name | 含义 | meaning | 默认 default | 取值 | values | 单位 unit | 来源 source |",
        ]
        lines.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for name, each in sorted(service.declared_parameters.items()):
            default = "（须由政策给出 / policy must state it）" if each.default is None else each.default
            cells = (f"`{name}`", each.zh, each.en, default, each.asks_zh, each.asks_en, each.unit, each.source)
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _checks() -> str:
    lines = [_MADE + "# 检查规则 / Checks\n"]
    for service in SERVICES:
        lines += [
            f"\n## {service.zh} / {service.name}\n",
            "| 编号 id | 级别 severity | 对象 subject | 含义 | meaning | 规则 rule |",
        ]
        lines.append("| --- | --- | --- | --- | --- | --- |")
        lines += [
            f"| `{check.id}` | {check.severity} | {check.subject} | {check.zh} | {check.en} | {check.rule} |"
            for check in service.checks
        ]
    return "\n".join(lines) + "\n"

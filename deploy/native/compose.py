"""docker-compose.yml as values. Every key is known to be carried out or to be a mere fence; any other is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy.native import fields
from deploy.native.fields import Healthcheck, Port, Restart
from deploy.native.problems import BadCompose
from deploy.native.variables import filled

CARRIED_OUT = frozenset(
    {
        *("image", "build", "command", "environment", "depends_on", "healthcheck", "ports", "volumes"),
        *("restart", "stop_grace_period", "profiles"),
    }
)
FENCES = frozenset({"init", "read_only", "tmpfs", "cap_drop", "security_opt", "deploy", "logging", "shm_size"})
"""These take rights and room from a process. One that lives within them lives without them too."""
_BUILD = {"context", "dockerfile", "args"}
_TOP = {"name", "services", "volumes"}


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the file, with its variables put in."""

    name: str
    image: str
    is_ours: bool
    """Built from this tree, so that its command runs here as well."""
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    depends_on: Mapping[str, str]
    """Services and the condition that each must meet first."""
    healthcheck: Healthcheck | None
    ports: tuple[Port, ...]
    volumes: Mapping[str, str]
    """Path in the container to the name of the volume."""
    restart: Restart
    grace: float
    """Seconds between SIGTERM and SIGKILL."""
    profiles: tuple[str, ...]

    @property
    def is_once(self) -> bool:
        """Runs to its end, others wait for that."""
        return self.restart.policy == "no"


def load(path: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """The services by name, those of sleeping profiles too; raises BadCompose."""
    content = yaml.safe_load(path.read_text("utf-8"))
    raw = {name: value for name, value in content.items() if not name.startswith("x-")}
    only(raw, _TOP, "docker-compose.yml")
    volumes = raw.get("volumes") or {}
    if any(volumes.values()):
        raise BadCompose("volumes 不得带选项 / volumes must have no options")
    services = {name: _service(name, value, variables) for name, value in raw["services"].items()}
    for service in services.values():
        _check(service, services, volumes)
    return services


def awake(services: Mapping[str, Service], profiles: str) -> dict[str, Service]:
    """Those without a profile, and those of COMPOSE_PROFILES, names with commas between."""
    chosen = {name.strip() for name in profiles.split(",")}
    found = {name: each for name, each in services.items() if not each.profiles or chosen & set(each.profiles)}
    for service in found.values():
        if asleep := sorted(set(service.depends_on) - set(found)):
            raise BadCompose(f"{service.name} 依赖未启用的 {asleep} / {service.name} needs {asleep}, which sleep")
    return found


def only(given: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Refuse keys whose meaning would be lost."""
    if strange := sorted(set(given) - set(known)):
        raise BadCompose(
            f"{where}：原生方式不支持 {', '.join(strange)}。 / {where}: not supported natively: {', '.join(strange)}.",
        )


def _service(name: str, raw: Mapping[str, Any], variables: Mapping[str, str]) -> Service:
    only(raw, CARRIED_OUT | FENCES, name)
    only(raw.get("build") or {}, _BUILD, f"{name}.build")
    only(raw.get("deploy") or {}, {"resources"}, f"{name}.deploy")
    only((raw.get("deploy") or {}).get("resources") or {}, {"limits"}, f"{name}.deploy.resources")
    given: Any = filled(dict(raw), variables)
    return Service(
        name=name,
        image=given.get("image", ""),
        is_ours="build" in given,
        command=fields.command(given.get("command"), name),
        environment=fields.environment(given.get("environment") or {}, name),
        depends_on=fields.depends_on(given.get("depends_on") or {}, name),
        healthcheck=fields.healthcheck(given.get("healthcheck"), name),
        ports=tuple(fields.port(text, name) for text in given.get("ports") or ()),
        volumes=dict(fields.volume(text, name) for text in given.get("volumes") or ()),
        restart=fields.restart(given.get("restart", "no"), name),
        grace=fields.seconds(given.get("stop_grace_period", "10s")),
        profiles=tuple(given.get("profiles") or ()),
    )


def _check(service: Service, services: Mapping[str, Service], volumes: Collection[str]) -> None:
    for other, condition in service.depends_on.items():
        if other not in services:
            raise BadCompose(f"{service.name} 依赖不存在的 {other} / {service.name} needs {other}, which is not there")
        if condition == "service_healthy" and services[other].healthcheck is None:
            raise BadCompose(f"{other} 没有 healthcheck / {other} has no healthcheck, {service.name} waits for it")
        if condition == "service_completed_successfully" and not services[other].is_once:
            raise BadCompose(f"{other} 不会结束 / {other} never ends, {service.name} waits for it")
    if lost := sorted(set(service.volumes.values()) - set(volumes)):
        raise BadCompose(f"{service.name} 使用未声明的卷 {lost} / {service.name} uses volumes not declared: {lost}")
    if service.is_ours and (moved := [port for port in service.ports if port.host != port.container]):
        raise BadCompose(
            f"{service.name} 内外端口不同 {moved}；原生方式没有转发。 / "
            f"{service.name} has different ports inside and outside, natively nobody forwards: {moved}",
        )

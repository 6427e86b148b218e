"""The single fields of a service in docker-compose.yml, in the forms that native processes can keep."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.native.problems import BadCompose

LOOPBACK = "127.0.0.1"
_CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
_DURATION = re.compile(r"(?:(\d+)m)?(?:(\d+)s)?")
_RESTART = re.compile(r"(no|always|unless-stopped|on-failure)(?::(\d+))?")
_PORT = re.compile(r"127\.0\.0\.1:(\d{1,5}):(\d{1,5})")
_VOLUME = re.compile(r"([a-z][a-z0-9_-]*):(/[\w./-]+)")


@dataclass(frozen=True, slots=True)
class Port:
    """A published port, always on the loopback address."""

    host: int
    container: int


@dataclass(frozen=True, slots=True)
class Restart:
    """What follows the end of a process; `most`: tries after failures, None for ever."""

    policy: str
    most: int | None = None

    def wants(self, code: int, tries: int) -> bool:
        """Whether a process that ended by itself with `code` starts again, after so many tries."""
        if self.policy == "on-failure":
            return code != 0 and (self.most is None or tries < self.most)
        return self.policy != "no"


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """How health is asked; times in seconds."""

    test: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float
    start_interval: float


def command(given: Any, name: str) -> tuple[str, ...]:
    """A list of words; the shell form would be read by a shell that the images do not promise."""
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise BadCompose(f"{name}.command 应为字符串列表 / {name}.command must be a list of texts")
    return tuple(given)


def environment(given: Any, name: str) -> dict[str, str]:
    """Names and texts; a number or yes/no that YAML made of a text is refused."""
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise BadCompose(f"{name}.environment 应为 名称: 文本 / {name}.environment must be names and texts")
    return dict(given)


def depends_on(given: Any, name: str) -> dict[str, str]:
    """Services and their conditions, in the long form."""
    found = {}
    for other, rule in given.items() if isinstance(given, dict) else [(given, None)]:
        if not isinstance(rule, dict) or set(rule) != {"condition"} or rule["condition"] not in _CONDITIONS:
            raise BadCompose(f"{name}.depends_on 应写明 condition / {name}.depends_on must name a condition: {other}")
        found[other] = rule["condition"]
    return found


def healthcheck(given: Mapping[str, Any] | None, name: str) -> Healthcheck | None:
    """A command without shell, and its times."""
    if given is None:
        return None
    wanted = {"test", "interval", "timeout", "retries", "start_period", "start_interval"}
    if set(given) != wanted or not isinstance(given["test"], list) or given["test"][:1] != ["CMD"]:
        raise BadCompose(f"{name}.healthcheck 应为 CMD 并写明 / must be CMD with all of: {', '.join(sorted(wanted))}")
    return Healthcheck(
        test=tuple(given["test"][1:]),
        interval=seconds(given["interval"]),
        timeout=seconds(given["timeout"]),
        retries=int(given["retries"]),
        start_period=seconds(given["start_period"]),
        start_interval=seconds(given["start_interval"]),
    )


def port(given: Any, name: str) -> Port:
    """`127.0.0.1:outside:inside`; nothing is published to other machines."""
    found = _PORT.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise BadCompose(f"{name}.ports 应为 127.0.0.1:外:内 / {name}.ports must be 127.0.0.1:outside:inside: {given}")
    return Port(int(found[1]), int(found[2]))


def volume(given: Any, name: str) -> tuple[str, str]:
    """Path and volume name of `name:/path`."""
    found = _VOLUME.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise BadCompose(f"{name}.volumes 应为 卷名:/路径 / {name}.volumes must be name:/path: {given}")
    return found[2], found[1]


def restart(given: Any, name: str) -> Restart:
    """One of Compose's policies."""
    found = _RESTART.fullmatch(given) if isinstance(given, str) else None
    if found is None or (found[2] and found[1] != "on-failure"):
        raise BadCompose(f"{name}.restart 无法解读 / {name}.restart cannot be read: {given}")
    return Restart(found[1], int(found[2]) if found[2] else None)


def seconds(given: Any) -> float:
    """`90s`, `1m30s` and the like."""
    found = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if not given or found is None:
        raise BadCompose(f"时长应写作 90s 或 1m30s / a time is written 90s or 1m30s: {given}")
    return 60.0 * int(found[1] or 0) + int(found[2] or 0)

"""Where a service's names lie when it is no container: host names become loopback ports, volumes become directories."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.native.compose import Service
from deploy.native.fields import LOOPBACK
from deploy.native.problems import BadCompose

ROOT = Path(__file__).resolve().parents[2]
_EVERYWHERE = "0.0.0.0"  # noqa: S104  what a container listens on; here it becomes the loopback address
_KEPT = ("HOME", "TERM", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Places:
    """The translation for one run."""

    services: Mapping[str, Service]
    volumes: Path

    def environment(self, service: Service) -> dict[str, str]:
        """What a process of `service` gets: the file's variables, and nothing of ours but where programs lie."""
        base = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        base |= {"PATH": path, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        return base | {name: self._value(service, value) for name, value in service.environment.items()}

    def directory(self, volume: str) -> Path:
        """The directory that stands for a volume."""
        return self.volumes / volume

    def _value(self, service: Service, value: str) -> str:
        if value == _EVERYWHERE:
            return LOOPBACK
        if value in self.services:
            raise BadCompose(f"{service.name}：主机名 {value} 须带端口 / the host {value} needs a port")
        for path, volume in service.volumes.items():
            if value == path or value.startswith(f"{path}/"):
                return f"{self.directory(volume)}{value.removeprefix(path)}"
        return _address(self.services).sub(lambda found: f"{LOOPBACK}:{self._port(found[1], int(found[2]))}", value)

    def _port(self, host: str, port: int) -> int:
        """A stand-in has one door, the published one; our own processes listen where they say."""
        service = self.services[host]
        return port if service.is_ours else published(service)


def published(service: Service) -> int:
    """The one port that a service publishes; raises BadCompose for none or several."""
    if len(service.ports) != 1:
        raise BadCompose(f"{service.name} 应恰好发布一个端口 / {service.name} must publish exactly one port")
    return service.ports[0].host


def _address(services: Mapping[str, Service]) -> re.Pattern[str]:
    """`name:port` where an address stands: not `user:password@`."""
    names = "|".join(map(re.escape, sorted(services, key=len, reverse=True)))
    return re.compile(rf"(?:(?<=[@/,])|^)({names}):(\d+)(?=[/,?]|$)")

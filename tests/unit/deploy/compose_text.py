"""A small compose file and its reading, for tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.native.compose import Service, load

BUILD = {"context": ".", "dockerfile": "Dockerfile", "args": {"SERVICE": "funds"}}


def ours(*command: str, **more: Any) -> dict[str, Any]:
    """A service that is built here and runs `command`."""
    return {"image": "shouwang-x:1", "build": BUILD, "command": list(command) or ["true"], **more}


def read(folder: Path, services: Mapping[str, Any], variables: Mapping[str, str], **top: Any) -> dict[str, Service]:
    """Write a file of these services and read it."""
    file = folder / "docker-compose.yml"
    file.write_text(yaml.safe_dump({"name": "x", "services": dict(services), **top}), "utf-8")
    return load(file, variables)

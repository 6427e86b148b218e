"""The Java runtime that runs the broker."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.kafka.problems import KafkaUnavailable

_OLDEST = 17


@dataclass(frozen=True, slots=True)
class Java:
    """A java program and its full version."""

    program: Path
    version: str


def find() -> Java:
    """The java program of $JAVA_HOME, else of the path; raises KafkaUnavailable when none is new enough."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise KafkaUnavailable(
            f"没有 Java：请安装 Java {_OLDEST} 或更高版本。 / No Java here: install Java {_OLDEST} or newer.",
        )
    told = subprocess.run([found, "-version"], capture_output=True, encoding="utf-8", errors="replace", check=False)
    version = re.search(r'version "((?:1\.)?(\d+)[^"]*)"', told.stderr)
    if version is None or int(version[2]) < _OLDEST:
        raise KafkaUnavailable(
            f"{found} 版本过低，需要 Java {_OLDEST} 或更高。 / {found} is too old, Java {_OLDEST} or newer is needed.",
        )
    return Java(Path(found), version[1])

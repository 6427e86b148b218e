"""Where and when a figure was measured: the date, the size of the machine, the commit."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from shared.kernel.clock import SystemClock

ROOT = Path(__file__).resolve().parents[2]
_GIB = 1024**3


def circumstances() -> dict[str, Any]:
    """What stands beside every figure."""
    return {
        "date": SystemClock().now().isoformat(timespec="seconds"),
        "machine": {
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "load_before": round(os.getloadavg()[0], 1),
        },
        "commit": _commit(),
    }


def _commit() -> str:
    """The commit, marked when files differ from it; empty outside a repository."""
    hash_ = _git("rev-parse", "--short=10", "HEAD")
    return f"{hash_}+changes" if hash_ and _git("status", "--porcelain", "--untracked-files=no") else hash_


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)  # noqa: S607
    except FileNotFoundError:
        return ""
    return done.stdout.strip()

"""What a native run keeps between commands: its place, its lock, its logs, and what it tells of itself."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.native.places import ROOT
from shared.runtime.postgres_account import outside, short_hash

_TAIL = 15


@dataclass(slots=True)
class Told:
    """What is known of one service."""

    state: str = "waiting"
    """waiting, starting, running, healthy, unhealthy, done, failed, stopped."""
    pid: int | None = None
    restarts: int = 0
    code: int | None = None
    """Exit code of the last end."""


@dataclass(slots=True)
class Status:
    """What the whole run tells of itself."""

    state: str = "starting"
    """starting, ready, failed, stopped."""
    why: str = ""
    front: str = ""
    """The address of the front door, when it is published."""
    services: dict[str, Told] = field(default_factory=dict)


class State:
    """One directory: volumes, logs, status and the lock of the process that keeps the services."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self._descriptor: int | None = None

    @property
    def volumes(self) -> Path:
        """Where volumes lie as directories."""
        return self.directory / "volumes"

    def log(self, service: str) -> Path:
        """Where a service's output goes."""
        return self.directory / "logs" / f"{service}.log"

    def prepare(self) -> None:
        """Make the directories; the logs of the run before stay as `.1`."""
        for path in (self.directory, self.volumes, self.directory / "logs"):
            path.mkdir(parents=True, exist_ok=True)
        self.volumes.chmod(0o700)  # keys and evidence
        for log in (self.directory / "logs").glob("*.log"):
            log.replace(log.with_suffix(".log.1"))

    def take(self) -> bool:
        """Become the one keeper of this directory until the process ends; False when another is."""
        self.directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return True

    def release(self) -> None:
        """Be the keeper no more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def keeper(self) -> int | None:
        """The process that keeps the services; None when there is none, whatever a file left behind says."""
        if not self._lock.exists():
            return None
        descriptor = os.open(self._lock, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.pread(descriptor, 20, 0) or b"0")
        else:
            return None
        finally:
            os.close(descriptor)

    def tell(self, status: Status) -> None:
        """Store the status for other commands."""
        scratch = self._status.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(status)), "utf-8")
        scratch.replace(self._status)

    def status(self) -> Status:
        """What was told last; empty before the first start."""
        if not self._status.exists():
            return Status(state="stopped")
        found = json.loads(self._status.read_text("utf-8"))
        return Status(**{**found, "services": {name: Told(**each) for name, each in found["services"].items()}})

    def remember(self, variables: Mapping[str, str]) -> None:
        """Keep the variables of this run, readable by their owner only: `run` speaks to what runs."""
        self._variables.unlink(missing_ok=True)
        descriptor = os.open(self._variables, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dict(variables), file)

    def remembered(self) -> dict[str, str]:
        """The variables of the run that a keeper keeps now; empty when none does."""
        if self.keeper() is None or not self._variables.exists():
            return {}
        found: dict[str, str] = json.loads(self._variables.read_text("utf-8"))
        return found

    def tail(self, service: str) -> str:
        """The last lines of a log."""
        log = self.log(service)
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-_TAIL:]) if log.exists() else ""

    @property
    def _lock(self) -> Path:
        return self.directory / "keeper.lock"

    @property
    def _variables(self) -> Path:
        return self.directory / "variables.json"

    @property
    def _status(self) -> Path:
        return self.directory / "status.json"


def state_of(environment: Mapping[str, str]) -> State:
    """The state of this tree: $NATIVE_STATE_DIR, else a directory outside the tree that the tree's path names."""
    if given := environment.get("NATIVE_STATE_DIR"):
        return State(Path(given))
    name = short_hash(str(ROOT))
    if os.geteuid() == 0:
        return State(outside() / name / "native")
    base = Path(environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return State(base / "shouwang" / name / "native")

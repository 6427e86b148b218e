"""The operating-system user that runs the embedded server, and directories that it can reach.

PostgreSQL refuses to run as root. No user is created and no mode of an existing directory is ever changed.
"""

import hashlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_UNPRIVILEGED = ("postgres", "nobody")
_OUTSIDE = tuple(Path(base) for base in ("/var/lib/shouwang", "/var/tmp/shouwang", "/tmp/shouwang"))  # noqa: S108  ownership is checked
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class PostgresUnavailable(RuntimeError):
    """The embedded server (内嵌数据库) cannot run here; the message says why and what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that owns the data and runs the server: ourselves, or an unprivileged one when we are root."""

    name: str
    uid: int
    gid: int
    is_other: bool

    @classmethod
    def choose(cls) -> "Account":
        """Ourselves, unless we are root; raises PostgresUnavailable when root finds no unprivileged user."""
        if os.geteuid() != 0:
            return cls("", os.geteuid(), os.getegid(), is_other=False)
        for name in _UNPRIVILEGED:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return cls(name, entry.pw_uid, entry.pw_gid, is_other=True)
        raise PostgresUnavailable(
            "数据库不能以 root 身份运行，且本机没有 postgres 或 nobody 用户；请换用普通用户运行。 / "
            "PostgreSQL does not run as root, and there is no user postgres or nobody; run this as an ordinary user.",
        )

    def run(self, program: Path, *arguments: str, seconds: float = 60) -> tuple[int, str]:
        """Exit code and output of a program run as this user, outside our terminal's process group."""
        return _run([str(program), *arguments], self if self.is_other else None, seconds)

    def can_enter(self, directory: Path) -> bool:
        """Whether this user may reach what lies in `directory`."""
        return self.run(Path("/bin/sh"), "-c", 'cd "$1"', "sh", str(directory))[0] == 0

    def give(self, path: Path) -> None:
        """Make this user the owner of a path that we have just made."""
        if self.is_other:
            try:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)
            except OSError as problem:
                raise PostgresUnavailable(
                    f"无法把 {path} 交给用户 {self.name}（{problem}）；请换用普通用户运行。 / "
                    f"Cannot give {path} to user {self.name} ({problem}); run this as an ordinary user.",
                ) from problem


def _run(command: Sequence[str], other: Account | None, seconds: float) -> tuple[int, str]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            cwd="/",
            env=environment | {"LC_ALL": "C", "TZ": "UTC"},
            timeout=seconds,
            check=False,
            start_new_session=True,
            user=other.uid if other else None,
            group=other.gid if other else None,
            extra_groups=[] if other else None,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        return 127, str(problem)
    return done.returncode, done.stdout


def short_hash(text: str) -> str:
    """Twelve hex digits that stand for a path."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def default_state_dir(project_root: Path) -> Path:
    """Where an installation keeps its state: as root outside every home, else in the project or the user's state directory."""
    name = short_hash(str(project_root.resolve()))
    if os.geteuid() == 0:
        return outside() / name
    if os.access(project_root, os.W_OK):
        return project_root / ".state"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "shouwang" / name


def outside() -> Path:
    """A directory owned by root that every user can enter, outside private homes; only root asks for it."""
    for base in _OUTSIDE:
        try:
            base.mkdir(mode=0o755)
            base.chmod(0o755)  # a strict umask must not close it
        except FileExistsError:
            pass
        except OSError:
            continue
        if _is_ours(base) and Account.choose().can_enter(base):
            return base
    tried = ", ".join(str(base) for base in _OUTSIDE)
    raise PostgresUnavailable(
        f"找不到数据库用户能够进入的目录（已试：{tried}）；请换用普通用户运行。 / "
        f"No directory that the database's user can enter (tried {tried}); run this as an ordinary user.",
    )


def _is_ours(directory: Path) -> bool:
    found = directory.lstat()
    return (
        directory.is_dir() and not directory.is_symlink() and found.st_uid == os.geteuid() and not found.st_mode & 0o022
    )

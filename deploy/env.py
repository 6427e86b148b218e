"""`python -m deploy.env [FILE]`: completes the variables of docker-compose.yml with random passwords. Standard library only."""

import os
import re
import secrets
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_EXAMPLE = _HERE / "env.example"
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")


def env_file() -> Path:
    """The file that Compose reads: $COMPOSE_ENV_FILES, else `.env` beside docker-compose.yml."""
    return Path(os.environ.get("COMPOSE_ENV_FILES") or _HERE.parent / ".env").absolute()


def names() -> set[str]:
    """The variables of docker-compose.yml."""
    return {found[1] for line in _EXAMPLE.read_text("utf-8").splitlines() if (found := _LINE.fullmatch(line))}


def completed(present: str, example: str) -> str:
    """`present` with every variable of `example` that it lacks, and a random word for each empty password."""
    known = {found[1] for line in present.splitlines() if (found := _LINE.fullmatch(line))}
    added = [line for line in example.splitlines() if (found := _LINE.fullmatch(line)) and found[1] not in known]
    lines = [*present.splitlines(), *added] if present.strip() else example.splitlines()
    return "".join(f"{_filled(line)}\n" for line in lines)


def _filled(line: str) -> str:
    found = _LINE.fullmatch(line)
    is_empty_password = found is not None and found[1].endswith("_PASSWORD") and not found[2]
    return f"{line}{secrets.token_urlsafe(24)}" if is_empty_password else line


def complete(path: Path) -> bool:
    """Complete the file, readable by its owner only (0600); whether anything was lacking."""
    present = path.read_text("utf-8") if path.exists() else ""
    wanted = completed(present, _EXAMPLE.read_text("utf-8"))
    if wanted == present:
        return False
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(wanted)
    scratch.replace(path)
    return True


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else env_file()
    if complete(target):
        print(f"{target}：已补全变量与随机口令 / completed with random passwords")  # noqa: T201  a command line prints

"""The broker's jars: what pom.xml names, fetched once by Maven, each checked against jars.sha256, kept in a cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.problems import KafkaUnavailable

_HERE = Path(__file__).resolve().parent
_POM = _HERE / "pom.xml"
_SUMS = _HERE / "jars.sha256"
_CACHE = "KAFKA_CACHE"
_PATIENCE = 600  # seconds that Maven may take on a slow line


class JarRefused(KafkaUnavailable):
    """A jar is not the one that jars.sha256 names; it has been deleted."""


@contextmanager
def ensured() -> Iterator[list[Path]]:
    """The jars in the order of jars.sha256; fetched by Maven only when they are not in the cache.

    The cache lies in $KAFKA_CACHE, else under $XDG_CACHE_HOME or ~/.cache; inside, no other start changes it.
    Raises JarRefused for a jar with another checksum, KafkaUnavailable when Maven is lacking or fails.
    """
    sums = _sums()
    place = _place()
    with _alone(place):
        if not place.is_dir():
            _fetch(place, sums)
        _check(place, sums)
        yield [place / name for name in sums]


def lock() -> int:
    """Write jars.sha256 anew from what Maven resolves now; the number of jars."""
    with tempfile.TemporaryDirectory() as scratch:
        _maven(Path(scratch))
        jars = sorted(Path(scratch).glob("*.jar"))
        _SUMS.write_text("".join(f"{_digest(jar)}  {jar.name}\n" for jar in jars), "ascii")
    return len(jars)


def version() -> str:
    """The pinned version of Apache Kafka, as its jar is named."""
    prefix, suffix = "kafka-clients-", ".jar"
    return next(name.removeprefix(prefix).removesuffix(suffix) for name in _sums() if name.startswith(prefix))


def _sums() -> dict[str, str]:
    lines = (line.split() for line in _SUMS.read_text("ascii").splitlines())
    return {name: digest for digest, name in lines}


def _place() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shouwang"
    cache = Path(os.environ.get(_CACHE) or cache).absolute()
    return cache / f"kafka-{hashlib.sha256(_SUMS.read_bytes()).hexdigest()[:12]}"


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Two starts at once fetch once."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(place.with_name(place.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise KafkaUnavailable(
            f"无法写入缓存目录 {place.parent}（{problem}）；可用 {_CACHE} 另指目录。 / "
            f"Cannot write the cache {place.parent} ({problem}); {_CACHE} names another.",
        ) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fetch(place: Path, sums: dict[str, str]) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=place.name, dir=place.parent))
    try:
        _maven(scratch)
        _check(scratch, sums)
        scratch.rename(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check(place: Path, sums: dict[str, str]) -> None:
    refused = [jar for jar in sorted(place.glob("*.jar")) if sums.get(jar.name) != _digest(jar)]
    for jar in refused:
        jar.unlink()
    if refused:
        shutil.rmtree(place)  # whole or not at all, so that the next start fetches
        names = ", ".join(jar.name for jar in refused)
        raise JarRefused(
            f"校验和与 jars.sha256 不符，已删除：{names}。若再次出现，请同时清除 Maven 本地仓库中的这些文件。 / "
            f"Not what jars.sha256 names, deleted: {names}. If it happens again, clear them in Maven's local "
            "repository too.",
        )
    if lacking := [name for name in sums if not (place / name).is_file()]:
        shutil.rmtree(place)
        raise KafkaUnavailable(
            f"缺少：{'、'.join(lacking)}；请重试。 / Lacking: {', '.join(lacking)}; start again.",
        )


def _maven(target: Path) -> None:
    program = shutil.which("mvn")
    if program is None:
        raise KafkaUnavailable(
            "没有 Maven：请安装 maven 与 Java 17 或更高版本。 / No Maven here: install maven and Java 17 or newer.",
        )
    command = [program, "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(
            command,
            cwd=target,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise KafkaUnavailable(f"Maven 超时。 / Maven took more than {_PATIENCE} s.") from problem
    if done.returncode:
        raise KafkaUnavailable(f"Maven 未能取得文件。 / Maven did not get the jars.\n{done.stdout[-2000:]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

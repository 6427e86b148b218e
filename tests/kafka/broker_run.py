"""The Kafka broker of a test run, shared by all workers: a given one, a container, or a process of this machine."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.runtime.postgres_state import Users

ROOT = Path(__file__).resolve().parents[2]
_DIRECTORY = "SHOUWANG_TEST_BROKER"  # the environment carries it from the first process to the workers
_START_SECONDS = 900  # a first start may fetch an image or the jars
_END_SECONDS = 40


@dataclass(frozen=True)
class Answer:
    """What became of the start: an address and who serves there, or why there is none."""

    bootstrap: str = ""
    server: str = ""
    problem: str = ""


class BrokerRun:
    """One directory per run; a keeper process starts the broker there and ends it with the last user."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._users = Users(directory / "users.lock")

    @classmethod
    def create(cls) -> "BrokerRun":
        """Open the run, in the process that starts and outlives the workers; the broker starts when it is needed."""
        directory = Path(tempfile.mkdtemp(prefix="shouwang_kafka_"))
        os.environ[_DIRECTORY] = str(directory)
        run = cls(directory)
        run._users.join()
        return run

    @classmethod
    @contextmanager
    def current(cls) -> Iterator["BrokerRun"]:
        """The run that this process belongs to, counted as its user meanwhile."""
        run = cls(Path(os.environ[_DIRECTORY]))
        run._users.join()
        try:
            yield run
        finally:
            run._users.leave()

    def broker(self) -> Answer:
        """The broker, started by the first who asks."""
        descriptor = os.open(self.directory / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if self.answer() is None:
                self._start_keeper()
        finally:
            os.close(descriptor)
        return self.answer() or Answer(problem=(self.directory / "keeper.log").read_text("utf-8", "replace")[-3000:])

    def answer(self) -> Answer | None:
        """What the keeper wrote; None before the first asking."""
        try:
            return Answer(**json.loads((self.directory / "broker.json").read_bytes()))
        except FileNotFoundError:
            return None

    def tell(self, answer: Answer) -> None:
        """Write the answer, whole or not at all; the keeper's word to the workers."""
        scratch = self.directory / "broker.new"
        scratch.write_text(json.dumps(asdict(answer)), "utf-8")
        scratch.rename(self.directory / "broker.json")

    def wait_until_unused(self) -> None:
        """Block until no process of the run is left, however it ended."""
        self._users.wait_until_none()

    def end(self) -> None:
        """Close the run: nothing of it stays."""
        os.environ.pop(_DIRECTORY, None)
        self._users.leave()
        end = time.monotonic() + _END_SECONDS
        while (self.directory / "keeper.log").exists() and time.monotonic() < end:
            time.sleep(0.05)  # the keeper stops the broker and takes the directory away
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start_keeper(self) -> None:
        log = self.directory / "keeper.log"
        with log.open("wb") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.kafka.broker_keeper", str(self.directory)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while self.answer() is None and keeper.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        keeper.returncode = keeper.returncode or 0  # it outlives us on purpose: no warning about that

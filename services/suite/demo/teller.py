"""How the demo tells its story: one bilingual line a step, and a bar on the long ones."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_WIDTH = 30


@dataclass(slots=True)
class Teller:
    """Prints the story and counts its steps."""

    steps: int = 0

    def chapter(self, zh: str, en: str) -> None:
        """Begin a part of the story."""
        print(f"\n== {zh} / {en}", flush=True)

    def step(self, zh: str, en: str) -> None:
        """Tell one step that has just been done."""
        self.steps += 1
        print(f"[{self.steps:02d}] {zh} / {en}", flush=True)

    def aside(self, text: str) -> None:
        """A line that is no step, such as what a refusal said."""
        print(f"     {text}", flush=True)

    @contextmanager
    def progress(self, total: int) -> Iterator["Bar"]:
        """A bar for `total` parts of work; silent unless somebody watches."""
        bar = Bar(total, shown=sys.stdout.isatty())
        yield bar
        bar.clear()


@dataclass(slots=True)
class Bar:
    """The progress of one long step."""

    total: int
    shown: bool
    done: int = 0

    def at(self, done: int) -> None:
        """So much is done."""
        self.done = done
        if self.shown:
            filled = _WIDTH * min(done, self.total) // max(self.total, 1)
            print(f"\r     [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{self.total}", end="", flush=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self.shown:
            print(f"\r{' ' * (_WIDTH + 30)}\r", end="", flush=True)

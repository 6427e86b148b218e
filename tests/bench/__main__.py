"""`python -m tests.bench [--only NAME …] [--quick]`: runs the figures, tells each in a line, fails when a gate is missed."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from shared.runtime import loop
from shared.runtime.logs import set_up_logs
from tests.bench.figure import FULL, QUICK, Figure
from tests.bench.report import write
from tests.bench.stage import Stage, open_stage

Measure: TypeAlias = Callable[[Stage], Awaitable[Sequence[Figure]]]

GROUPS: Mapping[str, str] = {
    "batch": "tests.bench.batch",
    "events": "tests.bench.events",
    "import": "tests.bench.imports",
    "kafka": "tests.bench.kafka",
    "payment": "tests.bench.payment",
    "progress": "tests.bench.progress",
    "supervision": "tests.bench.supervision",
}
"""Name of a group to its module, whose `measure(stage)` gives the figures; imported when it is run."""
OUT = Path("build/bench")


def measure_of(group: str) -> Measure:
    """The function that measures a group."""
    measure: Measure = import_module(GROUPS[group]).measure
    return measure


async def run(groups: Sequence[str], *, quick: bool) -> list[Figure]:
    """Measure and tell; each group on a server of its own."""
    told: list[Figure] = []
    for group in groups:
        measure = measure_of(group)
        loop.settle()
        async with open_stage(QUICK if quick else FULL) as stage:
            figures = await measure(stage)
        for figure in figures:
            print(figure.line(), flush=True)
        write(OUT, figures, quick=quick)
        told += figures
    return told


def main(arguments: Sequence[str]) -> int:
    """0 when every gate holds, 1 when one is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(GROUPS), help="run this group only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="less work and fewer rounds: a look, no verdict to keep")
    options = parser.parse_args(arguments)
    set_up_logs("ERROR", sys.stderr)
    figures = loop.run(run(options.only or sorted(GROUPS), quick=options.quick))
    missed = [figure for figure in figures if not figure.passes]
    for figure in missed:
        print(f"MISSED {figure.name}: {figure.gate}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

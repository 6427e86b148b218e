"""Writes what was measured: one JSON file a figure, one with all, and the table of results in docs/benchmarks.md.

`python -m tests.bench.report` renews the table from the files of the last runs.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from tests.bench.figure import Figure
from tests.bench.machine import ROOT, circumstances

ALL = "all.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- results: begin -->", "<!-- results: end -->"


def write(directory: Path, figures: Sequence[Figure], *, quick: bool) -> None:
    """One file for each figure, and `all.json` with the newest of each name."""
    directory.mkdir(parents=True, exist_ok=True)
    around = circumstances()
    for figure in figures:
        told = {**figure.as_json(), **around, "quick": quick}
        (directory / f"{figure.name}.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    newest = [orjson.loads(path.read_bytes()) for path in sorted(directory.glob("*.json")) if path.name != ALL]
    (directory / ALL).write_bytes(orjson.dumps(newest, option=orjson.OPT_INDENT_2))


def table(results: Sequence[Mapping[str, Any]]) -> str:
    """The results as a table in Markdown."""
    head = "| figure | median (min – max, n) | limit in the same run | ratio | gate | date, commit, machine |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- |", *(_row(result) for result in results)])


def _row(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    where = f"{machine['cores']} cores, {machine['memory_gib']} GiB"
    gate = f"{result['gate']} {'held' if result['passes'] else '**missed**'}" if result["gate"] else "reported"
    if result["aim"]:
        gate += f", aim {result['aim']:g}"
    cells = (
        f"`{result['name']}`",
        f"{_spread(result['value'])} {result['unit']}",
        f"{result['limit']['name']}: {_spread(result['limit'])}",
        _spread(result["ratio"]),
        gate,
        f"{result['date'][:10]}, {result['commit']}, {where}",
    )
    return f"| {' | '.join(cells)} |"


def _spread(told: Mapping[str, float]) -> str:
    median, low, high = (_number(told[name]) for name in ("median", "min", "max"))
    return f"{median} ({low} – {high}, {told['n']})" if told["n"] > 1 else median


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def renew(document: Path, directory: Path) -> None:
    """Put the full results of `directory` into `document`; quick ones are a look only and stay out."""
    results = [result for result in orjson.loads((directory / ALL).read_bytes()) if not result["quick"]]
    before, rest = document.read_text().split(_BEGIN)
    after = rest.split(_END)[1]
    document.write_text(f"{before}{_BEGIN}\n{table(results)}\n{_END}{after}")


if __name__ == "__main__":
    renew(DOCUMENT, Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench"))

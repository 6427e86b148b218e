"""Each bench runs at its smallest size: nothing is timed here, but none of them rots."""

from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from tests.bench import report
from tests.bench.__main__ import GROUPS, measure_of
from tests.bench.figure import SMOKE, Figure, Gate
from tests.bench.stage import open_stage

WITHOUT_KAFKA = sorted(set(GROUPS) - {"kafka"})


def example(gate: Gate | None, values: Sequence[float] = (10, 40, 20)) -> Figure:
    return Figure("walk", "steps/s", values, [100, 100, 100], "run", gate)


async def smoke(group: str) -> Sequence[Figure]:
    async with open_stage(SMOKE) as stage:
        return await measure_of(group)(stage)


@pytest.mark.asyncio
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("group", WITHOUT_KAFKA)
async def test_a_bench_runs(group: str) -> None:
    figures = await smoke(group)
    assert figures
    assert all(value > 0 for figure in figures for value in (*figure.values, *figure.limits))


@pytest.mark.asyncio
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.kafka
async def test_the_bench_over_kafka_runs(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", broker)
    names = {figure.name for figure in await smoke("kafka")}
    assert names == {"event-latency-p99-kafka", "event-react-kafka", "event-deliver-kafka", "relay-kafka"}


def test_a_figure_is_one_line() -> None:
    assert example(None).line() == "BENCH walk 20 steps/s ratio=0.2"


@pytest.mark.parametrize(
    "gate, passes",
    [
        (Gate(at_least=0.2), True),
        (Gate(at_least=0.21), False),
        (Gate(at_most=0.2), True),
        (Gate(at_most=0.19), False),
        (Gate(at_least=20, of_value=True), True),
        (Gate(at_least=21, of_value=True), False),
        (Gate(at_least=0.1, aim=0.9), True),
        (None, True),
    ],
)
def test_a_gate_looks_at_the_median(gate: Gate | None, passes: bool) -> None:
    assert example(gate).passes is passes


def test_the_ratio_is_taken_round_by_round() -> None:
    figure = Figure("walk", "steps/s", [10, 90, 30], [100, 100, 300], "run")
    assert (figure.ratio.low, figure.ratio.median, figure.ratio.high) == (0.1, 0.1, 0.9)


def test_results_are_kept_and_shown(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- results: begin -->\nold\n<!-- results: end -->\nafter\n")
    report.write(tmp_path, [example(Gate(at_least=0.9))], quick=False)
    report.write(tmp_path, [Figure("look", "ms", [1], [2], "promise")], quick=True)
    (look, walk) = orjson.loads((tmp_path / report.ALL).read_bytes())
    assert (look["name"], walk["value"]) == ("look", {"median": 20, "min": 10, "max": 40, "n": 3})
    assert walk["machine"]["cores"] >= 1
    report.renew(document, tmp_path)
    text = document.read_text()
    assert "old" not in text
    assert "`look`" not in text, "a quick look is no result"
    assert (
        "| `walk` | 20 (10 – 40, 3) steps/s | run: 100 (100 – 100, 3) | 0.2 (0.1 – 0.4, 3) | ratio ≥ 0.9 **missed**"
        in text
    )

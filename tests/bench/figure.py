"""A measured figure (指标): its rounds beside the limit of the same run, its gate, and the one line it is told in."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: `scale` multiplies every amount of work, each round is repeated `rounds` times."""

    scale: float
    rounds: int

    def of(self, amount: int) -> int:
        """`amount` at this size, at least one."""
        return max(1, round(amount * self.scale))


FULL = Size(1.0, 5)
QUICK = Size(0.25, 3)
SMOKE = Size(0.002, 1)
"""Nothing is measured, everything is run: what a test can afford."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What the median ratio, or with `of_value` the median value, has to reach."""

    at_least: float | None = None
    at_most: float | None = None
    of_value: bool = False
    aim: float | None = None
    """What we would like to reach; told, never required."""

    def holds(self, figure: "Figure") -> bool:
        """Whether `figure` passes."""
        found = figure.value.median if self.of_value else figure.ratio.median
        return (self.at_least is None or found >= self.at_least) and (self.at_most is None or found <= self.at_most)

    def __str__(self) -> str:
        what = "value" if self.of_value else "ratio"
        bounds = [("≥", self.at_least), ("≤", self.at_most)]
        return f"{what} {' '.join(f'{sign} {bound:g}' for sign, bound in bounds if bound is not None)}"


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some repetitions and how far they lie apart."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Raises ValueError without values."""
        return cls(median(values), min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what we reached in each round, and what the limit reached in the same round.

    Rounds of both alternate, so noise of the machine hits both; the ratio is taken round by round.
    """

    name: str
    unit: str
    values: Sequence[float]
    limits: Sequence[float]
    limit_name: str
    gate: Gate | None = None
    notes: str = ""

    @property
    def value(self) -> Spread:
        """What we reached."""
        return Spread.of(self.values)

    @property
    def limit(self) -> Spread:
        """What the limit reached."""
        return Spread.of(self.limits)

    @property
    def ratio(self) -> Spread:
        """The value in parts of the limit, round by round."""
        return Spread.of([value / limit for value, limit in zip(self.values, self.limits, strict=True)])

    @property
    def passes(self) -> bool:
        """Whether the gate holds; a figure without one always passes."""
        return self.gate is None or self.gate.holds(self)

    def line(self) -> str:
        """`BENCH <name> <value> <unit> ratio=<r>`."""
        return f"BENCH {self.name} {_number(self.value.median)} {self.unit} ratio={_number(self.ratio.median)}"

    def as_json(self) -> dict[str, Any]:
        """Everything about the figure."""
        return {
            "name": self.name,
            "unit": self.unit,
            "value": _told(self.value),
            "limit": {"name": self.limit_name, **_told(self.limit)},
            "ratio": _told(self.ratio),
            "gate": str(self.gate) if self.gate else None,
            "aim": self.gate.aim if self.gate else None,
            "passes": self.passes,
            "notes": self.notes,
        }


def _told(spread: Spread) -> dict[str, float]:
    return {"median": spread.median, "min": spread.low, "max": spread.high, "n": spread.n}


def _number(value: float) -> str:
    """Three digits that count, and no exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"

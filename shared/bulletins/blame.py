"""Lays each failure at one cell (差错定位): the one whose correction makes most relations hold; else the target."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10

from shared.bulletins.figures import exact_text
from shared.bulletins.matrix import Axis, Matrix
from shared.bulletins.relations import Cell, Kind, Relation
from shared.bulletins.rounding import rounded

SLIPS = (3, 4, -3, -4)
"""Powers of ten by which a unit is mistaken: 千 and 万."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One relation in one sample."""

    relation: Relation
    sample: int

    @property
    def target(self) -> Cell:
        return self.relation.target_at(self.sample)

    @property
    def cells(self) -> list[Cell]:
        return [self.target, *self.relation.inputs_at(self.sample)]


@dataclass(slots=True)
class Correction:
    """What one cell should be, and the instances that say so. `slip`: the power of ten it is off by, or 0.

    `follows`: the corrected cell that this one was computed from.
    """

    cell: Cell
    value: Fraction
    because: list[Instance]
    slip: int = 0
    breaks: int = 0
    follows: Cell | None = None


class Blame:
    """Corrections of one table, found one by one until no relation is left open. `known`: figures already corrected."""

    def __init__(self, matrix: Matrix, relations: Sequence[Relation], known: Mapping[Cell, int]) -> None:
        self.matrix = matrix
        self.known = known
        self.fixes: dict[Cell, Correction] = {}
        self.open: list[Instance] = []
        self.closed: dict[Cell, list[Instance]] = {}
        for relation in relations:
            failing = [Instance(relation, sample) for sample in relation.standings.fails]
            self.open += [each for each in failing if not (known and self.holds(each))]
            for sample in relation.standings.good:
                instance = Instance(relation, sample)
                for cell in instance.cells:
                    self.closed.setdefault(cell, []).append(instance)

    def read(self, cell: Cell) -> Fraction | None:
        if cell in self.fixes:
            return self.fixes[cell].value
        if cell in self.known:
            return Fraction(self.known[cell])
        return self.printed(cell)

    def printed(self, cell: Cell) -> Fraction | None:
        return self.matrix.figure(cell.column, cell.row)

    def corrections(self) -> list[Correction]:
        """All corrections, in the order in which they were found; those that follow from others last."""
        while self.open:
            best = self._best()
            if best is None:
                break
            self.fixes[best.cell] = best
            left = [each for each in self.open if not self.holds(each) and each not in best.because]
            self.open = left
        self._follow()
        return list(self.fixes.values())

    def _best(self) -> Correction | None:
        """The weightiest proposal. Where several inputs would do equally, none is named: the smallest total is."""
        proposals = sorted(self._proposals(), key=self._weight, reverse=True)
        first = proposals[0] if proposals else None
        if first is None or len(first.because) == 1 or first.slip:
            return first
        weight = self._weight(first)
        equal = {each.cell for each in proposals if self._weight(each) == weight}
        targets = {each.target for each in first.because}
        if len(equal) == 1 or first.cell in targets:
            return first
        closest = min(first.because, key=lambda each: len(each.cells))
        exact = closest.relation.exact(closest.sample, self.read)
        if exact is None or closest.target in self.fixes:
            return first
        return Correction(closest.target, self._shown(closest.target, exact, closest), [closest, *first.because])

    def _weight(self, one: Correction) -> tuple[float, float, bool, int]:
        """Most relations won over lost first; then a mere slip of the unit; then the target, then what least else confirms."""
        is_target = any(each.target == one.cell for each in one.because)
        confirmed = len(self.closed.get(one.cell, ()))
        won = len(one.because) - one.breaks
        if len(one.because) > 1:
            return won, one.slip != 0, is_target, 0
        if one.slip:
            return 0.6 - one.breaks, 1, is_target, 0
        if one.because[0].relation.is_linear and one.because[0].relation.kind is not Kind.TOTAL:
            return 0.0, self._likeness(one) - one.breaks, is_target, -confirmed
        return 0.0, 0.0, is_target, 0

    def _likeness(self, one: Correction) -> float:
        """Something when the printed figure is the right one but for one digit, or two that changed places."""
        places = max(self.places(one.cell), 0)
        right, printed = (exact_text(value, places) for value in (one.value, self.printed(one.cell) or Fraction(0)))
        wrong = [at for at, (a, b) in enumerate(zip(right, printed, strict=False)) if a != b]
        is_swap = len(wrong) == 2 and sorted(right) == sorted(printed)  # noqa: PLR2004  a pair
        return 0.5 if len(right) == len(printed) and (len(wrong) == 1 or is_swap) else 0.0

    # ── proposals ───────────────────────────────────────────────────────────

    def _proposals(self) -> Iterator[Correction]:
        touching: dict[Cell, list[Instance]] = {}
        for instance in self.open:
            for cell in set(instance.cells):
                touching.setdefault(cell, []).append(instance)
        for cell, instances in touching.items():
            if cell in self.fixes or self.printed(cell) is None:
                continue
            if len(instances) > 1:
                yield from self._shared(cell, instances)
        for instance in self.open:
            yield from self._slips(instance)
            yield from self._plain(instance)

    def _plain(self, instance: Instance) -> Iterator[Correction]:
        """The target, as its relation makes it; in a sum of columns also any other cell."""
        exact = instance.relation.exact(instance.sample, self.read)
        if exact is not None and instance.target not in self.fixes:
            value = self._shown(instance.target, exact, instance)
            yield self._weighed(Correction(instance.target, value, [instance]))
        target = self.read(instance.target)
        if target is None or not instance.relation.is_linear or instance.relation.kind is Kind.TOTAL:
            return
        for cell in instance.cells[1:]:
            solved = instance.relation.solved(instance.sample, cell, target, self.read)
            if solved is not None and cell not in self.fixes and self.printed(cell) is not None:
                yield self._weighed(Correction(cell, solved, [instance]))

    def _shared(self, cell: Cell, instances: list[Instance]) -> Iterator[Correction]:
        """One value of a cell that several failing relations ask for."""
        spans = [(span, each) for each in instances if (span := self._span(cell, each)) is not None]
        best: tuple[list[Instance], Fraction, Fraction] | None = None
        for (low, high), _ in spans:
            agreeing = []
            for (other_low, other_high), other in spans:
                if max(low, other_low) <= min(high, other_high):
                    low, high = max(low, other_low), min(high, other_high)  # noqa: PLW2901  the common part
                    agreeing.append(other)
            if self._printable(cell, low, high) is not None and (best is None or len(agreeing) > len(best[0])):
                best = agreeing, low, high
        if best and len(best[0]) > 1:
            value = self._printable(cell, best[1], best[2])
            if value is not None:
                yield self._weighed(Correction(cell, value, best[0], self._slip_of(cell, value)))

    def _slips(self, instance: Instance) -> Iterator[Correction]:
        """An input, or the target, that is right but for its unit."""
        target = self.read(instance.target)
        for cell in dict.fromkeys(instance.cells):
            printed = self.printed(cell)
            if not printed or cell in self.fixes or target is None:
                continue
            span = self._span(cell, instance)
            for power in SLIPS if span else ():
                value = printed * Fraction(10) ** power
                if span and span[0] <= value <= span[1] and self._is_tighter(instance, cell, value):
                    yield self._weighed(Correction(cell, value, [instance], power))

    def _is_tighter(self, instance: Instance, cell: Cell, value: Fraction) -> bool:
        """Whether the corrected figure stands nearer to the others of its column than the printed one."""
        if instance.relation.is_linear and cell != instance.target:
            return True
        line = [abs(v) for r, v in enumerate(self.matrix.values[cell.column]) if v and r != cell.row]
        if not line:
            return cell == instance.target
        middle = log10(sorted(line)[len(line) // 2] / self.matrix.scale)
        return abs(log10(abs(value)) - middle) < abs(log10(abs(self.printed(cell) or 1)) - middle) - 1

    def _weighed(self, one: Correction) -> Correction:
        """The correction with the number of relations that held and would not any more."""
        kept = self.fixes.get(one.cell)
        self.fixes[one.cell] = one
        one.breaks = sum(not self.holds(each) for each in self.closed.get(one.cell, ()))
        del self.fixes[one.cell]
        if kept:
            self.fixes[one.cell] = kept
        return one

    # ── arithmetic ──────────────────────────────────────────────────────────

    def tolerance(self, instance: Instance) -> Fraction:
        """How far exact and printed value may lie apart in an instance that holds."""
        relation, target = instance.relation, instance.target
        ulp = self._ulp(target)
        slack = Fraction(0)
        if relation.is_linear:
            if not relation.standings.close:
                return slack
            cells = [cell for cell in instance.cells if self.matrix.soft[cell.column][cell.row]]
            return min(sum((self._ulp(cell) for cell in cells), Fraction(0)) / 2, 3 * ulp)
        if relation.standings.close:
            exact = relation.exact(instance.sample, self.read)
            for cell in instance.cells[1:]:
                value = self.read(cell)
                if value and exact and self.matrix.soft[cell.column][cell.row]:
                    slack += abs(exact / value) * self._ulp(cell) / 2
        return ulp + slack

    def _ulp(self, cell: Cell) -> Fraction:
        return Fraction(self.matrix.ulps[cell.column][cell.row], self.matrix.scale)

    def holds(self, instance: Instance) -> bool:
        """Whether a relation holds on the figures as corrected so far."""
        target, exact = self.read(instance.target), instance.relation.exact(instance.sample, self.read)
        if target is None or exact is None:
            return True
        return abs(exact - target) <= self.tolerance(instance)

    def _span(self, cell: Cell, instance: Instance) -> tuple[Fraction, Fraction] | None:
        """The values of a cell with which an instance holds."""
        relation, tolerance = instance.relation, self.tolerance(instance)
        if cell == instance.target:
            exact = relation.exact(instance.sample, self.read)
            return None if exact is None else (exact - tolerance, exact + tolerance)
        target = self.read(instance.target)
        if target is None:
            return None
        ends = [
            relation.solved(instance.sample, cell, each, self.read) for each in (target - tolerance, target + tolerance)
        ]
        if ends[0] is None or ends[1] is None:
            return None
        return min(ends[0], ends[1]), max(ends[0], ends[1])

    def _printable(self, cell: Cell, low: Fraction, high: Fraction) -> Fraction | None:
        """A value in the decimals of the column between two ends: the printed one in another unit, or the middle."""
        line = self.matrix.ulps[cell.column]
        ulp = Fraction(min(line), self.matrix.scale)
        first, last = -(-low // ulp) * ulp, high // ulp * ulp
        if first > last:
            return None
        printed = self.printed(cell) or Fraction(0)
        for power in SLIPS:
            if low <= printed * Fraction(10) ** power <= high:
                return printed * Fraction(10) ** power
        return min(max((low + high) / 2 // ulp * ulp, first), last)

    def _slip_of(self, cell: Cell, value: Fraction) -> int:
        printed = self.printed(cell)
        return next((power for power in SLIPS if printed and value == printed * Fraction(10) ** power), 0)

    def _shown(self, cell: Cell, exact: Fraction, instance: Instance) -> Fraction:
        """The exact value as the cell would print it; sums stay exact."""
        if instance.relation.is_linear:
            return exact
        return rounded(exact, self.places(cell), instance.relation.rounding)

    def places(self, cell: Cell) -> int:
        """Decimals that a cell prints; negative when it prints tens, hundreds … only."""
        places, ulp = 0, self._ulp(cell)
        while ulp < 1:
            ulp, places = ulp * 10, places + 1
        while ulp > 1:
            ulp, places = ulp / 10, places - 1
        return places

    # ── what follows ────────────────────────────────────────────────────────

    def _follow(self) -> None:
        """Figures that were computed from corrected ones and now are wrong too."""
        pending = list(self.fixes)
        while pending:
            cell = pending.pop(0)
            for instance in self.closed.get(cell, ()):
                target = instance.target
                if target == cell or target in self.fixes or self.holds(instance):
                    continue
                exact = instance.relation.exact(instance.sample, self.read)
                if exact is not None and self._is_computed(instance):
                    value = self._shown(target, exact, instance)
                    self.fixes[target] = Correction(target, value, [instance], follows=cell)
                    pending.append(target)

    @staticmethod
    def _is_computed(instance: Instance) -> bool:
        """A rate follows from its amounts; a total does not follow from a part that another relation doubts."""
        return instance.relation.kind is not Kind.TOTAL or instance.relation.axis is Axis.COLUMNS

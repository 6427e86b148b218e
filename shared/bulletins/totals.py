"""Finds rows that are totals of other rows (合计、小计、全县): by their words, and by arithmetic without them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log2

from shared.bulletins import words
from shared.bulletins.matrix import Matrix
from shared.bulletins.table import Row, Table
from shared.bulletins.words import Standing

_UNNAMED = 18.0
"""Net bits for a total without a word; one with a word needs `_NAMED`."""
_NAMED = 5.0
_MIN_PARTS = 2
_DEEPEST = 9
_ONE_OF = 4
"""Among so many rows a total that leaves out one has forgotten it."""
_STEPS = 4_000_000


@dataclass(slots=True)
class Total:
    """A total row (合计行): `parts` are the rows it adds up; columns by whether it does."""

    row: int
    parts: tuple[int, ...]
    holds: list[int] = field(default_factory=list)
    close: list[int] = field(default_factory=list)
    fails: list[int] = field(default_factory=list)
    unpublished: list[int] = field(default_factory=list)
    """Columns with blank cells among the parts: nothing can be said."""
    is_proven: bool = True
    """Proven by figures; otherwise only its word says so."""
    is_above: bool = False
    net: float = 0.0


def find_totals(table: Table, matrix: Matrix) -> list[Total]:
    """The totals of a table, with their parts. Rates and ranks are never added."""
    finder = _Finder(table, matrix)
    finder.outlined()
    finder.downward()
    finder.upward()
    return sorted(finder.totals.values(), key=lambda total: total.row)


class _Finder:
    """Works through the rows once downward and once upward; a found total stands for its parts from then on."""

    def __init__(self, table: Table, matrix: Matrix) -> None:
        self.rows: list[Row] = table.rows
        self.matrix = matrix
        self.columns = [
            c
            for c, variable in enumerate(matrix.variables)
            if not (variable.is_rank or variable.is_mean or variable.is_rate)
        ]
        self.totals: dict[int, Total] = {}
        self.covered: set[int] = set()
        self.memos: set[int] = set()
        self.stands_above = self._is_named(0)
        self.reach = max(20, min(len(self.rows), _STEPS // (len(self.rows) * len(self.columns) + 1)))

    def outlined(self) -> None:
        """Headings 一、 (一) that carry the sum of the lines below them; only if figures show that some do."""
        read = [self.judge(row, parts) for row in range(len(self.rows) - 1, -1, -1) if (parts := self._numbered(row))]
        if not any(one.net >= _NAMED and one.holds for one in read):
            return
        for one in read:
            one.is_above, one.is_proven = True, one.net >= _NAMED
            self.totals[one.row] = one
            self.covered |= set(one.parts)

    def _numbered(self, row: int) -> tuple[int, ...]:
        """The lines one level below a numbered heading."""
        level = self.rows[row].outline
        below: list[int] = []
        for other in range(row + 1, len(self.rows) if level else 0):
            if 0 < self.rows[other].outline <= level or self._is_named(other):
                break
            if self._is_item(other):
                below.append(other)
        depth = min((self.rows[other].outline or _DEEPEST for other in below), default=0)
        return tuple(other for other in below if (self.rows[other].outline or _DEEPEST) == depth)

    def downward(self) -> None:
        """Totals below their parts, and subtotals that name their group."""
        live: list[int] = []
        for row in range(len(self.rows)):
            if row in self.covered:
                continue
            if row in self.totals:
                live.append(row)
                continue
            found = self._best(row, live) or (None if self.stands_above else self._by_word(row, live))
            if found is not None:
                self._take(found, live)
            elif self._is_item(row):
                live.append(row)

    def upward(self) -> None:
        """Totals above their parts."""
        live: list[int] = []
        for row in range(len(self.rows) - 1, -1, -1):
            if row in self.covered or row in self.memos:
                continue
            found = None
            if row not in self.totals:
                found = self._best(row, live) or (self._by_word(row, live) if self.stands_above else None)
            if found is not None:
                found.is_above = True
                self._take(found, live)
            elif row in self.totals or self._is_item(row):
                live.append(row)

    def _is_named(self, row: int) -> bool:
        return self.rows[row].standing in {Standing.GRAND, Standing.SUB}

    def _is_item(self, row: int) -> bool:
        return self.rows[row].standing is Standing.ITEM

    def _take(self, total: Total, live: list[int]) -> None:
        self.totals[total.row] = total
        if total.row in self.memos:
            return
        parts = set(total.parts)
        self.covered |= parts
        live[:] = [row for row in live if row not in parts]
        live.append(total.row)

    # ── candidates ──────────────────────────────────────────────────────────

    def _best(self, row: int, live: list[int]) -> Total | None:
        """The best supported reading of a row as a total of rows before it (in the order of going)."""
        if self.rows[row].standing is Standing.PART:
            return None
        is_named = self._is_named(row)
        plain = [self.judge(row, parts) for parts in self._plain(row, live)] if is_named else []
        tails = [self.judge(row, parts) for parts in self._tails(row, live)]
        best = self._strongest([*plain, *tails], is_named=is_named)
        if (
            best and plain and best not in plain
        ):  # the plain reading wins as soon as figures that others miss confirm it
            sound = self._strongest(plain, is_named=True)
            best = sound if sound and set(sound.holds) - set(best.holds) else best
            if (
                self.rows[row].standing is Standing.GRAND
                and len(live) >= _ONE_OF
                and len(set(live) - set(best.parts)) == 1
            ):
                best = sound or self.judge(row, tuple(sorted(live)))
        memo = (
            self._strongest([self.judge(row, parts) for parts in self._groups(row)], is_named=True)
            if is_named
            else None
        )
        if memo and (best is None or len(memo.fails) < len(best.fails) or memo.net >= best.net):
            if not self._is_tail(memo.parts, live):
                self.memos.add(row)
            return memo
        return best

    def _strongest(self, readings: list[Total], *, is_named: bool) -> Total | None:
        """The reading with most evidence, if that is enough."""
        needed = _NAMED if is_named else _UNNAMED
        able = [
            one
            for one in readings
            if one.net >= needed
            and (is_named or (len(one.parts) >= _MIN_PARTS and len(one.fails) <= len(one.holds) + len(one.close)))
        ]
        return max(able, key=lambda one: one.net, default=None)

    @staticmethod
    def _is_tail(parts: Sequence[int], live: list[int]) -> bool:
        return set(live[-len(parts) :]) == set(parts)

    def _tails(self, row: int, live: list[int]) -> Iterator[tuple[int, ...]]:
        """The last rows still standing, as many as fit at least one column."""
        starts: set[int] = set()
        for column in self.columns:
            line = self.matrix.values[column]
            wanted, total = line[row], 0
            if not wanted:
                continue
            slack = self.matrix.ulps[column][row] * 2 if self.matrix.soft[column][row] else 0
            reach = len(live) if self._is_named(row) else self.reach
            for start in range(len(live) - 1, max(len(live) - reach, 0) - 1, -1):
                total += line[live[start]] or 0
                if abs(total - wanted) <= slack:
                    starts.add(start)
        yield from (tuple(sorted(live[start:])) for start in sorted(starts))

    def _groups(self, row: int) -> Iterator[tuple[int, ...]]:
        """Rows that carry the group's name in one or two label columns, wherever they stand."""
        own = [(at, _group_name(label)) for at, label in enumerate(self.rows[row].keys)]
        named = [(at, name) for at, name in own if name]
        items = [r for r in range(len(self.rows)) if r != row and self._is_item(r) and r not in self.totals]
        sets = [[(at, name)] for at, name in named]
        sets += [[a, b] for i, a in enumerate(named) for b in named[i + 1 :]]
        for wanted in sets:
            parts = [r for r in items if all(_group_name(self.rows[r].keys[at]) == name for at, name in wanted)]
            if parts:
                yield tuple(parts)

    # ── judgement ───────────────────────────────────────────────────────────

    def judge(self, row: int, parts: tuple[int, ...]) -> Total:
        """In which columns a row is the sum of `parts`, and how much that proves."""
        total = Total(row, parts)
        matrix, bits = self.matrix, 0.0
        for column in self.columns:
            wanted = matrix.values[column][row]
            if wanted is None:
                continue
            known = [matrix.values[column][part] for part in parts]
            rest = sum(value or 0 for value in known) - wanted
            told = self._told(column, row, known, parts)
            slack = sum(matrix.ulps[column][r] for r in (*parts, row)) if matrix.soft[column][row] else 0
            if rest == 0:
                total.holds.append(column)
                bits += told
            elif (
                any(v is None and not matrix.dashes[column][p] for v, p in zip(known, parts, strict=True)) and rest < 0
            ):
                total.unpublished.append(column)
            elif 2 * abs(rest) <= min(slack, 6 * matrix.ulps[column][row]):
                total.close.append(column)
                bits += max(told - 3, 0)
            else:
                total.fails.append(column)
        total.net = bits - log2(len(self.rows) + 1) - 2 * len(total.fails)
        return total

    def _told(self, column: int, row: int, known: list[int | None], parts: tuple[int, ...]) -> float:
        """Bits of a total; a sum of one figure is a copy and proves less."""
        digits = abs(self.matrix.values[column][row] or 0) // self.matrix.ulps[column][row]
        while digits and digits % 10 == 0:
            digits //= 10
        bits = min(log2(1 + digits), 24.0)
        return bits if sum(bool(value) for value in known) > 1 or len(parts) == 1 else bits / 3

    def _by_word(self, row: int, live: list[int]) -> Total | None:
        """A row that is called a total, when no sum proves it: the rows of its group, else those where it stands."""
        if not self._is_named(row):
            return None
        nested = self._nested(row, live)
        if nested is not None:
            return nested
        groups = [self.judge(row, parts) for parts in self._groups(row)]
        readings = groups[-1:] or [self.judge(row, parts) for parts in self._plain(row, live)]
        best = max(readings, key=lambda total: total.net, default=None)
        if best is not None:
            best.is_proven = bool(groups and best.holds and not best.fails)
            if groups and not self._is_tail(best.parts, live):
                self.memos.add(row)
        return best

    def _nested(self, row: int, live: list[int]) -> Total | None:
        """A total over rows of which some, without a word, are sums of their neighbours: each alone proves too little."""
        for rows in (live, live[::-1]):
            top: list[int] = []
            inner: list[Total] = []
            for other in rows:
                parts = self._fitting_tail(other, top)
                if parts:
                    top = [each for each in top if each not in parts]
                    inner.append(Total(other, tuple(sorted(parts)), list(self.columns), is_above=rows is not live))
                top.append(other)
            total = self.judge(row, tuple(sorted(top)))
            if inner and self._mostly_fits(total):
                for one in inner:
                    self.totals[one.row] = self.judge(one.row, one.parts)
                    self.covered |= set(one.parts)
                    live[:] = [each for each in live if each not in one.parts]
                return total
        return None

    def _fitting_tail(self, row: int, top: list[int]) -> list[int]:
        """The last rows, two or more, whose sums are this row in most columns."""
        for count in range(_MIN_PARTS, len(top) + 1):
            one = self.judge(row, tuple(top[-count:]))
            if self._mostly_fits(one):
                return top[-count:]
        return []

    @staticmethod
    def _mostly_fits(one: Total) -> bool:
        return (
            len(one.holds) > len(one.unpublished)
            and len(one.fails) <= len(one.holds)
            and (one.net >= _NAMED or not one.fails)
        )

    def _plain(self, row: int, live: list[int]) -> list[tuple[int, ...]]:
        """What a total adds up by its word: a subtotal the items since the last total, a total all that stands."""
        near = live
        if self.rows[row].standing is Standing.SUB:
            ends = [at for at, other in enumerate(live) if other in self.totals]
            near = live[ends[-1] + 1 :] if ends else live
        leaves = [leaf for other in near for leaf in self._leaves(other)]
        readings = {tuple(sorted(near)), tuple(sorted(leaves))}
        return sorted(parts for parts in readings if len(parts) >= _MIN_PARTS)

    def _leaves(self, row: int) -> tuple[int, ...]:
        total = self.totals.get(row)
        return (row,) if total is None or total.is_proven else total.parts


def _group_name(label: str) -> str:
    return words.stem_of_total(label)

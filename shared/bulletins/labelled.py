"""Figures with names (编号,指标,数值,单位): each rate, average, change and sum is held against what its name asks for.

A single figure proves little, so a finding needs a name, one group, one reading, and a result near the printed one;
where the same figures stand in several columns, the columns in which a reading holds are its proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.bulletins.budget import Budget
from shared.bulletins.claims import Claim, claims_for
from shared.bulletins.figures import as_printed
from shared.bulletins.findings import Finding, Report, Severity, Stated
from shared.bulletins.named import Named, named_of
from shared.bulletins.rounding import Agreement, Comparison, Rounding, compare
from shared.bulletins.table import Table

_NEAR = Fraction(5, 100)
_PROVEN = 2
"""A reading that holds in so many other columns needs no nearness."""
_MAX_FIGURES = 400
_SHORT = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """One claim on one figure, with how the printed figure agrees."""

    one: Named
    claim: Claim
    outcome: Comparison

    @property
    def key(self) -> tuple[object, ...]:
        """The same reading in another column."""
        return self.one.row, self.claim.kind, self.claim.formula

    @property
    def fits(self) -> bool:
        return self.outcome.agreement is not Agreement.DIFFERENT

    @property
    def off(self) -> Fraction:
        """Distance from print, as a part of the printed figure."""
        printed = self.one.figure.value
        return abs(self.claim.value - printed) / abs(printed) if printed else Fraction(10**6)


def check_labelled(table: Table, budget: Budget) -> Report:
    """Check a table of named figures: what each name asks for, in every column of values."""
    if len(table.rows) > _MAX_FIGURES:
        budget.skip("指标过多，未按名称核对", "too many named figures to check by name")
        return Report()
    readings = [_readings(named_of(table, column)) for column in range(len(table.columns))]
    holding: dict[tuple[object, ...], int] = {}
    for line in readings:
        for key in {each.key for figure in line for each in figure if each.fits}:
            holding[key] = holding.get(key, 0) + 1
    relations: dict[tuple[object, ...], Stated] = {}
    findings: list[Finding] = []
    for column, line in enumerate(readings):
        for figure in line:
            best = _chosen(figure, holding)
            if best is None:
                continue
            fails = sum(any(r.key == best.key and not r.fits for f in other for r in f) for other in readings)
            relations[best.key] = _stated(table, best, holding.get(best.key, 0), fails)
            findings += _found(table, column, best)
    return Report(_each_once(list(relations.values())), findings)


def _readings(named: Sequence[Named]) -> list[list[_Reading]]:
    return [
        [_Reading(one, claim, compare(one.figure, claim.value, slack=claim.slack)) for claim in claims_for(one, named)]
        for one in named
    ]


def _chosen(readings: Sequence[_Reading], holding: dict[tuple[object, ...], int]) -> _Reading | None:
    """The reading of one figure: one that fits, else the one reading that its name, or other columns, demand."""
    proven = [each for each in readings if holding.get(each.key, 0) >= _PROVEN]
    right = [each for each in readings if each.fits]
    if right and not (proven and not any(each.fits for each in proven)):
        return max(right, key=lambda each: (each.outcome.agreement is Agreement.EQUAL, each.claim.weight))
    if proven:
        return max(proven, key=lambda each: (holding[each.key], each.claim.weight))
    demanded = [each for each in readings if each.claim.is_demanded]
    near = [each for each in demanded if _is_near(each)]
    heaviest = max((each.claim.weight for each in demanded), default=0)
    # when the heaviest reading is far off, the name means something that is not printed
    return near[0] if len(near) == 1 and near[0].claim.weight == heaviest else None


def _is_near(reading: _Reading) -> bool:
    if reading.claim.reach is not None:
        return abs(reading.claim.value - reading.one.figure.value) <= reading.claim.reach
    return reading.off <= _NEAR or _is_misprint(reading)


def _is_misprint(reading: _Reading) -> bool:
    """Whether two digits were exchanged, in a relation whose every part is named."""
    places = reading.one.figure.places
    right = as_printed(reading.outcome.recomputed, places)
    printed = as_printed(reading.one.figure.value, places)
    return reading.claim.is_fully_named and len(right) == len(printed) and sorted(right) == sorted(printed)


def _found(table: Table, column: int, best: _Reading) -> list[Finding]:
    """The finding of a chosen reading, if it has one: wrong, or cut where the name leaves no doubt."""
    agreement = best.outcome.agreement
    if agreement is Agreement.DIFFERENT:
        return [_finding(table, column, best, Severity.ERROR)]
    if agreement is Agreement.ROUNDED_OTHERWISE and best.claim.is_demanded and best.one.digits >= _SHORT:
        return [_finding(table, column, best, Severity.WARNING)]
    return []


def _finding(table: Table, column: int, best: _Reading, severity: Severity) -> Finding:
    row = table.rows[best.one.row]
    zh, en = [best.claim.formula], ["as the names ask for"]
    if best.outcome.fits:
        how = Rounding.TRUNCATE if Rounding.TRUNCATE in best.outcome.fits else best.outcome.fits[0]
        zh.append(f"印数为{how.zh}，应四舍五入")
        en.append(f"printed {how.en}, not half up")
    return Finding(
        row.label,
        table.columns[column].label,
        best.one.figure.text,
        as_printed(best.outcome.recomputed, best.one.figure.places),
        "；".join(zh),
        "; ".join(en),
        severity,
        best.claim.kind.value,
        row.at + 1,
        table.columns[column].at + 1,
        table.name,
    )


def _stated(table: Table, best: _Reading, holding: int, failing: int) -> Stated:
    return Stated(
        best.claim.kind.value,
        table.rows[best.one.row].label,
        [table.rows[each.row].label for each in best.claim.inputs],
        holding,
        failing,
        best.claim.formula,
        "rows",
        sheet=table.name,
    )


def _each_once(relations: list[Stated]) -> list[Stated]:
    """Relations of the same figures said once: a = b + c is c = a − b."""
    seen: set[frozenset[str]] = set()
    kept = []
    for relation in sorted(relations, key=lambda each: each.rows_failing == 0):
        figures = frozenset({relation.target, *relation.inputs})
        if figures not in seen:
            seen.add(figures)
            kept.append(relation)
    return kept

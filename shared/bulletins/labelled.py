"""Figures with names (编号,指标,数值,单位): each rate, average, change and sum is held against what its name asks for.

Single figures prove little, so a finding needs a name, one group, one reading, and a result near the printed one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.bulletins.claims import Claim, claims_for
from shared.bulletins.figures import as_printed
from shared.bulletins.findings import Finding, Report, Severity, Stated
from shared.bulletins.named import Named, named_of
from shared.bulletins.rounding import Agreement, Rounding, compare
from shared.bulletins.table import Table

_NEAR = Fraction(6, 100)
_NEAR_CHANGE = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A claim with the value that it gives and how far that is from print, as a part of the printed figure."""

    claim: Claim
    exact: Fraction
    slack: Fraction
    agreement: Agreement
    fits: tuple[Rounding, ...]
    off: Fraction


def check_labelled(table: Table) -> Report:
    """Check a table of named figures, each value column by itself."""
    relations: list[Stated] = []
    findings: list[Finding] = []
    for column in range(len(table.columns)):
        named = named_of(table, column)
        for one in named:
            stated, found = _judged(table, column, one, named)
            relations += stated
            findings += found
    return Report(relations, findings)


def _judged(table: Table, column: int, one: Named, named: Sequence[Named]) -> tuple[list[Stated], list[Finding]]:
    tried = [each for each in _tried(one, claims_for(one, named))]
    right = [each for each in tried if each.agreement is not Agreement.DIFFERENT]
    if right:
        best = max(right, key=lambda each: (each.agreement is Agreement.EQUAL, each.claim.weight))
        found = _cut(table, column, one, best) if best.agreement is Agreement.ROUNDED_OTHERWISE else []
        return [_stated(table, one, best.claim, holds=True)], found
    demanded = [each for each in tried if each.claim.is_demanded and _is_near(one, each)]
    if not demanded:
        return [], []
    heaviest = max(each.claim.weight for each in demanded)
    best_ones = [each for each in demanded if each.claim.weight == heaviest]
    if len(best_ones) != 1:
        return [], []
    best = best_ones[0]
    if any(each.claim.weight > heaviest and each.claim.is_demanded for each in tried):
        return [], []  # the better reading is far off: the name means something that is not printed
    return [_stated(table, one, best.claim, holds=False)], [_finding(table, column, one, best, Severity.ERROR)]


def _tried(one: Named, claims: Iterator[Claim]) -> Iterator[_Tried]:
    for claim in claims:
        exact, slack = claim.value, claim.slack
        outcome = compare(one.figure, exact, slack=slack)
        off = abs(exact - one.figure.value) / abs(one.figure.value) if one.figure.value else Fraction(10**6)
        yield _Tried(claim, exact, slack, outcome.agreement, outcome.fits, off)


def _is_near(one: Named, tried: _Tried) -> bool:
    if tried.claim.is_change:
        return tried.off <= _NEAR_CHANGE
    return tried.off <= _NEAR or _is_misprint(one, tried)


def _is_misprint(one: Named, tried: _Tried) -> bool:
    """Whether two digits were exchanged, in a relation whose every part is named."""
    right = as_printed(compare(one.figure, tried.exact).recomputed, one.figure.places)
    printed = as_printed(one.figure.value, one.figure.places)
    return tried.claim.is_fully_named and len(right) == len(printed) and right != printed and sorted(right) == sorted(printed)


def _cut(table: Table, column: int, one: Named, best: _Tried) -> list[Finding]:
    """A figure that was cut instead of rounded; only where the digits leave no doubt."""
    if one.digits < 3 and not best.claim.is_demanded:  # noqa: PLR2004  two digits fit too easily
        return []
    return [_finding(table, column, one, best, Severity.WARNING)]


def _finding(table: Table, column: int, one: Named, best: _Tried, severity: Severity) -> Finding:
    row = table.rows[one.row]
    right = compare(one.figure, best.exact).recomputed
    zh, en = [best.claim.formula], ["as the names ask for"]
    if best.fits:
        how = next((each for each in best.fits if each is Rounding.TRUNCATE), best.fits[0])
        zh.append(f"印数为{how.zh}，应四舍五入")
        en.append(f"printed {how.en}, not half up")
    return Finding(
        row.label,
        table.columns[column].label,
        one.figure.text,
        as_printed(right, one.figure.places),
        "；".join(zh),
        "; ".join(en),
        severity,
        best.claim.kind.value,
        row.at + 1,
        table.columns[column].at + 1,
        table.name,
    )


def _stated(table: Table, one: Named, claim: Claim, *, holds: bool) -> Stated:
    return Stated(
        claim.kind.value,
        table.rows[one.row].label,
        [table.rows[each.row].label for each in claim.inputs],
        int(holds),
        int(not holds),
        claim.formula,
        "rows",
        sheet=table.name,
    )

"""Known bulletins (已知通报): a printed figure against the one that our own report computes, in the same findings."""

from dataclasses import dataclass
from fractions import Fraction

from shared.bulletins.figures import Figure, as_printed
from shared.bulletins.findings import Finding, Severity
from shared.bulletins.rounding import Agreement, Comparison, Rounding, compare

_SEVERITY = {
    Agreement.DIFFERENT: Severity.ERROR,
    Agreement.ROUNDED_OTHERWISE: Severity.WARNING,
    Agreement.WITHIN_INPUTS: Severity.INFO,
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """One figure of our own report (应有数): unrounded, with its place in the bulletin and its formula in words.

    `slack`: how far it may be off because figures it was made of were imported rounded.
    """

    row: str
    column: str
    exact: Fraction
    formula_zh: str
    formula_en: str
    rounding: Rounding = Rounding.HALF_UP
    slack: Fraction = Fraction(0)
    kind: str = "known"


def against(printed: Figure, ours: Reckoned, *, row_number: int = 0, column_number: int = 0) -> Finding | None:
    """The finding about a printed figure, or None when it is ours, rounded once to the printed decimals."""
    outcome = compare(printed, ours.exact, ours.rounding, ours.slack)
    if outcome.agreement is Agreement.EQUAL:
        return None
    zh, en = _words(ours, outcome)
    return Finding(
        ours.row,
        ours.column,
        printed.text,
        as_printed(outcome.recomputed, printed.places),
        zh,
        en,
        _SEVERITY[outcome.agreement],
        ours.kind,
        row_number,
        column_number,
    )


def _words(ours: Reckoned, outcome: Comparison) -> tuple[str, str]:
    if outcome.agreement is Agreement.ROUNDED_OTHERWISE:
        how = outcome.fits[0]
        zh = f"{ours.formula_zh}；印数为{how.zh}，应{ours.rounding.zh}"
        return zh, f"{ours.formula_en}; printed {how.en}, not {ours.rounding.en}"
    if outcome.agreement is Agreement.WITHIN_INPUTS:
        return f"{ours.formula_zh}；在原始数修约范围内", f"{ours.formula_en}; within the rounding of the inputs"
    return ours.formula_zh, ours.formula_en

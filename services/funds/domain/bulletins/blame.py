"""Which single figure explains all that does not fit (归因): a row's own rates and the total of its column at once."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from services.funds.domain.bulletins.model import ITEM, SUBTOTAL, TOTAL, Cell, Known, Line, Policy
from services.funds.domain.bulletins.reckoning import known_findings
from shared.bulletins.figures import exact_text
from shared.bulletins.findings import Finding, Severity

_MOST_TRIED = 40


def blamed(known: Known, lines: Sequence[Line], policy: Policy) -> tuple[list[Line], list[Finding]]:
    """The rows with one figure put right, and the finding about it; the rows as they are when none, or several, would do.

    Tried is what the printed total leaves for a row whose own figures do not fit; it must make everything fit.
    """
    errors = [each for each in known_findings(known, lines, policy) if each.severity is Severity.ERROR]
    wrong_rows = {(each.sheet, each.row_number) for each in errors}
    totals = [line for line in lines if line.record in {TOTAL, SUBTOTAL}]
    items = [line for line in lines if line.record == ITEM and (line.sheet, line.number) in wrong_rows]
    tried = [(line, name) for line in items for name in line.cells if _is_off(totals, name, errors)]
    found = []
    for line, name in tried[:_MOST_TRIED]:
        right = _left_for(line, name, lines, totals[0])
        if right is None or right < 0:
            continue
        mended = [_put(each, name, right) if each is line else each for each in lines]
        if not any(each.severity is Severity.ERROR for each in known_findings(known, mended, policy)):
            found.append((mended, _finding(line, name, right)))
    if len(found) != 1:
        return list(lines), []
    mended, finding = found[0]
    return mended, [finding]


def _is_off(totals: Sequence[Line], name: str, errors: Sequence[Finding]) -> bool:
    """Whether the printed total of a column, the only one of the table, is among the errors."""
    if len(totals) != 1 or name not in totals[0].cells:
        return False
    place = totals[0].sheet, totals[0].number, totals[0].cells[name].column
    return any((each.sheet, each.row_number, each.column_number) == place for each in errors)


def _left_for(line: Line, name: str, lines: Sequence[Line], total: Line) -> Fraction | None:
    """What the printed total leaves for a row, in the unit in which it is printed; None where it must be finer."""
    others = sum(
        (
            Fraction(each.cells[name].exact)
            for each in lines
            if each.record == ITEM and each is not line and name in each.cells
        ),
        Fraction(0),
    )
    right: Fraction = (Fraction(total.cells[name].exact) - others) / line.cells[name].scale
    places = max(line.cells[name].print.places, 0)
    return right if (right * 10**places).denominator == 1 else None


def _put(line: Line, name: str, right: Fraction) -> Line:
    cell = line.cells[name]
    text = exact_text(right, cell.print.places)
    mended = Cell(replace(cell.print, text=text, value=right), cell.scale, cell.column, cell.heading, cell.soft)
    return replace(line, cells={**line.cells, name: mended})


def _finding(line: Line, name: str, right: Fraction) -> Finding:
    cell = line.cells[name]
    return Finding(
        line.label,
        cell.heading,
        cell.print.text,
        exact_text(right, cell.print.places),
        "合计减其余各行；本行的比率也由此吻合",
        "the total less the other rows; the row's own rates fit it too",
        Severity.ERROR,
        "known",
        line.number,
        cell.column,
        line.sheet,
    )

"""One bulletin examined: by our own figures of its kind and by discovery, each wrong figure named once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from services.funds.domain.bulletins.model import Cell, Known, Line, Policy
from services.funds.domain.bulletins.reading import lines_of
from services.funds.domain.bulletins.reckoning import known_findings
from shared.bulletins.check import check_sheets
from shared.bulletins.figures import parse_figure
from shared.bulletins.findings import Finding, Report, Severity
from shared.bulletins.reading import read_bytes

_GRAVITY = (Severity.INFO, Severity.WARNING, Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Examined:
    """The rows of a bulletin, and the answer about it."""

    lines: list[Line]
    report: Report


def examine(known: Known, content: bytes, policy: Policy, unit: str = "") -> Examined:
    """Read and check a file: work for a thread; raises Invalid for a file that is no bulletin of this kind."""
    sheets = read_bytes(content)
    lines = lines_of(known, sheets, unit)
    discovered = check_sheets(sheets)
    joined = join(discovered.findings, known_findings(known, lines, policy), _after(known, lines, discovered, policy))
    return Examined(lines, Report(discovered.relations, joined, discovered.not_searched))


def checker(known: Known, policy: Policy) -> Callable[[bytes], Report]:
    """The check of this kind without a service: the answer about a file, by the policy's values as given."""
    return lambda content: examine(known, content, policy).report


def join(discovered: Sequence[Finding], known: Sequence[Finding], left: Sequence[Finding]) -> list[Finding]:
    """`known` in their words where both name a figure, and of the others those `left` when discovery is put right.

    So a wrong item is named as the item, and not again as each total that it spoils.
    """
    ours = {_place(each): each for each in known}
    places = {_place(each) for each in discovered}
    joined = [_better(ours.get(_place(each)), each) for each in discovered]
    joined += [each for each in left if _place(each) not in places]
    return sorted(joined, key=lambda one: (one.sheet, one.row_number, one.column_number))


def _better(ours: Finding | None, found: Finding) -> Finding:
    """Our words, unless discovery has more to say against the figure."""
    if ours is None or _GRAVITY.index(ours.severity) < _GRAVITY.index(found.severity):
        return found
    return replace(ours, follows=found.follows)


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding.sheet, finding.row_number, finding.column_number


def _after(known: Known, lines: Sequence[Line], discovered: Report, policy: Policy) -> list[Finding]:
    """Our findings on the rows as they are when what discovery calls wrong is put right."""
    right = {_place(each): each.recomputed for each in discovered.findings if each.severity is Severity.ERROR}
    mended = [
        replace(
            line,
            cells={
                name: _mended(cell, right.get((line.sheet, line.number, cell.column)))
                for name, cell in line.cells.items()
            },
        )
        for line in lines
    ]
    return known_findings(known, mended, policy)


def _mended(cell: Cell, text: str | None) -> Cell:
    figure = parse_figure(text) if text else None
    return cell if figure is None else replace(cell, print=figure)

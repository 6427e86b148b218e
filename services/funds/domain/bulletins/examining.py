"""One bulletin examined: by our own figures of its kind and by discovery, each wrong figure named once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.funds.domain.bulletins.blame import blamed
from services.funds.domain.bulletins.model import Cell, Known, Line, Policy
from services.funds.domain.bulletins.reading import lines_of, no_bulletin
from services.funds.domain.bulletins.reckoning import figures_of, known_findings
from shared.bulletins.check import check_sheets
from shared.bulletins.figures import parse_figure
from shared.bulletins.findings import Finding, Report, Severity
from shared.bulletins.reading import read_bytes
from shared.kernel.errors import Invalid

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
    if not known.own(lines, policy):
        raise Invalid(no_bulletin(known, ()))
    answer = check_sheets(sheets)
    right, blame = blamed(known, lines, policy)
    found = [*known_findings(known, right, policy), *blame]
    borne_out = _stated(known, right, policy) - {_place(each) for each in found}
    discovered = [each for each in answer.findings if _place(each) not in borne_out]
    left = _after(known, right, discovered, policy)
    if _spoils(left, found):
        discovered = [each for each in discovered if _place(each) in {_place(ours) for ours in found}]
        left = _after(known, right, discovered, policy)
    return Examined(lines, Report(answer.relations, join(discovered, found, [*left, *blame]), answer.not_searched))


def checker(known: Known, policy: Policy) -> Callable[[bytes], Report]:
    """The check of this kind without a service: the answer about a file, by the policy's values as given."""
    return lambda content: examine(known, content, policy).report


def join(discovered: Sequence[Finding], known: Sequence[Finding], left: Sequence[Finding]) -> list[Finding]:
    """`known` in their words where both name a figure, and of the others those `left` when discovery is put right.

    So a wrong item is named as the item, and not again as each total that it spoils.
    """
    ours = {_place(each): each for each in reversed(known)}
    as_printed = {(_place(each), each.kind) for each in known}
    places = {_place(each) for each in discovered}
    joined = [_better(ours.get(_place(each)), each) for each in discovered]
    joined += [each for each in left if _place(each) not in places and (_place(each), each.kind) in as_printed]
    return _followed(sorted(joined, key=_place))


def _followed(findings: Sequence[Finding]) -> list[Finding]:
    """Totals that are off by the same are off for the same reason: the later ones follow from the first."""
    first: dict[tuple[str, int, Fraction], Finding] = {}
    found = []
    for each in findings:
        printed, right = parse_figure(each.printed), parse_figure(each.recomputed)
        if each.severity is Severity.ERROR and not each.follows and printed and right:
            root = first.setdefault((each.sheet, each.column_number, right.value - printed.value), each)
            found.append(each if root is each else replace(each, follows=f"{root.row}·{root.column}"))
        else:
            found.append(each)
    return found


def _better(ours: Finding | None, found: Finding) -> Finding:
    """Our words, unless discovery has more to say against the figure."""
    if ours is None or _GRAVITY.index(ours.severity) < _GRAVITY.index(found.severity):
        return found
    return replace(ours, follows=found.follows)


def _place(finding: Finding) -> tuple[str, int, int]:
    return finding.sheet, finding.row_number, finding.column_number


def _stated(known: Known, lines: Sequence[Line], policy: Policy) -> set[tuple[str, int, int]]:
    """The printed figures that we have figures of our own for: where they agree, discovery has nothing to say."""
    printed = (stated for shown in figures_of(known, lines, policy) for stated in shown.stated)
    return {(line.sheet, line.number, cell.column) for line, cell in printed}


def _after(known: Known, lines: Sequence[Line], discovered: Sequence[Finding], policy: Policy) -> list[Finding]:
    """Our findings on the rows as they are when what discovery calls wrong is put right."""
    right = {_place(each): each.recomputed for each in discovered if each.severity is Severity.ERROR}
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


def _spoils(left: Sequence[Finding], found: Sequence[Finding]) -> bool:
    """Whether what discovery would put right makes figures wrong that agree as printed: then it blames the wrong one."""
    as_printed = {_place(each) for each in found}
    return any(each.severity is Severity.ERROR and _place(each) not in as_printed for each in left)


def _mended(cell: Cell, text: str | None) -> Cell:
    figure = parse_figure(text) if text else None
    return cell if figure is None else replace(cell, print=figure)

"""Sums over rows of a bulletin (汇总): their value, how far rounding may move it, and their words."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from services.funds.domain.bulletins.model import Line, Own, Stated, Words
from shared.bulletins.figures import exact_text
from shared.bulletins.findings import Finding, Severity
from shared.reports.model import Figure


def total(lines: Iterable[Line], name: str) -> int | Fraction | None:
    """Σ of a column; None when no row has a figure there."""
    figures = [figure for line in lines if (figure := line.exact(name)) is not None]
    return sum(figures) if figures else None


def slack(lines: Iterable[Line], name: str) -> Fraction:
    """How far the sum may be off because its parts were rounded."""
    return sum((line.cells[name].slack for line in lines if name in line.cells), Fraction(0))


def stated_in(lines: Iterable[Line], *names: str) -> dict[str, tuple[Stated, ...]]:
    """Where rows print figures of these columns."""
    rows = list(lines)
    found = {name: tuple(Stated(line, line.cells[name]) for line in rows if name in line.cells) for name in names}
    return {name: each for name, each in found.items() if each}


def by_text(lines: Iterable[Line], name: str) -> dict[str, list[Line]]:
    """Rows by what stands under a heading, in the order in which it first occurs; blanks are left out."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if text := line.text(name):
            found.setdefault(text, []).append(line)
    return found


def summed(  # noqa: PLR0913  a row of a report is all of this
    key: str,
    zh: str,
    en: str,
    lines: Sequence[Line],
    stated: Iterable[Line] = (),
    more: Mapping[str, Figure] | None = None,
    *,
    count: str = "count",
    amount: str = "amount",
) -> Own:
    """The row of a group: how many projects, how much money; `stated`: the subtotals that print it.

    A row that says how many projects it stands for counts so many, any other counts once.
    """
    counted = [line.exact(count) for line in lines]
    facts: dict[str, Figure] = {"projects": sum(1 if each is None else int(each) for each in counted)}
    facts |= {"amount": total(lines, amount), **(more or {})}
    places = stated_in(stated, count, amount)
    return Own(
        key,
        zh,
        facts,
        {
            "projects": Words(f"{zh}的个数（{len(lines)}行）", f"number of {en} ({len(lines)} rows)"),
            "amount": Words(f"{zh}金额之和（{len(lines)}行）", f"sum of {en} ({len(lines)} rows)"),
        },
        {"projects": places.get(count, ()), "amount": places.get(amount, ())},
        {"amount": slack(lines, amount)},
    )


def one(key: str, zh: str, en: str, facts: Mapping[str, Figure]) -> Own:
    """A row with figures of its own, all made in the same words."""
    return Own(key, zh, facts, {name: Words(zh, en) for name in facts})


def agrees(lines: Sequence[Line], printed: Sequence[Line], name: str = "amount") -> bool:
    """Whether the printed totals of these rows, if any, are their sum: what does not is named as a total already."""
    own, loose = Fraction(total(lines, name) or 0), slack(lines, name)
    gaps = [Fraction(line.cells[name].exact) - own for line in printed if name in line.cells]
    return all(-loose <= gap <= loose for gap in gaps)


def unbalanced(
    line: Line, row: str, printed: int | Fraction, right: int | Fraction, words: Words, severity: Severity
) -> Finding:
    """Two sides of a bulletin that do not meet: `printed` is said where `right` would do."""
    cell = line.cells["amount"]
    said, wanted = (exact_text(figure / cell.scale, cell.print.places) for figure in (printed, right))
    return Finding(
        row, cell.heading, said, wanted, words.zh, words.en, severity, "balance", line.number, cell.column, line.sheet
    )

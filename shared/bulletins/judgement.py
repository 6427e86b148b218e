"""From failing relations to findings: what is wrong, how sure that is, and in which words (判定)."""

from collections.abc import Iterator
from fractions import Fraction

from shared.bulletins.additive import claimed, left_out
from shared.bulletins.blame import Blame, Correction
from shared.bulletins.discover import Discovery
from shared.bulletins.figures import exact_text
from shared.bulletins.findings import Finding, Severity
from shared.bulletins.relations import Cell, Kind, Relation
from shared.bulletins.rounding import Rounding, rounded
from shared.bulletins.wording import formula, rank_formula

_ADDED = frozenset({Kind.TOTAL, Kind.SUM, Kind.DIFFERENCE, Kind.COMPLEMENT})
_TELLING = 7.0
"""Bits of a part that a total lacks exactly: with fewer it may be chance."""
_TIGHT = 12
"""So many exact rows show that a sum was not made from rounded figures."""


def findings_of(found: Discovery) -> list[Finding]:
    """The findings of one table, each wrong cell once."""
    relations = [claimed(found, relation) for relation in found.relations]
    counted = {
        Cell(row, counting.column): counting.expected[row]
        for counting in found.counts
        for row in counting.fails
        if counting.column is not None
    }
    blame = Blame(found.matrix, relations, counted)
    findings = []
    blamed = set(counted)
    for correction in blame.corrections():
        severity = _severity(found, correction)
        if severity is not None:
            blamed.add(correction.cell)
            findings.append(_finding(found, blame, correction, severity))
    findings += [each for relation in relations for each in _rounded_otherwise(found, blame, relation, blamed)]
    findings += [each for relation in relations for each in _off_by_rounding(found, blame, relation, blamed)]
    findings += _misranked(found, blamed)
    findings += _miscounted(found)
    findings += _slipped(found, blame, blamed)
    return findings


# ── how sure ────────────────────────────────────────────────────────────────


def _severity(found: Discovery, correction: Correction) -> Severity | None:
    relation = correction.because[0].relation
    if correction.follows or len(correction.because) > 1 or correction.slip:
        return Severity.ERROR
    if relation.kind is Kind.TOTAL:
        total = next(each for each in found.totals if each.row == relation.target)
        sample = correction.because[0].sample
        apart = left_out(found, total, total.fails)
        if (
            apart is not None
            and not total.holds
            and len(total.fails) > 1
            and apart in (min(total.parts), max(total.parts))
        ):
            return Severity.WARNING  # a row at the edge that no column adds may be meant to stand apart
        if total.is_proven or left_out(found, total, [sample]) is not None:
            return Severity.ERROR
        printed = found.matrix.values[sample][total.row] or 0
        whole = sum(found.matrix.values[sample][part] or 0 for part in total.parts)
        return Severity.WARNING if total.is_above and printed > whole else Severity.ERROR
    if relation.kind is Kind.SUM and (correction.breaks or _is_open_ended(found, relation)):
        return Severity.WARNING
    return Severity.ERROR


def _is_open_ended(found: Discovery, relation: Relation) -> bool:
    """Whether a whole exceeds its printed parts in several rows: then not all parts are printed (其中)."""
    fails = relation.standings.fails
    rests = [_rest(found, relation, sample) for sample in fails]
    return len(fails) > 1 and all(rest > 0 for rest in rests)


def _rest(found: Discovery, relation: Relation, sample: int) -> Fraction:
    def read(cell: Cell) -> Fraction | None:
        return found.matrix.figure(cell.column, cell.row)

    return (read(relation.target_at(sample)) or Fraction(0)) - (relation.exact(sample, read) or Fraction(0))


# ── in which words ──────────────────────────────────────────────────────────


def _finding(found: Discovery, blame: Blame, correction: Correction, severity: Severity) -> Finding:
    relation, sample = correction.because[0].relation, correction.because[0].sample
    good, bad = len(relation.standings.good), len(relation.standings.fails)
    zh, en = [formula(found.table, relation)], [f"holds {good} times, fails {bad}"]
    zh.append(f"{good}处成立、{bad}处不符" if bad else f"{good}处成立")
    if relation.factor != 1 or relation.bottom or relation.times:
        zh.append(relation.rounding.zh)
        en.append(relation.rounding.en)
    if len(correction.because) > 1:
        zh.append("另据 " + "；".join(formula(found.table, each.relation) for each in correction.because[1:3]))
        en.append(f"{len(correction.because)} relations agree")
    if correction.slip:
        zh.append(f"单位差错，相差10的{abs(correction.slip)}次方")
        en.append(f"unit slip of 10^{abs(correction.slip)}")
    if relation.kind is Kind.TOTAL and correction.cell.row == relation.target:
        total = next(each for each in found.totals if each.row == relation.target)
        part = left_out(found, total, [sample])
        is_telling = part is not None and (len(total.fails) > 1 or found.matrix.bits[sample][part] >= _TELLING)
        if part is not None and is_telling and not correction.slip:
            zh.append(f"未计入 {found.table.rows[part].label}")
            en.append(f"leaves out {found.table.rows[part].label}")
    if correction.follows:
        zh.append(f"按更正后的 {place(found, correction.follows)} 重算")
        en.append("recomputed from the corrected figures")
    follows = place(found, correction.follows) if correction.follows else ""
    kind = "unit_slip" if correction.slip else relation.kind.value
    return _at(
        found,
        correction.cell,
        exact_text(correction.value, blame.places(correction.cell)),
        (zh, en),
        severity,
        kind,
        follows,
    )


def place(found: Discovery, cell: Cell) -> str:
    """A cell by its names."""
    return f"{found.table.rows[cell.row].label}·{found.table.columns[cell.column].label}"


def _at(
    found: Discovery,
    cell: Cell,
    recomputed: str,
    said: tuple[list[str], list[str]],
    severity: Severity,
    kind: str,
    follows: str = "",
) -> Finding:
    row, column = found.table.rows[cell.row], found.table.columns[cell.column]
    figure = found.table.figures[cell.row][cell.column]
    return Finding(
        row.label,
        column.label,
        figure.text if figure else "",
        recomputed,
        "；".join(said[0]),
        "; ".join(said[1]),
        severity,
        kind,
        row.at + 1,
        column.at + 1,
        found.table.name,
        follows,
    )


def _rounded_otherwise(found: Discovery, blame: Blame, relation: Relation, blamed: set[Cell]) -> Iterator[Finding]:
    """Figures that are right but cut where all others are rounded, or the other way round."""
    standings = relation.standings
    if len(standings.otherwise) * 4 > len(standings.holds):
        return
    for cell, exact in _off(blame, relation, standings.otherwise, blamed):
        right = rounded(exact, blame.places(cell), relation.rounding)
        if right == blame.printed(cell):
            continue
        how = Rounding.TRUNCATE if abs(right) > abs(blame.printed(cell) or Fraction(0)) else Rounding.UP
        zh = [formula(found.table, relation), f"其余为{relation.rounding.zh}，此处为{how.zh}"]
        en = [f"the others are {relation.rounding.en}, this one is {how.en}"]
        yield _at(found, cell, exact_text(right, blame.places(cell)), (zh, en), Severity.WARNING, relation.kind.value)


def _off_by_rounding(found: Discovery, blame: Blame, relation: Relation, blamed: set[Cell]) -> Iterator[Finding]:
    """Sums that miss by the last place while nearly all others are exact."""
    close, holds = relation.standings.close, relation.standings.holds
    if relation.kind not in _ADDED or len(close) * 4 > len(holds):
        return
    is_tight = len(holds) >= _TIGHT and len(close) == 1 and relation.kind is not Kind.TOTAL
    severity = Severity.WARNING if is_tight else Severity.INFO
    for cell, exact in _off(blame, relation, close, blamed):
        if exact == blame.printed(cell):
            continue
        zh = [formula(found.table, relation), "尾差在修约范围内"]
        en = ["off by no more than rounding explains"]
        yield _at(found, cell, exact_text(exact, blame.places(cell)), (zh, en), severity, relation.kind.value)


def _off(blame: Blame, relation: Relation, samples: list[int], blamed: set[Cell]) -> Iterator[tuple[Cell, Fraction]]:
    """Targets not yet blamed, with the value that the corrected figures give them."""
    for sample in samples:
        cell, exact = relation.target_at(sample), relation.exact(sample, blame.read)
        if exact is not None and cell not in blamed:
            blamed.add(cell)
            yield cell, exact


def _misranked(found: Discovery, blamed: set[Cell]) -> Iterator[Finding]:
    """Rows whose printed rank is not the one that their value has."""
    for ranking in found.rankings:
        if any(Cell(row, ranking.by) in blamed for row in range(len(found.table.rows))):
            continue
        zh, en = rank_formula(found.table, ranking)
        for row in ranking.fails:
            first, last = ranking.expected[row]
            right = str(first) if first == last else f"{first}–{last}"
            said = (
                [zh, f"{len(ranking.holds)}处成立、{len(ranking.fails)}处不符"],
                [en, f"holds {len(ranking.holds)} times"],
            )
            yield _at(found, Cell(row, ranking.rank), right, said, Severity.ERROR, Kind.RANK.value)


def _miscounted(found: Discovery) -> Iterator[Finding]:
    """Counts that are not the number of listed rows."""
    for counting in found.counts:
        for row in counting.fails:
            zh, en = [f"所列{counting.expected[row]}行"], [f"{counting.expected[row]} rows are listed"]
            right, severity = str(counting.expected[row]), Severity.ERROR
            if counting.column is None:
                severity = Severity.WARNING
                at = found.table.rows[row]
                said = f"{zh[0]}，名称中写{counting.printed[row]}", f"{en[0]}, the label says {counting.printed[row]}"
                yield Finding(
                    at.label, "", at.label, right, *said, severity, Kind.COUNT.value, at.at + 1, 1, found.table.name
                )
            else:
                yield _at(found, Cell(row, counting.column), right, (zh, en), severity, Kind.COUNT.value)


def _slipped(found: Discovery, blame: Blame, blamed: set[Cell]) -> Iterator[Finding]:
    """Figures that only their proportion to another column shows to be in another unit."""
    for slip in found.slips:
        if slip.cell in blamed:
            continue
        value = (blame.printed(slip.cell) or Fraction(0)) / Fraction(10) ** slip.power
        beside = found.table.columns[slip.beside].label
        zh = [f"与{beside}之比同其他各行相差约10的{abs(slip.power)}次方，疑为单位差错"]
        en = [f"its proportion to {beside} is off by about 10^{abs(slip.power)}, perhaps a slip of the unit"]
        yield _at(found, slip.cell, exact_text(value, blame.places(slip.cell)), (zh, en), Severity.WARNING, "unit_slip")

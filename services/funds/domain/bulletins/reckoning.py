"""Our own figures on a known bulletin, computed by the report's columns, and held against what is printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.funds.domain.bulletins.model import Known, Line, Own, Policy, Stated, Words
from shared.bulletins.findings import Finding, Severity
from shared.bulletins.known import Reckoned, against
from shared.reports.compute import compute
from shared.reports.model import Column, Figure, Kind, Rank, Ratio, Row, Sum, Unit
from shared.reports.show import shown as shown_text

_LIVE = Words("以本系统台账为准", "as the service's own rows have it")


@dataclass(frozen=True, slots=True)
class Shown:
    """One of our figures beside the printed ones; `finding` when they differ."""

    key: str
    row: str
    column: Column
    ours: Figure
    words: Words
    stated: tuple[Stated, ...]
    findings: tuple[Finding, ...]


def facts_of(known: Known, own: Sequence[Own]) -> list[Row]:
    """Our rows as facts of the report: a column that a row does not speak of is blank."""
    gathered = [column.name for column in known.columns if column.formula is None]
    return [{**dict.fromkeys(gathered), "key": each.key, "row": each.zh, **each.facts} for each in own]


def figures_of(known: Known, lines: Sequence[Line], policy: Policy) -> list[Shown]:
    """All figures of our report on these rows, in its order, with the printed ones that they answer."""
    own = known.own(lines, policy)
    computed = compute(known.columns, facts_of(known, own))
    by_name = {column.name: column for column in known.columns}
    found = []
    for each, row in zip(own, computed.rows, strict=True):
        slack: dict[str, Fraction] = dict(each.slack)
        for column in known.columns:
            slack.setdefault(column.name, _slack(column, row, slack))
            ours = row[column.name]
            if column.kind is Kind.TEXT or column.hidden or ours is None:
                continue
            words = each.words.get(column.name) or words_of(column, by_name)
            stated = tuple(each.stated.get(column.name, ()))
            findings = _compared(ours, words, stated, slack[column.name])
            found.append(Shown(each.key, each.zh, column, ours, words, stated, findings))
    return found


def known_findings(known: Known, lines: Sequence[Line], policy: Policy) -> list[Finding]:
    """What is not as we make it, and what is to be asked about, in the order of the bulletin."""
    findings = [each for shown in figures_of(known, lines, policy) for each in shown.findings]
    findings += known.remarks(lines, policy)
    return sorted(findings, key=lambda one: (one.sheet, one.row_number, one.column_number))


def beside(shown: Shown, live: Figure) -> tuple[Finding, ...]:
    """Where a bulletin's figure is not that of the service's own rows (台账): the printed one, else the one it adds up to."""
    if shown.stated:
        found = _compared(live, _LIVE, shown.stated, Fraction(0))
    elif shown.ours == live or not (isinstance(shown.ours, int | Fraction) and isinstance(live, int | Fraction)):
        found = ()
    else:
        said, right = (shown_text(shown.column, Unit.WAN, figure) for figure in (shown.ours, live))
        found = (Finding(shown.row, shown.column.zh, said, right, _LIVE.zh, _LIVE.en, Severity.ERROR),)
    return tuple(replace(each, kind="live") for each in found)


def words_of(column: Column, by_name: Mapping[str, Column]) -> Words:
    """A column's formula in words."""
    match column.formula:
        case Sum(plus, minus):
            zh, en = _joined(plus, by_name, "＋", " + "), _joined(plus, by_name, "＋", " + ", is_zh=False)
            if minus:
                zh += "－" + _joined(minus, by_name, "－", " - ")
                en += " - " + _joined(minus, by_name, "－", " - ", is_zh=False)
            return Words(zh, en)
        case Ratio(top, bottom):
            zh = f"{_joined(top, by_name, '＋', ' + ')} ÷ {_joined(bottom, by_name, '＋', ' + ')}"
            en = f"{_joined(top, by_name, '＋', ' + ', is_zh=False)} / {_joined(bottom, by_name, '', ' + ', is_zh=False)}"
            return Words(zh, en)
        case Rank(by):
            return Words(f"按{by_name[by].zh}排位", f"rank by {by_name[by].en}")
    return Words(column.zh, column.en)


def _joined(names: Sequence[str], by_name: Mapping[str, Column], zh: str, en: str, *, is_zh: bool = True) -> str:
    return (zh if is_zh else en).join(by_name[name].zh if is_zh else by_name[name].en for name in names)


def _compared(ours: Figure, words: Words, stated: Sequence[Stated], slack: Fraction) -> tuple[Finding, ...]:
    if not isinstance(ours, int | Fraction):
        return ()
    found = []
    for line, cell in stated:
        reckoned = Reckoned(
            line.label, cell.heading, ours / cell.scale, words.zh, words.en, slack=abs(slack / cell.scale)
        )
        finding = against(cell.print, reckoned, row_number=line.number, column_number=cell.column)
        if finding is not None:
            found.append(replace(finding, sheet=line.sheet))
    return tuple(found)


def _slack(column: Column, row: Row, slack: Mapping[str, Fraction]) -> Fraction:
    """How far a computed figure may be off when its parts may be."""
    match column.formula:
        case Sum(plus, minus):
            return sum((slack[name] for name in (*plus, *minus)), Fraction(0))
        case Ratio(top, bottom) if isinstance(figure := row[column.name], int | Fraction):
            below = sum((abs(Fraction(row[name] or 0)) for name in bottom), Fraction(0))
            loose = sum((slack[name] for name in bottom), Fraction(0))
            above = sum((slack[name] for name in top), Fraction(0))
            return (above + abs(Fraction(figure)) * loose) / (below - loose) if below > loose else Fraction(0)
    return Fraction(0)

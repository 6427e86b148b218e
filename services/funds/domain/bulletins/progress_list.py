"""A progress bulletin as a list of figures (编号,指标,数值,单位): what each name means, and the rows that follow (§4.4).

A row of the report stands only when all figures that it needs are printed, each under one name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from services.funds.domain.bulletins.model import Cell, Line, Own, Stated, Words
from shared.bulletins.figures import exact_text, normal
from shared.bulletins.findings import Finding, Severity
from shared.reports.model import Figure

_BRACKETS = re.compile(r"\([^()]*\)")
_MONTHS = 12
_PLACE = re.compile(r"\{(\w+)\}")
_FORMULAS = {
    "planned_change": "{planned} - {planned_before}",
    "progress": "{spent} ÷ {base}",
    "lead": "{spent} ÷ {base} - {elapsed}",
    "growth": "{increase} ÷ ({base} - {increase})",
    "part_rate": "{part} ÷ {part_of}",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One figure of the list; `name` without brackets."""

    name: str
    line: Line
    cell: Cell


@dataclass(frozen=True, slots=True)
class Term:
    """A fact made of printed figures: what matches `plus` less what matches `minus`; `many` adds up several."""

    plus: str
    minus: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: the facts it needs, facts it takes when they are printed, and where its figures may be stated."""

    key: str
    zh: str
    needs: Mapping[str, Term]
    takes: Mapping[str, Term] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)


_LINKED = r"(全[市县区省])?(.*项目与资金对接|.*资金与项目对接|对接(项目)?资金)"
_SPENT = r"(实际|累计|已)支出(资金)?"
_LINKAGE = r"(其中)?(已?落实|到位).*衔接资金"
_LINKAGE_SPENT = r"(其中)?衔接资金(实际|累计)?支出"
_CUMULATED = r"累计到位.*资金"
_LATER = r"第[二三四五六]批.*资金"
_BATCH_SPENT = r"第一批资金(已|累计|实际)?支出"
_LEVELS = r"(省|市|县)(财政|级|本级)安排.*资金|.*中央和省.*衔接资金"
_MONTH = Term(r"月份|截至月份")

RULES = (
    Rule(
        "integration",
        "统筹整合规模",
        {"planned": Term(r"(\d{4}年)?计划(统筹)?整合规模"), "planned_before": Term(r"(\d{4}年|上年)实际整合.*")},
        stated={"planned_change": r"比上年增(加|减)(额)?"},
    ),
    Rule(
        "linked",
        "项目与资金对接",
        {"base": Term(_LINKED), "spent": Term(_SPENT)},
        {"elapsed": _MONTH},
        {"progress": r"(资金)?支出(进度|率)", "lead": r"超序时(进度)?"},
    ),
    Rule(
        "linkage",
        "衔接资金",
        {"base": Term(_LINKAGE), "spent": Term(_LINKAGE_SPENT)},
        {"elapsed": _MONTH},
        {"progress": r"衔接资金支出(进度|率)"},
    ),
    Rule(
        "other",
        "衔接资金以外",
        {"base": Term(_LINKED, _LINKAGE), "spent": Term(_SPENT, _LINKAGE_SPENT)},
    ),
    Rule(
        "industry",
        "产业",
        {"part": Term(r"(其中)?用于产业(发展)?(资金)?"), "part_of": Term(r"已拨付.*资金")},
        {"floor": Term(r"产业占比下限")},
        {"part_rate": r"产业占比"},
    ),
    Rule("county", "县本级", {"base": Term(r"县(本)?级安排.*资金"), "increase": Term(r"县(本)?级比上年增加")}),
    Rule("levels", "各级安排合计", {"base": Term(_LEVELS, many=True)}),
    Rule(
        "received",
        "累计到位",
        {"base": Term(_CUMULATED)},
        {
            "increase": Term(r"(较|比)上年同期增加"),
            "growth_lead": Term(r"超全[省市国]平均.*"),
            "spent": Term(_BATCH_SPENT),
        },
        {"growth": r"(同比)?增长(率)?"},
    ),
    Rule(
        "first_batch",
        "第一批",
        {"base": Term(_CUMULATED, _LATER, many=True), "spent": Term(_BATCH_SPENT)},
        {"elapsed": _MONTH},
        {"progress": r"支出(进度|率)", "lead": r"超序时(进度)?"},
    ),
    Rule(
        "secretaries",
        "驻村第一书记专项经费",
        {"each": Term(r"每名第一书记.*经费"), "spent": Term(r"已?拨付专项经费")},
    ),
    Rule(
        "villages",
        "驻村专项发展资金",
        {"each": Term(r"每村.*资金"), "spent": Term(r"共?下达.*发展资金")},
    ),
    Rule(
        "reserve",
        "预留采购份额",
        {"base": Term(r"预留(采购)?份额"), "spent": Term(r"已采购(额)?")},
        {"base_rate": Term(r"预留占.*总额")},
        {"progress": r"完成.*预留份额"},
    ),
    Rule("city", "其中市财政", {"part": Term(r"其中市(级)?财政"), "part_of": Term(r".*市县财政.*资金")}),
    Rule("projects", "实施项目", {"base": Term(r"完成投资"), "count": Term(r"实施项目")}),
    Rule("relocation", "易地搬迁", {"base": Term(r".*搬迁资金"), "count": Term(r".*搬迁人口", many=True)}),
    Rule("deep", "深度贫困县", {"base": Term(r"单独安排.*"), "count": Term(r"深度贫困县")}),
)


def listed(lines: Sequence[Line]) -> list[Listed]:
    """The figures of a list, by name; none where the bulletin is a table."""
    return [
        Listed(_BRACKETS.sub("", normal(line.text("unit"))).strip(), line, line.cells["value"])
        for line in lines
        if "value" in line.cells
    ]


def rows_of_list(figures: Sequence[Listed]) -> list[Own]:
    """The rows whose figures are printed."""
    made = (_row(rule, figures) for rule in RULES)
    return [row for row in made if row is not None]


def scope_remarks(figures: Sequence[Listed]) -> list[Finding]:
    """Levels that add up to another sum than the one printed as in place: shown, and neither called wrong (57)."""
    levels, stated = _matching(_LEVELS, figures), _single(_LINKAGE, figures)
    if len(levels) < 2 or stated is None:  # noqa: PLR2004  one level is no sum
        return []
    whole, loose = _sum(levels)
    if abs(whole - stated.cell.exact) <= loose + stated.cell.slack:
        return []
    cell = stated.cell
    gap = exact_text((whole - cell.exact) / cell.scale, cell.print.places)
    names = "＋".join(each.name for each in levels)
    return [
        Finding(
            stated.line.label,
            cell.heading,
            cell.print.text,
            exact_text(whole / cell.scale, cell.print.places),
            f"{names}，相差 {gap}：口径或截止日可能不同，请核实",
            f"sum of the levels, {gap} apart: another scope or cut-off, to be asked about",
            Severity.INFO,
            "sum_mismatch",
            stated.line.number,
            cell.column,
            stated.line.sheet,
        )
    ]


def _row(rule: Rule, figures: Sequence[Listed]) -> Own | None:
    needed = {column: _fact(column, term, figures) for column, term in rule.needs.items()}
    taken = {column: _fact(column, term, figures) for column, term in rule.takes.items()}
    made = {column: fact for column, fact in (needed | taken).items() if fact is not None}
    if not needed.keys() <= made.keys():
        return None
    stated = {column: _single(pattern, figures) for column, pattern in rule.stated.items()}
    return Own(
        rule.key,
        rule.zh,
        {column: fact.figure for column, fact in made.items()},
        {column: fact.words for column, fact in made.items()} | _formulas(made),
        {column: (Stated(one.line, one.cell),) for column, one in stated.items() if one is not None},
        {column: fact.slack for column, fact in made.items()},
    )


def _formulas(made: Mapping[str, "_Fact"]) -> dict[str, Words]:
    """The formulas of the report with the names that the list uses."""
    found = {}
    for column, formula in _FORMULAS.items():
        parts = _PLACE.findall(formula)
        if all(part in made for part in parts):
            zh, en = ({part: made[part].words[at] for part in parts} for at in (0, 1))
            found[column] = Words(formula.format(**zh), formula.format(**en))
    return found


@dataclass(frozen=True, slots=True)
class _Fact:
    figure: Figure
    slack: Fraction
    words: Words


def _fact(column: str, term: Term, figures: Sequence[Listed]) -> _Fact | None:
    plus, minus = _parts(term.plus, figures, many=term.many), _parts(term.minus, figures, many=term.many)
    if not plus or (term.minus and not minus):
        return None
    (above, loose), (below, more) = _sum(plus), _sum(minus)
    value = above - below
    if column == "elapsed":
        return _Fact(value / _MONTHS, Fraction(0), Words("月份÷12", "months / 12"))
    zh = "＋".join(each.name for each in plus) + "".join(f"－{each.name}" for each in minus)
    en = " + ".join(f"row {each.line.number}" for each in plus)
    en += "".join(f" - row {each.line.number}" for each in minus)
    is_one = len(plus) + len(minus) == 1
    words = Words(zh, en) if is_one else Words(f"({zh})", f"({en})")
    return _Fact(int(value) if value.denominator == 1 else value, loose + more, words)


def _sum(figures: Sequence[Listed]) -> tuple[Fraction, Fraction]:
    """Figures added up, and how far rounding may move the sum."""
    value = sum((Fraction(each.cell.exact) for each in figures), Fraction(0))
    return value, sum((each.cell.slack for each in figures), Fraction(0))


def _parts(pattern: str, figures: Sequence[Listed], *, many: bool) -> list[Listed]:
    """The figures of a term; none where one is meant and several would do."""
    found = _matching(pattern, figures) if pattern else []
    return found if many or len(found) == 1 else []


def _single(pattern: str, figures: Sequence[Listed]) -> Listed | None:
    found = _matching(pattern, figures)
    return found[0] if len(found) == 1 else None


def _matching(pattern: str, figures: Sequence[Listed]) -> list[Listed]:
    return [each for each in figures if re.fullmatch(pattern, each.name)]

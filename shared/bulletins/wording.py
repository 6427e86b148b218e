"""Relations in words, Chinese first (勾稽关系的文字表述)."""

from collections.abc import Sequence
from fractions import Fraction

from shared.bulletins.figures import as_printed, exact_text
from shared.bulletins.matrix import Axis
from shared.bulletins.ranks import Ranking, Ties
from shared.bulletins.relations import Kind, Relation, Term
from shared.bulletins.table import Table

_SHOWN = 6

KIND_ZH = {
    Kind.TOTAL: "合计",
    Kind.SUM: "加总",
    Kind.DIFFERENCE: "差额",
    Kind.COMPLEMENT: "互补",
    Kind.RATIO: "比率",
    Kind.SHARE: "占比",
    Kind.GROWTH: "增长率",
    Kind.PRODUCT: "乘积",
    Kind.UNIT: "单位换算",
    Kind.RANK: "排名",
    Kind.COUNT: "计数",
}


def name_of(table: Table, axis: Axis, variable: int) -> str:
    return table.columns[variable].label if axis is Axis.COLUMNS else table.rows[variable].label


def inputs_of(table: Table, relation: Relation) -> list[str]:
    """Names of the inputs of a relation, each once."""
    return list(dict.fromkeys(_term_name(table, relation, term) for term in relation.terms()))


def formula(table: Table, relation: Relation) -> str:
    """A = (B + C) ÷ D × 100."""
    target = name_of(table, relation.axis, relation.target)
    top = _form(table, relation, relation.top)
    if relation.kind is Kind.TOTAL:
        return f"{target} = {top}"
    if relation.constant:
        top = f"{_number(relation.constant)}{'' if top.startswith('-') else ' + '}{top.replace('-', ' − ', 1)}"
    if relation.times:
        top = f"{_bracketed(top, relation.top)} × {_bracketed(_form(table, relation, relation.times), relation.times)}"
    if relation.bottom:
        top = (
            f"{_bracketed(top, relation.top)} ÷ {_bracketed(_form(table, relation, relation.bottom), relation.bottom)}"
        )
    if relation.factor > 1:
        top = f"{top} × {_number(relation.factor)}"
    elif relation.factor < 1:
        top = f"{top} ÷ {_number(1 / relation.factor)}"
    return f"{target} = {top}"


def rank_formula(table: Table, ranking: Ranking) -> tuple[str, str]:
    """What a column ranks by, in Chinese and English."""
    rank, by = table.columns[ranking.rank].label, table.columns[ranking.by].label
    zh = f"{rank} = 按{by}{'从高到低' if ranking.is_descending else '从低到高'}排名"
    zh += "，并列后名次顺延" if ranking.ties is Ties.COMPETITION else "，并列后名次不跳"
    en = f"rank by {by}, {'highest' if ranking.is_descending else 'lowest'} first"
    return zh, en


def _term_name(table: Table, relation: Relation, term: Term) -> str:
    name = name_of(table, relation.axis, term.variable)
    if term.lag:
        return f"{name}[{'上一行' if term.lag > 0 else '下一行'}]"
    return name if term.at is None else f"{name}[{name_of(table, _other(relation.axis), term.at)}]"


def _other(axis: Axis) -> Axis:
    return Axis.ROWS if axis is Axis.COLUMNS else Axis.COLUMNS


def _form(table: Table, relation: Relation, terms: Sequence[Term]) -> str:
    if len(terms) > _SHOWN and all(term.coefficient == 1 for term in terms):
        first, last = _term_name(table, relation, terms[0]), _term_name(table, relation, terms[-1])
        return f"{first} + … + {last} ({len(terms)})"
    ordered = sorted(terms, key=lambda term: term.coefficient < 0)
    text = ""
    for at, term in enumerate(ordered):
        sign = "-" if term.coefficient < 0 else "+"
        name = _term_name(table, relation, term)
        text += f" {'−' if sign == '-' else '+'} {name}" if at else (f"-{name}" if sign == "-" else name)
    return text


def _bracketed(text: str, terms: Sequence[Term]) -> str:
    return f"({text})" if len(terms) > 1 and not text.startswith("(") else text


def _number(value: Fraction) -> str:
    return as_printed(value, 0) if value.denominator == 1 else exact_text(value, 1)

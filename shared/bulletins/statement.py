"""The relations of a discovery as the report states them."""

from shared.bulletins.counts import Counting
from shared.bulletins.discover import Discovery
from shared.bulletins.findings import Stated
from shared.bulletins.ranks import Ranking
from shared.bulletins.relations import Kind, Relation
from shared.bulletins.wording import formula, inputs_of, name_of, rank_formula

_DERIVED = frozenset({Kind.RATIO, Kind.SHARE, Kind.GROWTH, Kind.PRODUCT})


def stated(found: Discovery) -> list[Stated]:
    """All relations, totals first, each with how often it holds."""
    shown = [each for each in found.relations if each.standings.good or each.standings.fails]
    return [_stated(found, relation) for relation in shown] + [
        *(_ranked(found, each) for each in found.rankings),
        *(_counted(found, each) for each in found.counts),
    ]


def _stated(found: Discovery, relation: Relation) -> Stated:
    return Stated(
        relation.kind.value,
        name_of(found.table, relation.axis, relation.target),
        inputs_of(found.table, relation),
        len(relation.standings.good),
        len(relation.standings.fails),
        formula(found.table, relation),
        relation.axis.value,
        relation.rounding.value if relation.kind in _DERIVED else "",
        found.table.name,
    )


def _ranked(found: Discovery, ranking: Ranking) -> Stated:
    columns = found.table.columns
    return Stated(
        Kind.RANK.value,
        columns[ranking.rank].label,
        [columns[ranking.by].label],
        len(ranking.holds),
        len(ranking.fails),
        " / ".join(rank_formula(found.table, ranking)),
        "columns",
        "",
        found.table.name,
    )


def _counted(found: Discovery, counting: Counting) -> Stated:
    name = "" if counting.column is None else found.table.columns[counting.column].label
    formula = f"{name or '名称中的个数'} = 所列行数 / number of listed rows"
    return Stated(
        Kind.COUNT.value, name, [], len(counting.holds), len(counting.fails), formula, "columns", "", found.table.name
    )

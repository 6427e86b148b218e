"""What the discovery promises on tables that nobody tuned it to: planted relations are found, one spoiled figure is
blamed where it stands, and right or unrelated figures are never called wrong.
"""

from collections.abc import Iterable
from time import process_time

import pytest

from shared.bulletins.check import check_sheets
from shared.bulletins.findings import Report, Severity
from shared.bulletins.reading import Sheet
from tests.properties.bulletin_tables import Grown, grown, spoil, unrelated

TABLES = range(60)


def blamed(report: Report) -> set[tuple[int, int]]:
    return {(each.row_number, each.column_number) for each in report.findings if each.severity is not Severity.INFO}


def planted(table: Grown) -> list[str]:
    return [column.kind for column in table.columns if column.kind != "base"]


def tables(*, is_named: bool, is_shuffled: bool) -> Iterable[Grown]:
    for seed in TABLES:
        table = grown(seed, is_named=is_named)
        if is_shuffled:
            table.shuffle()
        yield table


@pytest.mark.parametrize("is_shuffled", [False, True])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_right_table_is_never_called_wrong(is_named: bool, is_shuffled: bool) -> None:
    found = [blamed(check_sheets([table.sheet()])) for table in tables(is_named=is_named, is_shuffled=is_shuffled)]
    assert not any(found)


def test_unrelated_figures_have_no_relations_and_no_mistakes() -> None:
    reports = [check_sheets([unrelated(seed)]) for seed in range(200)]
    assert not any(blamed(report) for report in reports)
    assert sum(bool(report.relations) for report in reports) == 0


def test_planted_relations_are_found() -> None:
    wanted = found = 0
    for table in tables(is_named=True, is_shuffled=True):
        report = check_sheets([table.sheet()])
        targets = {relation.target for relation in report.relations}
        names = [column.name for column in table.columns if column.kind != "base"]
        wanted += len(names) + (table.total is not None)
        found += sum(name in targets for name in names)
        found += any(relation.kind == "total" for relation in report.relations)
    assert found / wanted > 0.95


@pytest.mark.parametrize("is_shuffled", [False, True])
@pytest.mark.parametrize("is_named", [False, True])
def test_one_spoiled_figure_is_blamed_where_it_stands(is_named: bool, is_shuffled: bool) -> None:
    tried = hit = other = 0
    for table in tables(is_named=is_named, is_shuffled=is_shuffled):
        spoiled = spoil(table)
        if spoiled is None:
            continue
        cells = blamed(check_sheets([table.sheet()]))
        right = {table.numbers(place) for place in spoiled.blamable}
        tried += 1
        hit += bool(cells & right)
        other += bool(cells - right)
    assert tried > 50
    assert hit / tried > 0.95
    assert other / tried < 0.04


def test_the_same_table_gives_the_same_answer() -> None:
    table = grown(7)
    spoil(table)
    assert check_sheets([table.sheet()]).as_json() == check_sheets([table.sheet()]).as_json()


def test_a_table_of_two_hundred_rows_and_thirty_columns_is_answered_within_seconds() -> None:
    """One or two on most machines; a search without bounds would take minutes."""
    lines = [grown(seed, is_named=False).sheet().cells for seed in range(4)]
    wide = [["县区", *(f"甲{at}" for at in range(30))]]
    figures = [cell for line in lines for row in line[1:] for cell in row[1:] if cell]
    wide += [[f"县{row}", *(figures[(row * 31 + at * 7) % len(figures)] for at in range(30))] for row in range(200)]
    begun = process_time()
    report = check_sheets([Sheet("", wide)])
    assert process_time() - begun < 10
    assert report.not_searched == ["行与行之间的其他关系 / further relations between rows"]

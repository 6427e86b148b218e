"""Checks printed tables: discovers what holds and says which figures do not (通报核对)."""

from collections.abc import Sequence
from pathlib import Path

from shared.bulletins.budget import Budget
from shared.bulletins.discover import discover
from shared.bulletins.findings import Finding, Report, Stated
from shared.bulletins.judgement import findings_of
from shared.bulletins.labelled import check_labelled
from shared.bulletins.layout import tables_of
from shared.bulletins.reading import Sheet, read_bytes, read_file
from shared.bulletins.statement import stated
from shared.bulletins.table import Table


def check_file(path: Path) -> Report:
    """Check a csv or spreadsheet file; raises Invalid when it cannot be read."""
    return check_sheets(read_file(path))


def check_bytes(data: bytes) -> Report:
    """The same for the bytes of a file."""
    return check_sheets(read_bytes(data))


def check_sheets(sheets: Sequence[Sheet]) -> Report:
    """Check every table of every sheet, within one budget for each table."""
    relations: list[Stated] = []
    findings: list[Finding] = []
    skipped: list[str] = []
    for sheet in sheets:
        for table in tables_of(sheet):
            report = check_table(table)
            relations += report.relations
            findings += report.findings
            skipped += [each for each in report.not_searched if each not in skipped]
    return Report(relations, findings, skipped)


def check_table(table: Table) -> Report:
    """Check one table."""
    budget = Budget()
    found = discover(table, budget)
    findings = findings_of(found)
    relations = stated(found)
    if table.has_units:
        more = check_labelled(table, budget)
        relations += more.relations
        known = {(finding.row_number, finding.column_number) for finding in findings}
        findings += [each for each in more.findings if (each.row_number, each.column_number) not in known]
    findings.sort(key=lambda one: (one.row_number, one.column_number))
    return Report(relations, findings, budget.skipped)

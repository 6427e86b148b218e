"""`bulletin check FILE`: what a printed table says of itself, and which of its figures do not fit (通报核对)."""

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from services.suite.services import SERVICES
from shared.bulletins.check import check_bytes
from shared.bulletins.findings import BulletinKind, Finding, Report, Stated
from shared.bulletins.reading import content_of
from shared.kernel.errors import Invalid

NOTHING_FOUND, FOUND, UNREADABLE = 0, 1, 2
_SHOWN_RELATIONS = 40


def add_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    check = parser.add_subparsers(dest="action", required=True).add_parser("check", help="核对一个文件 / check a file")
    check.add_argument("file", type=Path)
    kinds = ", ".join(f"{kind.value} {kind.zh}" for kind in BulletinKind)
    check.add_argument("--kind", choices=[kind.value for kind in BulletinKind], default=None, help=kinds)
    check.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")


def run(asked: Namespace) -> int:
    """Check the file and print the answer; 0 nothing found, 1 findings, 2 the file cannot be read.

    With a kind the service that knows it recomputes the bulletin by its own figures, beside the discovery.
    """
    known = {kind: check for service in SERVICES for kind, check in service.bulletins.items()}
    try:
        report = known.get(asked.kind, check_bytes)(content_of(asked.file))
    except Invalid as problem:
        for violation in problem.violations:
            print(f"{violation.code}: {violation.zh} / {violation.en}", file=sys.stderr)
        return UNREADABLE
    if asked.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(report)))
    return FOUND if report.findings else NOTHING_FOUND


def _lines(report: Report) -> list[str]:
    """The answer for a reader."""
    lines = [f"勾稽关系 / relations: {len(report.relations)}"]
    lines += [f"  {_relation(each)}" for each in report.relations[:_SHOWN_RELATIONS]]
    lines.append(f"发现 / findings: {len(report.findings)}")
    lines += [f"  {_finding(each)}" for each in report.findings]
    if report.not_searched:
        lines.append("未搜索 / not searched:")
        lines += [f"  {each}" for each in report.not_searched]
    return lines


def _relation(relation: Stated) -> str:
    failing = f"，不符 / fails {relation.rows_failing}" if relation.rows_failing else ""
    return f"{relation.formula}  成立 / holds {relation.rows_holding}{failing}"


def _finding(finding: Finding) -> str:
    words = {"error": "差错", "warning": "提示", "info": "说明"}[finding.severity.value]
    return (
        f"[{words} {finding.severity.value}] {finding.row} · {finding.column}: "
        f"印 {finding.printed} → 算 {finding.recomputed}  {finding.relation_zh} / {finding.relation_en}"
    )

"""The command that issues a report (印发报表): gathered, computed, frozen, and never changed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.wire import Area
from shared.kernel.days import local_day
from shared.kernel.errors import Forbidden, Invalid, Refused, Violation, not_found
from shared.kernel.roles import Role
from shared.reports.cut_off import cut_off, outside
from shared.reports.printed import digest, draw, to_content
from shared.reports.report import Asked, Report

_NEXT_NO = """
SELECT coalesce(max(issue_no), 0) + 1 FROM report_issue
 WHERE report_id = $1 AND area_code = $2 AND period_start = $3"""
_STORE = """
INSERT INTO report_issue(id, report_id, version, area_code, period_start, issue_no, as_of, content, content_sha256,
                         note, issued_by, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"""


class IssueReport(Command):
    """Freeze a report of an area and period with the figures of the end of `as_of`, a day of the period that is over (D18)."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role) - {Role.HOUSEHOLD}

    report_id: str = Field(pattern=r"^[a-z][a-z0-9_.-]{1,60}$")
    area_code: Area
    period_start: date
    as_of: date | None = None
    """By default yesterday, or the period's last day when that is over."""
    note: str = Field(default="", max_length=500)
    """Why the same period is issued again."""


class ReportIssued(BaseModel):
    """The frozen report."""

    id: UUID
    report_id: str
    issue_no: int
    as_of: date
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Issuing:
    """The handler for a service with these reports."""

    reports: Mapping[str, Report]

    async def __call__(self, tx: Write, command: IssueReport, ctx: Context) -> ReportIssued:
        report = self._of(command, ctx)
        today = local_day(ctx.now)
        as_of = cut_off(report, command.period_start, command.as_of, today)
        if as_of >= today:
            raise Invalid(outside())
        issue_no = await tx.raw.fetchval(_NEXT_NO, report.id, int(command.area_code), command.period_start)
        if issue_no > 1 and not command.note.strip():
            raise _needs_note(issue_no)
        asked = Asked(command.area_code, command.period_start, as_of, tx.parameters, ctx.calendar)
        paper = await draw(report, tx.raw, asked)
        content = to_content(paper)
        issue_id, sha256 = ctx.id_for("issue"), digest(content)
        await tx.raw.execute(
            _STORE,
            *(issue_id, report.id, report.version, int(command.area_code), command.period_start, issue_no, as_of),
            *(orjson.dumps(content).decode(), sha256, command.note, ctx.actor.id, ctx.now),
        )
        tx.changed("report_issue", issue_id, command.area_code)
        return ReportIssued(
            id=issue_id,
            report_id=report.id,
            issue_no=issue_no,
            as_of=as_of,
            sha256=sha256.hex(),
            rows=len(paper.rows),
        )

    def _of(self, command: IssueReport, ctx: Context) -> Report:
        report = self.reports.get(command.report_id)
        if report is None:
            raise not_found("该报表", "report")
        if not ctx.actor.may(report.issuers | {Role.SYSTEM}, command.area_code):
            raise Forbidden(
                Violation("ROLE_REQUIRED", "无权印发该报表", "no right to issue this report", rule="D18"),
            )
        return report


def report_handlers(reports: Sequence[Report]) -> Mapping[type[Command], Handler]:
    """The handler for a service with `reports`; none without."""
    return {IssueReport: _Issuing({report.id: report for report in reports})} if reports else {}


def _needs_note(issue_no: int) -> Refused:
    return Refused(
        Violation(
            "ALREADY_ISSUED",
            "本期已印发，更正须说明原因",
            "the period has been issued; a correction needs a note",
            rule="D18",
            field="/note",
            remedy_zh="填写更正说明后再次印发",
            remedy_en="say why it is issued again",
            facts={"issue_no": issue_no - 1},
        ),
    )

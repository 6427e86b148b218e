"""Routes of a service's reports: which there are, a look before issuing, issuing, and what was issued as JSON, xlsx or docx."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from shared.contracts.wire import Area
from shared.db.paging import Page
from shared.http.auth import Caller, Reading, read_roles
from shared.http.edge import edge_of
from shared.http.running import Answer, Paging, Run, gives
from shared.kernel.actors import Actor
from shared.kernel.areas import NATION, AreaCode
from shared.kernel.clock import today
from shared.kernel.errors import not_found
from shared.kernel.roles import Role
from shared.parameters.lookup import Parameters
from shared.reports import docx, xlsx
from shared.reports.commands import IssueReport, ReportIssued
from shared.reports.cut_off import cut_off
from shared.reports.printed import Printed, PrintedTable, draw
from shared.reports.reading import IssueListed, list_issues, one_issue
from shared.reports.report import Asked, Report


class ColumnShown(BaseModel):
    """A column: its name, its Chinese heading with the unit, and what it holds."""

    name: str
    heading: str
    en: str
    kind: str


class ReportKind(BaseModel):
    """A report of this service."""

    id: str
    version: int
    zh: str
    en: str
    rhythm: str
    rule: str
    readers: list[str]
    issuers: list[str]


class TableShown(BaseModel):
    """The figures as printed, row by row in the order of the columns."""

    model_config = ConfigDict(frozen=True)

    title: str
    unit: str
    columns: list[ColumnShown]
    rows: list[list[str]]
    paragraphs: list[str]


class ReportShown(TableShown):
    """A report; the total row was computed anew, not averaged. Annexes explain its figures."""

    as_of: date
    scope: str
    """Of what the figures are, such as the money of a year."""
    total: list[str]
    foot: str
    annexes: list[TableShown]


class IssueShown(BaseModel):
    """An issued report."""

    issue: IssueListed
    report: ReportShown


class FileForm(StrEnum):
    """What a file is made for: figures to work on, or a circular to print."""

    XLSX = "xlsx"
    DOCX = "docx"


@dataclass(frozen=True, slots=True)
class _Files:
    media_type: str
    render: Callable[[Printed], bytes]


_FILES = {
    FileForm.XLSX: _Files(xlsx.MEDIA_TYPE, xlsx.workbook),
    FileForm.DOCX: _Files(docx.MEDIA_TYPE, docx.circular),
}


def report_router(reports: Sequence[Report]) -> APIRouter:
    """The routes of these reports; none without."""
    router = APIRouter(tags=["报表 / reports"])
    if reports:
        by_id = {report.id: report for report in reports}
        _add_live(router, by_id)
        _add_issued(router, by_id)
    return router


def _add_live(router: APIRouter, reports: Mapping[str, Report]) -> None:
    readers: frozenset[Role] = frozenset().union(*(report.readers for report in reports.values()))

    @router.get(
        "/report-kinds",
        dependencies=[read_roles(*readers)],
        summary="报表目录 / the reports of this service",
    )
    async def report_kinds(actor: Caller) -> list[ReportKind]:
        held = {grant.role for grant in actor.grants}
        return [_kind(report) for report in reports.values() if held & report.readers]

    @router.get("/report-kinds/{report_id}/preview", summary="报表预览 / a report before it is issued")
    async def report_preview(
        report_id: str,
        request: Request,
        actor: Caller,
        session: Reading,
        area_code: Annotated[Area, Query(description="区划代码 / area code")],
        period_start: Annotated[date, Query(description="统计期第一天 / the first day of the period")],
        as_of: Annotated[
            date | None,
            Query(description="截止日，缺省为昨日，不晚于期末 / cut-off, else yesterday or the period's last day"),
        ] = None,
    ) -> ReportShown:
        """The figures as they would be frozen now."""
        report = _readable(reports, report_id, actor, area_code)
        resources = edge_of(request).pipeline.resources
        until = cut_off(report, period_start, as_of, today(resources.clock))
        parameters = Parameters(session.raw, resources.parameters)
        asked = Asked(area_code, period_start, until, parameters, resources.calendar)
        return _shown(await draw(report, session.raw, asked))


def _add_issued(router: APIRouter, reports: Mapping[str, Report]) -> None:
    rhythms = {report.id: report.rhythm for report in reports.values()}

    @router.post("/report-issues", status_code=201, summary="印发报表 / issue a report")
    async def issue_report(body: IssueReport, run: Annotated[Run, gives(IssueReport)]) -> Answer[ReportIssued]:
        """Freeze the report of a period; issuing it again needs a note and leaves the earlier issue as it was."""
        return await run(body)

    @router.get("/report-issues", summary="已印发报表 / issued reports")
    async def report_issues(
        session: Reading,
        page: Paging,
        area_code: Annotated[Area | None, Query(description="区划代码 / area code")] = None,
        report_id: Annotated[str, Query(max_length=60, description="报表 / report")] = "",
    ) -> Page[IssueListed]:
        return await list_issues(session, page, NATION if area_code is None else area_code, report_id, rhythms)

    @router.get("/report-issues/{issue_id}", summary="已印发报表正文 / one issued report")
    async def report_issue(issue_id: UUID, actor: Caller, session: Reading) -> IssueShown:
        issue = await one_issue(session, issue_id, rhythms)
        _readable(reports, issue.listed.report_id, actor, issue.listed.area_code)
        return IssueShown(issue=issue.listed, report=_shown(issue.paper))

    @router.get("/report-issues/{issue_id}/file", summary="导出报表 / an issued report as a file")
    async def report_file(
        issue_id: UUID,
        actor: Caller,
        session: Reading,
        form: Annotated[FileForm, Query(description="xlsx 表格，docx 通报 / a table, or a circular")] = FileForm.XLSX,
    ) -> Response:
        issue = await one_issue(session, issue_id, rhythms)
        _readable(reports, issue.listed.report_id, actor, issue.listed.area_code)
        made = _FILES[form]
        name = quote(f"{issue.paper.title}-{issue.listed.period_start}-{issue.listed.issue_no}.{form}")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
        content = await asyncio.to_thread(made.render, issue.paper)
        return Response(content, media_type=made.media_type, headers=headers)


def _readable(reports: Mapping[str, Report], report_id: str, actor: Actor, area: AreaCode) -> Report:
    """The report, when the actor has one of its roles in the area; raises NotFound else, telling nothing of it."""
    report = reports.get(report_id)
    if report is None or not actor.may(report.readers, area):
        raise not_found("该报表", "report")
    return report


def _kind(report: Report) -> ReportKind:
    return ReportKind(
        id=report.id,
        version=report.version,
        zh=report.zh,
        en=report.en,
        rhythm=report.rhythm,
        rule=report.rule,
        readers=sorted(report.readers),
        issuers=sorted(report.issuers),
    )


def _shown(paper: Printed) -> ReportShown:
    return ReportShown(
        **_table(paper),
        as_of=paper.as_of,
        scope=paper.scope,
        total=["合计", *paper.texts(paper.total)[1:]],
        foot=paper.foot,
        annexes=[TableShown(**_table(annex)) for annex in paper.annexes],
    )


def _table(paper: PrintedTable) -> dict[str, Any]:
    return {
        "title": paper.title,
        "unit": paper.unit.value,
        "columns": [
            ColumnShown(name=column.name, heading=heading, en=column.en, kind=column.kind)
            for column, heading in zip(paper.visible, paper.headings, strict=True)
        ],
        "rows": [paper.texts(row) for row in paper.rows],
        "paragraphs": list(paper.paragraphs),
    }

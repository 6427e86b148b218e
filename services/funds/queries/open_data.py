"""Open data (开放数据): published projects of an area in the shape of OC4IDS 0.9, from snapshots alone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from services.funds.queries.disclosures import hanging
from services.funds.tables.disclosures import Disclosure
from shared.db.paging import Page, PageRequest, fetch_page
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.parameters.divisions import name_path

SCHEMA_VERSION = "0.9"
PREFIX = "oc4ids-shouwang"
"""Stands before each project's id until the country's publishers register a prefix of their own."""
_ENTRY, _COMPLETION, _EXIT = "county.library_entry", "county.completion", "county.library_exit"
_CURRENCY = "CNY"


async def project_package(
    session: ReadSession, page: PageRequest, area: AreaCode, today: date, now: datetime, uri: str
) -> tuple[dict[str, Any], str | None]:
    """A page of the package in the order of publication, and the cursor of the next one."""
    statement = hanging(today).where(Disclosure.item == _ENTRY, Disclosure.area_code.between(*area.span))
    entries: Page[Disclosure] = await fetch_page(
        session, statement, (Disclosure.posted_on, Disclosure.id), page, lambda row: row[0]
    )
    later = await _later(session, [entry.subject_id for entry in entries.items], today)
    newest = {entry.subject_id: entry for entry in entries.items}
    changed = [
        row.published_at for row in (*entries.items, *(each for rows in later.values() for each in rows.values()))
    ]
    publisher = await name_path(session.raw, area, today)
    package = {
        "uri": uri,
        "version": SCHEMA_VERSION,
        "publishedDate": max(changed, default=now).isoformat(),
        "publisher": {"name": publisher, "scheme": "CN-STATS-AREA", "uid": str(area)},
        "projects": [_project(entry, later.get(entry.subject_id, {})) for entry in newest.values()],
    }
    return package, entries.next_cursor


async def _later(session: ReadSession, projects: Sequence[UUID], today: date) -> dict[UUID, dict[str, Disclosure]]:
    """What was published of these projects since: completion and exit."""
    statement = hanging(today).where(Disclosure.project_id.in_(projects), Disclosure.item.in_((_COMPLETION, _EXIT)))
    found: dict[UUID, dict[str, Disclosure]] = {}
    for row in await session.session.scalars(statement.order_by(Disclosure.version_no)):
        found.setdefault(row.subject_id, {})[row.item] = row
    return found


def _project(entry: Disclosure, later: Mapping[str, Disclosure]) -> dict[str, Any]:
    text = entry.content or {}
    done, left = later.get(_COMPLETION), later.get(_EXIT)
    status = "cancelled" if left else "completed" if done else "identification"
    newest = max((entry, *later.values()), key=lambda row: row.published_at)
    project: dict[str, Any] = {
        "id": f"{PREFIX}-{entry.subject_id}",
        "updated": newest.published_at.isoformat(),
        "title": text["name"],
        "description": text["content"],
        "status": status,
        "period": {"startDate": _day(text["starts_on"]), "endDate": _day(text["ends_on"])},
        "sector": [text["category"]],
        "type": "construction" if text["nature"] in {"new", "extension"} else "other",
        "locations": _locations(entry, text["places"]),
        "budget": {"amount": _value(text["planned_total"])},
        "publicAuthority": {"id": "1", "name": text["sector_authority"]},
        "parties": [
            {"id": "1", "name": text["sector_authority"], "roles": ["publicAuthority"]},
            {"id": "2", "name": text["implementing_unit"], "roles": ["administrativeEntity"]},
        ],
        "documents": [_document(row) for row in (entry, *later.values())],
    }
    if done and done.content:
        project["completion"] = {
            "endDate": _day(done.content["completed_on"]),
            "finalScope": done.content["content"],
            "finalValue": _value(done.content["money_used"]),
        }
    return project


def _locations(entry: Disclosure, places: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "description": place,
            "gazetteer": {"scheme": "CN-STATS-AREA", "identifiers": [f"{code:012d}"]},
        }
        for number, (code, place) in enumerate(zip(entry.villages, places, strict=True), 1)
    ]


def _document(row: Disclosure) -> dict[str, Any]:
    kinds = {_ENTRY: "projectScope", _COMPLETION: "completionCertificate", _EXIT: "cancellationDetails"}
    return {
        "id": str(row.id),
        "documentType": kinds[row.item],
        "title": row.title,
        "datePublished": row.published_at.isoformat(),
        "description": f"sha256:{bytes(row.content_sha256).hex()}",
    }


def _value(yuan: str) -> dict[str, Any]:
    """The standard asks for a JSON number: the decimal text stands as it is, so that no digit is lost."""
    return {"amount": orjson.Fragment(yuan), "currency": _CURRENCY}


def _day(day: str) -> str:
    """A day as the standard's date-time, at the beginning of the day in China."""
    return f"{day}T00:00:00+08:00"


def as_json(package: Mapping[str, Any]) -> bytes:
    """The package as JSON."""
    return orjson.dumps(package)

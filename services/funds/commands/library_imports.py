"""Imports of library tables (项目库导入): good rows become drafts, unknown categories wait for a mapping, bad rows go back."""

import asyncio
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError, model_validator
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.funds.bulk import library_import as bulk
from services.funds.bulk.alone import alone
from services.funds.bulk.library_import import SEALED, NewProject, RowResult
from services.funds.commands.admission import require
from services.funds.commands.projects import PROJECT_BINDING
from services.funds.commands.reference import known_funds
from services.funds.domain.library import text_key, unknown_code
from services.funds.domain.library_columns import REQUIRED, column_named, is_wan, places_of
from services.funds.domain.library_labels import Labelled, Lexicon, label_key
from services.funds.domain.library_places import Gazetteer, UnknownPlace
from services.funds.domain.library_rows import Defaults, LibraryRow, entry_of, read_rows
from services.funds.domain.project_content import CATEGORY, FundLevel, ProjectContent
from services.funds.domain.refusals import refusal
from services.funds.tables.library_imports import CategoryMapping, LibraryImport, LibraryImportRow
from shared.cases.sets import Entry, open_cases
from shared.commands.command import Command, Context, Handler, Write
from shared.contracts.parts import Category, Label, Year
from shared.contracts.wire import Area, Yuan
from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Invalid, Violation, not_found
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.sheets.files import read_whole
from shared.sheets.headings import find_headings
from shared.vault.seal import seal_bytes, unseal_bytes
from shared.workflow.desks import BUREAU

_LEAST_COLUMNS = 2
_MOST_ROWS = 50_000


class ReceiveLibrary(Command):
    """Receive a county's library table (项目库表) and take its rows; the bytes stay out of journal and keys."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    area_code: Area
    plan_year: Year
    level: FundLevel = "central"
    fund_category: Category = "fund.consolidation"
    """The source of amounts whose column names none."""
    sector_authority: Label
    implementing_unit: Label
    unit: Literal["wan", "yuan"] | None = None
    """The unit of amounts, where neither headings nor title say it."""
    sha256: str = ""
    content: bytes = Field(exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _known_by_content(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, "sha256": hashlib.sha256(given["content"]).hexdigest()}


class TakeLibraryRows(Command):
    """Take the rows of an import that wait, now that their categories are mapped."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    import_id: UUID


class MapCategory(Command):
    """Say what a county's own word for a category means from a day on (类别映射); 大类/小类 are joined by a slash."""

    ROLES: ClassVar[frozenset[Role]] = BUREAU

    area_code: Area
    word: Annotated[str, Field(min_length=1, max_length=200)]
    category: Annotated[str, Field(pattern=CATEGORY)]
    effective_from: date | None = None


class CategoryMapped(BaseModel):
    """The word and its category."""

    word: str
    category: str
    effective_from: date


class LibraryReport(BaseModel):
    """What became of an import: rows by outcome, their money, and the words that wait for a mapping."""

    id: UUID
    rows: int
    taken: int
    waiting: int
    refused: int
    taken_amount: Yuan
    amount: Yuan
    unmapped: list[str]


async def receive_library(tx: Write, command: ReceiveLibrary, ctx: Context) -> LibraryReport:
    """Keep the file and take its rows; the same bytes again give the import that they made before."""
    if command.area_code.level is not AreaLevel.COUNTY:
        raise Invalid(_file("NOT_A_COUNTY", "/area_code", "项目库以县为单位", "a library is a county's"))
    await alone(tx.raw, "library", int(command.area_code), command.plan_year, command.sha256)
    known = await tx.session.scalar(
        select(LibraryImport.id).where(
            LibraryImport.area_code == int(command.area_code),
            LibraryImport.plan_year == command.plan_year,
            LibraryImport.sha256 == bytes.fromhex(command.sha256),
        )
    )
    if known is not None:
        return await report(tx, known)
    if not await known_funds(tx.raw, [command.fund_category], command.plan_year):
        raise Invalid(unknown_code("/fund_category", command.fund_category, command.plan_year))
    settings = command.model_dump(mode="json", include=set(_SETTINGS))
    form, rows = await asyncio.to_thread(_read, command.content, settings)
    import_id = new_id()
    packed = await asyncio.to_thread(zlib.compress, command.content, 1)
    tx.session.add(
        LibraryImport(
            id=import_id,
            area_code=int(command.area_code),
            plan_year=command.plan_year,
            sha256=bytes.fromhex(command.sha256),
            form=form,
            settings=settings,
            content_sealed=seal_bytes(ctx.keys, SEALED, import_id, packed),
            rows=len(rows),
            received_by=ctx.actor.id,
            received_at=ctx.now,
        )
    )
    await tx.session.flush()
    tx.changed("library_import", import_id, command.area_code)
    await _take(tx, ctx, import_id, command.area_code, rows, settings)
    return await report(tx, import_id)


async def take_library_rows(tx: Write, command: TakeLibraryRows, ctx: Context) -> LibraryReport:
    """Take the waiting rows whose words are mapped by now; the others go on waiting."""
    asked = select(LibraryImport).where(LibraryImport.id == command.import_id)
    row = await tx.session.scalar(asked)
    if row is None:
        raise not_found("导入批次", "import")
    require(ctx, BUREAU, row.area_code)
    waiting = set(
        await tx.session.scalars(
            select(LibraryImportRow.row_no)
            .where(LibraryImportRow.import_id == row.id, LibraryImportRow.outcome == "waiting")
            .order_by(LibraryImportRow.row_no)
            .with_for_update()
        )
    )
    content = zlib.decompress(unseal_bytes(ctx.keys, SEALED, row.id, row.content_sealed))
    _, rows = await asyncio.to_thread(_read, content, row.settings)
    area = AreaCode(row.area_code)
    await _take(tx, ctx, row.id, area, [each for each in rows if each.number in waiting], row.settings)
    tx.changed("library_import", row.id, area)
    return await report(tx, row.id)


async def map_category(tx: Write, command: MapCategory, ctx: Context) -> CategoryMapped:
    """Keep the mapping; a later one of the same day replaces it."""
    from_day = command.effective_from or ctx.today
    taxonomy = await bulk.taxonomy_of(tx.raw, from_day.year)
    if command.category not in {code for code, _, _ in taxonomy}:
        raise Invalid(unknown_code("/category", command.category, from_day.year))
    values = {
        "area_code": int(command.area_code),
        "label_key": label_key(command.word),
        "effective_from": from_day,
        "label": command.word,
        "category": command.category,
        "mapped_by": ctx.actor.id,
        "mapped_at": ctx.now,
    }
    statement = insert(CategoryMapping).values(values)
    changed = {name: statement.excluded[name] for name in ("label", "category", "mapped_by", "mapped_at")}
    keys = ("area_code", "label_key", "effective_from")
    await tx.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
    tx.changed("category_mapping", ctx.id_for(command.word), command.area_code)
    return CategoryMapped(word=command.word, category=command.category, effective_from=from_day)


async def report(tx: Write, import_id: UUID) -> LibraryReport:
    """How an import stands."""
    total = await tx.session.scalar(select(LibraryImport.rows).where(LibraryImport.id == import_id))
    found = await tx.session.execute(
        select(LibraryImportRow.outcome, func.count(), func.sum(LibraryImportRow.amount_fen))
        .where(LibraryImportRow.import_id == import_id)
        .group_by(LibraryImportRow.outcome)
    )
    by_outcome = {outcome: (count, int(fen)) for outcome, count, fen in found}
    words = await tx.session.scalars(
        select(LibraryImportRow.label)
        .where(LibraryImportRow.import_id == import_id, LibraryImportRow.outcome == "waiting")
        .distinct()
        .order_by(LibraryImportRow.label)
    )
    return LibraryReport(
        id=import_id,
        rows=total or 0,
        **{outcome: by_outcome.get(outcome, (0, 0))[0] for outcome in ("taken", "waiting", "refused")},
        taken_amount=by_outcome.get("taken", (0, 0))[1],
        amount=sum(fen for _, fen in by_outcome.values()),
        unmapped=list(words),
    )


_SETTINGS = ("plan_year", "level", "fund_category", "sector_authority", "implementing_unit", "unit")


def _read(content: bytes, settings: Mapping[str, Any]) -> tuple[str, list[LibraryRow]]:
    """Form and project rows of a file: work for a thread; raises Invalid."""
    form, rows = read_whole(content)
    headings = find_headings(rows, column_named, _LEAST_COLUMNS)
    places = places_of(headings.paths) if headings else {}
    if headings is None or any(name not in places for name in REQUIRED):
        raise Invalid(_file("FILE_HEADER", "/file", "找不到“项目名称”列的表头", "no headings with 项目名称 are found"))
    if not any(name == "total" or name.startswith("money.") for name in places):
        raise Invalid(_file("FILE_HEADER", "/file", "找不到资金列的表头", "no column of amounts is found"))
    wan = {"wan": True, "yuan": False}.get(settings["unit"], is_wan(headings.paths, rows[: headings.first_row]))
    if wan is None:
        raise Invalid(_file("UNIT_UNKNOWN", "/unit", "表头未写明金额单位", "the headings name no unit of amounts"))
    defaults = _defaults(settings, wan=wan)
    found = read_rows(rows, headings.first_data_row, places, defaults)
    if not found or len(found) > _MOST_ROWS:
        told = (f"文件须有 1 至 {_MOST_ROWS} 个项目行", f"a file has 1 to {_MOST_ROWS} rows of projects")
        raise Invalid(_file("FILE_EMPTY", "/file", *told))
    return form, found


def _defaults(settings: Mapping[str, Any], *, wan: bool) -> Defaults:
    return Defaults(
        plan_year=settings["plan_year"],
        wan=wan,
        level=settings["level"],
        fund=settings["fund_category"],
        authority=settings["sector_authority"],
        unit=settings["implementing_unit"],
    )


async def _take(
    tx: Write, ctx: Context, import_id: UUID, area: AreaCode, rows: Sequence[LibraryRow], settings: Mapping[str, Any]
) -> None:
    """Judge rows by categories, places and names, and write the good ones, all in a few statements."""
    if not rows:
        return
    year = settings["plan_year"]
    taxonomy = await bulk.taxonomy_of(tx.raw, year)
    lexicon = Lexicon.of([(code, zh) for code, zh, _ in taxonomy], await bulk.mappings_of(tx.raw, int(area), ctx.today))
    gazetteer = Gazetteer.of(area, await bulk.divisions_of(tx.raw, area.span, ctx.today))
    read = await asyncio.to_thread(_judge, rows, lexicon, gazetteer, _defaults(settings, wan=True))
    names = {(int(place.village), text_key(new.name)) for _, new in read.good for place in new.places}
    taken = await bulk.names_taken(tx.raw, year, names)
    flags = {code: counts for code, _, counts in taxonomy}
    projects: list[NewProject] = []
    for result, content in read.good:
        claimed = {(int(place.village), text_key(content.name)) for place in content.places}
        if claimed & taken:
            fault = {"field": "name", "code": "DUPLICATE_PROJECT", "zh": "该村本年度已有同名项目"}
            read.results.append(result._replace(outcome="refused", faults=[fault]))
            continue
        taken |= claimed
        project = NewProject(new_id(), _home(content, area), content, flags.get(content.category, False))
        projects.append(project)
        read.results.append(result._replace(project_id=project.id))
    if projects:
        await bulk.write_projects(tx.raw, year, projects, "项目库导入", ctx.actor.id, ctx.now)
        await open_cases(tx, ctx, PROJECT_BINDING, [Entry(each.id, each.area, None) for each in projects])
    await bulk.write_rows(tx.raw, import_id, int(area), read.results)


class _Judged:
    """Rows with their results: those that are final, and the good ones with their entries."""

    def __init__(self) -> None:
        self.results: list[RowResult] = []
        self.good: list[tuple[RowResult, ProjectContent]] = []


def _judge(rows: Sequence[LibraryRow], lexicon: Lexicon, gazetteer: Gazetteer, defaults: Defaults) -> _Judged:
    judged = _Judged()
    known: dict[tuple[str, ...], Labelled] = {}
    for row in rows:
        labelled = known.get(row.labels) or known.setdefault(row.labels, lexicon.resolve(row.labels))
        faults = [{"field": fault.field, "code": fault.code, "zh": fault.zh} for fault in row.faults]
        places: list[AreaCode] = []
        try:
            village = row.cells.get("village") or (row.cells.get("place", "") if "township" not in row.cells else "")
            places = gazetteer.places(row.cells.get("township", ""), village)
        except UnknownPlace as unknown:
            faults.append({"field": "village", "code": "PLACE_UNKNOWN", "zh": f"区划中没有或不止一个“{unknown}”"})
        outcome = "refused" if faults else "taken" if labelled.category else "waiting"
        result = RowResult(
            row.number, outcome, labelled.label, labelled.category, labelled.note, faults, row.total, None
        )
        if outcome != "taken" or not labelled.category:
            judged.results.append(result)
            continue
        try:
            judged.good.append((result, entry_of(row, labelled.category, places, defaults)))
        except ValidationError as error:
            judged.results.append(result._replace(outcome="refused", faults=_unfit(error)))
    return judged


def _unfit(error: ValidationError) -> list[dict[str, str]]:
    """What an entry of these words breaks: a name with a number that looks like a person's, say."""
    fields = sorted({str(each["loc"][0]) if each["loc"] else "row" for each in error.errors(include_url=False)})
    return [{"field": name, "code": "FIELD_INVALID", "zh": f"“{name}”不符合填报要求"} for name in fields]


def _home(content: ProjectContent, county: AreaCode) -> int:
    """Whose draft it is: the village's, the township's where several of its villages share it, else the county's."""
    places = [place.village for place in content.places]
    if len(places) == 1:
        return int(places[0])
    towns = {place.at(AreaLevel.TOWNSHIP) for place in places}
    return int(towns.pop() if len(towns) == 1 else county)


def _file(code: str, field: str, zh: str, en: str) -> Violation:
    return refusal(code, "D16", zh, en, ("核对文件后重新上传", "correct the file and upload it again"), field=field)


HANDLERS: Mapping[type[Command], Handler] = {
    ReceiveLibrary: receive_library,
    TakeLibraryRows: take_library_rows,
    MapCategory: map_category,
}

"""The medical file (demo story 4): bad rows are told and lose nothing, clues follow from thresholds, all of it once."""

import asyncio
import io
from time import perf_counter
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from services.monitoring.bulk import import_department
from services.monitoring.bulk.import_reports import ImportReport
from services.monitoring.commands.import_run import merge_all
from services.monitoring.commands.imports import MergeImport, ReceiveDepartmentFile
from services.monitoring.queries.imports import copy_with_refusals, import_report
from shared.kernel.errors import Invalid, NotFound
from shared.testing.services import Bench
from tests.service.monitoring.people import (
    COUNTY,
    FOREIGN_VILLAGE,
    SPENDING_HEADINGS,
    VILLAGE,
    auditor,
    bureau,
    csv_file,
    foreign,
    member,
    name,
    number,
    registered,
    sector,
    spending,
)
from tests.service.monitoring.verbs import (
    events,
    fetch,
    household,
    imported,
    one,
    receive,
    refusal,
    refused,
    register_file,
)

pytestmark = pytest.mark.asyncio

COUNTS = """
SELECT (SELECT count(*) FROM spending_entry), (SELECT count(*) FROM clue), (SELECT count(*) FROM clue_source),
       (SELECT count(*) FROM risk), (SELECT count(*) FROM outbox), (SELECT count(*) FROM import_refusal),
       (SELECT count(*) FROM stage_spending)"""

KEYS_THAT_DIFFER = """
SELECT count(*) FROM spending_entry WHERE lpad(to_hex(person_key), 16, '0') <> encode(substr(person_index, 1, 8), 'hex')"""


def wrong_check_digit(serial: int) -> str:
    right = number(serial)
    return right[:17] + ("1" if right[17] != "1" else "2")


def ten_thousand() -> list[dict[str, str]]:
    rows = [spending(serial, "21000.00" if serial % 40 == 0 else "310.50") for serial in range(10_000)]
    rows[10]["证件号码"] = wrong_check_digit(10)
    rows[20]["个人自付金额"] = "一千"
    rows[30]["行政区划代码"] = "230606999999"
    return rows


async def test_of_ten_thousand_rows_the_three_broken_ones_are_told_and_the_others_taken_once(monitoring: Bench) -> None:
    await register_file(monitoring, [registered(serial, serial) for serial in range(0, 9000, 3)])
    started = perf_counter()
    report = await imported(monitoring, ten_thousand())
    assert perf_counter() - started < 6
    assert (report.total, report.taken, report.refused, report.status) == (10_000, 9997, 3, "DONE")
    assert [(row.row, row.field, row.code, row.rule) for row in report.refusals] == [
        (12, "id_number", "ID_CHECK_DIGIT", "DQ-ID-03"),
        (22, "self_paid", "AMOUNT_FORM", "M-INC-12"),
        (32, "area_code", "AREA_UNKNOWN", "M-DIV-06"),
    ]
    assert (report.clues, report.risks) == (250, 75)
    before = (await fetch(monitoring, COUNTS))[0]
    assert tuple(before) == (9997, 250, 250, 75, 250 + 75, 3, 0)
    assert await one(monitoring, KEYS_THAT_DIFFER) == 0
    assert await imported(monitoring, ten_thousand()) == report
    assert (await fetch(monitoring, COUNTS))[0] == before


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few rows have several parts."""
    monkeypatch.setattr(import_department, "PART", 100)


@pytest.mark.usefixtures("small_parts")
async def test_a_crash_between_parts_costs_one_part_and_the_next_upload_goes_on(monitoring: Bench) -> None:
    rows = [spending(serial, "20000.00" if serial < 20 else "1.00") for serial in range(450)]
    rows[3]["证件号码"] = ""
    standing = await receive(monitoring, csv_file(SPENDING_HEADINGS, rows))
    assert (standing.done, standing.total, standing.status) == (0, 450, "RECEIVED")
    part = await monitoring.run(MergeImport(import_id=standing.id, after_row=standing.last_row), sector)
    assert (part.result["done"], part.result["last_row"], part.result["status"]) == (100, 101, "RECEIVED")
    again = await monitoring.run(MergeImport(import_id=standing.id, after_row=standing.last_row), sector)
    assert again.result == part.result  # the part is taken: asked once more, nothing happens
    report = await imported(monitoring, rows)
    assert (report.id, report.taken, report.refused, report.done) == (standing.id, 449, 1, 450)
    assert await one(monitoring, "SELECT count(*) FROM spending_entry") == 449
    assert await one(monitoring, "SELECT count(*) FROM clue") == 19
    assert await one(monitoring, "SELECT count(*) FROM stage_spending") == 0


@pytest.mark.usefixtures("small_parts")
async def test_progress_is_seen_while_a_long_file_is_taken(monitoring: Bench) -> None:
    standing = await receive(
        monitoring, csv_file(SPENDING_HEADINGS, [spending(serial, "1.00") for serial in range(950)])
    )
    taking = asyncio.create_task(merge_all(monitoring.assembled.pipeline, sector, standing.id))
    seen = set()
    while not taking.done():
        async with monitoring.database.read(auditor) as session:
            seen.add((await import_report(session, standing.id)).done)
        await asyncio.sleep(0.002)
    assert (await taking).status == "DONE"
    assert len(seen - {0, 950}) >= 2


@pytest.mark.usefixtures("small_parts")
async def test_rows_of_several_parts_are_told_as_in_one(monitoring: Bench) -> None:
    rows = [spending(serial, "1.00") for serial in range(250)]
    rows[249]["结算编号"] = rows[7]["结算编号"]  # 242 rows, so two parts, later
    rows[120]["行政区划代码"] = "230606999999"
    content = csv_file(SPENDING_HEADINGS, rows).replace(b"\r\n", b"\r\n,,,,,\r\n", 50)  # empty rows keep their numbers
    report = await merge_all(monitoring.assembled.pipeline, sector, (await receive(monitoring, content)).id)
    assert (report.total, report.taken, report.refused, report.last_row) == (250, 248, 2, 301)
    assert [(row.row, row.code) for row in report.refusals] == [(172, "AREA_UNKNOWN"), (301, "RECORD_TWICE")]
    ring = monitoring.assembled.pipeline.resources.keys
    async with monitoring.database.read(sector) as session:
        copy = await copy_with_refusals(session, ring, sector, report.id, "csv", every_row=False)
    assert [line.split(",")[0] for line in copy.decode("utf-8-sig").splitlines()] == ["行号", "172", "301"]


async def test_two_who_take_the_same_file_share_its_parts(monitoring: Bench, small_parts: None) -> None:
    standing = await receive(
        monitoring, csv_file(SPENDING_HEADINGS, [spending(serial, "20000.00") for serial in range(450)])
    )
    pipeline = monitoring.assembled.pipeline
    first, second = await asyncio.gather(
        merge_all(pipeline, sector, standing.id), merge_all(pipeline, bureau, standing.id)
    )
    assert first == second
    assert (first.taken, first.unchanged, first.clues) == (450, 0, 450)


async def test_the_same_file_uploaded_twice_at_once_has_one_effect(monitoring: Bench) -> None:
    rows = [spending(serial, "20000.00") for serial in range(50)]
    first, second = await asyncio.gather(imported(monitoring, rows), imported(monitoring, rows))
    assert first == second
    assert await one(monitoring, "SELECT count(*) FROM import_batch") == 1
    assert len(await events(monitoring, "monitoring.clue.received")) == 50


async def test_a_dry_run_tells_everything_and_keeps_nothing(monitoring: Bench) -> None:
    rows = [spending(1, "25000.00"), spending(2, "x")]
    command = ReceiveDepartmentFile(
        area_code=COUNTY,
        content=csv_file(SPENDING_HEADINGS, rows),
        department="medical_insurance",
        item="inpatient_self_paid",
    )
    outcome = await monitoring.assembled.pipeline.run(command, actor=sector, key="dry", dry_run=True)
    report = ImportReport.model_validate(outcome.result)
    assert (report.taken, report.refused, report.clues, report.status) == (1, 1, 1, "DONE")
    assert tuple((await fetch(monitoring, COUNTS))[0]) == (0, 0, 0, 0, 0, 0, 0)
    assert await one(monitoring, "SELECT count(*) FROM import_batch") == 0


# A13, A14: the rule of the person's scope, inclusive; cents decide.
@pytest.mark.parametrize(
    ("household_type", "amount", "clues"),
    [
        pytest.param("POVERTY_LIFTED", "5000.00", 1, id="A13-at"),
        pytest.param("POVERTY_LIFTED", "4999.99", 0, id="A13-below"),
        pytest.param("ORDINARY", "19999.99", 0, id="A14-below"),
        pytest.param("ORDINARY", "20000.00", 1, id="A14-at"),
    ],
)
async def test_thresholds(monitoring: Bench, household_type: str, amount: str, clues: int) -> None:
    await household(monitoring, member(1), household_type=household_type)
    assert (await imported(monitoring, [spending(1, amount)])).clues == clues


async def test_amounts_of_a_year_add_up_over_files_and_not_over_years(monitoring: Bench) -> None:
    await household(monitoring, member(1), household_type="POVERTY_LIFTED")
    first = await imported(
        monitoring, [spending(1, "3000.00", "2023-12-30"), spending(1, "2600.00", "2024-02-10", 结算编号="B")]
    )
    assert first.clues == 0
    second = await imported(monitoring, [spending(1, "2400.00", "2024-03-10", 结算编号="C")])
    assert (second.clues, second.risks) == (1, 1)
    (clue,) = await fetch(monitoring, "SELECT amount_fen, threshold_fen, period, rule_id FROM clue")
    assert tuple(clue) == (500000, 500000, "2024-03", "clue.inpatient.lifted")


async def test_a52_a_person_of_no_household_makes_a_household_to_be_built(monitoring: Bench) -> None:
    report = await imported(monitoring, [spending(1, "30000.00")])
    assert (report.clues, report.risks) == (1, 0)
    assert await one(monitoring, "SELECT match FROM clue") == "TO_BUILD"
    made = await household(monitoring, member(1))
    (clue,) = await fetch(monitoring, "SELECT match, household_id, id_number_sealed, name_sealed FROM clue")
    assert tuple(clue) == ("MATCHED", made.household_id, None, None)
    (risk,) = await events(monitoring, "monitoring.risk.detected")
    assert (risk["household_id"], risk["sources"]) == (str(made.household_id), ["DEPT"])


async def test_rows_of_another_area_are_refused_and_the_batch_is_not_seen_from_there(monitoring: Bench) -> None:
    report = await imported(monitoring, [spending(1, "1.00", 行政区划代码=FOREIGN_VILLAGE), spending(2, "1.00")])
    assert [(row.row, row.code) for row in report.refusals] == [(2, "AREA_OUTSIDE")]
    async with monitoring.database.read(foreign) as session:
        assert isinstance(await refusal(import_report(session, report.id)), NotFound)
    assert isinstance(await refusal(merge_all(monitoring.assembled.pipeline, foreign, report.id)), NotFound)


async def test_a_settlement_stated_twice_counts_once(monitoring: Bench) -> None:
    await imported(monitoring, [spending(1, "10.00")])
    rows = [
        spending(1, "10.00"),  # told before: unchanged
        spending(2, "20.00"),
        spending(3, "30.00", 结算编号="S000002"),  # twice in this file
        spending(4, "11.00", 结算编号="S000001"),  # told before, of somebody else
    ]
    report = await imported(monitoring, rows)
    assert (report.taken, report.unchanged, report.refused) == (2, 1, 2)
    assert [(row.row, row.code) for row in report.refusals] == [(4, "RECORD_TWICE"), (5, "RECORD_DIFFERS")]
    assert await one(monitoring, "SELECT sum(self_paid_fen) FROM spending_entry") == 3000


def workbook(rows: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number_of_row, row in enumerate(rows):
            sheet.write_row(number_of_row, 0, row)
    return buffer.getvalue()


async def test_gb18030_and_workbooks_are_taken(monitoring: Bench) -> None:
    rows = [spending(1, "1.50"), spending(2, "2.50")]
    gb = await receive(monitoring, csv_file(SPENDING_HEADINGS, rows, "gb18030"))
    assert (gb.total, gb.refused) == (2, 0)
    xlsx = await receive(
        monitoring, workbook([list(SPENDING_HEADINGS), [*list(spending(3, "").values())[:-1], 4999.99]])
    )
    assert (xlsx.total, xlsx.refused) == (1, 0)
    await merge_all(monitoring.assembled.pipeline, sector, xlsx.id)
    assert await one(monitoring, "SELECT self_paid_fen FROM spending_entry") == 499999


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        pytest.param(b"", "FILE_EMPTY", "/file", id="empty"),
        pytest.param("结算编号,姓名\n".encode() + b"\xff\xff\x00\x81\n", "FILE_ENCODING", "/file", id="encoding"),
        pytest.param("姓名,证件号码\n".encode(), "FILE_HEADER", "/header/record_no", id="header"),
        pytest.param(b"PK\x03\x04broken", "FILE_DAMAGED", "/file", id="workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0old", "FILE_TYPE", "/file", id="old-workbook"),
    ],
)
async def test_a_file_that_cannot_be_read_is_a_clear_problem(
    monitoring: Bench, content: bytes, code: str, field: str
) -> None:
    problem = await refusal(receive(monitoring, content))
    assert isinstance(problem, Invalid)
    first = problem.violations[0]
    assert (first.code, first.field, first.rule) == (code, field, "D16")
    assert first.remedy_zh
    assert await one(monitoring, "SELECT count(*) FROM import_batch") == 0


async def test_the_refused_rows_come_back_in_a_copy_for_who_sent_them(monitoring: Bench) -> None:
    rows = [spending(1, "1.00"), spending(2, "-1.00"), spending(3, "2024")]
    report = await imported(monitoring, rows)
    ring = monitoring.assembled.pipeline.resources.keys
    async with monitoring.database.read(sector) as session:
        copy = await copy_with_refusals(session, ring, sector, report.id, "csv", every_row=False)
        book = await copy_with_refusals(session, ring, sector, report.id, "xlsx", every_row=True)
    headings, *lines = copy.decode("utf-8-sig").splitlines()
    assert headings.startswith("行号,退回原因,结算编号")
    assert len(lines) == 1
    assert lines[0].startswith("3,self_paid：金额不得为负（M-INC-11）,S000002")
    assert number(2) in lines[0]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == ["2", "3", "4"]
    async with monitoring.database.read(bureau) as session:
        assert await copy_with_refusals(session, ring, bureau, report.id, "csv", every_row=False) == copy
    other = sector.__class__(bureau.id, sector.grants)
    async with monitoring.database.read(other) as session:
        attempt = copy_with_refusals(session, ring, other, report.id, "csv", every_row=False)
        assert isinstance(await refusal(attempt), NotFound)


async def test_an_item_without_declared_exchange_and_a_wrong_role_are_refused(monitoring: Bench) -> None:
    unknown = ReceiveDepartmentFile(area_code=COUNTY, content=b"x", department="education", item="dropout")
    assert (await refused(monitoring, unknown, sector))[0] == "NOT_FOUND"
    command = ReceiveDepartmentFile(
        area_code=VILLAGE, content=b"x", department="medical_insurance", item="inpatient_self_paid"
    )
    assert (await refused(monitoring, command, foreign))[0] == "NOT_FOUND"


async def test_no_number_and_no_name_stands_in_events_journal_answers_or_refusals(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    rows = [spending(1, "50000.00"), spending(2, "50000.00"), spending(3, "5.00", 证件号码=wrong_check_digit(3))]
    await imported(monitoring, rows)
    tables = ("outbox", "journal", "command_key", "import_batch", "import_refusal", "clue", "clue_source", "risk")
    said = "".join(
        [
            str(row[0])
            for table in (*tables, "household", "household_member", "spending_entry", "import_file")
            for row in await fetch(monitoring, f"SELECT to_jsonb({table})::text FROM {table}")  # noqa: S608  names above
        ],
    )
    for serial in (1, 2, 3):
        assert number(serial)[:17] not in said
        assert name(serial) not in said

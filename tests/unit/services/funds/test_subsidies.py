"""Rules of household batches by scenario (domain-funds-assets §3.7, §9)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.funds.bulk.household_files import ROSTER_HEADINGS, rows_of
from services.funds.commands.subsidy_files import decoded
from services.funds.domain import subsidies as rules
from services.funds.domain.subsidies import BatchFacts, SubsidyLine, header_totals, roster_faults, standards
from shared.kernel.errors import Invalid
from shared.kernel.money import parse_yuan

TODAY = date(2023, 6, 1)
VILLAGE = 230606100200
HOME, HIGH = 230606100000, 230606100999


def line(seq: int = 1, /, **changed: object) -> SubsidyLine:
    given: dict[str, object] = {
        "seq": seq,
        "household_id": UUID(int=seq),
        "person_name": "张三",
        "id_number": "11010519491231002X",
        "card_number": "6228480000000000001",
        "bank_code": "ABC",
        "village": str(VILLAGE),
        "period": "2023-05",
        "amount": "1500.00",
        "basis": "1 头 × 1500 元",
    }
    return SubsidyLine.model_validate({**given, **changed})


@pytest.mark.parametrize(
    ("total", "passes"),
    [
        pytest.param("3800.00", True, id="45 the sum of its lines"),
        pytest.param("3800.01", False, id="45 one fen more"),
    ],
)
def test_45_the_header_is_the_sum_of_its_lines(total: str, passes: bool) -> None:
    lines = [parse_yuan(amount) for amount in ("1500.00", "1500.00", "800.00")]
    assert (header_totals(3, parse_yuan(total), len(lines), sum(lines)) is None) is passes
    assert header_totals(4, sum(lines), len(lines), sum(lines)) is not None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"seq": 1}, "SEQ_DOUBLE", id="the number stands twice"),
        pytest.param({"village": "230606101200"}, "VILLAGE_ELSEWHERE", id="another township"),
        pytest.param({"id_number": "110105194912310021"}, "ID_NUMBER", id="DQ-ID-03 check digit"),
    ],
)
def test_a_roster_names_its_faults_by_line(changed: dict[str, object], code: str) -> None:
    (found,) = roster_faults([line(1), line(2, **changed)], HOME, HIGH, TODAY)
    assert found.code == code
    assert found.field.startswith("/lines/1/")
    assert "110105" not in repr(found)


FACTS = BatchFacts(
    line_count=3,
    total=parse_yuan("3800.00"),
    by_outcome={"PAID": (2, parse_yuan("2300.00")), "FAILED": (1, parse_yuan("1500.00"))},
    policy="yulu",
    standard=parse_yuan("10000.00"),
    above_standard=[],
    twice=[],
    ended=[],
    project_state="IMPLEMENTING",
    quota=parse_yuan("800000.00"),
    paid_without_serial=0,
    tries={"FAILED": [1]},
)


@pytest.mark.parametrize(
    ("guard", "changed", "code"),
    [
        pytest.param(rules.header_matches_lines, {"line_count": 4}, "HEADER_MISMATCH", id="45 header"),
        pytest.param(
            rules.within_policy_standard, {"above_standard": [7]}, "ABOVE_STANDARD", id="50 above the standard"
        ),
        pytest.param(rules.within_policy_standard, {"standard": None}, "POLICY_UNKNOWN", id="no standard adopted"),
        pytest.param(rules.lines_unique, {"twice": [1]}, "SUBSIDY_TWICE", id="48 paid elsewhere"),
        pytest.param(rules.recipients_eligible, {"ended": [2]}, "RECIPIENT_ENDED", id="49 died before"),
        pytest.param(rules.project_not_suspended, {"project_state": "SUSPENDED"}, "PROJECT_SUSPENDED", id="suspended"),
        pytest.param(rules.within_quota, {"total": parse_yuan("800000.01")}, "INSUFFICIENT", id="52 one fen beyond"),
        pytest.param(rules.result_matches_lines, {"paid_without_serial": 1}, "RESULT_INCOMPLETE", id="V09 no serial"),
        pytest.param(rules.tries_left, {"tries": {"CORRECTED": [1, 3]}}, "TRIES_EXHAUSTED", id="a fourth time"),
    ],
)
def test_each_guard_refuses_what_it_is_for(guard: object, changed: dict[str, object], code: str) -> None:
    assert callable(guard)
    assert guard(FACTS) is None
    found = guard(replace(FACTS, **changed))  # type: ignore[arg-type]
    assert found is not None
    assert found.code == code


def test_52_the_household_part_takes_exactly_what_is_left() -> None:
    """Luoyuan: 1 800 000.00 less two villages of 500 000.00 is 800 000.00 for households."""
    left = parse_yuan("1800000.00") - 2 * parse_yuan("500000.00")
    assert rules.within_quota(replace(FACTS, total=left, quota=left)) is None


def test_v09_a_batch_is_done_when_no_line_is_open() -> None:
    assert rules.no_line_open(FACTS) is not None
    done = replace(FACTS, by_outcome={"PAID": (2, 230_000), "ABANDONED": (1, 150_000)})
    assert rules.no_line_open(done) is None
    assert rules.lines_final(done) is None
    recovering = replace(FACTS, by_outcome={"PAID": (2, 230_000), "RECOVERING": (1, 150_000)})
    assert rules.no_line_open(recovering) is None
    assert rules.lines_final(recovering) is not None


def test_removed_lines_count_no_more() -> None:
    facts = replace(FACTS, by_outcome={**FACTS.by_outcome, "REMOVED": (1, 90_000)})
    assert rules.header_matches_lines(facts) is None


def test_only_lines_that_were_sent_often_enough_are_abandoned() -> None:
    assert rules.tries_exhausted(FACTS) is not None
    assert rules.tries_exhausted(replace(FACTS, tries={"FAILED": [1, 3]})) is None


def test_standards_are_read_from_their_words() -> None:
    assert standards(("yulu=1500.00", " reward = 10000.00 ")) == {"yulu": 150_000, "reward": 1_000_000}
    with pytest.raises(ValueError, match="not a decimal amount"):
        standards(("yulu",))


# ── files ───────────────────────────────────────────────────────────────────

HEADER = ",".join(ROSTER_HEADINGS)
ROW = "1,00000000-0000-0000-0000-000000000001,,张三,11010519491231002X,6228480000000000001,ABC,230606100200,2023-05,1500,养牛"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_roster_is_read_in_either_encoding(encoding: str) -> None:
    (read,) = rows_of(decoded(f"{HEADER}\n{ROW}\n\n".encode(encoding)), ROSTER_HEADINGS, SubsidyLine)
    assert read == line(amount="1500.00", basis="养牛")


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        pytest.param(b"\xff\xff\xff", "FILE_ENCODING", "/file", id="no text"),
        pytest.param(
            f"{HEADER.replace('金额', '钱')}\n{ROW}".encode(), "FILE_HEADER", "/file/header", id="wrong header"
        ),
        pytest.param(HEADER.encode(), "FILE_EMPTY", "/file", id="no rows"),
        pytest.param(
            f"{HEADER}\n{ROW.replace('1500', '1500.001')}".encode(),
            "FIELD_INVALID",
            "/file/2/amount",
            id="part of a fen",
        ),
        pytest.param(
            f"{HEADER}\n{ROW.replace('2023-05', '2023-13')}".encode(), "FIELD_INVALID", "/file/2/period", id="month 13"
        ),
    ],
)
def test_a_broken_file_is_told_by_row_and_column(body: bytes, code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        rows_of(decoded(body), ROSTER_HEADINGS, SubsidyLine)
    assert (caught.value.code, caught.value.violations[0].field) == (code, field)

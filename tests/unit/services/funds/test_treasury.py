"""The treasury's files without a database: headings, cells, which contract a line is of, who was paid, what it breaks."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from services.funds.domain.payment_limits import Stage
from services.funds.domain.payment_modes import PaymentMode, instructs, records
from services.funds.domain.treasury_columns import FileKind, System, columns_known, is_wan, names_of, places_of
from services.funds.domain.treasury_matching import Bound, OpenLine, Payees, Reason, Register
from services.funds.domain.treasury_rows import filled_rows, indicator_rows, payment_rows, stage_named

TODAY = date(2023, 9, 30)
A, B, C = (UUID(int=n) for n in (1, 2, 3))
BUILDER, SUPPLIER = UUID(int=11), UUID(int=12)


@pytest.mark.parametrize(
    ("path", "system", "own", "column"),
    [
        (("支付凭证号",), System.INTEGRATED, {}, "serial"),
        (("收款人信息", "收款人全称"), System.INTEGRATED, {}, "payee_name"),
        (("支付金额（元）",), System.INTEGRATED, {}, "amount"),
        (("交易流水号",), System.AGENT_BANK, {}, "serial"),
        (("交易流水号",), System.INTEGRATED, {}, None),
        (("凭单号",), System.INTEGRATED, {"serial": "凭单号"}, "serial"),
        (("支付凭证号",), System.INTEGRATED, {"serial": "凭单号"}, None),
    ],
)
def test_headings_mean_columns(
    path: tuple[str, ...], system: System, own: Mapping[str, str], column: str | None
) -> None:
    assert columns_known(FileKind.PAYMENTS, system, own)(path) == column


def test_of_two_headings_with_one_meaning_the_first_stands() -> None:
    known = columns_known(FileKind.INDICATORS, System.INTEGRATED, {})
    assert places_of([("指标文号",), ("金额",), ("指标金额",)], known) == {"document_no": 0, "amount": 1}
    assert "approvals" in names_of(FileKind.PAYMENTS)
    assert is_wan([("支付金额(万元)",)], [])
    assert is_wan([("支付金额",)], [["单位：万元"]])
    assert not is_wan([("支付金额",)], [])


PLACES = {"serial": 0, "paid_on": 1, "payee_name": 2, "amount": 3, "purpose": 4, "document_no": 5}


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["S1", "2023-09-01", "某公司", "1,234.50", "", ""], []),
        (["S1", "20230901", "某公司", "￥1234.50元", "", ""], []),
        (["S1", "2023年9月1日", "某公司", "1", "", ""], []),
        (["", "2023-09-01", "某公司", "1", "", ""], ["CELL_MISSING"]),
        (["S1", "2023-09-31", "某公司", "1", "", ""], ["DATE_FORM"]),
        (["S1", "2023-10-01", "某公司", "1", "", ""], ["DATE_FUTURE"]),
        (["S1", "2023-09-01", "", "0.00", "", ""], ["CELL_MISSING", "AMOUNT_SIGN"]),
        (["S1", "2023-09-01", "某公司", "1.005", "", ""], ["AMOUNT_FORM"]),
        (["S1", "2023-09-01", "某公司", "-3", "", ""], ["AMOUNT_SIGN"]),
        (["S1", "2023-09-01", "某公司", "3", "长" * 201, ""], ["CELL_TOO_LONG"]),
    ],
)
def test_a_payment_row_is_good_or_says_what_is_wrong(cells: list[str], codes: list[str]) -> None:
    read = payment_rows(filled_rows([cells], 0, PLACES, wan=False), TODAY)
    assert [fault.code for own in read.faults.values() for fault in own] == codes
    assert len(read.good) == (not codes)


def test_blank_rows_and_totals_are_no_payments_and_numbers_are_the_files() -> None:
    rows = [
        ["h"] * 6,
        ["S1", "2023-09-01", "甲", "28.8", "预付款", "黑财指[2023]1号"],
        [""] * 6,
        ["", "合计", "", "28.8"],
    ]
    read = payment_rows(filled_rows(rows, 1, PLACES, wan=True), TODAY)
    (row,) = read.good
    assert (row.number, row.amount, row.stage, row.document_no) == (2, 28800000, Stage.ADVANCE, "黑财指〔2023〕1号")
    assert not read.faults


def test_an_indicator_row() -> None:
    places = {"document_no": 0, "amount": 1, "origin_year": 2, "is_direct_fund": 3}
    rows = [["黑财指【2023】1号", "600000", "2023年", "是"], ["黑财指〔2023〕2号", "1", "二三年", "否"]]
    read = indicator_rows(filled_rows(rows, 0, places, wan=False))
    (row,) = read.good
    assert (row.document_no, row.amount, row.origin_year, row.is_direct_fund) == (
        "黑财指〔2023〕1号",
        60000000,
        2023,
        True,
    )
    assert [fault.code for fault in read.faults[2]] == ["YEAR_FORM"]


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("支付道路工程预付款", Stage.ADVANCE),
        ("第2期进度款", Stage.PROGRESS),
        ("结算尾款", Stage.BALANCE),
        ("返还质保金", Stage.RETENTION),
        ("工程质量保证金尾款", Stage.RETENTION),
        ("道路工程", None),
    ],
)
def test_what_a_purpose_says(text: str, stage: Stage | None) -> None:
    assert stage_named(text) is stage


OURS = "黑财指〔2023〕1号"
CONTRACTS = (
    Bound(A, "合〔2023〕1号", BUILDER, 5000, 1000, frozenset({OURS})),
    Bound(B, "合〔2023〕2号", BUILDER, 3000, 700, frozenset({OURS, "县财〔2023〕2号"})),
    Bound(C, "合〔2023〕3号", SUPPLIER, 3000, 0, frozenset({OURS})),
)


@pytest.mark.parametrize(
    ("contract_no", "document", "payee", "amount", "found"),
    [
        pytest.param("合〔2023〕1号", OURS, None, 9999, A, id="its number decides, whatever the payee"),
        pytest.param("合〔2023〕9号", OURS, BUILDER, 700, Reason.NO_CONTRACT, id="a number that we do not have"),
        pytest.param("合〔2023〕9号", "", BUILDER, 700, Reason.NOT_OURS, id="nor a document"),
        pytest.param("", OURS, SUPPLIER, 3000, C, id="the payee's only contract"),
        pytest.param("", OURS, SUPPLIER, 3001, Reason.NO_CONTRACT, id="more than it binds"),
        pytest.param("", OURS, BUILDER, 4000, A, id="only one binds as much"),
        pytest.param("", OURS, BUILDER, 700, B, id="exactly what is due"),
        pytest.param("", OURS, BUILDER, 701, Reason.AMBIGUOUS, id="two fit"),
        pytest.param("", "县财〔2023〕2号", BUILDER, 701, B, id="only one has the document"),
        pytest.param("", "省财〔2023〕7号", BUILDER, 700, Reason.DOCUMENT_UNKNOWN, id="other money"),
        pytest.param("", OURS, None, 700, Reason.NO_CONTRACT, id="our money to nobody we know"),
    ],
)
def test_which_contract_a_line_is_of(
    contract_no: str, document: str, payee: UUID | None, amount: int, found: UUID | Reason
) -> None:
    register = Register(CONTRACTS, [OURS, "县财〔2023〕2号"])
    line = OpenLine(UUID(int=99), "S1", TODAY, document, contract_no, payee, amount, 0, None)
    assert register.match(line) == found


def test_an_account_decides_who_was_paid_and_a_name_only_without_one() -> None:
    """LM12: name and account."""
    payees = Payees(
        [(BUILDER, b"1", b"builder"), (SUPPLIER, b"2", b"supplier"), (A, b"3", b"twice"), (B, b"4", b"twice")]
    )
    assert payees.find(b"1", b"builder") == BUILDER
    assert payees.find(b"9", b"builder") is None
    assert payees.find(b"1", b"supplier") is None
    assert payees.find(None, b"supplier") == SUPPLIER
    assert payees.find(None, b"twice") is None


def test_a_county_pays_in_one_way_only() -> None:
    for mode in PaymentMode:
        told = [found.code for found in (instructs(mode), records(mode)) if found]
        assert told == ["PAYMENT_MODE"]

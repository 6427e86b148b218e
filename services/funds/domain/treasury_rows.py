"""Rows of the treasury's files, read cell by cell: what each says, and what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from services.funds.domain.indicators import document_no
from services.funds.domain.library import text_key
from services.funds.domain.payment_limits import Stage
from shared.kernel.days import day_within
from shared.kernel.money import Fen, parse_wan, parse_yuan

_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D.*)?")
_PLAIN_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_INVOICE = re.compile(r"[0-9A-Za-z]{8,32}")
_YEAR = re.compile(r"(\d{4})年?")
_TOTALS = frozenset({"合计", "总计", "小计", "本页合计", "累计"})
_YES = frozenset({"是", "直达", "直达资金", "1", "01", "y", "yes", "true", "√"})
_LONGEST = 200
_STAGES: Mapping[Stage, tuple[str, ...]] = {
    Stage.RETENTION: ("质保", "质量保证金", "保修金", "保留金"),
    Stage.ADVANCE: ("预付", "启动资金", "备料款", "开工款"),
    Stage.PROGRESS: ("进度", "计量款", "中期支付"),
    Stage.BALANCE: ("尾款", "余款", "结算款", "竣工款", "结算"),
}
"""Words by which a purpose tells what the payment is for; the first that is found counts."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, for the copy that goes back."""

    field: str
    code: str
    zh: str


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment as the treasury paid it; `approvals` refers to what was approved there, and is never judged again."""

    number: int
    serial: str
    paid_on: date
    document_no: str
    contract_no: str
    payee_name: str
    payee_account: str
    amount: Fen
    recoup: Fen
    stage: Stage | None
    purpose: str
    invoice: str
    approvals: str


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator as the treasury's system keeps it."""

    number: int
    document_no: str
    amount: Fen
    unit: str
    category: str
    origin_year: int | None
    is_direct_fund: bool


@dataclass(slots=True)
class Read(Generic[T]):
    """Good rows, and the faults of the others by their number in the file."""

    good: list[T] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)


class Cells:
    """The cells of one row by column, and what is wrong with them."""

    def __init__(self, number: int, row: Sequence[str], places: Mapping[str, int], *, wan: bool) -> None:
        """`places` says where each column stands."""
        self.number = number
        self.faults: list[Fault] = []
        self._row, self._places, self._wan = row, places, wan

    def text(self, name: str, *, required: str = "") -> str:
        """The cell without blanks around it; `required` is what it is called in Chinese."""
        place = self._places.get(name)
        text = self._row[place].strip() if place is not None and place < len(self._row) else ""
        if required and not text:
            self.faults.append(Fault(name, "CELL_MISSING", f"缺少{required}"))
        if len(text) > _LONGEST:
            self.faults.append(Fault(name, "CELL_TOO_LONG", f"超过 {_LONGEST} 字"))
        return text

    def money(self, name: str, *, required: bool = False) -> Fen:
        """Fen; nothing below zero, and zero only where the cell may be empty."""
        text = unicodedata.normalize("NFKC", self.text(name)).removeprefix("¥").removesuffix("元").strip()
        if not text and not required:
            return 0
        try:
            fen = parse_wan(text) if self._wan else parse_yuan(text)
        except ValueError:
            self.faults.append(
                Fault(name, "AMOUNT_FORM", f"金额格式不符：{'万元最多6位小数' if self._wan else '元最多2位小数'}")
            )
            return 0
        if fen < 0 or (required and fen == 0):
            self.faults.append(Fault(name, "AMOUNT_SIGN", "金额须大于零；退回资金请登记退款"))
        return fen

    def day(self, name: str, latest: date) -> date:
        """A day up to `latest`."""
        text = self.text(name)
        match = _PLAIN_DAY.fullmatch(text) or _DAY.fullmatch(text)
        found = day_within(*map(int, match.groups())) if match else None
        if found is None:
            self.faults.append(Fault(name, "DATE_FORM", "日期格式不符，应为 2023-09-01"))
        elif found > latest:
            self.faults.append(Fault(name, "DATE_FUTURE", "支付日期晚于今天"))
        return found or latest

    def invoice(self, name: str) -> str:
        """The number of an invoice, if there is one."""
        text = self.text(name)
        if text and not _INVOICE.fullmatch(text):
            self.faults.append(Fault(name, "INVOICE_FORM", "发票号码须为 8–32 位数字或字母"))
        return text

    def year(self, name: str) -> int | None:
        """A year, if there is one."""
        text = self.text(name)
        match = _YEAR.fullmatch(text)
        if text and match is None:
            self.faults.append(Fault(name, "YEAR_FORM", "年度格式不符"))
        return int(match[1]) if match else None


def payment_rows(lines: Iterable[Cells], today: date) -> Read[PaymentRow]:
    """The payments of a file; a serial that stands twice in it is a fault of the later row."""
    first: dict[str, int] = {}

    def read(cells: Cells) -> PaymentRow:
        row = _payment(cells, today)
        if (seen := first.setdefault(row.serial, row.number)) != row.number and row.serial:
            cells.faults.append(Fault("serial", "SERIAL_DOUBLED", f"流水号与第 {seen} 行重复"))
        return row

    return _read(lines, read)


def _payment(cells: Cells, today: date) -> PaymentRow:
    purpose, stated = cells.text("purpose"), cells.text("stage")
    account = re.sub(r"\s", "", cells.text("payee_account"))
    return PaymentRow(
        number=cells.number,
        serial="".join(cells.text("serial", required="流水号").split()),
        paid_on=cells.day("paid_on", today),
        document_no=document_no(cells.text("document_no")),
        contract_no=document_no(cells.text("contract_no")),
        payee_name=cells.text("payee_name", required="收款人"),
        payee_account=account,
        amount=cells.money("amount", required=True),
        recoup=cells.money("recoup"),
        stage=stage_named(stated) or stage_named(purpose),
        purpose=purpose,
        invoice=cells.invoice("invoice"),
        approvals=cells.text("approvals"),
    )


def indicator_rows(lines: Iterable[Cells]) -> Read[IndicatorRow]:
    """The indicators of a file."""
    return _read(lines, _indicator)


def _indicator(cells: Cells) -> IndicatorRow:
    return IndicatorRow(
        number=cells.number,
        document_no=document_no(cells.text("document_no", required="指标文号")),
        amount=cells.money("amount", required=True),
        unit=cells.text("unit"),
        category=cells.text("category"),
        origin_year=cells.year("origin_year"),
        is_direct_fund=cells.text("is_direct_fund").casefold() in _YES,
    )


def _read(lines: Iterable[Cells], read: Callable[[Cells], T]) -> Read[T]:
    found: Read[T] = Read()
    for cells in lines:
        row = read(cells)
        if cells.faults:
            found.faults[cells.number] = cells.faults
        else:
            found.good.append(row)
    return found


def filled_rows(rows: Sequence[Sequence[str]], first: int, places: Mapping[str, int], *, wan: bool) -> Iterator[Cells]:
    """The rows from row `first` on (counted from 0) that are neither empty nor totals."""
    for number, row in enumerate(rows[first:], first + 1):
        words = [text_key(cell) for cell in row if cell.strip()]
        if words and not _TOTALS & set(words[:2]):
            yield Cells(number, row, places, wan=wan)


def stage_named(text: str) -> Stage | None:
    """What the payment is for, as far as the words say."""
    return next((stage for stage, words in _STAGES.items() if any(word in text for word in words)), None)

"""What `monitoring` tells about its work: clues, comparisons, county figures, postings, lines, data quality."""

from datetime import date
from uuid import UUID

from shared.contracts.event import DataClass, Event
from shared.contracts.parts import Code, Count, DocumentNo, Month, Severity, Sha256, Year, day, yuan
from shared.contracts.wire import Yuan


class ClueEvent(Event):
    """A fact about one clue (线索); its sender knows it by `batch_id` and `row`, others learn neither item nor household."""

    TOPIC = "monitoring.clue.v1"
    KEY = "clue_id"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"item", "household_id"})

    clue_id: UUID
    source: Code
    department: Code | None = None
    batch_id: UUID | None = None
    row: Count | None = None
    item: Code
    household_id: UUID | None = None


class ClueReceived(ClueEvent):
    """Clue received (线索接收): feedback is due by `due_on` (M-CLUE-10)."""

    TYPE = "monitoring.clue.received"

    received_on: date
    due_on: date

    def sentence(self) -> str:
        return f"{day(self.received_on)}，收到一条监测线索，须于{day(self.due_on)}前反馈。"


class ClueDisposed(ClueEvent):
    """Clue disposed (线索办结) with exactly one disposition (M-CLUE-07), the feedback to its sender (M-CLUE-08)."""

    TYPE = "monitoring.clue.disposed"

    disposition: Code
    disposed_on: date

    def sentence(self) -> str:
        return f"{day(self.disposed_on)}，一条监测线索办结。"


class ComparisonEvent(Event):
    """A fact about one comparison (信息比对) of a case by one department; its result is never told outside."""

    TOPIC = "monitoring.case.v1"
    KEY = "case_id"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"household_id", "result"})

    case_id: UUID
    comparison_id: UUID
    department: Code
    household_id: UUID


class ComparisonRequested(ComparisonEvent):
    """Comparison requested (发起信息比对): the department answers through the API by `due_on`."""

    TYPE = "monitoring.comparison.requested"
    PRIVATE = frozenset({"household_id"})

    requested_on: date
    due_on: date

    def sentence(self) -> str:
        return f"{day(self.requested_on)}，发起一次信息比对，须于{day(self.due_on)}前答复。"


class ComparisonAnswered(ComparisonEvent):
    """Comparison answered (信息比对答复)."""

    TYPE = "monitoring.comparison.answered"

    result: Code
    answered_on: date

    def sentence(self) -> str:
        return f"{day(self.answered_on)}，一次信息比对得到答复。"


class AreaEvent(Event):
    """A fact about one area (区划), keyed by its code."""

    TOPIC = "monitoring.county.v1"
    KEY = "area_code"


class EligibilitySnapshotTaken(AreaEvent):
    """Eligibility snapshot taken (资格快照): nightly; readers compare `content_hash` with their own copy as of that day."""

    TYPE = "monitoring.eligibility.snapshot_taken"

    snapshot_id: UUID
    as_of: date
    households: Count
    persons: Count
    content_hash: Sha256

    def sentence(self) -> str:
        return f"截至{day(self.as_of)}，监测对象{self.households}户{self.persons}人。"


class MicrocreditMonthClosed(AreaEvent):
    """Microcredit month closed (小额信贷月结): overdue rate = `overdue` ÷ `balance`, on amounts (M-LOAN-07)."""

    TYPE = "monitoring.microcredit.month_closed"

    month: Month
    households: Count
    balance: Yuan
    overdue: Yuan

    def sentence(self) -> str:
        year, month = self.month.split("-")
        return f"{year}年{int(month)}月末，小额信贷余额{yuan(self.balance)}，逾期{yuan(self.overdue)}，涉及{self.households}户。"


class LineChanged(AreaEvent):
    """Monitoring line changed (监测范围调整): per-capita income in yuan a year, in effect from `effective_on`."""

    TYPE = "monitoring.line.changed"
    DATA_CLASS = DataClass.L1

    year: Year
    line: Yuan
    effective_on: date
    document_no: DocumentNo

    def sentence(self) -> str:
        return f"{self.year}年度监测范围调整为年人均纯收入{yuan(self.line)}，{day(self.effective_on)}起执行。"


class PostingChanged(Event):
    """Posting changed (驻村人员变动): a member of the resident team or first secretary came to a village or left it."""

    TYPE = "monitoring.posting.changed"
    TOPIC = "monitoring.posting.v1"
    KEY = "area_code"

    posting_id: UUID
    role: Code
    change: Code
    changed_on: date

    def sentence(self) -> str:
        return f"{day(self.changed_on)}，一村驻村人员变动。"


class FindingEvent(Event):
    """A fact about one data-quality finding (数据质量问题) on a subject; for this service's own use."""

    TOPIC = "monitoring.finding.v1"
    KEY = "subject_id"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"check_id"})

    finding_id: UUID
    subject_id: UUID
    subject_kind: Code
    check_id: Code
    severity: Severity


class FindingOpened(FindingEvent):
    """Finding opened (问题产生): a check found the subject."""

    TYPE = "monitoring.finding.opened"

    opened_on: date

    def sentence(self) -> str:
        return f"{day(self.opened_on)}，发现一处数据质量问题。"


class FindingClosed(FindingEvent):
    """Finding closed (问题消除): the check no longer finds the subject."""

    TYPE = "monitoring.finding.closed"

    closed_on: date

    def sentence(self) -> str:
        return f"{day(self.closed_on)}，一处数据质量问题消除。"

"""What `funds` tells beside the project topic: indicators, plans, household subsidies, alerts, disclosure, scores."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.contracts.event import DataClass, Event
from shared.contracts.parts import (
    Category,
    Code,
    Count,
    DocumentNo,
    IncomeKind,
    Level,
    Part,
    Period,
    Severity,
    Sha256,
    Year,
    day,
    must_add_up,
    yuan,
)
from shared.contracts.wire import Yuan


class IndicatorEvent(Event):
    """A fact about one indicator (指标): a sum that a document of an upper level or a budget brings."""

    TOPIC = "funds.indicator.v1"
    KEY = "indicator_id"

    indicator_id: UUID
    document_no: DocumentNo
    level: Level
    category: Category
    fiscal_year: Year


class IndicatorReceived(IndicatorEvent):
    """Indicator received (指标下达): posted as unallocated money (ledger P01)."""

    TYPE = "funds.indicator.received"

    amount: Yuan
    received_on: date
    parent_id: UUID | None = None

    def sentence(self) -> str:
        return f"{day(self.received_on)}，收到{self.document_no}，下达{self.fiscal_year}年度资金{yuan(self.amount)}。"


class IndicatorAdjusted(IndicatorEvent):
    """Indicator adjusted (指标追加或追减) by `delta`, less than zero for a cut, to `amount`; `document_no` orders it."""

    TYPE = "funds.indicator.adjusted"

    delta: Yuan
    amount: Yuan
    adjusted_on: date

    def sentence(self) -> str:
        return f"{day(self.adjusted_on)}，按{self.document_no}调整指标{yuan(self.delta)}，调整后为{yuan(self.amount)}。"


class IndicatorRecovered(IndicatorEvent):
    """Indicator recovered (指标收回): unspent money went back to the upper level (ledger P24)."""

    TYPE = "funds.indicator.recovered"

    amount: Yuan
    recovered_on: date

    def sentence(self) -> str:
        return f"{day(self.recovered_on)}，按{self.document_no}收回资金{yuan(self.amount)}。"


class PlanLine(Part):
    """One project in an annual plan."""

    project_id: UUID
    category: Category
    amount: Yuan


class PlanPublished(Event):
    """Annual plan published (年度计划公布); `plan_id` is one per county and year, its batches count from 1."""

    TYPE = "funds.plan.published"
    TOPIC = "funds.plan.v1"
    KEY = "plan_id"
    DATA_CLASS = DataClass.L1

    plan_id: UUID
    year: Year
    batch: Count
    document_no: DocumentNo
    published_on: date
    total: Yuan
    lines: tuple[PlanLine, ...]

    @model_validator(mode="after")
    def _lines_are_whole(self) -> Self:
        must_add_up(self.total, [line.amount for line in self.lines])
        return self

    def sentence(self) -> str:
        return (
            f"{day(self.published_on)}，公布{self.year}年度第{self.batch}批项目计划："
            f"{len(self.lines)}个项目，{yuan(self.total)}。"
        )


class HouseholdSubsidyEvent(Event):
    """A fact about one line of a household batch (到户补贴明细); policy item and project stay with our own services."""

    TOPIC = "funds.household.v1"
    KEY = "household_id"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"policy", "person_id", "project_id"})

    line_id: UUID
    batch_id: UUID
    project_id: UUID
    household_id: UUID
    person_id: UUID | None = None
    policy: Code
    period: Period
    amount: Yuan


class HouseholdSubsidyDisbursed(HouseholdSubsidyEvent):
    """Household subsidy disbursed (到户补贴发放到账): the bank confirmed the line."""

    TYPE = "funds.household_subsidy.disbursed"

    income_kind: IncomeKind = "transfer"
    paid_on: date

    def sentence(self) -> str:
        return f"{day(self.paid_on)}，一笔到户补贴{yuan(self.amount)}发放到账。"


class HouseholdSubsidyFailed(HouseholdSubsidyEvent):
    """Household subsidy failed (到户补贴退票): the bank refused the line; the account is to be corrected."""

    TYPE = "funds.household_subsidy.failed"

    reason: Code
    failed_on: date

    def sentence(self) -> str:
        return f"{day(self.failed_on)}，一笔到户补贴{yuan(self.amount)}未能发放，待更正后重发。"


class HouseholdSubsidyRecovered(HouseholdSubsidyEvent):
    """Household subsidy recovered (到户补贴追回): `amount` of a paid line came back, its income is taken off again."""

    TYPE = "funds.household_subsidy.recovered"

    reason: Code
    recovered_on: date

    def sentence(self) -> str:
        return f"{day(self.recovered_on)}，追回一笔到户补贴{yuan(self.amount)}。"


class ConsumptionEarned(Event):
    """A household earned by consumption assistance (消费帮扶带动增收): its part of one reported sale."""

    TOPIC = "funds.household.v1"
    KEY = "household_id"
    DATA_CLASS = DataClass.L3
    TYPE = "funds.consumption.earned"

    line_id: UUID
    sale_id: UUID
    household_id: UUID
    amount: Yuan
    income_kind: IncomeKind = "business"
    sold_on: date

    def sentence(self) -> str:
        return f"{day(self.sold_on)}，消费帮扶销售带动一户增收{yuan(self.amount)}。"


class AlertEvent(Event):
    """A fact about one supervision alert (资金预警) on a project, payment, indicator or batch."""

    TOPIC = "funds.alert.v1"
    KEY = "alert_id"

    alert_id: UUID
    rule_id: Code
    severity: Severity
    subject_kind: Code
    subject_id: UUID


class AlertRaised(AlertEvent):
    """Alert raised (预警产生): a check found the subject; to be handled by `due_on`."""

    TYPE = "funds.alert.raised"

    raised_on: date
    due_on: date

    def sentence(self) -> str:
        return f"{day(self.raised_on)}，产生一条资金预警，须于{day(self.due_on)}前处置。"


class AlertClosed(AlertEvent):
    """Alert closed (预警办结) with an outcome that a person stands for."""

    TYPE = "funds.alert.closed"

    outcome: Code
    closed_on: date

    def sentence(self) -> str:
        return f"{day(self.closed_on)}，一条资金预警办结。"


class DisclosureEvent(Event):
    """A fact published about a project, plan or batch."""

    TOPIC = "funds.disclosure.v1"
    KEY = "subject_id"
    DATA_CLASS = DataClass.L1

    subject_id: UUID
    subject_kind: Code


class DisclosurePublished(DisclosureEvent):
    """Disclosure published (公告公示); `content_hash` fixes the text that hangs, `until_on` is empty when it stays."""

    TYPE = "funds.disclosure.published"

    disclosure_id: UUID
    level: Level
    from_on: date
    until_on: date | None = None
    content_hash: Sha256

    def sentence(self) -> str:
        end = f"至{day(self.until_on)}" if self.until_on else "起长期公开"
        return f"{day(self.from_on)}{end}，发布一项公告公示。"


class PerformanceEvaluated(DisclosureEvent):
    """Performance evaluated (绩效评价): `score_hundredths` is the score of 100 times 100, grades 优 良 中 差 as codes."""

    TYPE = "funds.performance.evaluated"

    evaluation_id: UUID
    year: Year
    score_hundredths: Annotated[int, Field(ge=0, le=10_000, description="count", examples=[9191])]
    grade: Code

    def sentence(self) -> str:
        whole, part = divmod(self.score_hundredths, 100)
        return f"{self.year}年度绩效评价得分{whole}.{part:02d}分。"

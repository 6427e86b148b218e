"""What `funds` tells about projects: one topic keyed by project, so that settlement never overtakes a payment."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import model_validator

from shared.contracts.event import Event
from shared.contracts.parts import (
    AssetClass,
    AssetDraft,
    Category,
    Code,
    Count,
    DocumentNo,
    IndicatorAmount,
    IndirectCost,
    Label,
    OwnerShare,
    Ppm,
    Quantity,
    SourceAmount,
    Year,
    day,
    must_add_up,
    must_be_whole,
    yuan,
)
from shared.contracts.wire import Area, Yuan

_STAGES = {"advance": "预付款", "progress": "进度款", "balance": "尾款", "retention": "质保金"}


class ProjectEvent(Event):
    """A fact about one project (项目)."""

    TOPIC = "funds.project.v1"
    KEY = "project_id"

    project_id: UUID


class PaymentEvent(ProjectEvent):
    """A fact about one payment (拨付) of a project; `split` is what each indicator document bears of `amount`."""

    payment_id: UUID
    contract_id: UUID | None = None
    amount: Yuan
    split: tuple[IndicatorAmount, ...]

    @model_validator(mode="after")
    def _split_is_whole(self) -> Self:
        must_add_up(self.amount, [part.amount for part in self.split])
        return self


class PaymentDisbursed(PaymentEvent):
    """Payment disbursed (资金拨付到账): the bank or treasury confirmed it; never sent on allocation."""

    TYPE = "funds.payment.disbursed"

    stage: Code
    paid_on: date

    def sentence(self) -> str:
        stage = _STAGES.get(self.stage, "资金")
        return f"{day(self.paid_on)}，项目{stage}{yuan(self.amount)}已拨付到账，由{len(self.split)}份指标文件列支。"


class PaymentReturned(PaymentEvent):
    """Payment returned (退票): the bank sent the payment back; whoever counted it takes `amount` off again."""

    TYPE = "funds.payment.returned"

    reason: Code
    returned_on: date

    def sentence(self) -> str:
        return f"{day(self.returned_on)}，一笔项目资金{yuan(self.amount)}被银行退回。"


class PaymentRefunded(PaymentEvent):
    """Payment refunded (资金退回): the payee gave money of a finished payment back, by a document of its own."""

    TYPE = "funds.payment.refunded"

    refund_id: UUID
    reason: Code
    refunded_on: date

    def sentence(self) -> str:
        return f"{day(self.refunded_on)}，项目收款方退回资金{yuan(self.amount)}。"


class AllocationPosted(ProjectEvent):
    """Allocation posted (指标分解到项目): quota was given to the project (ledger P03); no money has moved."""

    TYPE = "funds.allocation.posted"

    allocation_id: UUID
    amount: Yuan
    split: tuple[IndicatorAmount, ...]
    posted_on: date

    @model_validator(mode="after")
    def _split_is_whole(self) -> Self:
        must_add_up(self.amount, [part.amount for part in self.split])
        return self

    def sentence(self) -> str:
        return f"{day(self.posted_on)}，向项目下达额度{yuan(self.amount)}，来自{len(self.split)}份指标文件。"


class ProjectEnteredLibrary(ProjectEvent):
    """Project entered the library (入库): the last notice ran out without objection and the list was announced."""

    TYPE = "funds.project.entered_library"

    title: Label
    category: Category
    plan_year: Year
    villages: tuple[Area, ...]
    planned_total: Yuan
    households: Count
    persons: Count
    asset_forming: bool
    asset_class: AssetClass | None = None
    linkage: tuple[Code, ...] = ()
    measure_ids: tuple[UUID, ...] = ()

    def sentence(self) -> str:
        return (
            f"一个{self.plan_year}年度项目进入项目库，计划投资{yuan(self.planned_total)}，"
            f"预计受益{self.households}户{self.persons}人。"
        )


class ProjectExitedLibrary(ProjectEvent):
    """Project left the library (出库) for one of the reasons E01–E12."""

    TYPE = "funds.project.exited_library"

    reason: Code
    exited_on: date
    document_no: DocumentNo | None = None

    def sentence(self) -> str:
        return f"{day(self.exited_on)}，一个项目退出项目库。"


class ProjectStatusChanged(ProjectEvent):
    """Project status changed (项目进展): a step of the workflow that has no event of its own."""

    TYPE = "funds.project.status_changed"

    old: Code
    new: Code
    changed_on: date
    progress_ppm: Ppm | None = None

    def sentence(self) -> str:
        return f"{day(self.changed_on)}，一个项目办理进入下一环节。"


class FormingEvent(ProjectEvent):
    """A fact from which assets are formed (资产形成); `owners` are the planned ones, shares make one whole."""

    asset_forming: bool
    asset_class: AssetClass | None = None
    owners: tuple[OwnerShare, ...] = ()

    @model_validator(mode="after")
    def _owners_are_whole(self) -> Self:
        must_be_whole([owner.share_ppm for owner in self.owners])
        return self


class ProjectAccepted(FormingEvent):
    """Project accepted (验收合格): `provisional_value` (暂估价值) stands until the settlement."""

    TYPE = "funds.project.accepted"

    accepted_on: date
    provisional_value: Yuan
    asset_list_draft: tuple[AssetDraft, ...] = ()

    def sentence(self) -> str:
        return f"{day(self.accepted_on)}，项目通过验收，暂估价值{yuan(self.provisional_value)}。"


class ProjectSettled(FormingEvent):
    """Project settled (结算批复): `sources` bear `settlement`, retention included, and `indirect_costs` to the fen."""

    TYPE = "funds.project.settled"

    settled_on: date
    settlement: Yuan
    retention: Yuan
    sources: tuple[SourceAmount, ...]
    indirect_costs: tuple[IndirectCost, ...] = ()
    approval_document: DocumentNo
    asset_list: tuple[AssetDraft, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    @model_validator(mode="after")
    def _sources_are_whole(self) -> Self:
        cost = self.settlement + sum(cost.amount for cost in self.indirect_costs)
        must_add_up(cost, [source.amount for source in self.sources])
        return self

    def sentence(self) -> str:
        return (
            f"{day(self.settled_on)}，项目结算{yuan(self.settlement)}，其中质保金{yuan(self.retention)}，"
            f"资金来源{len(self.sources)}项。"
        )


class ProjectSettlementAdjusted(ProjectEvent):
    """Settlement adjusted (结算调整): an audit changed it by `delta`, less than zero for a cut, borne by `sources`."""

    TYPE = "funds.project.settlement_adjusted"

    adjusted_on: date
    delta: Yuan
    settlement: Yuan
    sources: tuple[SourceAmount, ...]
    approval_document: DocumentNo

    @model_validator(mode="after")
    def _sources_are_whole(self) -> Self:
        must_add_up(self.delta, [source.amount for source in self.sources])
        return self

    def sentence(self) -> str:
        return f"{day(self.adjusted_on)}，项目结算调整{yuan(self.delta)}，调整后为{yuan(self.settlement)}。"

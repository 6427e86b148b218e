"""What `assets` tells: the life of an asset, its contracts and income, and what households get of it."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import model_validator

from shared.contracts.event import DataClass, Event
from shared.contracts.parts import (
    AssetClass,
    Code,
    Count,
    DocumentNo,
    IncomeKind,
    OwnerShare,
    Period,
    Ppm,
    Severity,
    SourceAmount,
    Year,
    day,
    must_be_whole,
    yuan,
)
from shared.contracts.wire import Yuan


class SourceShare(SourceAmount):
    """What one source bears of an asset's value, and its share of the whole."""

    share_ppm: Ppm


class AssetEvent(Event):
    """A fact about one asset (资产)."""

    TOPIC = "assets.asset.v1"
    KEY = "asset_id"

    asset_id: UUID


class ValueEvent(AssetEvent):
    """A fact that sets an asset's value; the shares of its sources make exactly 1 000 000 ppm."""

    project_id: UUID | None = None
    value: Yuan
    provisional: bool
    sources: tuple[SourceShare, ...] = ()

    @model_validator(mode="after")
    def _sources_are_whole(self) -> Self:
        must_be_whole([source.share_ppm for source in self.sources])
        return self


class AssetRegistered(ValueEvent):
    """Asset registered (资产登记): it stands in the register, at first often with a provisional value."""

    TYPE = "assets.asset.registered"

    origin: Code
    asset_class: AssetClass
    form: Code
    registered_on: date

    def sentence(self) -> str:
        kind = "暂估价值" if self.provisional else "价值"
        return f"{day(self.registered_on)}，登记一项资产，{kind}{yuan(self.value)}。"


class AssetValued(ValueEvent):
    """Asset valued (资产定值): settlement or audit gave value and source shares anew; replaces those known before."""

    TYPE = "assets.asset.valued"

    valued_on: date

    def sentence(self) -> str:
        return f"{day(self.valued_on)}，一项资产定值{yuan(self.value)}，资金来源{len(self.sources)}项。"


class AssetConfirmed(AssetEvent):
    """Asset confirmed (确权): the owners and their shares stand after publicity."""

    TYPE = "assets.asset.confirmed"

    owners: tuple[OwnerShare, ...]
    confirmed_on: date
    document_no: DocumentNo | None = None

    @model_validator(mode="after")
    def _owners_are_whole(self) -> Self:
        must_be_whole([owner.share_ppm for owner in self.owners])
        return self

    def sentence(self) -> str:
        return f"{day(self.confirmed_on)}，一项资产完成确权。"


class AssetHandedOver(AssetEvent):
    """Asset handed over (移交): both sides signed the hand-over list."""

    TYPE = "assets.asset.handed_over"

    to_owner: OwnerShare
    value: Yuan
    handed_over_on: date

    def sentence(self) -> str:
        return f"{day(self.handed_over_on)}，一项价值{yuan(self.value)}的资产完成移交。"


class AssetStatusChanged(AssetEvent):
    """Asset status changed (资产状态变化): one of the five state fields of domain-funds-assets §7.5."""

    TYPE = "assets.asset.status_changed"

    state_field: Code
    old: Code
    new: Code
    reason: Code | None = None
    changed_on: date

    def sentence(self) -> str:
        return f"{day(self.changed_on)}，一项资产的状态发生变化。"


class AssetDisposed(AssetEvent):
    """Asset disposed (资产处置): booked; `result` is the gain, less than zero for a loss."""

    TYPE = "assets.asset.disposed"

    way: Code
    proceeds: Yuan
    result: Yuan
    reuse: Code | None = None
    disposed_on: date

    def sentence(self) -> str:
        return f"{day(self.disposed_on)}，一项资产处置完毕，收入{yuan(self.proceeds)}。"


class ContractEvent(AssetEvent):
    """A fact about one operating contract (经营合同); a contract over several assets is told once for each."""

    contract_id: UUID
    operator_id: UUID


class ContractSigned(ContractEvent):
    """Contract signed (合同签订); `rent_total` is the whole rent calendar of the contract."""

    TYPE = "assets.contract.signed"

    mode: Code
    starts_on: date
    ends_on: date
    rent_total: Yuan

    def sentence(self) -> str:
        return f"一项资产签订经营合同，{day(self.starts_on)}至{day(self.ends_on)}，约定收益{yuan(self.rent_total)}。"


class ContractOverdue(ContractEvent):
    """Contract overdue (租金逾期): an instalment due on `due_on` is unpaid by `unpaid` after `days`."""

    TYPE = "assets.contract.overdue"

    due_on: date
    unpaid: Yuan
    days: Count

    def sentence(self) -> str:
        return f"一份经营合同应于{day(self.due_on)}缴纳的{yuan(self.unpaid)}逾期{self.days}天。"


class ContractEnded(ContractEvent):
    """Contract ended (合同终止): run out or ended early."""

    TYPE = "assets.contract.ended"

    reason: Code
    ended_on: date

    def sentence(self) -> str:
        return f"{day(self.ended_on)}，一份经营合同终止。"


class IncomeReceived(AssetEvent):
    """Income received (收益到账): only money received may be distributed."""

    TYPE = "assets.income.received"

    receipt_id: UUID
    contract_id: UUID | None = None
    period: Period
    amount: Yuan
    received_on: date

    def sentence(self) -> str:
        return f"{day(self.received_on)}，一项资产收益{yuan(self.amount)}到账。"


class AssetRiskEvent(AssetEvent):
    """A fact about one risk (资产风险) of an asset, rules AR01–AR25."""

    risk_id: UUID
    rule_id: Code
    severity: Severity
    operator_id: UUID | None = None


class AssetRiskDetected(AssetRiskEvent):
    """Asset risk detected (发现资产风险); `household_ids` depend on the asset for their income (AR25)."""

    TYPE = "assets.risk.detected"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"household_ids"})

    household_ids: tuple[UUID, ...] = ()
    detected_on: date

    def sentence(self) -> str:
        return f"{day(self.detected_on)}，一项资产出现风险。"


class AssetRiskCleared(AssetRiskEvent):
    """Asset risk cleared (资产风险解除)."""

    TYPE = "assets.risk.cleared"

    cleared_on: date

    def sentence(self) -> str:
        return f"{day(self.cleared_on)}，一项资产的风险解除。"


class DistributionEvent(Event):
    """A fact about one line of a distribution plan (收益分配明细); without `asset_id` the pool has several assets."""

    TOPIC = "assets.household.v1"
    KEY = "household_id"
    DATA_CLASS = DataClass.L3
    PRIVATE = frozenset({"person_id"})

    plan_id: UUID
    line_id: UUID
    asset_id: UUID | None = None
    household_id: UUID
    person_id: UUID | None = None
    period: Period
    amount: Yuan
    income_kind: IncomeKind


class IncomeDistributedToHousehold(DistributionEvent):
    """Income distributed to a household (收益分配到户): the line is paid, as property or wage income."""

    TYPE = "assets.income.distributed_to_household"

    paid_on: date

    def sentence(self) -> str:
        return f"{day(self.paid_on)}，一笔资产收益{yuan(self.amount)}分配到户。"


class IncomeDistributionReversed(DistributionEvent):
    """Income distribution reversed (收益分配冲回): the paid line's `amount` is taken off the household's income again."""

    TYPE = "assets.income.distribution_reversed"

    reason: Code
    reversed_on: date

    def sentence(self) -> str:
        return f"{day(self.reversed_on)}，冲回一笔到户资产收益{yuan(self.amount)}。"


class CountClosed(Event):
    """Annual count closed (年度清查办结): every book line of the owner was counted."""

    TYPE = "assets.count.closed"
    TOPIC = "assets.count.v1"
    KEY = "owner_id"

    count_id: UUID
    owner_id: UUID
    year: Year
    book_lines: Count
    counted: Count
    matched: Count
    shortages: Count
    surpluses: Count
    closed_on: date

    def sentence(self) -> str:
        return (
            f"{day(self.closed_on)}，{self.year}年度资产清查办结：账面{self.book_lines}项，清查{self.counted}项，"
            f"相符{self.matched}项，盘亏{self.shortages}项，盘盈{self.surpluses}项。"
        )

"""What monitoring does about events of funds and assets: event → command, one line each."""

from services.monitoring.commands.asset_risks import TakeUpAssetRisk
from services.monitoring.commands.measures import LinkMeasures
from services.monitoring.commands.receipts import RecordReceipt, TakeBackReceipt
from shared.contracts import assets, funds, funds_project
from shared.delivery.reactions import Reactions


def receive_subsidy(event: funds.HouseholdSubsidyDisbursed) -> RecordReceipt:
    return RecordReceipt.model_validate(
        {
            "event_type": event.wire_type(),
            "document_id": event.batch_id,
            "kind": event.income_kind,
            **event.model_dump(include={"line_id", "household_id", "project_id", "policy", "amount", "paid_on"}),
        },
    )


def undo_failed_subsidy(event: funds.HouseholdSubsidyFailed) -> TakeBackReceipt:
    return TakeBackReceipt(line_id=event.line_id)


def take_back_subsidy(event: funds.HouseholdSubsidyRecovered) -> TakeBackReceipt:
    return TakeBackReceipt(line_id=event.line_id, amount=event.amount)


def receive_sale_income(event: funds.ConsumptionEarned) -> RecordReceipt:
    return RecordReceipt.model_validate(
        {
            "event_type": event.wire_type(),
            "document_id": event.sale_id,
            "kind": event.income_kind,
            "paid_on": event.sold_on,
            **event.model_dump(include={"line_id", "household_id", "amount"}),
        },
    )


def receive_asset_income(event: assets.IncomeDistributedToHousehold) -> RecordReceipt:
    return RecordReceipt.model_validate(
        {
            "event_type": event.wire_type(),
            "document_id": event.plan_id,
            "kind": event.income_kind,
            **event.model_dump(include={"line_id", "household_id", "asset_id", "amount", "paid_on"}),
        },
    )


def take_back_asset_income(event: assets.IncomeDistributionReversed) -> TakeBackReceipt:
    return TakeBackReceipt(line_id=event.line_id, amount=event.amount)


def take_up_asset_risk(event: assets.AssetRiskDetected) -> TakeUpAssetRisk | None:
    if not event.household_ids:
        return None
    wanted = {"area_code", "household_ids", "rule_id", "detected_on"}
    return TakeUpAssetRisk.model_validate(event.model_dump(include=wanted))


def link_measures(event: funds_project.ProjectEnteredLibrary) -> LinkMeasures | None:
    return LinkMeasures(measure_ids=event.measure_ids, project_id=event.project_id) if event.measure_ids else None


REACTIONS: Reactions = {
    funds.HouseholdSubsidyDisbursed: (receive_subsidy,),
    funds.HouseholdSubsidyFailed: (undo_failed_subsidy,),
    funds.HouseholdSubsidyRecovered: (take_back_subsidy,),
    funds.ConsumptionEarned: (receive_sale_income,),
    assets.IncomeDistributedToHousehold: (receive_asset_income,),
    assets.IncomeDistributionReversed: (take_back_asset_income,),
    assets.AssetRiskDetected: (take_up_asset_risk,),
    funds_project.ProjectEnteredLibrary: (link_measures,),
}

"""What assets does about the events of funds and monitoring: event → command, one line each."""

from services.assets.commands.formation import AdjustValues, RegisterProvisionalAssets, ValueAssets
from services.assets.commands.households import NoteHousehold
from services.assets.commands.projects import CountPayment, ExpectAssets
from shared.contracts import funds_project as funds
from shared.contracts import monitoring
from shared.contracts.parts import IndicatorAmount
from shared.delivery.reactions import Reactions

_FORMING = {"project_id", "area_code", "asset_forming", "asset_class", "owners"}


def expect_assets(event: funds.ProjectEnteredLibrary) -> ExpectAssets:
    wanted = set(ExpectAssets.model_fields)
    return ExpectAssets(**{name: value for name, value in event if name in wanted})


def count_payment(event: funds.PaymentDisbursed) -> CountPayment:
    return _counted(event, 1, event.split)


def take_off_payment(event: funds.PaymentReturned | funds.PaymentRefunded) -> CountPayment:
    return _counted(event, -1, event.split)


def _counted(event: funds.PaymentEvent, sign: int, split: tuple[IndicatorAmount, ...]) -> CountPayment:
    return CountPayment(project_id=event.project_id, area_code=event.area_code, sign=sign, split=split)


def register_provisional_assets(event: funds.ProjectAccepted) -> RegisterProvisionalAssets:
    return RegisterProvisionalAssets(
        **{name: value for name, value in event if name in _FORMING},
        asset_list=event.asset_list_draft,
        accepted_on=event.accepted_on,
        provisional_value=event.provisional_value,
    )


def value_assets(event: funds.ProjectSettled) -> ValueAssets:
    return ValueAssets(
        **{name: value for name, value in event if name in _FORMING},
        asset_list=event.asset_list,
        settled_on=event.settled_on,
        settlement=event.settlement,
        retention=event.retention,
        indirect=sum(cost.amount for cost in event.indirect_costs),
        sources=event.sources,
        approval_document=event.approval_document,
    )


def adjust_values(event: funds.ProjectSettlementAdjusted) -> AdjustValues:
    wanted = set(AdjustValues.model_fields)
    return AdjustValues(**{name: value for name, value in event if name in wanted})


def know_household(event: monitoring.HouseholdEvent) -> NoteHousehold:
    return NoteHousehold(household_id=event.household_id, area_code=event.area_code)


def know_monitored(event: monitoring.EpisodeEvent) -> NoteHousehold:
    return NoteHousehold(household_id=event.household_id, area_code=event.area_code, is_monitored=True)


def know_unmonitored(event: monitoring.HouseholdEliminated) -> NoteHousehold:
    return NoteHousehold(household_id=event.household_id, area_code=event.area_code, is_monitored=False)


def end_household(event: monitoring.HouseholdClosed) -> NoteHousehold:
    return NoteHousehold(household_id=event.household_id, area_code=event.area_code, ended_on=event.effective_on)


def merge_household(event: monitoring.HouseholdMerged) -> NoteHousehold:
    return NoteHousehold(
        household_id=event.household_id,
        area_code=event.area_code,
        ended_on=event.effective_on,
        into_household_id=event.into_household_id,
    )


def know_new_household(event: monitoring.HouseholdSplit) -> NoteHousehold:
    return NoteHousehold(household_id=event.new_household_id, area_code=event.area_code)


REACTIONS: Reactions = {
    funds.ProjectEnteredLibrary: (expect_assets,),
    funds.PaymentDisbursed: (count_payment,),
    funds.PaymentReturned: (take_off_payment,),
    funds.PaymentRefunded: (take_off_payment,),
    funds.ProjectAccepted: (register_provisional_assets,),
    funds.ProjectSettled: (value_assets,),
    funds.ProjectSettlementAdjusted: (adjust_values,),
    monitoring.RiskDetected: (know_household,),
    monitoring.HouseholdEnrolled: (know_monitored,),
    monitoring.HouseholdRemarked: (know_monitored,),
    monitoring.HouseholdRolledBack: (know_monitored,),
    monitoring.HouseholdEliminated: (know_unmonitored,),
    monitoring.HouseholdMoved: (know_household,),
    monitoring.HouseholdMerged: (merge_household,),
    monitoring.HouseholdSplit: (know_new_household,),
    monitoring.HouseholdClosed: (end_household,),
}

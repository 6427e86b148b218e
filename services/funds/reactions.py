"""What funds does when others tell something: event to command, one line each."""

from services.funds.commands.projects import NoteProjectAsset
from services.funds.commands.recoveries import EndRecipient
from services.funds.commands.supervision_facts import NoteMicrocreditMonth, NotePosting
from shared.contracts.assets import AssetRegistered
from shared.contracts.event import Event
from shared.contracts.monitoring import HouseholdClosed
from shared.contracts.monitoring_work import MicrocreditMonthClosed, PostingChanged
from shared.delivery.reactions import Reaction, Reactions


def _asset(event: AssetRegistered) -> NoteProjectAsset | None:
    if event.project_id is None:
        return None
    return NoteProjectAsset(
        asset_id=event.asset_id,
        project_id=event.project_id,
        registered_on=event.registered_on,
        area_code=event.area_code,
    )


def _closed(event: HouseholdClosed) -> EndRecipient:
    return EndRecipient(
        area_code=event.area_code,
        subject_id=event.household_id,
        ended_on=event.effective_on,
        reason=event.reason,
    )


def _posting(event: PostingChanged) -> NotePosting:
    return NotePosting(
        area_code=event.area_code,
        posting_id=event.posting_id,
        role=event.role,
        change="left" if event.change == "left" else "came",
        changed_on=event.changed_on,
    )


def _month(event: MicrocreditMonthClosed) -> NoteMicrocreditMonth:
    return NoteMicrocreditMonth(
        area_code=event.area_code,
        month=event.month,
        balance=event.balance,
        overdue=event.overdue,
    )


_ASSETS: dict[type[Event], tuple[Reaction, ...]] = {AssetRegistered: (_asset,)}

_HOUSEHOLDS: dict[type[Event], tuple[Reaction, ...]] = {HouseholdClosed: (_closed,)}

_SUPERVISION: dict[type[Event], tuple[Reaction, ...]] = {
    PostingChanged: (_posting,),
    MicrocreditMonthClosed: (_month,),
}

REACTIONS: Reactions = {**_ASSETS, **_HOUSEHOLDS, **_SUPERVISION}

"""What funds does when others tell something: event to command, one line each."""

from services.funds.commands.projects import NoteProjectAsset
from shared.contracts.assets import AssetRegistered
from shared.contracts.event import Event
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


_ASSETS: dict[type[Event], tuple[Reaction, ...]] = {AssetRegistered: (_asset,)}

REACTIONS: Reactions = {**_ASSETS}

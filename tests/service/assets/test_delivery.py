"""Scenario 72: a settlement that arrives before the acceptance waits for it."""

import pytest

from services.assets.reactions import REACTIONS
from shared.contracts.catalogue import encode, wrap
from shared.contracts.event import Event
from shared.delivery.dispatch import Dispatch
from shared.kernel.ids import new_id
from shared.messaging.transport import Record
from tests.service.assets.test_formation import entered
from tests.service.assets.village import Village, accepted, settled
from tests.system.delivery_scripts import Scripted


def on_the_log(village: Village, event: Event, sequence: int) -> Record:
    event_id = new_id()
    now = village.bench.clock.now()
    envelope = wrap(event, id=event_id, time=now, sequence=sequence, correlation=new_id(), causation=new_id())
    return Record("funds", sequence, event.TOPIC, event.key, sequence, event_id, envelope.type, encode(envelope))


@pytest.mark.asyncio
async def test_scenario_72_settled_before_accepted_waits_and_is_applied_in_order(village: Village) -> None:
    first, second, third = (
        on_the_log(village, event, sequence) for sequence, event in enumerate((entered(), accepted(), settled()), 1)
    )
    script = Scripted([[first], [third], [second], [second, third]])
    dispatch = Dispatch("assets", village.bench.assembled.pipeline, REACTIONS, script)
    await dispatch.step()
    await dispatch.step()
    assert await village.rows("SELECT reason FROM parked_event WHERE outcome IS NULL") == [("GAP",)]
    assert await village.value("SELECT count(*) FROM asset") == 0
    await dispatch.step()
    await dispatch.step()
    await dispatch.close()
    assert await village.value("SELECT count(*) FROM parked_event WHERE outcome IS NULL") == 0
    assert await village.rows("SELECT value_fen FROM asset ORDER BY list_line") == [
        (618_922_78,),
        (259_158_00,),
        (103_153_79,),
    ]
    registered = await village.told("assets.asset.registered")
    assert [event["provisional"] for event in registered] == [True] * 3
    assert dispatch.counts.parked == 1

"""The catalogue is whole and consistent: topics, keys, producers and readers as architecture.md §5 sets them."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from shared.contracts import assets, funds, funds_project, monitoring, monitoring_work
from shared.contracts.catalogue import (
    CATALOGUE,
    CONSUMERS,
    OPEN_TO_AGENCIES,
    ROWS,
    SERVICES,
    TOPICS,
    event_class,
    producer,
)
from shared.contracts.event import Event
from shared.contracts.samples import sample

MODULES = (assets, funds, funds_project, monitoring, monitoring_work)
each_event = pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)


def declared() -> Iterator[type[Event]]:
    """The classes of the event modules that state a type of their own."""
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Event) and "TYPE" in vars(value):
                yield value


def test_every_declared_event_is_in_the_catalogue_once() -> None:
    listed = [event.wire_type() for row in ROWS for event in row.events]
    assert sorted(listed) == sorted(event.wire_type() for event in declared())
    assert len(set(listed)) == len(listed)


@each_event
def test_an_event_is_named_and_explained(event_type: type[Event]) -> None:
    assert re.fullmatch(r"(funds|monitoring|assets)\.[a-z_]+\.[a-z_]+", event_type.TYPE)
    assert event_class(event_type.wire_type()) is event_type
    assert re.search(r"\([\u4e00-\u9fff]+\)", event_type.__doc__ or ""), "the docstring gives the Chinese term"


@each_event
def test_an_event_is_frozen(event_type: type[Event]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(sample(event_type), event_type.KEY, None)


@each_event
def test_topic_and_type_belong_to_the_producer(event_type: type[Event]) -> None:
    assert producer(event_type) in SERVICES
    assert re.fullmatch(rf"{producer(event_type)}\.[a-z_]+\.v\d+", event_type.TOPIC)
    module = event_type.__module__.rpartition(".")[2]
    assert module.partition("_")[0] == producer(event_type)


@pytest.mark.parametrize("topic", TOPICS)
def test_facts_of_a_topic_share_their_key(topic: str) -> None:  # D5a
    assert len({event.KEY for event in TOPICS[topic]}) == 1


@each_event
def test_the_key_is_a_field_and_always_there(event_type: type[Event]) -> None:
    assert event_type.model_fields[event_type.KEY].is_required()
    assert isinstance(sample(event_type).key, UUID)


def test_an_area_key_shows_its_code() -> None:
    assert str(sample(monitoring_work.PostingChanged).key) == "00000000-0000-0000-0000-230606000000"


@each_event
def test_nobody_reads_its_own_events_from_the_bus(event_type: type[Event]) -> None:
    assert CONSUMERS[event_type] <= SERVICES - {producer(event_type)}


@each_event
def test_private_fields_exist(event_type: type[Event]) -> None:
    assert event_type.model_fields.keys() >= event_type.PRIVATE
    assert event_type.KEY not in event_type.PRIVATE


@pytest.mark.parametrize(
    ("event_type", "consumers", "agencies"),
    [
        (funds_project.PaymentDisbursed, {"assets", "monitoring"}, True),
        (funds.HouseholdSubsidyDisbursed, {"monitoring"}, True),
        (funds_project.ProjectSettled, {"assets", "monitoring"}, False),
        (funds.IndicatorReceived, set(), True),
        (monitoring.RiskDetected, {"funds", "assets"}, True),
        (monitoring.HouseholdEnrolled, {"funds", "assets"}, False),
        (monitoring_work.MicrocreditMonthClosed, {"funds"}, True),
        (monitoring_work.FindingOpened, set(), False),
        (assets.AssetRegistered, {"funds", "monitoring"}, False),
        (assets.IncomeDistributedToHousehold, {"monitoring"}, False),
        (assets.CountClosed, set(), True),
    ],
)
def test_readers_are_those_of_the_catalogue(event_type: type[Event], consumers: set[str], *, agencies: bool) -> None:
    assert CONSUMERS[event_type] == consumers
    assert (event_type in OPEN_TO_AGENCIES) is agencies


def test_project_facts_and_household_facts_each_share_one_topic() -> None:  # D5a
    project = {event.TYPE for event in TOPICS["funds.project.v1"]}
    assert {"funds.payment.disbursed", "funds.allocation.posted", "funds.project.settled"} <= project
    household = {event.TYPE for event in TOPICS["monitoring.household.v1"]}
    assert {"monitoring.risk.detected", "monitoring.household.enrolled", "monitoring.measure.delivered"} <= household

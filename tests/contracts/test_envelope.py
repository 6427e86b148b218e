"""Every event survives the way class → envelope → bytes → envelope → class, and readers bear what they do not know."""

import json
import re
import traceback
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.catalogue import (
    CATALOGUE,
    decode,
    encode,
    event_class,
    public_data,
    schema_urn,
    unwrap,
    wrap,
)
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.funds_project import PaymentDisbursed, ProjectSettled
from shared.contracts.monitoring import RiskDetected
from shared.contracts.samples import sample

EVENT_ID = UUID("0193aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")
CAUSE = UUID("0193aaaa-bbbb-7ccc-8ddd-000000000001")
AT = datetime(2026, 11, 22, 3, 7, 0, 123000, tzinfo=UTC)
SECRET = "张三13812345678"

each_event = pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)


def wrapped(event: Event, sequence: int = 42) -> Envelope:
    return wrap(event, id=EVENT_ID, time=AT, sequence=sequence, correlation=CAUSE, causation="request-7")


@each_event
def test_the_way_there_and_back_changes_nothing(event_type: type[Event]) -> None:
    event = sample(event_type)
    envelope = wrapped(event)
    assert decode(encode(envelope)) == envelope
    assert unwrap(decode(encode(envelope))) == event


@each_event
def test_bytes_do_not_depend_on_the_order_of_keys(event_type: type[Event]) -> None:  # a jsonb column reorders them
    envelope = wrapped(sample(event_type))
    shuffled = envelope.model_copy(update={"data": dict(reversed(envelope.data.items()))})
    assert encode(shuffled) == encode(envelope)
    assert b": " not in encode(envelope)[:40]


@each_event
def test_the_envelope_is_a_cloud_event(event_type: type[Event]) -> None:
    document = json.loads(encode(wrapped(sample(event_type))))
    assert all(document[required] for required in ("id", "source", "specversion", "type"))
    assert document["specversion"] == "1.0"
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", attribute) for attribute in document)
    assert all(isinstance(value, str) for attribute, value in document.items() if attribute != "data")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", document["time"])
    assert document["datacontenttype"] == "application/json"


def test_the_attributes_say_what_routing_needs() -> None:
    event = sample(PaymentDisbursed)
    envelope = wrapped(event)
    assert envelope.type == "funds.payment.disbursed.v1"
    assert envelope.source == "/funds"
    assert envelope.subject == envelope.partitionkey == str(event.key)
    assert envelope.regioncode == "230606000000"
    assert envelope.dataclass == "L2"
    assert envelope.sequence == "000000000042"
    assert envelope.number == 42
    assert envelope.dataschema == schema_urn(PaymentDisbursed) == "urn:shouwang:schema:funds.payment.disbursed:1.0"
    assert envelope.correlationid == str(CAUSE)
    assert envelope.causationid == "request-7"
    assert envelope.summary == event.sentence()
    assert envelope.data["amount"] == "1234.50"


def test_fields_of_a_later_version_are_ignored() -> None:
    event = sample(ProjectSettled)
    document = json.loads(encode(wrapped(event)))
    document["laterattribute"] = "x"
    document["data"]["later"] = {"x": 1}
    document["data"]["sources"][0]["later"] = 1
    assert unwrap(decode(json.dumps(document).encode())) == event


def test_codes_of_a_later_version_are_taken_as_they_are() -> None:
    envelope = wrapped(sample(PaymentDisbursed))
    event = unwrap(envelope.model_copy(update={"data": envelope.data | {"stage": "milestone_9"}}))
    assert isinstance(event, PaymentDisbursed)
    assert event.stage == "milestone_9"
    assert "资金1234.50元" in event.sentence()


def test_an_unknown_type_is_no_error() -> None:
    envelope = wrapped(sample(PaymentDisbursed)).model_copy(update={"type": "funds.payment.disbursed.v2"})
    assert event_class(envelope.type) is None
    assert unwrap(decode(encode(envelope))) is None


def test_optional_fields_may_be_missing() -> None:
    envelope = wrapped(sample(PaymentDisbursed))
    event = unwrap(envelope.model_copy(update={"data": {k: v for k, v in envelope.data.items() if k != "contract_id"}}))
    assert isinstance(event, PaymentDisbursed)
    assert event.contract_id is None


def without(document: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != field}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda _: b"\xff\xfe", "not JSON"),
        (lambda _: b"", "not JSON"),
        (lambda _: b"[1]", "data: model_type"),
        (lambda document: json.dumps(without(document, "id")).encode(), "id: missing"),
        (lambda document: json.dumps(without(document, "data")).encode(), "data: missing"),
        (lambda document: json.dumps(document | {"id": SECRET}).encode(), "id: uuid_parsing"),
        (lambda document: json.dumps(document | {"time": "2026-11-22T03:07:00"}).encode(), "time: "),
        (lambda document: json.dumps(document | {"specversion": "0.3"}).encode(), "specversion"),
        (lambda document: json.dumps(document | {"sequence": SECRET}).encode(), "sequence"),
    ],
)
def test_a_broken_envelope_is_told_without_its_values(change: Any, fault: str) -> None:
    document = json.loads(encode(wrapped(sample(RiskDetected))))
    with pytest.raises(ValueError, match="not an event envelope") as caught:
        decode(change(document))
    assert fault in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_broken_data_is_told_without_its_values() -> None:
    envelope = wrapped(sample(RiskDetected))
    broken = envelope.model_copy(update={"data": envelope.data | {"cause": SECRET, "due_on": SECRET}})
    with pytest.raises(ValueError, match="not a monitoring") as caught:
        unwrap(broken)
    assert "cause: string_pattern_mismatch; due_on: date_from_datetime_parsing" in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@each_event
def test_outside_channels_get_no_private_field(event_type: type[Event]) -> None:
    event = sample(event_type)
    data = public_data(event)
    assert not data.keys() & event_type.PRIVATE
    assert data.keys() | event_type.PRIVATE == event_type.model_fields.keys()


def test_cause_and_rule_of_a_risk_stay_inside() -> None:  # D9
    inside = sample(RiskDetected)
    outside = json.dumps(public_data(inside), ensure_ascii=False)
    assert inside.model_dump()["cause"] == "ILLNESS"
    assert "ILLNESS" not in outside
    assert "CLUE-MED" not in outside

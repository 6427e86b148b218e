"""The event catalogue (事件目录): every type, its topic, who produces it and who reads it (architecture.md §5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from shared.contracts import assets, funds, funds_project, monitoring, monitoring_work
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event

SERVICES = frozenset({"funds", "monitoring", "assets"})
"""The services that may produce and consume."""


@dataclass(frozen=True, slots=True)
class Row:
    """Events with the same readers: our own services by their names, and other agencies if `agencies`."""

    events: tuple[type[Event], ...]
    consumers: frozenset[str] = frozenset()
    agencies: bool = False


_FUNDS, _MONITORING, _ASSETS = (frozenset({name}) for name in ("funds", "monitoring", "assets"))

ROWS: tuple[Row, ...] = (
    Row(
        (funds_project.PaymentDisbursed, funds_project.PaymentReturned, funds_project.PaymentRefunded),
        _ASSETS | _MONITORING,
        agencies=True,
    ),
    Row(
        (
            funds.HouseholdSubsidyDisbursed,
            funds.HouseholdSubsidyFailed,
            funds.HouseholdSubsidyRecovered,
            funds.ConsumptionEarned,
        ),
        _MONITORING,
        agencies=True,
    ),
    Row(
        (
            funds.IndicatorReceived,
            funds.IndicatorAdjusted,
            funds.IndicatorRecovered,
            funds_project.AllocationPosted,
            funds.PlanPublished,
            funds.AlertRaised,
            funds.AlertClosed,
            funds.DisclosurePublished,
            funds.PerformanceEvaluated,
        ),
        agencies=True,
    ),
    Row(
        (
            funds_project.ProjectEnteredLibrary,
            funds_project.ProjectExitedLibrary,
            funds_project.ProjectStatusChanged,
            funds_project.ProjectAccepted,
            funds_project.ProjectSettled,
            funds_project.ProjectSettlementAdjusted,
        ),
        _ASSETS | _MONITORING,
    ),
    Row((monitoring.RiskDetected, monitoring.RiskCleared), _FUNDS | _ASSETS, agencies=True),
    Row(
        (
            monitoring_work.ClueReceived,
            monitoring_work.ClueDisposed,
            monitoring_work.ComparisonRequested,
            monitoring_work.ComparisonAnswered,
            monitoring_work.LineChanged,
        ),
        agencies=True,
    ),
    Row(
        (
            monitoring.HouseholdEnrolled,
            monitoring.HouseholdEliminated,
            monitoring.HouseholdRolledBack,
            monitoring.HouseholdRemarked,
            monitoring.HouseholdMerged,
            monitoring.HouseholdSplit,
            monitoring.HouseholdMoved,
            monitoring.HouseholdClosed,
            monitoring_work.EligibilitySnapshotTaken,
        ),
        _FUNDS | _ASSETS,
    ),
    Row(
        (
            monitoring.MeasureRequested,
            monitoring.MeasurePlanned,
            monitoring.MeasureDelivered,
            monitoring_work.PostingChanged,
        ),
        _FUNDS,
    ),
    Row((monitoring_work.MicrocreditMonthClosed,), _FUNDS, agencies=True),
    Row((monitoring_work.FindingOpened, monitoring_work.FindingClosed)),
    Row(
        (
            assets.AssetRegistered,
            assets.AssetValued,
            assets.AssetConfirmed,
            assets.AssetHandedOver,
            assets.AssetStatusChanged,
            assets.AssetDisposed,
            assets.AssetRiskDetected,
            assets.AssetRiskCleared,
        ),
        _FUNDS | _MONITORING,
    ),
    Row(
        (
            assets.ContractSigned,
            assets.ContractOverdue,
            assets.ContractEnded,
            assets.IncomeReceived,
            assets.IncomeDistributedToHousehold,
            assets.IncomeDistributionReversed,
        ),
        _MONITORING,
    ),
    Row((assets.CountClosed,), agencies=True),
)

CATALOGUE: Mapping[str, type[Event]] = MappingProxyType(
    {event.wire_type(): event for row in ROWS for event in row.events},
)
"""Every event class by its wire type."""

CONSUMERS: Mapping[type[Event], frozenset[str]] = MappingProxyType(
    {event: row.consumers for row in ROWS for event in row.events},
)
"""Our own services that react to an event or keep a copy of it."""

OPEN_TO_AGENCIES: frozenset[type[Event]] = frozenset(event for row in ROWS if row.agencies for event in row.events)
"""What other agencies may subscribe to; they get `public_data`."""

TOPICS: Mapping[str, tuple[type[Event], ...]] = MappingProxyType(
    {
        topic: tuple(event for event in CATALOGUE.values() if topic == event.TOPIC)
        for topic in sorted({event.TOPIC for event in CATALOGUE.values()})
    },
)
"""The events of each topic."""


def producer(event_type: type[Event]) -> str:
    """The service that alone may emit it."""
    return event_type.TYPE.partition(".")[0]


def event_class(wire_type: str) -> type[Event] | None:
    """The class of a wire type; None for one that this version does not know."""
    return CATALOGUE.get(wire_type)


def schema_urn(event_type: type[Event]) -> str:
    """The name of its schema, as the envelope states it."""
    return f"urn:shouwang:schema:{event_type.TYPE}:{event_type.VERSION}.0"


def wrap(
    event: Event,
    *,
    id: UUID,  # noqa: A002  the attribute's own name
    time: datetime,
    sequence: int,
    correlation: UUID | str,
    causation: UUID | str,
) -> Envelope:
    """The envelope of `event`; `sequence` is 0 until numbering gives it."""
    kind = type(event)
    key = str(event.key)
    return Envelope(
        id=id,
        source=f"/{producer(kind)}",
        type=kind.wire_type(),
        subject=key,
        time=time,
        dataschema=schema_urn(kind),
        sequence=f"{sequence:012d}",
        partitionkey=key,
        regioncode=str(event.area_code),
        dataclass=kind.DATA_CLASS.value,
        correlationid=str(correlation),
        causationid=str(causation),
        summary=event.sentence(),
        data=event.model_dump(mode="json"),
    )


def unwrap(envelope: Envelope) -> Event | None:
    """The event in `envelope`; None for an unknown type. Raises ValueError that names fields but no values."""
    kind = event_class(envelope.type)
    if kind is None:
        return None
    try:
        return kind.model_validate(envelope.data)
    except ValidationError as error:
        raise ValueError(f"not a {envelope.type}: {_faults(error)}") from None


def public_data(event: Event) -> dict[str, Any]:
    """The data for channels outside: without private fields, and without any that this version does not know."""
    return event.model_dump(mode="json", exclude=set(event.PRIVATE))


def encode(envelope: Envelope) -> bytes:
    """Compact JSON with sorted keys: equal envelopes give equal bytes, also after a stay in a jsonb column."""
    return orjson.dumps(envelope.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def decode(raw: bytes) -> Envelope:
    """The envelope in `raw`. Raises ValueError that names what is wrong but repeats no value."""
    try:
        envelope = Envelope.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError:
        raise ValueError("not an event envelope: not JSON") from None
    except ValidationError as error:
        raise ValueError(f"not an event envelope: {_faults(error)}") from None
    if envelope.specversion != "1.0":
        raise ValueError("not an event envelope: specversion is not 1.0")
    if not (envelope.sequence.isascii() and envelope.sequence.isdigit()):
        raise ValueError("not an event envelope: sequence is no number")
    return envelope


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'data'}: {fault['type']}" for fault in faults)

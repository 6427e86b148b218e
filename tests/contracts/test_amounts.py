"""What must add up in an event adds up to the fen and to the ppm, else it cannot be built or read."""

from typing import Any

import pytest

from shared.contracts.assets import AssetConfirmed, AssetRegistered, AssetValued
from shared.contracts.event import Event
from shared.contracts.funds import PlanPublished
from shared.contracts.funds_project import (
    AllocationPosted,
    PaymentDisbursed,
    PaymentRefunded,
    ProjectAccepted,
    ProjectSettled,
    ProjectSettlementAdjusted,
)
from shared.contracts.samples import sample

SPLIT: dict[str, Any] = {
    "indicator_id": "0193aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee",
    "document_no": "黑财指(农)〔2023〕78号",
}
SOURCE = SPLIT | {"level": "provincial", "category": "consolidation"}


@pytest.mark.parametrize(
    ("event_type", "change"),
    [
        (PaymentDisbursed, {"amount": "1234.51"}),
        (PaymentRefunded, {"split": []}),
        (AllocationPosted, {"amount": "1234.49"}),
        (PlanPublished, {"total": "1234.49"}),
        (ProjectSettled, {"settlement": "1000.01"}),
        (ProjectSettled, {"indirect_costs": []}),
        (ProjectSettlementAdjusted, {"delta": "-1234.50"}),
        (ProjectAccepted, {"owners": [{"owner_kind": "state", "owner_area": "230606000000", "share_ppm": 999_999}]}),
        (AssetConfirmed, {"owners": [{"owner_kind": "state", "owner_area": "230606000000", "share_ppm": 1}]}),
        (AssetRegistered, {"sources": [SOURCE | {"amount": "1.00", "share_ppm": 999_999}]}),
        (AssetValued, {"sources": [SOURCE | {"amount": "1.00", "share_ppm": 0}]}),
    ],
)
def test_one_fen_or_ppm_too_many_or_too_few_is_no_event(event_type: type[Event], change: dict[str, Any]) -> None:
    data = sample(event_type).model_dump(mode="json")
    with pytest.raises(ValueError, match="parts_do_not_add_up"):
        event_type.model_validate(data | change)


def test_the_worked_example_adds_up() -> None:  # domain-funds-assets §7.4: X, Y and indirect money of one settlement
    sources = [SOURCE | {"amount": amount} for amount in ("570740.74", "380493.83", "30000.00")]
    change: dict[str, Any] = {
        "settlement": "951234.57",
        "retention": "28537.03",
        "sources": sources,
        "indirect_costs": [{"kind": "design", "amount": "30000.00"}],
    }
    settled = ProjectSettled.model_validate(sample(ProjectSettled).model_dump(mode="json") | change)
    assert settled.settlement == 95_123_457
    assert sum(source.amount for source in settled.sources) == 98_123_457


def test_shares_of_thirds_make_one_whole() -> None:
    shares = [SOURCE | {"amount": "1.00", "share_ppm": ppm} for ppm in (333_334, 333_333, 333_333)]
    registered = AssetRegistered.model_validate(sample(AssetRegistered).model_dump(mode="json") | {"sources": shares})
    assert [source.share_ppm for source in registered.sources] == [333_334, 333_333, 333_333]


def test_an_asset_without_sources_is_possible() -> None:  # found in a count, domain-funds-assets §7.1
    found = AssetRegistered.model_validate(sample(AssetRegistered).model_dump(mode="json") | {"sources": []})
    assert found.sources == ()


@pytest.mark.parametrize("amount", [1234.5, "1234.505", "1,2.3.4", "1e3", None, True])
def test_money_is_decimal_text_to_the_fen(amount: Any) -> None:
    data = sample(PaymentDisbursed).model_dump(mode="json") | {"amount": amount}
    with pytest.raises(ValueError, match="amount"):
        PaymentDisbursed.model_validate(data)

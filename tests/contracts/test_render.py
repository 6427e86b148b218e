"""The catalogue page tells every event with its fields, says what is private, and is always the same."""

import pytest

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.event import Event
from shared.contracts.render import events_markdown
from shared.contracts.samples import sample


@pytest.fixture(scope="module")
def page() -> str:
    return events_markdown()


def section(page: str, wire_type: str) -> str:
    return page.split(f"### `{wire_type}`\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]


@pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)
def test_every_event_stands_there_with_all_fields(page: str, event_type: type[Event]) -> None:
    told = section(page, event_type.wire_type())
    assert (event_type.__doc__ or "").splitlines()[0] in told
    assert sample(event_type).sentence() in told
    assert all(f"| `{field}` |" in told for field in event_type.model_fields)
    assert told.count("内 private") == len(event_type.PRIVATE)


def test_parts_are_told_field_by_field(page: str) -> None:
    told = section(page, "funds.payment.disbursed.v1")
    assert "| `split` | list of part | 是 |  |" in told
    assert "| `split[].document_no` | document number | 是 | `黑财指(农)〔2023〕34号` |" in told


def test_the_table_of_all_events_names_readers(page: str) -> None:
    row = next(line for line in page.splitlines() if line.startswith("| `monitoring.risk.detected.v1` |"))
    assert row == (
        "| `monitoring.risk.detected.v1` | `monitoring.household.v1` | `household_id` | L3 "
        "| assets, funds | 可订阅 / yes |"
    )


def test_the_page_is_always_the_same(page: str) -> None:
    assert events_markdown() == page

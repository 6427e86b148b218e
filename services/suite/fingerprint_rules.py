"""What a fingerprint leaves out, and why; whatever is not named here is compared."""

from collections.abc import Mapping

TABLES: Mapping[str, str] = {
    "alembic_version": "tells of the schema, not of what was done",
    "command_key": "answers kept for a repeated command; what they report stands in the tables, and they expire",
    "outbox_counter": "the last position of the log",
    "outbox_key": "the last sequence of each key; the events themselves are compared",
    "delivery_cursor": "how far a consumer has read, which each transport counts in its own way",
    "delivery_key": "the last sequence that a consumer has seen of each key; the effects are compared",
    "clock_offset": "how far the demo's clock is turned",
    "check_run": "how often the checks ran, which the hour decides; what they found is compared",
    "progress_fact": "sums of a night, which the hour decides; the ledger that they are made from is compared",
    "stage_division": "rows on their way into another table",
    "stage_member": "rows on their way into another table",
    "stage_spending": "rows on their way into another table",
}
"""Tables of mechanism: none of them holds a fact of the business."""

TYPES: Mapping[str, str] = {
    "timestamptz": "the moment at which a machine wrote the row; days of the business are dates",
    "bytea": "sealed with the keys of one deployment, or a hash or a blind index made with them",
}

COLUMNS: Mapping[str, str] = {
    "pos": "a position in the log",
    "sequence": "a position within the events of a key",
    "attempts": "how often something was tried",
    "person_key": "the beginning of a blind index, made with the keys of one deployment",
    "parked_event.source": "each transport names its sources in its own way",
}
"""By name, in every table and inside json; or in one table only."""

IDENTITY = "the order in which rows were written"
"""Why numbers that the database counts by itself are left out."""

ROWS: Mapping[str, tuple[str, str]] = {
    "journal": ("subjects <> '[]'", "a command that changed nothing was a repetition, or checks that the hour began"),
}
"""Tables of which some rows only are compared: the condition of those, and why not the others."""

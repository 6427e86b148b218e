"""A message of Kafka as a record of the log; what cannot be one belongs to no key and is parked alone."""

from typing import Any
from uuid import UUID

from shared.messaging.transport import Record


def to_record(topic: str, source: str, raw: Any) -> Record:
    """The event in a message, by its headers; with None in place of key, sequence and id when they do not fit."""
    pos, body = raw.offset + 1, raw.value or b""
    headers = dict(raw.headers)
    try:
        key = UUID(raw.key.decode())
        sequence = headers["ce_sequence"].decode()
        if not _tells(body, str(key), sequence):
            raise ValueError("the body tells of another event")  # noqa: TRY301  one way out
        return Record(
            source=source,
            pos=pos,
            topic=topic,
            key=key,
            sequence=int(sequence),
            id=UUID(headers["ce_id"].decode()),
            type=headers["ce_type"].decode(),
            body=body,
        )
    except (ValueError, KeyError, AttributeError):
        return Record(source=source, pos=pos, topic=topic, key=None, sequence=None, id=None, type="", body=body)


def _tells(body: bytes, key: str, sequence: str) -> bool:
    """Whether the body names this key and this place in its line, without parsing it: `catalogue.encode` is exact.

    Else bytes that were sent under the wrong key would take the place of that key's own event.
    """
    return f'"partitionkey":"{key}"'.encode() in body and f'"sequence":"{sequence}"'.encode() in body

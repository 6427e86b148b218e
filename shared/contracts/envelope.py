"""The envelope (信封): CloudEvents 1.0 in structured JSON, the same bytes on every channel (architecture.md D9)."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.wire import Instant


class Envelope(BaseModel):
    """One published event; `sequence` counts the events of its key on its topic from 1 and is given by numbering."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: str = "application/json"
    dataschema: str
    sequence: str
    partitionkey: str
    regioncode: str
    dataclass: str
    correlationid: str
    causationid: str
    summary: str
    data: dict[str, Any]

    @property
    def number(self) -> int:
        """The sequence as a number."""
        return int(self.sequence)

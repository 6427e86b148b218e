"""What every event is: a fact in the past participle, keyed by the thing whose facts must be seen in order."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.wire import Area


class DataClass(StrEnum):
    """How far an event may travel (数据分级)."""

    L1 = "L1"
    """Public."""
    L2 = "L2"
    """Internal to government, no person."""
    L3 = "L3"
    """Refers to a person by an opaque id."""


class Event(BaseModel):
    """Base of the catalogue's classes; fields are codes, opaque ids and amounts, never a person's data (M-PI-08)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    """`<producer>.<noun>.<past participle>`."""
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str]
    """Facts that must be seen in order share topic and key (architecture.md D5a)."""
    KEY: ClassVar[str]
    """The field whose value is the key."""
    DATA_CLASS: ClassVar[DataClass] = DataClass.L2
    PRIVATE: ClassVar[frozenset[str]] = frozenset()
    """Fields of class L3 that only our own consumers get."""

    area_code: Area

    @property
    def key(self) -> UUID:
        """The id whose events keep their order; an area is its code, set as the last twelve digits of an id."""
        value = getattr(self, self.KEY)
        return value if isinstance(value, UUID) else UUID(str(value).rjust(32, "0"))

    @classmethod
    def wire_type(cls) -> str:
        """The type as it stands in the envelope, e.g. `funds.payment.disbursed.v1`."""
        return f"{cls.TYPE}.v{cls.VERSION}"

    def sentence(self) -> str:
        """One Chinese sentence that may be shown to anybody."""
        raise NotImplementedError

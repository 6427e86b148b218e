"""The wire forms of money, area codes and times, for events and for the HTTP edge."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from shared.kernel.areas import AreaCode
from shared.kernel.money import format_yuan, parse_yuan

YUAN_PATTERN = r"^-?\d{1,15}(\.\d{1,2})?$"
"""How an amount looks on the wire."""

_ON_THE_WIRE = re.compile(YUAN_PATTERN.removesuffix("$"), re.ASCII)


def _fen(value: Any) -> Any:
    if isinstance(value, str):
        if not _ON_THE_WIRE.fullmatch(value):
            message = "money on the wire has no separators and at most two decimals"
            raise ValueError(message)
        return parse_yuan(value)
    if isinstance(value, float | bool):
        message = "money is a decimal string in yuan, never a JSON number with a fraction"
        raise ValueError(message)  # noqa: TRY004  pydantic turns ValueError into a problem
    return value


def _area(value: Any) -> AreaCode:
    if isinstance(value, str):
        return AreaCode.parse(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return AreaCode(value)
    message = "an area code is a string of 12 digits"
    raise ValueError(message)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "a time needs its offset"
        raise ValueError(message)
    return value.astimezone(UTC)


Yuan = Annotated[
    int,
    BeforeValidator(_fen),
    PlainSerializer(format_yuan, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": YUAN_PATTERN, "examples": ["1234.50"], "description": "yuan"},
    ),
]
"""Fen in the program, yuan with two decimals on the wire."""

Area = Annotated[
    AreaCode,
    PlainValidator(_area),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{12}$", "examples": ["230606000000"], "description": "area code"},
    ),
]
"""A 12-digit area code."""

Instant = Annotated[datetime, AfterValidator(_utc)]
"""A time with offset, kept in UTC."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Marks a text that is one of the values declared elsewhere: `Annotated[str, OneOf(("red", "amber"))]`."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.values))


def unfit(code: str, field: str, zh: str, en: str) -> PydanticCustomError:
    """What a model raises when its fields do not fit together; the problem names `field`."""
    return PydanticCustomError(code, en, {"field": field, "zh": zh})

"""Whole numbers and days from outside lie where the database and our arithmetic can hold them; digits are ASCII.

Pydantic takes any number of digits, a time stamp for a day, and the digits of every script.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from shared.kernel.days import FIRST_DAY, LAST_DAY

Schema: TypeAlias = Mapping[str, Any]
Fault: TypeAlias = tuple[str, str, str, str]

LARGEST = 2**31 - 1
"""What an integer column holds."""

_WHOLE = re.compile(r"-?[0-9]{1,10}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def options_of(schema: Schema, named: Mapping[str, Any]) -> Iterator[Schema]:
    """The forms a value may take, references followed."""
    if "$ref" in schema:
        yield from options_of(named[schema["$ref"].rsplit("/", 1)[-1]], named)
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from options_of(option, named)
    else:
        yield schema


def number_fault(value: float | str, options: Sequence[Schema]) -> Fault | None:
    """What is wrong with a value where a whole number is described; as text it is digits and nothing else."""
    kinds = {option.get("type") for option in options}
    if "integer" not in kinds or kinds & {"string", "number"}:
        return None
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            return ("须为整数", "must be an integer", *_bounds(-LARGEST, LARGEST))
        value = int(value)
    if -LARGEST <= value <= LARGEST:
        return None
    return (f"须在 {-LARGEST} 与 {LARGEST} 之间", f"lies between {-LARGEST} and {LARGEST}", "核对数字", "check it")


def text_fault(value: str, options: Sequence[Schema]) -> Fault | None:
    """What is wrong with a text where a day, or digits, are described."""
    texts = [option for option in options if option.get("type") == "string"]
    if texts and all(option.get("format") == "date" for option in texts):
        return _day_fault(value)
    if value.isascii() or not any(char.isdecimal() and not char.isascii() for char in value):
        return None
    patterns = [option.get("pattern") for option in texts]
    # A pattern of the description means ASCII by \d (ECMA-262); pydantic's engine means every script's digits.
    if texts and all(pattern and not re.search(pattern, value, re.ASCII) for pattern in patterns):
        return ("数字须为半角 0–9", "digits are 0 to 9", "改用半角阿拉伯数字", "write them in ASCII")
    return None


def _day_fault(value: str) -> Fault | None:
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        return ("须为日期（YYYY-MM-DD）", "must be a date (YYYY-MM-DD)", *_bounds(FIRST_DAY, LAST_DAY))
    if FIRST_DAY <= day <= LAST_DAY:
        return None
    return (
        *(f"须在 {FIRST_DAY} 与 {LAST_DAY} 之间", f"lies between {FIRST_DAY} and {LAST_DAY}"),
        *("核对日期", "check the day"),
    )


def _bounds(first: object, last: object) -> tuple[str, str]:
    return f"填写 {first} 至 {last} 之间的值", f"write a value between {first} and {last}"

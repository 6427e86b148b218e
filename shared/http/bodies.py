"""A JSON body is what the API describes: text where it says text, no blank or unprintable texts, money always as text,
whole numbers and days within bounds.

Pydantic would read 20230601 as a date of 1970 and 1234 as yuan or fen, and nobody should have to guess.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from shared.contracts.wire import YUAN_PATTERN
from shared.http.bounds import number_fault, options_of, text_fault
from shared.kernel.errors import Invalid, Violation

_JSON = re.compile(r"\s*application/([\w.-]+\+)?json\s*(;|$)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
"""Control characters except tab and new line."""


async def refuse_loose_values(request: Request) -> None:
    """Raise Invalid for every value in the JSON body not written as described, HTTPException 415 for no JSON at all."""
    model = _body_model(request.scope.get("route"))
    if model is None:
        return
    if not _JSON.match(request.headers.get("content-type", "application/json")):
        raise HTTPException(415)
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return  # told by the validation that follows
    schema = _schema(model)
    if found := list(_loose(body, schema, schema.get("$defs", {}), "")):
        raise Invalid(*found)


def _body_model(route: object) -> type[BaseModel] | None:
    field = route.body_field if isinstance(route, APIRoute) else None
    model = field.field_info.annotation if field is not None else None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


@lru_cache(maxsize=1024)
def _schema(model: type[BaseModel]) -> Mapping[str, Any]:
    return model.model_json_schema()


def _loose(value: Any, schema: Mapping[str, Any], named: Mapping[str, Any], pointer: str) -> Iterator[Violation]:
    options = list(options_of(schema, named))
    texts = [option for option in options if option.get("type") == "string"]
    if isinstance(value, str):
        if fault := (texts and _text_fault(value, texts)) or text_fault(value, texts) or number_fault(value, options):
            yield _violation(pointer, *fault)
        return
    if any(option.get("pattern") == YUAN_PATTERN for option in texts):
        if value is not None:
            yield _bare_amount(pointer)
    elif isinstance(value, int | float):
        if texts and not any(option.get("type") in {"integer", "number", "boolean"} for option in options):
            yield _violation(pointer, "须为文本", "must be a text", "将值加引号", "write the value in quotes")
        elif fault := number_fault(value, options):
            yield _violation(pointer, *fault)
    else:
        yield from _inside(value, options, named, pointer)


def _inside(
    value: Any, options: list[Mapping[str, Any]], named: Mapping[str, Any], pointer: str
) -> Iterator[Violation]:
    for option in options:
        if isinstance(value, dict):
            for key, inner in option.get("properties", {}).items():
                if key in value:
                    yield from _loose(value[key], inner, named, f"{pointer}/{key}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _loose(item, option.get("items", {}), named, f"{pointer}/{index}")


def _text_fault(value: str, texts: list[Mapping[str, Any]]) -> tuple[str, str, str, str] | None:
    if _UNPRINTABLE.search(value):
        return (
            *("不得含有控制字符", "must not hold control characters"),
            *("删除不可见字符", "remove the invisible characters"),
        )
    if not value.strip() and all(option.get("minLength") for option in texts):
        return ("不得为空白", "must not be blank", "填写内容", "fill it in")
    return None


def _violation(pointer: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Violation:
    return Violation("FIELD_INVALID", zh, en, field=pointer, remedy_zh=remedy_zh, remedy_en=remedy_en)


def _bare_amount(pointer: str) -> Violation:
    return Violation(
        "AMOUNT_NOT_TEXT",
        '金额须为以元为单位的文本，如 "1234.50"',
        'an amount is a text in yuan, such as "1234.50"',
        rule="L6",
        field=pointer,
        remedy_zh="将金额加引号，以元为单位",
        remedy_en="write the amount in quotes, in yuan",
    )

"""Money on the wire is a text in yuan. A bare JSON number is refused: 1234 could be yuan or fen, and nobody should guess."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.contracts.wire import YUAN_PATTERN
from shared.kernel.errors import Invalid, Violation


async def refuse_bare_amounts(request: Request) -> None:
    """Raise Invalid for every amount in the JSON body that is not written as text."""
    model = _body_model(request.scope.get("route"))
    if model is None:
        return
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return  # told by the validation that follows
    schema = _schema(model)
    found = list(_bare(body, schema, schema.get("$defs", {}), ""))
    if found:
        raise Invalid(
            *(
                Violation(
                    "AMOUNT_NOT_TEXT",
                    '金额须为以元为单位的文本，如 "1234.50"',
                    'an amount is a text in yuan, such as "1234.50"',
                    rule="L6",
                    field=pointer,
                    remedy_zh="将金额加引号，以元为单位",
                    remedy_en="write the amount in quotes, in yuan",
                )
                for pointer in found
            ),
        )


def _body_model(route: object) -> type[BaseModel] | None:
    field = route.body_field if isinstance(route, APIRoute) else None
    model = field.field_info.annotation if field is not None else None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


@lru_cache(maxsize=1024)
def _schema(model: type[BaseModel]) -> Mapping[str, Any]:
    return model.model_json_schema()


def _options(schema: Mapping[str, Any], named: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The forms a value may take, references followed."""
    if "$ref" in schema:
        yield from _options(named[schema["$ref"].rsplit("/", 1)[-1]], named)
    elif "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from _options(option, named)
    else:
        yield schema


def _bare(value: Any, schema: Mapping[str, Any], named: Mapping[str, Any], pointer: str) -> Iterator[str]:
    for option in _options(schema, named):
        if option.get("pattern") == YUAN_PATTERN:
            if isinstance(value, int | float | list | dict):
                yield pointer
        elif isinstance(value, dict):
            for key, inner in option.get("properties", {}).items():
                if key in value:
                    yield from _bare(value[key], inner, named, f"{pointer}/{key}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _bare(item, option.get("items", {}), named, f"{pointer}/{index}")

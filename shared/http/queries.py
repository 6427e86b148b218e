"""Query parameters are as strict as bodies: a misspelt filter is refused, for without it the answer would be another."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, TypeAdapter
from pydantic.fields import FieldInfo

from shared.http.bounds import Schema, number_fault, options_of, text_fault
from shared.kernel.errors import Invalid, Violation

_known: MutableMapping[Callable[..., Any], Mapping[str, Schema]] = WeakKeyDictionary()
"""The parameters of each endpoint, looked up once."""


async def refuse_loose_parameters(request: Request) -> None:
    """Raise Invalid for a query parameter that the route does not declare, or a value out of bounds."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = _known.get(route.endpoint)
    if known is None:
        known = _known[route.endpoint] = dict(_described(route.dependant))
    if not known.keys() >= request.query_params.keys():
        raise _undefined(sorted(known))
    if found := [fault for name, value in request.query_params.multi_items() if (fault := _loose(name, value, known))]:
        raise Invalid(*found)


def _undefined(names: list[str]) -> Invalid:
    """Its name is not repeated: it may hold what a value may not."""
    return Invalid(
        Violation(
            "FIELD_INVALID",
            "含有未定义的查询参数",
            "there is a query parameter that is not defined",
            field="/query",
            remedy_zh=f"可用参数：{'、'.join(names) or '无'}",
            remedy_en=f"known here: {', '.join(names) or 'none'}",
        ),
    )


def _loose(name: str, value: str, known: Mapping[str, Schema]) -> Violation | None:
    schema = known[name]
    options = list(options_of(schema, schema.get("$defs", {})))
    fault = number_fault(value, options) or text_fault(value, options)
    if fault is None:
        return None
    zh, en, remedy_zh, remedy_en = fault
    return Violation("FIELD_INVALID", zh, en, field=f"/query/{name}", remedy_zh=remedy_zh, remedy_en=remedy_en)


def _described(dependant: Dependant) -> Iterator[tuple[str, Schema]]:
    """Every query parameter with its schema."""
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, part in model.model_fields.items():
                yield part.alias or name, _schema(part)
        else:
            yield field.alias, _schema(field.field_info)
    for inner in dependant.dependencies:
        yield from _described(inner)


def _schema(field: FieldInfo) -> Schema:
    form: Any = Annotated[(field.annotation, Field(), *field.metadata)]
    return TypeAdapter(form).json_schema()

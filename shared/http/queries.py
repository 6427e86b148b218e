"""Query parameters are as strict as bodies: a misspelt filter is refused, for without it the answer would be another."""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.kernel.errors import Invalid, Violation


async def refuse_unknown_parameters(request: Request) -> None:
    """Raise Invalid for a query parameter that the route does not declare; its name is not repeated."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = frozenset(_names(route.dependant))
    if known.issuperset(request.query_params):
        return
    names = sorted(known)
    raise Invalid(
        Violation(
            "FIELD_INVALID",
            "含有未定义的查询参数",
            "there is a query parameter that is not defined",
            field="/query",
            remedy_zh=f"可用参数：{'、'.join(names) or '无'}",
            remedy_en=f"known here: {', '.join(names) or 'none'}",
        ),
    )


def _names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (part.alias or name for name, part in model.model_fields.items())
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _names(inner)

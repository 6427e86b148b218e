"""The API description (OpenAPI 3.1): what FastAPI finds, plus who may use an operation and which problems it tells."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.http.policy import Policy, policies_by_route
from shared.http.problems import KINDS, MEDIA_TYPE, ProblemBody

_MEANINGS = {kind.status: f"{kind.zh} / {kind.en}" for kind in KINDS.values()}
_MEANINGS[409] = "业务规则不允许，或与其他请求冲突 / A rule does not allow this, or it collides with another request"
_FRAMEWORK = ("HTTPValidationError", "ValidationError")
_PROTECTIONS = ("Idempotency-Key", "If-Match")
_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of all routes of `app`."""
    described = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=app.openapi_version,
        description=app.description,
        routes=app.routes,
    )
    by_id = policies_by_route(app)
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _complete(path, operation, by_id[operation["operationId"]][1])
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK:
        schemas.pop(name, None)
    problem = ProblemBody.model_json_schema(ref_template=_REF)
    schemas |= problem.pop("$defs") | {"ProblemBody": problem}
    return described


def _complete(path: str, operation: dict[str, Any], policies: Sequence[Policy]) -> None:
    operation["x-policy"] = [policy.as_extension() for policy in policies]
    headers = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
    # Declared optional to FastAPI, so that their absence is told with our own status.
    for name in _PROTECTIONS:
        if name in headers:
            headers[name] |= {"required": True, "schema": {"type": "string", "title": name}}
    operation["responses"].pop("422", None)
    for status in _statuses(path, operation, policies, headers):
        operation["responses"].setdefault(
            str(status),
            {
                "description": _MEANINGS[status],
                "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="ProblemBody")}}},
            },
        )


def _statuses(
    path: str,
    operation: dict[str, Any],
    policies: Sequence[Policy],
    headers: dict[str, Any],
) -> Iterator[int]:
    """The problems an operation may tell."""
    gives = any(policy.commands for policy in policies)
    if any(policy.login for policy in policies):
        yield 401
    if gives or any(policy.roles for policy in policies):
        yield 403
    if gives or "{" in path:
        yield 404
    if gives:
        yield from (400, 409)
    if "If-Match" in headers:
        yield from (412, 428)
    if headers or "requestBody" in operation:
        yield 422
    yield from (500, 503)

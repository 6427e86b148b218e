"""kernel.errors become RFC 9457 problems (`application/problem+json`), here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import BaseModel, Field

from shared.http.tracing import request_id
from shared.kernel.areas import AreaCode
from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unavailable,
    Unknown,
    Violation,
)

MEDIA_TYPE = "application/problem+json"
URN = "urn:shouwang:problem:"


class Unauthenticated(Problem):
    """Nobody is logged in, or the token is not one of ours."""

    kind = "unauthenticated"


class MissingHeader(Problem):
    """A header that protects against doubles is absent."""

    kind = "missing_header"


class MissingPrecondition(Problem):
    """A change without If-Match would overwrite what the caller has not seen."""

    kind = "missing_precondition"


class Unanswerable(Problem):
    """The request never reaches a rule: no such path or method, too large, unreadable. Carries its own status."""

    kind = "unanswerable"

    def __init__(self, status: int, violation: Violation) -> None:
        """`status`: a 4xx code."""
        super().__init__(violation)
        self.status = status


class Unreachable(Problem):
    """A service behind this one does not answer."""

    kind = "unreachable"


class Broken(Problem):
    """A fault of ours; the words tell nothing about it, the log does."""

    kind = "broken"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of problem is told."""

    status: int
    zh: str
    en: str
    retry_after: int | None = None
    """Seconds after which the same request makes sense again."""


KINDS: Mapping[type[Problem], Kind] = {
    Invalid: Kind(422, "请求内容不符合要求", "The request is not well formed"),
    Refused: Kind(409, "业务规则不允许", "A rule does not allow this"),
    Unknown: Kind(409, "缺少政策依据", "Policy has not stated a figure"),
    Conflict: Kind(409, "与其他请求冲突", "The request collides with another one"),
    Stale: Kind(412, "记录已被更新", "The record has changed since it was read"),
    MissingPrecondition: Kind(428, "缺少版本条件", "The version that was read must be stated"),
    MissingHeader: Kind(400, "缺少请求头", "A header is missing"),
    Forbidden: Kind(403, "没有权限", "Not permitted"),
    NotFound: Kind(404, "找不到", "Not found"),
    Unauthenticated: Kind(401, "未登录或登录已失效", "Not logged in"),
    Unavailable: Kind(503, "暂时无法办理", "Temporarily unavailable", retry_after=2),
    Unreachable: Kind(502, "服务暂时无法访问", "The service behind this address does not answer", retry_after=2),
    Unanswerable: Kind(400, "请求无法处理", "The request cannot be processed"),
    Broken: Kind(500, "系统内部错误", "Internal error"),
}


class Words(BaseModel):
    """One text in both languages."""

    zh: str
    en: str


class BrokenRule(BaseModel):
    """One broken rule; `pointer` is a JSON pointer into the body, or `/query/…`, `/path/…`, `/headers/…`."""

    code: str
    zh: str
    en: str
    pointer: str = ""
    rule: str = ""
    remedy: Words
    facts: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, violation: Violation) -> "BrokenRule":
        """The wire form of a violation."""
        return cls(
            code=violation.code,
            zh=violation.zh,
            en=violation.en,
            pointer=violation.field,
            rule=violation.rule,
            remedy=Words(zh=violation.remedy_zh, en=violation.remedy_en),
            facts=plain(violation.facts),
        )


class ProblemBody(BaseModel):
    """A refusal (RFC 9457): Chinese in `title` and `detail`, English with `Accept-Language: en`; both always present."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    title_zh: str
    title_en: str
    detail_zh: str
    detail_en: str
    code: str
    rule: str
    remedy: Words
    facts: dict[str, Any]
    errors: list[BrokenRule]


def kind_of(problem: Problem) -> Kind:
    """How this problem is told; a subclass is told like its nearest known ancestor."""
    return next((KINDS[cls] for cls in type(problem).__mro__ if cls in KINDS), KINDS[Broken])


def problem_response(request: Request, problem: Problem) -> Response:
    """The answer for a problem."""
    kind = kind_of(problem)
    status = problem.status if isinstance(problem, Unanswerable) else kind.status
    english = prefers_english(request.headers.get("accept-language", ""))
    headers = {"content-language": "en" if english else "zh-CN", "x-request-id": str(request_id(request.scope))}
    if kind.retry_after is not None:
        headers["retry-after"] = str(kind.retry_after)
    if isinstance(problem, Unauthenticated):
        headers["www-authenticate"] = 'Bearer realm="shouwang"'
    body = _body(problem, kind, status, english=english, instance=f"urn:uuid:{request_id(request.scope)}")
    return Response(orjson.dumps(body.model_dump()), status, headers, media_type=MEDIA_TYPE)


def _body(problem: Problem, kind: Kind, status: int, *, english: bool, instance: str) -> ProblemBody:
    errors = [BrokenRule.of(violation) for violation in problem.violations]
    first = errors[0]
    return ProblemBody(
        type=URN + first.code,
        title=kind.en if english else kind.zh,
        status=status,
        detail=first.en if english else first.zh,
        instance=instance,
        title_zh=kind.zh,
        title_en=kind.en,
        detail_zh=first.zh,
        detail_en=first.en,
        code=first.code,
        rule=first.rule,
        remedy=first.remedy,
        facts=first.facts,
        errors=errors,
    )


def prefers_english(accept_language: str) -> bool:
    """Whether English is asked for more strongly than Chinese."""
    weights = {"en": 0.0, "zh": 0.0}
    for item in accept_language.split(","):
        tag, _, quality = item.partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(quality))
    return weights["en"] > weights["zh"]


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality.strip() else 1.0
    except ValueError:
        return 0.0


def plain(value: Any) -> Any:
    """Facts in their wire form: area codes as 12 digits, ids and days as text, fractions as `a/b`."""
    match value:
        case AreaCode() | UUID() | Fraction():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
    return value

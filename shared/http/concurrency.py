"""Versions on the wire: one way to write an ETag, one way to read If-Match, so that any ETag fits any route."""

import re
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response

from shared.http.problems import MissingPrecondition
from shared.kernel.errors import Invalid, Violation

_ETAG = re.compile(r'(?:W/)?"(0|[1-9][0-9]{0,8})"')
"""A proxy that compresses an answer may have weakened the tag; the number is the same."""


class Versioned(Protocol):
    """A record with a version that grows by each change."""

    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Versioned)


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def tagged(response: Response, record: V) -> V:
    """Send the record's version as ETag; gives the record back."""
    response.headers["etag"] = etag(record.version)
    return record


async def if_match(
    value: Annotated[
        str | None, Header(alias="If-Match", description="ETag 版本号 / the version that was read")
    ] = None,
) -> int:
    """The version the caller has read; raises MissingPrecondition, or Invalid for something that is no ETag of ours."""
    if value is None:
        raise MissingPrecondition(
            _violation("IF_MATCH_REQUIRED", "缺少 If-Match 请求头", "the header If-Match is required"),
        )
    found = _ETAG.fullmatch(value.strip())
    if found is None:
        raise Invalid(_violation("IF_MATCH_INVALID", "If-Match 不是有效的 ETag", "If-Match holds no ETag of ours"))
    return int(found[1])


def _violation(code: str, zh: str, en: str) -> Violation:
    return Violation(
        code,
        zh,
        en,
        field="/headers/If-Match",
        remedy_zh="先读取该记录，并带上其 ETag",
        remedy_en="read the record first and send its ETag",
    )


IfMatch = Annotated[int, Depends(if_match)]
"""The version from `If-Match: "<n>"`."""

"""Every exception that may leave a route, and the problem it becomes; what nobody expected tells the caller nothing."""

from collections.abc import Mapping
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.db.faults import is_lock_timeout, is_transient, sqlstate
from shared.http.problems import Broken, Unanswerable, kind_of, problem_response
from shared.http.validation import invalid
from shared.kernel.errors import Invalid, Problem, Unavailable, Violation

_log = structlog.get_logger("http")

_UNSTORABLE = {
    "22021",  # a character the encoding does not have (NUL)
    "22P05",  # likewise inside JSON
    "22003",  # a number out of range
    "22008",  # a date out of range
}
_READ_ON = ("核对接口文档中的路径和方法", "check path and method in the API docs")
_STATUS_WORDS: Mapping[int, tuple[str, str, str, str, str]] = {
    400: (
        *("BODY_UNREADABLE", "请求体无法读取", "the body cannot be read"),
        *("以 UTF-8 编码、按接口文档的格式发送", "send it in UTF-8, in the form that the API docs describe"),
    ),
    404: ("ROUTE_NOT_FOUND", "没有这个接口", "there is no such path", *_READ_ON),
    405: ("METHOD_NOT_ALLOWED", "该接口不支持此方法", "the path does not know this method", *_READ_ON),
    413: ("BODY_TOO_LARGE", "请求体过大", "the body is too large", "分成几次发送", "send it in parts"),
    415: (
        *("MEDIA_TYPE_UNSUPPORTED", "不支持的内容类型", "this media type is not supported"),
        *("按接口文档填写 Content-Type", "send a Content-Type that the API docs name"),
    ),
}
_REFUSED = ("REQUEST_REFUSED", "请求无法处理", "the request is refused", *_READ_ON)


async def on_problem(request: Request, problem: Exception) -> Response:
    """An expected failure."""
    assert isinstance(problem, Problem)
    if kind_of(problem).status >= 500:  # noqa: PLR2004  the server's own range
        _log.warning("problem", code=problem.code)
    return problem_response(request, problem)


async def on_invalid(request: Request, fault: Exception) -> Response:
    """The request does not have the declared form."""
    assert isinstance(fault, RequestValidationError)
    return problem_response(request, invalid(fault.errors()))


async def on_http(request: Request, fault: Exception) -> Response:
    """What the framework itself refuses."""
    assert isinstance(fault, HTTPException)
    code, zh, en, remedy_zh, remedy_en = _STATUS_WORDS.get(fault.status_code, _REFUSED)
    told = Violation(code, zh, en, remedy_zh=remedy_zh, remedy_en=remedy_en)
    response = problem_response(request, Unanswerable(fault.status_code, told))
    response.headers.update(fault.headers or {})
    return response


async def on_database(request: Request, fault: Exception) -> Response:
    """The database does not answer, holds the record, or cannot hold a value."""
    if isinstance(fault, PoolTimeout | ConnectionError | TimeoutError) or is_transient(fault) or is_lock_timeout(fault):
        _log.warning("database unavailable", kind=type(fault).__name__, sqlstate=sqlstate(fault))
        return problem_response(request, _unavailable())
    if sqlstate(fault) in _UNSTORABLE:
        return problem_response(request, _unstorable())
    return await on_crash(request, fault)


async def on_crash(request: Request, fault: Exception) -> Response:
    """A fault of ours."""
    _log.error("unexpected fault", exc_info=fault)
    words = Violation(
        "INTERNAL", "系统内部错误，请凭请求编号联系运维", "internal error; quote the request id to the operator"
    )
    return problem_response(request, Broken(words))


HANDLERS: Mapping[type[Exception], Any] = {
    Problem: on_problem,
    RequestValidationError: on_invalid,
    HTTPException: on_http,
    DBAPIError: on_database,
    asyncpg.PostgresError: on_database,
    asyncpg.InterfaceError: on_database,
    PoolTimeout: on_database,
    ConnectionError: on_database,
    TimeoutError: on_database,
    Exception: on_crash,
}


def tell_problems(app: FastAPI) -> None:
    """Let `app` answer every failure as a problem."""
    for fault, handler in HANDLERS.items():
        app.add_exception_handler(fault, handler)


def _unavailable() -> Unavailable:
    return Unavailable(
        Violation(
            "DATABASE_UNAVAILABLE",
            "数据库暂时无法响应",
            "the database does not answer at present",
            remedy_zh="稍后用同一幂等键重试",
            remedy_en="retry later with the same key",
        ),
    )


def _unstorable() -> Invalid:
    return Invalid(
        Violation(
            "VALUE_UNSTORABLE",
            "内容含有无法保存的字符或超出范围的数值",
            "a text holds a character that cannot be stored, or a number is out of range",
            remedy_zh="删除控制字符，核对数值",
            remedy_en="remove control characters, check the numbers",
        ),
    )

"""Logs (日志): one JSON object a line on standard output, with the request's correlation, and without personal data."""

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"

_DENIED = re.compile(
    r"name|(^|_)(id_?(number|card|no)|identity|phone|mobile|tel|bank|card|account|address|birth\w*|disease|illness"
    r"|diagnosis|disability|password|passwd|secret|token|authorization|cookie|api_?key|dsn|wording|body|payload)(_|$)"
    r"|姓名|证件|身份证|电话|手机|卡号|账号|住址|地址|病",
    re.IGNORECASE,
)
"""Fields whose value is never written, whatever it is."""
_ALLOWED = {"logger_name", "filename", "func_name"}
_PATTERNS = (
    re.compile(r"(?<![0-9])[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx](?![0-9])"),
    re.compile(r"(?<![0-9A-Fa-f-])[0-9]{15,19}(?![0-9A-Fa-f-])"),
    re.compile(r"(?<![0-9])(?:[0-9]{4}[ -]){3}[0-9]{3,4}(?:[ -][0-9]{1,3})?(?![0-9])"),
    re.compile(r"(?<![0-9A-Fa-f])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9A-Fa-f])"),
    re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
"""Identity numbers, bank cards, mobile numbers, tokens, passwords in addresses: wherever they stand in a text."""
_DATABASE_VALUES = re.compile(r"(?m)^\s*(DETAIL|CONTEXT):.*$|\[parameters:.*?\]$", re.DOTALL | re.MULTILINE)
"""The database quotes whole rows, and SQLAlchemy the parameters, in their errors."""
_SUSPECT = re.compile(r"[0-9]{3}|eyJ|://|DETAIL|CONTEXT|parameters:")
"""What every text has in which the patterns above find something: most have nothing of it."""
_SHORTEST = 10**10
"""A smaller number is no number of a person."""


def set_up_logs(level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged, also by libraries, through one formatter to `stream`, else to standard output."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # a module's logger follows when the set-up changes
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, _as_json],
        ),
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    # Our own request line says the same without the query string.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Hide denied fields, and in every text what looks like personal data."""
    return {key: _clean(key, value) for key, value in entry.items()}


def _clean(key: str, value: Any) -> Any:
    if _is_denied(key):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), each) for inner, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", each) for each in value]
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < _SHORTEST):
        return value
    text = _cleaned(str(value))
    return value if isinstance(value, int) and text == str(value) else text


@lru_cache(maxsize=1024)
def _is_denied(key: str) -> bool:
    return key not in _ALLOWED and _DENIED.search(key) is not None


def _cleaned(text: str) -> str:
    if not _SUSPECT.search(text):
        return text
    text = _DATABASE_VALUES.sub(HIDDEN, text)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def _as_json(_logger: WrappedLogger, _method: str, entry: EventDict) -> str:
    return orjson.dumps(entry, default=str).decode()

"""What pydantic found wrong with a request, as violations: pointer, Chinese and English, and never the value itself."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.parts import TEXT_PATTERN
from shared.kernel.errors import Invalid, Violation

_PLACES = {"body": "", "query": "/query", "path": "/path", "header": "/headers", "cookie": "/cookies"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
_UNREADABLE = "the value has the wrong form"

_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("缺少必填项", "a required field is missing"),
    "extra_forbidden": ("含有未定义的字段", "there is a field that is not defined"),
    "json_invalid": ("不是有效的 JSON", "the body is not valid JSON"),
    "frozen_field": ("该字段不可修改", "the field cannot be changed"),
    "string_too_short": ("至少 {min_length} 个字符", "at least {min_length} characters"),
    "string_too_long": ("至多 {max_length} 个字符", "at most {max_length} characters"),
    "too_short": ("至少 {min_length} 项", "at least {min_length} items"),
    "too_long": ("至多 {max_length} 项", "at most {max_length} items"),
    "string_pattern_mismatch": ("不符合格式 {pattern}", "does not match {pattern}"),
    "greater_than": ("须大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("不得小于 {ge}", "must be at least {ge}"),
    "less_than": ("须小于 {lt}", "must be less than {lt}"),
    "less_than_equal": ("不得大于 {le}", "must be at most {le}"),
    "multiple_of": ("须为 {multiple_of} 的倍数", "must be a multiple of {multiple_of}"),
    "enum": ("须为下列之一：{expected}", "must be one of {expected}"),
    "literal_error": ("须为下列之一：{expected}", "must be one of {expected}"),
    "union_tag_invalid": ("须为下列之一：{expected_tags}", "must be one of {expected_tags}"),
}
"""Texts by pydantic's type; their figures come from our declarations, never from the input."""

_NINE_DIGITS = (
    "不得含有连续 9 位以上的数字（疑似证件号码或账号）",
    "must not hold nine digits in a row: it could be a personal number",
)
"""What TEXT_PATTERN keeps out, in words."""

_FAMILIES: tuple[tuple[str, tuple[str, str]], ...] = (
    ("uuid", ("须为 UUID", "must be a UUID")),
    ("datetime", ("须为带时区的时间", "must be a time with its offset")),
    ("timezone", ("须为带时区的时间", "must be a time with its offset")),
    ("date", ("须为日期（YYYY-MM-DD）", "must be a date (YYYY-MM-DD)")),
    ("int", ("须为整数", "must be an integer")),
    ("decimal", ("须为十进制数", "must be a decimal number")),
    ("float", ("须为数字", "must be a number")),
    ("bool", ("须为 true 或 false", "must be true or false")),
    ("string", ("须为文本", "must be a text")),
    ("list", ("须为列表", "must be a list")),
    ("tuple", ("须为列表", "must be a list")),
    ("set", ("须为列表", "must be a list")),
    ("dict", ("须为对象", "must be an object")),
    ("model", ("须为对象", "must be an object")),
    ("bytes", ("须为二进制内容", "must be binary content")),
)


def invalid(errors: Iterable[Mapping[str, Any]]) -> Invalid:
    """All errors of one request at once, without those that only follow from another."""
    found = list(errors)
    return Invalid(*(_violation(error) for error in found if not _follows(error, found)))


def _follows(error: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a list is called too short only because pydantic does not count its broken items."""
    place = tuple(error["loc"])
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and tuple(other["loc"][: len(place)]) == place for other in others
    )


def _violation(error: Mapping[str, Any]) -> Violation:
    kind = str(error["type"])
    context = error.get("ctx") or {}
    zh, en = (context["zh"], error["msg"]) if "zh" in context else _words(kind, context)
    return Violation(
        "FIELD_MISSING" if kind == "missing" else "BODY_UNREADABLE" if kind == "json_invalid" else "FIELD_INVALID",
        zh,
        en,
        field=_pointer(kind, (*error["loc"], *([context["field"]] if "field" in context else []))),
        remedy_zh="按接口说明填写",
        remedy_en="fill it in as the API describes",
    )


def _words(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    if context.get("pattern") == TEXT_PATTERN:
        return (
            "不得含有连续 9 位以上的数字（疑似证件号码或账号）",
            "must not hold nine digits in a row: it could be a personal number",
        )
    if kind in _WORDS:
        zh, en = _WORDS[kind]
        return zh.format_map(context), en.format_map(context)
    return next((words for family, words in _FAMILIES if kind.startswith(family)), ("格式不正确", _UNREADABLE))


def _pointer(kind: str, location: tuple[int | str, ...]) -> str:
    """A JSON pointer; names that the caller invented are left out, for a name may hold what a value may not."""
    place, *rest = location
    if kind == "json_invalid":
        return ""
    if kind == "extra_forbidden":
        rest = rest[:-1]
    known = [str(part) for part in rest if isinstance(part, int) or _NAME.fullmatch(part)]
    return "/".join([_PLACES.get(str(place), ""), *known])

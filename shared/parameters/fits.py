"""What values fit a parameter (取值范围): said in both languages, and asked of the value that its text means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

_LONGEST_WORD = 100
_MOST_DAYS = 3650
_MOST_FEN = 10**14
_LEAP_YEAR, _COMMON_YEAR = 2000, 2001
_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fit:
    """The values that a parameter may take, in words, and whether a value is one of them."""

    zh: str
    en: str
    holds: Callable[[Any], bool]


def between(least: int, most: int) -> Fit:
    """Numbers from `least` to `most`, both included; whole numbers and shares alike."""
    return Fit(f"{least} 至 {most}", f"from {least} to {most}", lambda number: least <= number <= most)


def days_between(least: int, most: int) -> Fit:
    """Periods of so many days, however they are counted."""
    return Fit(f"{least} 至 {most} 天", f"{least} to {most} days", lambda period: least <= period.days <= most)


def one_of(*words: str) -> Fit:
    """One of these words, in this spelling."""
    return Fit(" 或 ".join(words), " or ".join(words), frozenset(words).__contains__)


def each_matching(pattern: str, zh: str, en: str) -> Fit:
    """A list each word of which has the form `pattern`; an empty list fits too."""
    form = re.compile(pattern, re.ASCII)
    return Fit(zh, en, lambda words: all(form.fullmatch(word) for word in words))


def matching(pattern: str, zh: str, en: str) -> Fit:
    """A text of the form `pattern`."""
    form = re.compile(pattern, re.ASCII)
    return Fit(zh, en, lambda text: form.fullmatch(text) is not None)


def each_between(least: int, most: int) -> Fit:
    """A list of at least one whole number, each from `least` to `most`."""
    return Fit(
        f"至少一个，每个为 {least} 至 {most} 的整数",
        f"at least one, each a whole number from {least} to {most}",
        lambda words: bool(words) and all(_is_whole(word) and least <= int(word) <= most for word in words),
    )


def _is_whole(word: str) -> bool:
    return re.fullmatch(r"\d{1,4}", word, re.ASCII) is not None


def _is_day(text: str, year: int) -> bool:
    match = _DAY.fullmatch(text)
    if match is None:
        return False
    try:
        date(year, int(match[1]), int(match[2]))
    except ValueError:
        return False
    return True


def _is_span(text: str) -> bool:
    first, dots, last = text.partition("..")
    return bool(dots) and _is_day(first, _LEAP_YEAR) and _is_day(last, _LEAP_YEAR)


def _is_word(text: str) -> bool:
    return text.isprintable() and len(text) <= _LONGEST_WORD


EVERY_YEAR = Fit("每年都有的日期 MM-DD", "a day of every year, MM-DD", lambda text: _is_day(text, _COMMON_YEAR))
WINDOWS = Fit(
    "至少一段 MM-DD..MM-DD，首尾均为真实日期",
    "at least one span MM-DD..MM-DD of days that exist",
    lambda words: bool(words) and all(_is_span(word) for word in words),
)

WHOLE = Fit("0 至 1", "from 0 to 1", lambda share: 0 <= share <= 1)
COUNT = between(0, _MOST_DAYS)
PERIOD = days_between(0, _MOST_DAYS)
AMOUNT = Fit("0 元至 1 万亿元", "from 0 to 10^12 yuan", lambda fen: 0 <= fen <= _MOST_FEN)
SWITCH = Fit("on 或 off", "on or off", lambda _: True)
WORD = Fit("1 至 100 字", "1 to 100 characters", lambda text: bool(text.strip()) and _is_word(text))
WORD_LIST = Fit(
    "每个至多 100 字", "each of at most 100 characters", lambda words: all(_is_word(word) for word in words)
)

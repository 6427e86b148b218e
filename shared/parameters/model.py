"""Parameters (政策参数): numbers and words that change by year and place, declared by services, valued by dated rows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from shared.kernel.days import Duration
from shared.kernel.money import parse_yuan
from shared.parameters import fits
from shared.parameters.fits import Fit, one_of


class Kind(StrEnum):
    """What a parameter's text means."""

    DURATION = "duration"
    INTEGER = "integer"
    FEN = "fen"
    SHARE = "share"
    FLAG = "flag"
    TEXT = "text"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of a kind are written, what text means, and which values fit unless a parameter says otherwise."""

    zh: str
    en: str
    pattern: re.Pattern[str]
    value: Callable[[str], Any]
    usual: Fit


def _form(zh: str, en: str, pattern: str, value: Callable[[str], Any], usual: Fit) -> _Form:
    return _Form(zh, en, re.compile(pattern, re.ASCII | re.DOTALL), value, usual)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_PERIOD = r"\d{1,6}( (natural|working)( (none|next_working))?)?"
_SHARE = r"\d{1,6}(\.\d{1,6}|/[1-9]\d{0,5})?"
_FORMS: Mapping[Kind, _Form] = {
    Kind.DURATION: _form("天数及计法，如 5 working", "days, such as 5 working", _PERIOD, Duration.parse, fits.PERIOD),
    Kind.INTEGER: _form("整数", "a whole number", r"\d{1,9}", int, fits.COUNT),
    Kind.FEN: _form("金额（元）", "an amount in yuan", r"[\d,]{1,15}(\.\d{1,2})?", parse_yuan, fits.AMOUNT),
    Kind.SHARE: _form("小数或分数，如 1/3", "a decimal or a fraction, such as 1/3", _SHARE, Fraction, fits.WHOLE),
    Kind.FLAG: _form("开关", "a switch", "on|off", "on".__eq__, fits.SWITCH),
    Kind.TEXT: _form("文字", "a text", r".*", str, fits.WORD),
    Kind.WORDS: _form("以逗号分隔", "a list by commas", r".*", _words, fits.WORD_LIST),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One policy number: its meaning, unit and source. `default` None means that policy must state it.

    `fits`: which values it may take; None for what its kind usually takes.
    """

    name: str
    kind: Kind
    default: str | None
    unit: str
    source: str
    zh: str
    en: str
    fits: Fit | None = None

    @property
    def fit(self) -> Fit:
        """The values that it may take."""
        return self.fits or _FORMS[self.kind].usual

    @property
    def asks_zh(self) -> str:
        """What is to be written, in Chinese."""
        return f"{_FORMS[self.kind].zh}，{self.fit.zh}"

    @property
    def asks_en(self) -> str:
        """What is to be written, in English."""
        return f"{_FORMS[self.kind].en}, {self.fit.en}"

    def parse(self, text: str) -> Any:
        """The value of `text`; raises ValueError for text of another kind and for a value that does not fit."""
        form = _FORMS[self.kind]
        if form.pattern.fullmatch(text):
            value = form.value(text)
            if self.fit.holds(value):
                return value
        message = f"{self.name} takes {self.asks_en}"
        raise ValueError(message)


class Mode(StrEnum):
    """How a limit speaks (architecture.md §6): blocks once a county adopted it, until then warns as 未核实."""

    WARN = "warn"
    BLOCK = "block"
    OFF = "off"


def limit_mode(rule: str, zh: str, en: str, *, blocks: bool, source: str) -> Parameter:
    """The parameter that says whether limit `rule` warns or blocks."""
    default = Mode.BLOCK if blocks else Mode.WARN
    return Parameter(f"rule.{rule}.mode", Kind.TEXT, default, "warn | block | off", source, zh, en, one_of(*Mode))

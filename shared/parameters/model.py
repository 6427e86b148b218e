"""Parameters (政策参数): numbers and words that change by year and place, declared by services, valued by dated rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from shared.kernel.days import Duration
from shared.kernel.money import parse_yuan


class Kind(StrEnum):
    """What a parameter's text means."""

    DURATION = "duration"
    INTEGER = "integer"
    FEN = "fen"
    SHARE = "share"
    FLAG = "flag"
    TEXT = "text"
    WORDS = "words"


def _flag(text: str) -> bool:
    return {"on": True, "off": False}[text]


_PARSERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.DURATION: Duration.parse,
    Kind.INTEGER: int,
    Kind.FEN: parse_yuan,
    Kind.SHARE: Fraction,
    Kind.FLAG: _flag,
    Kind.TEXT: str,
    Kind.WORDS: lambda text: tuple(word.strip() for word in text.split(",") if word.strip()),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One policy number: its meaning, unit and source. `default` None means that policy must state it."""

    name: str
    kind: Kind
    default: str | None
    unit: str
    source: str
    zh: str
    en: str

    def parse(self, text: str) -> Any:
        """The value of `text`; raises ValueError or KeyError for text of another kind."""
        return _PARSERS[self.kind](text)


class Mode(StrEnum):
    """How a limit speaks (architecture.md §6): blocks once a county adopted it, until then warns as 未核实."""

    WARN = "warn"
    BLOCK = "block"
    OFF = "off"


def limit_mode(rule: str, zh: str, en: str, *, blocks: bool, source: str) -> Parameter:
    """The parameter that says whether limit `rule` warns or blocks."""
    default = Mode.BLOCK if blocks else Mode.WARN
    return Parameter(f"rule.{rule}.mode", Kind.TEXT, default, "warn | block | off", source, zh, en)

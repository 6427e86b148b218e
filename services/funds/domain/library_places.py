"""Which divisions the words of a cell mean: several villages in one cell, with or without their township (§1.2 place)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.funds.domain.library import text_key
from shared.kernel.areas import AreaCode, AreaLevel

_SPLIT = re.compile(r"[、，,;；/\n\r]+|(?<=村)[和及与]|\s{2,}")
_TAILS = (
    "村民委员会",
    "居民委员会",
    "村委会",
    "社区居委会",
    "居委会",
    "办事处",
    "民族乡",
    "街道",
    "社区",
    "镇",
    "乡",
    "村",
)
_WHOLE = frozenset({"", "全县", "全区", "全市", "县域", "县域内", "各乡镇", "全县各乡镇", "相关乡镇", "有关乡镇"})


def _bare(name: str) -> str:
    key = text_key(name)
    for tail in _TAILS:
        if key.endswith(tail) and len(key) > len(tail) + 1:
            return key.removesuffix(tail)
    return key


class UnknownPlace(ValueError):
    """A word that no division, or more than one, goes by."""


@dataclass(slots=True)
class Gazetteer:
    """The divisions of a county by their names, with and without what they end in."""

    county: AreaCode
    _towns: dict[str, set[int]] = field(default_factory=dict)
    _villages: dict[str, set[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, county: AreaCode, divisions: Iterable[tuple[int, str]]) -> "Gazetteer":
        """From pairs of code and name."""
        made = cls(county)
        for code, name in divisions:
            level = AreaCode(code).level
            books = {AreaLevel.TOWNSHIP: made._towns, AreaLevel.VILLAGE: made._villages}
            if (book := books.get(level)) is not None:
                for key in {text_key(name), _bare(name)}:
                    book.setdefault(key, set()).add(code)
        return made

    def places(self, township: str, villages: str) -> list[AreaCode]:
        """The divisions meant, without repetition; the township, or the county, where no village is named.

        Raises UnknownPlace with the word.
        """
        town = self._township(township)
        words = [word.strip() for word in _SPLIT.split(villages) if word.strip()]
        if not words or all(text_key(word) in _WHOLE for word in words):
            return [town or self.county]
        return list(dict.fromkeys(self._one(word, town) for word in words))

    def _township(self, word: str) -> AreaCode | None:
        key = text_key(word)
        if key in _WHOLE:
            return None
        return self._only(word, self._towns.get(key) or self._towns.get(_bare(word)) or set())

    def _one(self, word: str, town: AreaCode | None) -> AreaCode:
        """A village of the township, or of the county; a village behind its township's name; a township by itself."""
        key = text_key(word)
        if found := self._within(key, town or self.county):
            return self._only(word, found)
        towns = {name: codes for name, codes in self._towns.items() if town is None or int(town) in codes}
        for name, codes in towns.items():
            inside = key.startswith(name) and len(codes) == 1
            found = self._within(key.removeprefix(name), AreaCode(next(iter(codes)))) if inside else set()
            if found:
                return self._only(word, found)
        return self._only(word, towns.get(key, set()))

    def _within(self, key: str, area: AreaCode) -> set[int]:
        for name in (key, *(key.removesuffix(tail) for tail in _TAILS if key.endswith(tail))):
            if found := {code for code in self._villages.get(name, set()) if area.contains(code)}:
                return found
        return set()

    @staticmethod
    def _only(word: str, found: set[int]) -> AreaCode:
        if len(found) != 1:
            raise UnknownPlace(word)
        return AreaCode(next(iter(found)))

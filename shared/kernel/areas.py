"""Administrative area codes (统计用区划代码): 12 digits, a string on the wire, a bigint in the database (M-DIV-01…03)."""

from enum import IntEnum

_UNITS = (10**12, 10**10, 10**8, 10**6, 10**3, 1)


class AreaLevel(IntEnum):
    """Depth of a division; its digits decide it."""

    NATION = 0
    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWNSHIP = 4
    VILLAGE = 5


class AreaCode(int):
    """The code of one division; everything below it is one range of codes, so a scope is an index range scan."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "AreaCode":
        """From 2, 4, 6, 9 or 12 digits, shorter ones padded with zeros; raises ValueError."""
        if not (text.isascii() and text.isdigit() and len(text) in {2, 4, 6, 9, 12}):
            message = f"not an area code of 2, 4, 6, 9 or 12 digits: {text!r}"
            raise ValueError(message)
        return cls(text.ljust(12, "0"))

    @property
    def level(self) -> AreaLevel:
        """The level that the trailing zeros tell."""
        return next(AreaLevel(i) for i, unit in enumerate(_UNITS) if self % unit == 0)

    @property
    def parent(self) -> "AreaCode":
        """The division above; the nation is its own parent."""
        return self.at(AreaLevel(max(self.level - 1, 0)))

    @property
    def span(self) -> tuple[int, int]:
        """First and last code of this division and all below it."""
        return int(self), int(self) + _UNITS[self.level] - 1

    def at(self, level: AreaLevel) -> "AreaCode":
        """The ancestor (or self) at `level`."""
        return AreaCode(self - self % _UNITS[level])

    def ancestry(self) -> "tuple[AreaCode, ...]":
        """Self, then each ancestor up to the nation: the order in which dated rows by area are looked up."""
        return tuple(dict.fromkeys(self.at(AreaLevel(level)) for level in range(self.level, -1, -1)))

    def contains(self, other: int) -> bool:
        """Whether `other` is this division or lies below it."""
        low, high = self.span
        return low <= other <= high

    def __str__(self) -> str:
        """Twelve digits."""
        return f"{int(self):012d}"


NATION = AreaCode(0)

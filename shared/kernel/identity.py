"""Identity numbers: of residents (公民身份号码, GB 11643), permits alike, and disability certificates (残疾人证)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize

RESIDENT_LENGTH = 18
LEGACY_LENGTH = 15
CERTIFICATE_LENGTHS = (20, 22)

_CHECK_DIGITS = b"10X98765432"
_BASE = 13
_LAST = "0123456789X"
_SOUND = frozenset({1, 12, 23})
"""1 modulo 11, as the sum of three shares that are less than 11 each."""
_NEVER_SOUND = 100
_LAST_PROVINCE = {"1": 5, "2": 3, "3": 7, "4": 6, "5": 4, "6": 5}
"""GB/T 2260: of the six regions, the last province; each begins with 1, only the south-west (重庆 50) with 0."""
_OTHER_PROVINCES = ("50", "71", "81", "82", "83")
"""… and Taiwan, Hong Kong, Macau; 81–83 are also the residence permits (港澳台居民居住证) of the three."""
_PROVINCES = frozenset(
    [f"{region}{n}" for region, last in _LAST_PROVINCE.items() for n in range(1, last + 1)] + [*_OTHER_PROVINCES],
)
_PLACEHOLDER = "999999"
_FOREIGNER = "9"


class Sex(StrEnum):
    """性别."""

    MALE = "male"
    FEMALE = "female"


class Flaw(StrEnum):
    """What is wrong with a number."""

    PLACEHOLDER = "placeholder"
    LENGTH = "length"
    CHARACTERS = "characters"
    CHECK_DIGIT = "check_digit"
    BIRTH_DATE = "birth_date"
    LEGACY = "legacy"
    PROVINCE = "province"
    DISABILITY_KIND = "disability_kind"
    DISABILITY_LEVEL = "disability_level"


@dataclass(frozen=True, slots=True)
class IdProblem:
    """A flaw, the data-quality rule it breaks, and whether the number must be refused or only looked at."""

    flaw: Flaw
    rule: str
    blocks: bool = True


_PROBLEM = {
    problem.flaw: problem
    for problem in (
        IdProblem(Flaw.PLACEHOLDER, "DQ-ID-05", blocks=False),
        IdProblem(Flaw.LENGTH, "DQ-ID-02"),
        IdProblem(Flaw.CHARACTERS, "DQ-ID-03"),
        IdProblem(Flaw.CHECK_DIGIT, "DQ-ID-03"),
        IdProblem(Flaw.BIRTH_DATE, "DQ-ID-03"),
        IdProblem(Flaw.LEGACY, "DQ-ID-02", blocks=False),
        IdProblem(Flaw.PROVINCE, "DQ-ID-03", blocks=False),
        IdProblem(Flaw.DISABILITY_KIND, "DQ-ID-04"),
        IdProblem(Flaw.DISABILITY_LEVEL, "DQ-ID-04"),
    )
}
_OF_CERTIFICATE = {flaw: IdProblem(flaw, "DQ-ID-04") for flaw in (Flaw.CHARACTERS, Flaw.CHECK_DIGIT, Flaw.BIRTH_DATE)}


def normalized(value: str) -> str:
    """The number as it is checked and stored: half width, capital X, no spaces around it."""
    return normalize("NFKC", value).strip().upper()


class OrdinaryNumbers:
    """Finds among many numbers those that are no citizen's number of 18 without flaw, for large files: these need a check.

    A sound number, read in base 13, is 1 modulo 11 (GB 11643). What region, birth date and the rest add to that is
    remembered, for they repeat from number to number.
    """

    def __init__(self, today: date) -> None:
        """A birth date after `today` is a flaw."""
        self._today = today
        self._regions, self._births, self._rests = _Shares(_of_region), _Shares(self._of_birth), _Shares(_of_rest)

    def odd(self, numbers: Sequence[str]) -> list[int]:
        """Where in `numbers` the others stand."""
        regions, births, rests = self._regions, self._births, self._rests
        sums = [regions[number[:6]] + births[number[6:14]] + rests[number[14:]] for number in numbers]
        return [] if _SOUND.issuperset(sums) else [at for at, found in enumerate(sums) if found not in _SOUND]

    def _of_birth(self, text: str) -> int | None:
        born = _date(text)
        return None if born is None or born > self._today else int(text, _BASE) * 2**4 % 11


class _Shares(dict[str, int]):
    """What a part of a number adds to its sum, worked out when it is met first."""

    def __init__(self, share: Callable[[str], int | None]) -> None:
        self._share = share

    def __missing__(self, text: str) -> int:
        share = self._share(text)
        if share is None:
            return _NEVER_SOUND
        self[text] = share
        return share


def _of_region(text: str) -> int | None:
    return int(text, _BASE) * 2**12 % 11 if _is_digits(text) and text[:2] in _PROVINCES else None


def _of_rest(text: str) -> int | None:
    if len(text) != 4 or not _is_digits(text[:3]) or text[3] not in _LAST:  # noqa: PLR2004  15th to 18th digit
        return None
    return (int(text[:3], _BASE) * 2 + _LAST.index(text[3])) % 11


def check_id_number(value: str, today: date) -> IdProblem | None:
    """The first flaw of a resident number or of a disability certificate, told apart by length; None without flaw.

    A flaw that does not block is told last. `value` is normalized; a birth date after `today` is a flaw.
    """
    if len(value) in CERTIFICATE_LENGTHS:
        return check_disability_certificate(value, today)
    return check_resident_id(value, today)


def check_resident_id(value: str, today: date) -> IdProblem | None:
    """The first flaw of a resident number (DQ-ID-02, 03, 05); its former form of 15 digits is taken, but flagged."""
    flaw = _flaw(value, today)
    return None if flaw is None else _PROBLEM[flaw]


def check_disability_certificate(value: str, today: date) -> IdProblem | None:
    """The first flaw of resident number + kind 1–7 + level 1–4 (+ two characters when re-issued) (DQ-ID-02, 04)."""
    if len(value) not in CERTIFICATE_LENGTHS:
        return _PROBLEM[Flaw.LENGTH]
    if not (value.isascii() and value.isalnum()):
        return _OF_CERTIFICATE[Flaw.CHARACTERS]
    flaw = _flaw(value[:RESIDENT_LENGTH], today)
    if flaw is not None and _PROBLEM[flaw].blocks:
        return _OF_CERTIFICATE[flaw]
    if value[18] not in "1234567":
        return _PROBLEM[Flaw.DISABILITY_KIND]
    if value[19] not in "1234":
        return _PROBLEM[Flaw.DISABILITY_LEVEL]
    return None if flaw is None else _PROBLEM[flaw]


def has_valid_check_digit(value: str) -> bool:
    """Whether 18 characters are digits with a fitting last digit or X, whatever they mean."""
    digits = value.encode("ascii", "replace")
    return len(digits) == RESIDENT_LENGTH and digits[:17].isdigit() and _check_digit(digits) == digits[17]


def upgraded(value: str) -> str:
    """The 18 digits of a former number of 15, whose living holders are born after 1899; any other number as it is."""
    if len(value) != LEGACY_LENGTH or not _is_digits(value):
        return value
    digits = f"{value[:6]}19{value[6:]}".encode()
    return (digits + bytes([_check_digit(digits)])).decode()


def birth_date(value: str) -> date | None:
    """The birth date in a resident or certificate number; None when there is none."""
    return _date(upgraded(value)[6:14])


def sex(value: str) -> Sex | None:
    """The sex in a resident or certificate number; None when there is none."""
    digit = upgraded(value)[16:17]
    if not _is_digits(digit):
        return None
    return Sex.MALE if int(digit) % 2 else Sex.FEMALE


def _flaw(value: str, today: date) -> Flaw | None:
    if len(value) != RESIDENT_LENGTH:
        return _flaw_of_other_length(value, today)
    digits = value.encode("ascii", "replace")
    if not digits[:17].isdigit() or digits[17] not in _CHECK_DIGITS:
        return Flaw.CHARACTERS
    if value.startswith(_PLACEHOLDER):
        return Flaw.PLACEHOLDER
    if _check_digit(digits) != digits[17]:
        return Flaw.CHECK_DIGIT
    born = _date(value[6:14])
    if born is None or born > today:
        return Flaw.BIRTH_DATE
    # A permit of a foreign permanent resident is 9, then the province, then the country.
    province = value[1:3] if value[0] == _FOREIGNER else value[:2]
    return None if province in _PROVINCES else Flaw.PROVINCE


def _flaw_of_other_length(value: str, today: date) -> Flaw:
    if not value or value.startswith(_PLACEHOLDER):
        return Flaw.PLACEHOLDER
    if len(value) != LEGACY_LENGTH:
        return Flaw.LENGTH
    if not _is_digits(value):
        return Flaw.CHARACTERS
    flaw = _flaw(upgraded(value), today)
    return flaw if flaw is not None and _PROBLEM[flaw].blocks else Flaw.LEGACY


def _check_digit(digits: bytes | str) -> int:
    """The weights 7, 9, 10, 5 … 4, 2 are powers of two modulo 11, and so are those of 13: its digits are read in base 13."""
    return _CHECK_DIGITS[int(digits[:17], _BASE) * 2 % 11]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=65_536)
def _date(text: str) -> date | None:
    """A birth date; there are fewer days in a life than rows in a county, hence the cache."""
    if not _is_digits(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None

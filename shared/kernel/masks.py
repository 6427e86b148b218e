"""How personal data are shown masked (M-PI-05), and the filter that keeps them out of public text (M-PI-06)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.kernel.identity import LEGACY_LENGTH, RESIDENT_LENGTH, birth_date, has_valid_check_digit

HIDDEN = "*"
_COMPOUND_SURNAMES = frozenset(
    ["欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒"],
)
_MOBILE_LENGTH = 11
_LEAST_HIDDEN = 4
_DOWN_TO_GROUP = re.compile(
    r".*?(?:村(?![镇乡街])|社区|居委会|嘎查)(?:第?[\d一二三四五六七八九十]+(?:村民)?小?[组社队])?"
)


def mask_id_number(value: str) -> str:
    """First six and last two, as `110105**********2X`; of a certificate no tail, for it tells the disability."""
    return _masked(value, 6, 2 if len(value) in {LEGACY_LENGTH, RESIDENT_LENGTH} else 0)


def mask_phone(value: str) -> str:
    """The first three and the last four of a mobile number, as `138****1234`; of any other the last two."""
    return _masked(value, 3, 4) if len(value) == _MOBILE_LENGTH else _masked(value, 0, 2)


def mask_bank_card(value: str) -> str:
    """The last four."""
    return _masked(value, 0, 4)


def mask_minor_name(name: str) -> str:
    """The family name and 某: 张小明 → 张某, 欧阳小明 → 欧阳某."""
    return name[: 2 if name[:2] in _COMPOUND_SURNAMES else 1] + "某"


def mask_address(address: str) -> str:
    """The address down to the group (村民小组), or to the village where no group is named; nothing without either."""
    found = _DOWN_TO_GROUP.match(address)
    return found[0] if found else ""


def _masked(value: str, head: int, tail: int) -> str:
    """At least four characters are hidden, or all of them."""
    if len(value) < head + tail + _LEAST_HIDDEN:
        return HIDDEN * len(value)
    return value[:head] + HIDDEN * (len(value) - head - tail) + value[len(value) - tail :]


class Personal(StrEnum):
    """Which kind of personal data a text shows."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    BANK_CARD = "bank_card"
    DISABILITY = "disability"
    DISEASE = "disease"


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a text shows personal data: `text[start:end]`; the data themselves are not repeated here."""

    kind: Personal
    start: int
    end: int


# Digits may stand in full width, and in groups as people write them; the translation keeps every position.
_TO_HALF_WIDTH = {
    ord(wide): narrow for wide, narrow in zip("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ", strict=True)
}
_ALONE = r"(?<![0-9]){}(?![0-9])"
_ID_NUMBER = re.compile(_ALONE.format(r"[0-9]{6}[ -]?[0-9]{8}[ -]?[0-9]{3}[0-9Xx](?:[1-7][1-4](?:[0-9A-Za-z]{2})?)?"))
_LEGACY_ID_NUMBER = re.compile(_ALONE.format(r"[0-9]{15}"))
_MOBILE = re.compile(r"(?<![0-9])(?:\+?(?:00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
_BANK_CARD = re.compile(_ALONE.format(r"(?:[0-9]{16,19}|[3-9][0-9]{3}(?:[ -][0-9]{4}){3}(?:[ -][0-9]{1,3})?)"))
_DISABILITY = re.compile(
    r"残疾|肢残|智残|精残|聋哑|盲人|(?:视力|听力|言语|肢体|智力|精神|多重)[一二三四1-4ⅠⅡⅢⅣ]级",
)


def find_personal(text: str, disease_words: Iterable[str]) -> list[Hit]:
    """Every place where a public text shows personal data (M-PI-06), in order, each told once by its gravest kind.

    Any hit blocks publication (A22). `disease_words` are data of the deployment.
    """
    plain = text.translate(_TO_HALF_WIDTH)
    hits: list[Hit] = []
    for kind, pattern, holds in (
        (Personal.ID_NUMBER, _ID_NUMBER, _is_id_number),
        (Personal.ID_NUMBER, _LEGACY_ID_NUMBER, _is_legacy_id_number),
        (Personal.PHONE, _MOBILE, _always),
        (Personal.BANK_CARD, _BANK_CARD, _always),
        (Personal.DISABILITY, _DISABILITY, _always),
        (Personal.DISEASE, _any_of(tuple(disease_words)), _always),
    ):
        hits += _fresh_hits(kind, pattern, holds, plain, hits)
    return sorted(hits, key=lambda hit: hit.start)


def _fresh_hits(
    kind: Personal,
    pattern: re.Pattern[str],
    holds: Callable[[str], bool],
    text: str,
    known: Sequence[Hit],
) -> list[Hit]:
    return [
        Hit(kind, match.start(), match.end())
        for match in pattern.finditer(text)
        if holds(match[0]) and not any(hit.start < match.end() and match.start() < hit.end for hit in known)
    ]


def _is_id_number(found: str) -> bool:
    number = found.replace(" ", "").replace("-", "").upper()
    return has_valid_check_digit(number[:RESIDENT_LENGTH])


def _is_legacy_id_number(found: str) -> bool:
    return birth_date(found) is not None


def _always(_: str) -> bool:
    return True


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """The longest word first, so that 肺癌 is not told as 癌; no word at all matches nothing."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)", re.IGNORECASE)

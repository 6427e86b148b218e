"""Canaries: invented personal data with stems that occur nowhere else, and the search for them in any disguise."""

import base64
import mmap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg

STEMS: Mapping[str, str] = {
    "name": "鹮鸂鶒",
    "id number": "23060619370211",
    "phone": "199703158",
    "card": "622297031584",
    "account": "998870315842",
    "note": "赑屃负碑而立",
}

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def name(n: int) -> str:
    """The n-th name, below ten."""
    return STEMS["name"] + "甲乙丙丁戊己庚辛壬癸"[n]


def id_number(n: int, *, flaw: bool = False) -> str:
    """The n-th number, below a thousand; with a wrong check digit if `flaw`."""
    digits = f"{STEMS['id number']}{n:03d}"
    place = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) + flaw
    return digits + "10X98765432"[place % 11]


def phone(n: int) -> str:
    """The n-th mobile number."""
    return f"{STEMS['phone']}{n:02d}"


def card(n: int) -> str:
    """The n-th bank card."""
    return f"{STEMS['card']}{n:04d}"


def disguises(stem: str) -> set[bytes]:
    """Every form in which a stem might lie somewhere."""
    plain = stem.encode()
    found = {plain, stem.encode("utf-16-le"), stem.encode("gb18030"), plain.hex().encode(), quote(stem).encode()}
    found.add(stem.encode("unicode_escape"))
    return found | set(_inside_base64(plain))


def _inside_base64(plain: bytes) -> Iterator[bytes]:
    """What base64 makes of the bytes wherever they begin, without the characters that share bits with neighbours."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        yield encoded[-(-shift * 8 // 6) : (shift + len(plain)) * 8 // 6]


def found_in(content: bytes | mmap.mmap) -> list[str]:
    """The kinds of canaries in some bytes."""
    return [kind for kind, stem in STEMS.items() if any(content.find(form) >= 0 for form in disguises(stem))]


def found_in_files(paths: Iterable[Path]) -> dict[str, list[str]]:
    """Files that hold canaries, with the kinds."""
    leaks = {}
    for path in paths:
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                if kinds := found_in(content):
                    leaks[str(path)] = kinds
    return leaks


async def found_in_tables(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """Tables whose rows hold canaries, with the kinds; past compression, as the superuser sees them."""
    names = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    leaks = {}
    for (table,) in await connection.fetch(names):
        rows = await connection.fetch(f'SELECT t::text AS row FROM "{table}" AS t')  # noqa: S608  from the catalogue
        if kinds := found_in("\n".join(row["row"] for row in rows).encode()):
            leaks[table] = kinds
    return leaks

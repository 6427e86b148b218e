"""Names for ids (标识的替代名): two runs give different ids to the same thing, and equal names to equal things."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import md5
from typing import Any, NamedTuple

import orjson

_ID = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
_HERE, _BAG, _ME, _UNKNOWN = "\0", "\1", b"me", b"unknown"
_KEY_ROUNDS = 8
"""Deeper than any business key refers to other keys."""
_CONTEXT_ROUNDS = 4
"""How far round a thing without key of its own we look to tell it from its like."""


class Form(NamedTuple):
    """A row or a part of it: its text with places for ids and for bags, whose elements have no order."""

    text: str
    ids: tuple[str, ...] = ()
    bags: "tuple[tuple[Form, ...], ...]" = ()

    def __add__(self, other: "Form") -> "Form":  # type: ignore[override]
        return Form(self.text + other.text, self.ids + other.ids, self.bags + other.bags)


class Row(NamedTuple):
    """What is compared of one row; `own` is its id, and `key` its business key, where it has them."""

    form: Form
    own: str = ""
    key: Form | None = None


def form_of(value: Any, left_out: frozenset[str] = frozenset()) -> Form:
    """The form of a decoded json value; moments and the keys `left_out` do not appear in it.

    A list that holds ids came in their order, and an object with ids as keys likewise: both become bags.
    """
    match value:
        case dict():
            kept = {key: item for key, item in value.items() if key not in left_out}
            if any(_ID.fullmatch(key) for key in kept):
                return form_of([[key, item] for key, item in kept.items()], left_out)
            return _joined("{", (Form(f"{key}:") + form_of(kept[key], left_out) for key in sorted(kept)))
        case list():
            forms = [form_of(item, left_out) for item in value]
            if any(form.ids or form.bags for form in forms):
                return Form(_BAG, bags=(tuple(forms),))
            return _joined("[", forms)
        case str():
            return _of_text(value)
    return Form(orjson.dumps(value).decode())


def _of_text(text: str) -> Form:
    if _MOMENT.fullmatch(text):
        return Form("")
    parts = [orjson.dumps(part).decode() for part in _ID.split(text)]
    return Form(_HERE.join(parts[::2]), tuple(part[1:-1] for part in parts[1::2]))


def digest(form: Form, names: Mapping[str, bytes], me: str = "") -> bytes:
    """The digest of a form with names for its ids; `me` is marked, so that its place in the form tells."""
    made = md5(form.text.encode(), usedforsecurity=False)
    for each in form.ids:
        made.update(_ME if each == me else names.get(each, _UNKNOWN))
    for bag in form.bags:
        made.update(b"".join(sorted(digest(element, names, me) for element in bag)))
    return made.digest()


def names_of(rows: Sequence[Row], fixed: Mapping[str, bytes]) -> dict[str, bytes]:
    """A name for every id: `fixed` ones as given, else from the row whose own id it is, by its business key.

    Ids that still share a name, and those that no row owns, are told apart by the rows in which they occur. What
    cannot be told apart by any of this is alike, and may be exchanged without anybody noticing.
    """
    names = _names_by_key(rows, fixed)
    for row in rows:
        for each, _, _ in _places(row.form, row.form, 0):
            names.setdefault(each, _UNKNOWN)
    shared = Counter(names.values())
    alike = {each for each, name in names.items() if shared[name] > 1 and each not in fixed}
    found = defaultdict(list)
    for number, row in enumerate(rows):
        for each, place, bag in _places(row.form, row.form, 0):
            if each in alike:
                found[each].append((number, place, bag))
    for _ in range(_CONTEXT_ROUNDS):
        seen = {number: b"" for places in found.values() for number, _, _ in places}
        seen = {number: digest(rows[number].form, names) for number in seen}
        names |= {
            each: _mixed(
                names[each],
                sorted(seen[number] + bytes([bag]) + digest(place, names, each) for number, place, bag in places),
            )
            for each, places in found.items()
        }
    return names


def _names_by_key(rows: Sequence[Row], fixed: Mapping[str, bytes]) -> dict[str, bytes]:
    keys: dict[str, list[Form]] = defaultdict(list)
    for row in rows:
        if row.own and row.own not in fixed:
            keys[row.own].append(row.key or row.form)
    forms = {own: Form("", bags=(tuple(found),)) for own, found in keys.items()}
    names = dict(fixed) | {own: digest(form, fixed) for own, form in forms.items()}
    linked = {own: form for own, form in forms.items() if any(key.ids or key.bags for key in keys[own])}
    for _ in range(_KEY_ROUNDS):
        names |= {own: digest(form, names) for own, form in linked.items()}
    return names


def _places(form: Form, inside: Form, bag: int) -> Iterator[tuple[str, Form, int]]:
    """Every id with the smallest part that holds it, and how deep and in which bag that is."""
    for each in dict.fromkeys(form.ids):
        yield each, inside, bag
    for number, elements in enumerate(form.bags, 1):
        for element in elements:
            yield from _places(element, element, (bag * 16 + number) % 256)


def _mixed(name: bytes, parts: Iterable[bytes]) -> bytes:
    return md5(name + b"".join(parts), usedforsecurity=False).digest()


def _joined(opening: str, forms: Iterable[Form]) -> Form:
    parts = list(forms)
    return Form(
        opening + "".join(f"{part.text}," for part in parts),
        tuple(each for part in parts for each in part.ids),
        tuple(bag for part in parts for bag in part.bags),
    )

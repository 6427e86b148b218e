"""Households (农户) and their members (家庭成员): what a member's fields must be, and who may be registered together."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.domain.codes import HEAD, RELATIONS
from services.monitoring.domain.faults import Fault
from shared.kernel import identity

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·•. ]){0,48}")
ADULT_YEARS = 18


@dataclass(frozen=True, slots=True)
class Member:
    """The fields of a member that rules look at; `number` is normalized and may be empty (newborn)."""

    name: str
    number: str
    relation: str
    phone: str = ""


def person_number(number: str) -> str:
    """The 18 digits by which a person is found, whichever of the three forms the number has (M-CLUE-01)."""
    if len(number) == identity.RESIDENT_LENGTH:
        return number
    return identity.upgraded(number)[: identity.RESIDENT_LENGTH]


def number_fault(number: str, today: date, *, required: bool = False, field: str = "id_number") -> Fault | None:
    """The first flaw of a normalized identity number (DQ-ID-02…05). Without one: a fault that blocks if `required`."""
    if not number:
        return Fault(field, "ID_MISSING", "DQ-ID-05", blocks=required)
    problem = identity.check_id_number(number, today)
    if problem is None:
        return None
    if problem.flaw is identity.Flaw.PLACEHOLDER and required:
        return Fault(field, "ID_MISSING", problem.rule)
    return Fault(field, f"ID_{problem.flaw.upper()}", problem.rule, blocks=problem.blocks)


def is_findable(number: str, today: date) -> bool:
    """Whether a number stands for one person, so that it may be indexed; a placeholder does not."""
    fault = number_fault(number, today)
    return fault is None or fault.code not in {"ID_MISSING", "ID_PLACEHOLDER"}


def member_faults(member: Member, today: date) -> Iterator[Fault]:
    """What is wrong with one member, taken alone."""
    if not NAME.fullmatch(member.name):
        yield Fault("name", "NAME_FORM", "1.3")
    if fault := number_fault(member.number, today):
        yield fault
    if member.relation not in RELATIONS:
        yield Fault("relation", "RELATION_UNKNOWN", "DQ-ID-10")
    if member.phone and not MOBILE.fullmatch(member.phone):
        yield Fault("phone", "PHONE_FORM", "DQ-ID-13", blocks=False)


def household_faults(members: Sequence[Member]) -> Iterator[tuple[int | None, Fault]]:
    """What is wrong with members taken together; the number is the place in the list, None the household."""
    heads = [place for place, member in enumerate(members) if member.relation == HEAD]
    if not heads:
        yield None, Fault("members", "HEAD_MISSING", "DQ-ID-08")
    yield from ((place, Fault("relation", "HEAD_TWICE", "DQ-ID-09")) for place in heads[1:])
    yield from ((place, Fault("id_number", "ID_TWICE", "DQ-ID-01")) for place in _doubles(members))


def _doubles(members: Sequence[Member]) -> Iterator[int]:
    numbers = [person_number(member.number) for member in members]
    counted = Counter(number for number in numbers if number)
    seen: set[str] = set()
    for place, number in enumerate(numbers):
        if counted[number] > 1 and number in seen:
            yield place
        seen.add(number)


def is_minor(number: str, today: date) -> bool:
    """Whether the number tells of somebody below 18; without a birth date, to be safe, yes."""
    born = identity.birth_date(number)
    if born is None:
        return True
    return (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < ADULT_YEARS

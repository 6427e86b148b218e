"""Policy numbers in a check's SELECT: `:param(name, area)` and its kin become the values in force, before it runs.

    :param(indicator.amber_days, i.area_code)    an integer, fen, flag, text or list of words
    :num(retention.max, c.area_code, c.signed_on), :den(…)    a share as two numbers, so that nothing is rounded
    :cutoff(indicator.allocate_days, i.area_code)    a period as a day: what began on it or before is overdue today

The area is an expression over the SELECT's rows, and so may be the day on which the value was in force; without one
it is the day of the run. What policy has not stated is NULL: a rule without its number finds nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import asyncpg

from shared.kernel.areas import AreaCode
from shared.kernel.days import Calendar, Duration, last_day
from shared.parameters.lookup import Adopted, adopted, read
from shared.parameters.model import Parameter

_MACRO = re.compile(r":(param|num|den|cutoff)\(([A-Za-z0-9_.-]+), ([^(),]+)(?:, ([^(),]+))?\)")


@dataclass(frozen=True, slots=True)
class Policy:
    """What the values are looked up with: the service's declared parameters and the calendar of working days."""

    declared: Mapping[str, Parameter]
    calendar: Calendar


def named_parameters(select: str) -> list[str]:
    """The parameters that the SELECT names, each once."""
    return sorted({match[2] for match in _MACRO.finditer(select)})


async def with_policy(raw: asyncpg.Connection, select: str, policy: Policy, today: date) -> str:
    """`select` with each policy number as SQL; raises Unknown without a calendar, or for a value that does not fit."""
    rows: dict[str, list[Adopted]] = {name: [] for name in named_parameters(select)}
    for row in await adopted(raw, list(rows)):
        rows[row.name].append(row)

    def stated(match: re.Match[str]) -> str:
        form, name, area, day = match.groups()
        parameter = policy.declared[name]

        def literal(row: Adopted | None) -> str:
            return _literal(form, parameter, _value(parameter, row), policy.calendar, today)

        return _choice(rows[name], area, day, today, literal)

    return _MACRO.sub(stated, select)


def _choice(
    rows: Sequence[Adopted], area: str, day: str | None, today: date, literal: Callable[[Adopted | None], str]
) -> str:
    """The nearest area first, then the newest row: the order in which `rows` come; last the declared default."""
    branches = []
    for row in rows:
        conditions = [] if row.area == 0 else ["{} BETWEEN {} AND {}".format(area, *AreaCode(row.area).span)]
        if day is None:
            if not row.effective_from <= today <= (row.effective_to or today):
                continue
        else:
            conditions.append(f"{day} >= DATE '{row.effective_from}'")
            conditions += [f"{day} <= DATE '{row.effective_to}'"] if row.effective_to else []
        branches.append(f"WHEN {' AND '.join(conditions) or 'true'} THEN {literal(row)}")
    otherwise = literal(None)
    return f"(CASE {' '.join(branches)} ELSE {otherwise} END)" if branches else otherwise


def _value(parameter: Parameter, row: Adopted | None) -> Any:
    """What an adopted row states, or the declared default."""
    if row is None:
        return None if parameter.default is None else parameter.parse(parameter.default)
    return None if row.value is None else read(parameter, row.value, row.area, row.effective_from)


def _literal(form: str, parameter: Parameter, value: Any, calendar: Calendar, today: date) -> str:
    """One value as SQL of its type."""
    match form, value:
        case "cutoff", Duration():
            return f"DATE '{_cutoff(value, calendar, today)}'"
        case "cutoff", None:
            return "NULL::date"
        case "num", Fraction():
            return f"{value.numerator}::numeric"
        case "den", Fraction():
            return f"{value.denominator}::numeric"
        case "num" | "den", None:
            return "NULL::numeric"
        case "param", _:
            return _plain(value)
    message = f":{form}({parameter.name}, …) does not fit a {parameter.kind}"
    raise TypeError(message)


def _plain(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int():
            return f"{value}::bigint"
        case str():
            return _quoted(value)
        case tuple():
            return f"ARRAY[{', '.join(_quoted(word) for word in value)}]::text[]"
    message = f"no plain value: {value!r}"
    raise TypeError(message)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _cutoff(duration: Duration, calendar: Calendar, today: date) -> date:
    """The latest day whose period is over before today; later ones end later, so the first one met is it."""
    start = today - timedelta(days=duration.days + 1)
    while last_day(start, duration, calendar) >= today:
        start -= timedelta(days=1)
    return start

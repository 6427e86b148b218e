"""Loads the reference data that funds ships: taxonomy, kinds of money, negative list, dated policy values; repeatable."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.parameters.profiles_load import read

SHIPPED = Path(__file__).parents[1] / "data"

_CATEGORY = """
INSERT INTO category(code, zh, counts_as_industry, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code, valid_from) DO UPDATE SET zh = excluded.zh, counts_as_industry = excluded.counts_as_industry,
  valid_to = excluded.valid_to"""
_FUND = """
INSERT INTO fund_category(code, zh, en, profile, valid_from, valid_to, is_linkage, paid_by_finance)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (code, valid_from) DO UPDATE SET zh = excluded.zh, en = excluded.en, profile = excluded.profile,
  valid_to = excluded.valid_to, is_linkage = excluded.is_linkage, paid_by_finance = excluded.paid_by_finance"""
# A version of a rule, once shipped, is never rewritten: verdicts of old projects cite it.
_RULE = """
INSERT INTO negative_rule(rule_id, part, version, area_code, effective_from, effective_to, verdict, keywords, whitelist,
  economic_classes, categories, excepted, linkage_money_only, measure, bound, zh, en,
  source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT DO NOTHING"""
_ELIGIBILITY = """
INSERT INTO fund_eligibility(fund_category, prefix, area_code, valid_from, valid_to, allowed, rule, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"""
# What an item published is frozen with its text; the catalogue may be corrected.
_ITEM = """
INSERT INTO disclosure_item(code, valid_from, valid_to, level, subject_kind, trigger, due_parameter, publisher, duration,
  has_persons, fields, given, zh, en, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, level = excluded.level,
  subject_kind = excluded.subject_kind, trigger = excluded.trigger, due_parameter = excluded.due_parameter,
  publisher = excluded.publisher, duration = excluded.duration, has_persons = excluded.has_persons,
  fields = excluded.fields, given = excluded.given, zh = excluded.zh, en = excluded.en, source = excluded.source"""
# An evaluation keeps the weights it was opened with; the table itself may be corrected.
_WEIGHT = """
INSERT INTO evaluation_weight(area_code, code, valid_from, valid_to, block, zh, en, points, figure, is_placeholder, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (area_code, code, valid_from) DO UPDATE SET valid_to = excluded.valid_to, block = excluded.block,
  zh = excluded.zh, en = excluded.en, points = excluded.points, figure = excluded.figure,
  is_placeholder = excluded.is_placeholder, source = excluded.source"""
_VALUE = """
INSERT INTO parameter_value(name, area_code, effective_from, effective_to, value, document, profile, proposed_by, adopted_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING"""


async def seed(raw: asyncpg.Connection) -> None:
    """Bring the reference data up to date, within a transaction whose scope is the whole country."""
    await raw.executemany(_CATEGORY, _rows("categories.csv", _text, _text, _yes, _day, _end))
    await raw.executemany(_FUND, _rows("fund_categories.csv", _text, _text, _text, _text, _day, _end, _yes, _yes))
    texts = (_text, _text, _text, _text, _text)
    rule = (_text, int, int, _area, _day, _end, _text, _list, _list, _list, _list, _list, _yes, *texts)
    await raw.executemany(_RULE, _rows("negative_rules.csv", *rule))
    eligibility = (_text, _text, _area, _day, _end, _yes, _text, _text)
    await raw.executemany(_ELIGIBILITY, _rows("fund_eligibility.csv", *eligibility))
    item: list[Callable[[str], Any]] = [_text, _day, _end, *([_text] * 6), _yes, _list, _list, *([_text] * 3)]
    await raw.executemany(_ITEM, _rows("disclosure_items.csv", *item))
    weight = (_area, _text, _day, _end, _text, _text, _text, int, _text, _yes, _text)
    await raw.executemany(_WEIGHT, _rows("evaluation_weights.csv", *weight))
    values = _rows("policy_values.csv", _text, _area, _day, _end, _some, _text, _some)
    await raw.executemany(_VALUE, [(*row, SYSTEM.id) for row in values])


def _rows(name: str, *kinds: Callable[[str], Any]) -> list[tuple[Any, ...]]:
    """The rows of a shipped file, each column read by its kind, in the order of the file."""
    return [tuple(_read(row.values(), kinds)) for row in read(SHIPPED / name)]


def _read(values: Iterable[str], kinds: Iterable[Callable[[str], Any]]) -> Iterable[Any]:
    return [kind(value) for kind, value in zip(kinds, values, strict=True)]


def _text(value: str) -> str:
    return value


def _some(value: str) -> str | None:
    return value or None


def _yes(value: str) -> bool:
    return value == "yes"


def _day(value: str) -> date:
    return date.fromisoformat(value)


def _end(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


def _area(value: str) -> int:
    return int(AreaCode.parse(value))


def _list(value: str) -> list[str]:
    return [part for part in value.split("|") if part]

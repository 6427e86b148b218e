"""The language of the ledger (复式记账): a service declares its book, entries are balanced by construction. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from shared.kernel.money import Fen

NOWHERE = UUID(int=0)
"""Stands in a balance's key for a dimension that its account does not keep."""

_COLUMN = re.compile(r"[a-z][a-z_]{0,40}")


class Side(IntEnum):
    """Debit (借方) and credit (贷方); the value is the sign of a line."""

    DEBIT = 1
    CREDIT = -1


DEBIT, CREDIT = Side.DEBIT, Side.CREDIT


@dataclass(frozen=True, slots=True)
class Account:
    """An account (科目): its balance is counted on its `normal` side, apart for each value of its `dimensions`.

    No balance goes below `floor` fen, None lets it; `rule` is what a refusal cites unless the posting names another.
    A balance keeps the floor it was opened with: another floor for standing balances needs a migration.
    """

    code: str
    zh: str
    en: str
    normal: Side
    dimensions: tuple[str, ...] = ()
    floor: Fen | None = 0
    rule: str = "L3"


@dataclass(frozen=True, slots=True)
class Template:
    """A posting template (分录模板): one account is debited and one credited with the same amounts.

    Where both are the same account, the posting moves money from one fiscal year to another (结转).
    """

    id: str
    debit: str
    credit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount to post: fen > 0, for one group, with a value for each dimension that either account keeps.

    Both sides belong to `fiscal_year`, unless the credit side has a year of its own. Raises ValueError (L6).
    """

    fen: Fen
    group: UUID
    dimensions: Mapping[str, UUID]
    fiscal_year: int
    credit_fiscal_year: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no positive whole number of fen."""
        if type(self.fen) is not int or self.fen <= 0:
            raise ValueError(f"a posting needs a whole number of fen above zero, not {self.fen!r}")


class Line(NamedTuple):
    """One line of an entry (分录行); debit is positive; `dimensions` in the order of the book."""

    account: str
    group: UUID
    dimensions: tuple[UUID | None, ...]
    fiscal_year: int
    signed_fen: Fen


class Cell(NamedTuple):
    """What one balance is kept for; `dimensions` in the order of the book, NOWHERE where the account keeps none."""

    account: str
    group: UUID
    dimensions: tuple[UUID, ...]
    fiscal_year: int


@dataclass(frozen=True, slots=True)
class Book:
    """A service's accounts and templates (账簿). Every entry balances for each value of `group` separately (L1).

    `group` and `dimensions` are the columns the service's migration gave to `floor_create_ledger`, in that order.
    Raises ValueError, with all defects, when the declaration does not fit together.
    """

    name: str
    group: str
    dimensions: tuple[str, ...]
    accounts: tuple[Account, ...]
    templates: tuple[Template, ...]
    _accounts: Mapping[str, Account] = field(init=False, repr=False, compare=False)
    _templates: Mapping[str, Template] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index by code, and verify."""
        object.__setattr__(self, "_accounts", {account.code: account for account in self.accounts})
        object.__setattr__(self, "_templates", {template.id: template for template in self.templates})
        if defects := list(self._defects()):
            raise ValueError(f"book {self.name}: {'; '.join(defects)}")

    def account(self, code: str) -> Account:
        """The account `code`; raises ValueError."""
        if found := self._accounts.get(code):
            return found
        raise ValueError(f"book {self.name} has no account {code!r}")

    def template(self, name: str) -> Template:
        """The template `name`; raises ValueError."""
        if found := self._templates.get(name):
            return found
        raise ValueError(f"book {self.name} has no template {name!r}")

    def kept(self, code: str) -> tuple[bool, ...]:
        """For each dimension of the book, whether account `code` keeps its balances apart by it."""
        return tuple(name in self.account(code).dimensions for name in self.dimensions)

    def lines(self, template: str, amounts: Sequence[Amount]) -> list[Line]:
        """The lines of an entry: for each amount its debit and its credit; raises ValueError."""
        if not amounts:
            raise ValueError(f"{template}: an entry without amounts")
        pattern = self.template(template)
        needed = {*self.account(pattern.debit).dimensions, *self.account(pattern.credit).dimensions}
        lines: list[Line] = []
        for amount in amounts:
            self._verify(pattern, amount, needed)
            values = tuple(map(amount.dimensions.get, self.dimensions))
            from_year = amount.fiscal_year if amount.credit_fiscal_year is None else amount.credit_fiscal_year
            lines += (
                Line(pattern.debit, amount.group, values, amount.fiscal_year, DEBIT * amount.fen),
                Line(pattern.credit, amount.group, values, from_year, CREDIT * amount.fen),
            )
        return lines

    def movements(self, lines: Iterable[Line]) -> dict[Cell, Fen]:
        """What `lines` add to each balance, on the normal side of its account."""
        kept = {account.code: self.kept(account.code) for account in self.accounts}
        moved: dict[Cell, Fen] = {}
        for line in lines:
            values = zip(line.dimensions, kept[line.account], strict=True)
            dimensions = tuple(value if keeps and value else NOWHERE for value, keeps in values)
            cell = Cell(line.account, line.group, dimensions, line.fiscal_year)
            moved[cell] = moved.get(cell, 0) + line.signed_fen * self._accounts[line.account].normal
        return moved

    def _verify(self, template: Template, amount: Amount, needed: set[str]) -> None:
        if missing := needed - amount.dimensions.keys():
            raise ValueError(f"{template.id} needs {', '.join(sorted(missing))}")
        if unknown := amount.dimensions.keys() - set(self.dimensions):
            raise ValueError(f"{template.id}: {self.name} has no dimension {', '.join(sorted(unknown))}")
        stays = amount.credit_fiscal_year in {None, amount.fiscal_year}
        if template.debit == template.credit and stays:
            raise ValueError(f"{template.id} moves between years and was given one")

    def _defects(self) -> Iterable[str]:
        columns = (self.group, *self.dimensions)
        yield from (f"{name!r} is no column name" for name in columns if not _COLUMN.fullmatch(name))
        if len(set(columns)) < len(columns):
            yield "group and dimensions repeat a name"
        if len(self._accounts) < len(self.accounts):
            yield "an account is declared twice"
        if len(self._templates) < len(self.templates):
            yield "a template is declared twice"
        for account in self.accounts:
            for name in set(account.dimensions) - set(self.dimensions):
                yield f"account {account.code} keeps {name}, which the book does not know"
        for template in self.templates:
            for code in {template.debit, template.credit} - self._accounts.keys():
                yield f"template {template.id} names the unknown account {code}"

"""Whatever is posted in whatever order, the ledger balances (L1), stays above its floors (L3) and adds up (L4)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from shared.kernel.money import split_remaining
from shared.ledger.balances import balances_by
from shared.ledger.model import NOWHERE, Amount
from shared.ledger.post import Posting, post_many, reverse
from shared.testing.postgres import Clones
from tests.service.ledger.book import BOOK, COUNTY, Cause, Within, build, enter, offences

SIDES = {
    "P01": ("1100", "1000"),
    "P03": ("1200", "1100"),
    "P04": ("1100", "1200"),
    "P05": ("1300", "1200"),
    "P09": ("1600", "1300"),
    "P25": ("1100", "1100"),
    "X01": ("1100", "9000"),
}
"""Debit and credit account of each template, written down again."""


class Piece(NamedTuple):
    """One amount: which source, project and contract, fen, year, and how many years earlier the credit side lies."""

    source: int
    project: int
    contract: int
    fen: int
    year: int
    earlier: int


class Step(NamedTuple):
    """One command: postings, all or none; or the reversal of an earlier entry, counted from the first."""

    postings: list[tuple[str, list[Piece]]]
    reverses: int | None = None


pieces = st.builds(
    Piece,
    source=st.integers(0, 1),
    project=st.integers(0, 1),
    contract=st.integers(0, 1),
    fen=st.one_of(st.integers(1, 40), st.integers(1, 10**14)),
    year=st.integers(2023, 2024),
    earlier=st.sampled_from([0, 0, 0, 1]),
)
small = st.lists(pieces, min_size=1, max_size=3)
steps = st.one_of(
    st.builds(Step, st.lists(st.tuples(st.sampled_from(sorted(SIDES)), small), min_size=1, max_size=3), st.none()),
    st.builds(Step, st.just([]), st.integers(0, 9)),
)
OPENING = Step(
    [
        ("P01", [Piece(source, 0, 0, 90, year, 0) for source in (0, 1) for year in (2023, 2024)]),
        ("P03", [Piece(source, 0, 0, 60, year, 0) for source in (0, 1) for year in (2023, 2024)]),
        ("P05", [Piece(source, 0, 0, 30, year, 0) for source in (0, 1) for year in (2023, 2024)]),
    ]
)
"""Something to spend, so that a story is no row of refusals: about every second step succeeds."""

Key = tuple[str, int, int | None, int | None, int]


@dataclass
class Model:
    """The same ledger in a few lines: what each cell holds, debit positive, and the moves of every entry."""

    cells: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    entries: list[list[tuple[Key, int]]] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)

    def moves(self, template: str, pieces_: list[Piece]) -> list[tuple[Key, int]]:
        debit, credit = SIDES[template]
        found = []
        for piece in pieces_:
            found.append((self.key(debit, piece, piece.year), piece.fen))
            found.append((self.key(credit, piece, piece.year - back(template, piece)), -piece.fen))
        return found

    def take(self, entries: list[list[tuple[Key, int]]]) -> bool:
        """Carry out all entries or none."""
        after = defaultdict(int, self.cells)
        for key, fen in (move for entry in entries for move in entry):
            after[key] += fen
        if any(fen * (-1 if key[0] == "1000" else 1) < 0 for key, fen in after.items() if key[0] != "9000"):
            return False
        self.cells = after
        self.entries += entries
        return True

    @staticmethod
    def key(account: str, piece: Piece, year: int) -> Key:
        project = piece.project if account in {"1200", "1300", "1600"} else None
        return account, piece.source, project, piece.contract if account == "1300" else None, year


def back(template: str, piece: Piece) -> int:
    """How many years before the debit side the credit side lies; a carry-over always crosses."""
    return 1 if template == "P25" else piece.earlier


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def connection(template_for: Callable[..., Clones]) -> AsyncIterator[asyncpg.Connection]:
    async with template_for("book", build).borrow() as database:
        connection = await asyncpg.connect(database.app_dsn)
        yield connection
        await connection.close()


@pytest.mark.asyncio
@settings(max_examples=100, deadline=None, derandomize=True)
@given(story=st.lists(steps, min_size=1, max_size=12))
async def test_l1_l3_l4_hold_after_any_sequence_of_postings(connection: asyncpg.Connection, story: list[Step]) -> None:
    ids = {kind: (new_id(), new_id()) for kind in ("source", "project", "contract")}
    model, entries = Model(), list[UUID]()
    transaction = connection.transaction()
    await transaction.start()
    try:
        await enter(connection, SYSTEM)
        for number, step in enumerate([OPENING, *story]):
            expected = _expect(model, step)
            if expected is None:
                continue
            try:
                async with connection.transaction():
                    entries += await _carry_out(connection, step, number, ids, entries)
            except Refused:
                assert not expected
            else:
                assert expected
            assert await _standing(connection, ids) == {key: fen for key, fen in model.cells.items() if fen}
        assert await offences(connection) == {}
    finally:
        await transaction.rollback()


def _expect(model: Model, step: Step) -> bool | None:
    """Whether the model takes the step; None when there is no such entry to reverse."""
    if step.reverses is None:
        return model.take([model.moves(template, amounts) for template, amounts in step.postings])
    if step.reverses >= len(model.entries):
        return None
    if step.reverses in model.reversed:
        return False
    taken = model.take([[(key, -fen) for key, fen in model.entries[step.reverses]]])
    if taken:
        model.reversed.add(step.reverses)
    return taken


async def _carry_out(
    connection: asyncpg.Connection, step: Step, number: int, ids: dict[str, tuple[UUID, UUID]], entries: list[UUID]
) -> list[UUID]:
    tx, document = Within(connection), f"{ids['source'][0]} {number}"
    if step.reverses is not None:
        return [await reverse(tx, Cause(), BOOK, entries[step.reverses], document=document)]
    postings = [
        Posting(
            template,
            f"{document} {place}",
            [
                Amount(
                    piece.fen,
                    ids["source"][piece.source],
                    {"project_id": ids["project"][piece.project], "contract_id": ids["contract"][piece.contract]},
                    piece.year,
                    piece.year - back(template, piece),
                )
                for piece in amounts
            ],
        )
        for place, (template, amounts) in enumerate(step.postings)
    ]
    return await post_many(tx, Cause(), BOOK, postings, area=COUNTY)


async def _standing(connection: asyncpg.Connection, ids: dict[str, tuple[UUID, UUID]]) -> dict[Key, int]:
    """All balances that are not zero, debit positive, by the model's keys."""
    columns = ("account", "source_id", "project_id", "contract_id", "fiscal_year")
    accounts = [account.code for account in BOOK.accounts]
    found = await balances_by(connection, BOOK, accounts, by=columns, where={"source_id": ids["source"]})
    return {
        (
            account,
            ids["source"].index(source),
            None if project == NOWHERE else ids["project"].index(project),
            None if contract == NOWHERE else ids["contract"].index(contract),
            year,
        ): fen * BOOK.account(account).normal
        for (account, source, project, contract, year), fen in found.items()
        if fen
    }


@settings(max_examples=300, derandomize=True)
@given(
    sources=st.lists(st.integers(1, 10**12), min_size=1, max_size=8),
    shares=st.lists(st.integers(1, 100), min_size=1, max_size=12),
)
def test_payments_split_by_what_remains_never_overdraw_and_end_at_zero(sources: list[int], shares: list[int]) -> None:
    """domain-funds-assets §3.8: any row of payments that uses up the whole empties every source exactly."""
    left, total = list(sources), sum(sources)
    for place in range(len(shares)):
        rest = sum(left)
        amount = rest if place == len(shares) - 1 else min(rest, total * shares[place] // sum(shares))
        parts = split_remaining(amount, left)
        assert sum(parts) == amount
        left = [held - part for held, part in zip(left, parts, strict=True)]
        assert min(left) >= 0
    assert left == [0] * len(sources)

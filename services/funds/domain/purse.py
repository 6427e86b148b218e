"""What an indicator holds, taken oldest year first: how later documents and recoveries find the money they move (§3.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.funds.domain.limits import insufficient
from shared.kernel.errors import Refused
from shared.kernel.money import Fen
from shared.ledger.model import Amount


class Held(NamedTuple):
    """One balance of an indicator; project empty where the account keeps none."""

    account: str
    project_id: UUID | None
    year: int
    fen: Fen


class Portion(NamedTuple):
    """So much out of one fiscal year."""

    year: int
    fen: Fen


class Purse:
    """The locked balances of one indicator; what is drawn is gone for the next draw."""

    def __init__(self, indicator_id: UUID, document_no: str, held: Iterable[Held]) -> None:
        """`held`: every balance above zero that may be drawn from."""
        self.indicator_id = indicator_id
        self._document_no = document_no
        self._cells: dict[tuple[str, UUID | None], dict[int, Fen]] = {}
        for account, project, year, fen in held:
            self._cells.setdefault((account, project), {})[year] = fen

    def available(self, account: str, project: UUID | None = None) -> Fen:
        """What is there of `account`."""
        return sum(self._cells.get((account, project), {}).values())

    def by_project(self, account: str) -> dict[UUID, Fen]:
        """What is there of `account` at each project."""
        return {
            project: sum(own.values()) for (code, project), own in self._cells.items() if project and code == account
        }

    def draw(self, account: str, fen: Fen, project: UUID | None = None) -> list[Portion]:
        """Take `fen`, oldest year first; raises Refused INSUFFICIENT."""
        if broken := insufficient(fen, self.available(account, project), document_no=self._document_no):
            raise Refused(broken)
        cells = self._cells.get((account, project), {})
        drawn: list[Portion] = []
        for year in sorted(cells):
            size = min(fen, cells[year])
            if size:
                cells[year] -= size
                fen -= size
                drawn.append(Portion(year, size))
        return drawn

    def put(self, account: str, portions: Sequence[Portion]) -> None:
        """Add what an earlier posting of the same command brings there."""
        cells = self._cells.setdefault((account, None), {})
        for year, fen in portions:
            cells[year] = cells.get(year, 0) + fen

    def amounts(self, portions: Sequence[Portion], project: UUID | None = None) -> list[Amount]:
        """Both sides in the year of each portion."""
        cells = {"project_id": project} if project else {}
        return [Amount(fen, self.indicator_id, cells, year) for year, fen in portions]

    def across(self, debit: Sequence[Portion], credit: Sequence[Portion], project: UUID | None = None) -> list[Amount]:
        """The sides in years of their own: the source stays in its year, what is carried over does not."""
        cells = {"project_id": project} if project else {}
        return [Amount(fen, self.indicator_id, cells, own, other) for own, other, fen in _matched(debit, credit)]


def _matched(debit: Sequence[Portion], credit: Sequence[Portion]) -> Iterable[tuple[int, int, Fen]]:
    left, right = list(debit), list(credit)
    while left and right:
        fen = min(left[0].fen, right[0].fen)
        yield left[0].year, right[0].year, fen
        for side in (left, right):
            rest = side[0].fen - fen
            side[:1] = [Portion(side[0].year, rest)] if rest else []


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a cut (追减) is to be taken: unallocated money first, then uncommitted quota, and what is not there."""

    unallocated: Fen
    projects: Mapping[UUID, Fen]
    short: Fen


def proposal(amount: Fen, unallocated: Fen, quota: Mapping[UUID, Fen]) -> Proposal:
    """Unallocated first; then the projects with most quota, so that few are touched; the rest is owed (scenario 23)."""
    first = min(amount, unallocated)
    left = amount - first
    taken: dict[UUID, Fen] = {}
    for project in sorted(quota, key=lambda each: (-quota[each], each)):
        size = min(left, quota[project])
        if size:
            taken[project] = size
            left -= size
    return Proposal(first, taken, left)

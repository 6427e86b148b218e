"""Balances of indicators and projects as the ledger keeps them, for many at once."""

from collections.abc import Collection, Mapping
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.funds.domain.postings import (
    ALLOCATED,
    BOOK,
    IN_TRANSIT,
    OPEN_COMMITMENTS,
    PAID,
    QUOTA,
    RETENTION,
    SURPLUS,
    UNALLOCATED,
)
from shared.contracts.wire import Yuan
from shared.db.sessions import ReadSession
from shared.kernel.money import Fen
from shared.ledger.balances import balances_by


class Balances(BaseModel):
    """Where the money stands: unallocated, given to projects, promised, on its way, arrived, left over."""

    model_config = ConfigDict(frozen=True)

    unallocated: Yuan
    allocated: Yuan
    quota: Yuan
    committed: Yuan
    retention: Yuan
    in_transit: Yuan
    paid: Yuan
    surplus: Yuan


async def balances_of(session: ReadSession, column: str, ids: Collection[UUID]) -> dict[UUID, Balances]:
    """The balances by `indicator_id` or `project_id`, zeros where nothing was posted; one statement."""
    accounts = (UNALLOCATED, *ALLOCATED)
    found = await balances_by(session.raw, BOOK, accounts, by=(column, "account"), where={column: list(ids)})
    by_id: dict[UUID, dict[str, Fen]] = {each: {} for each in ids}
    for (each, account), fen in found.items():
        by_id[each][account] = fen
    return {each: _named(accounts) for each, accounts in by_id.items()}


def _named(kept: Mapping[str, Fen]) -> Balances:
    def of(*accounts: str) -> Fen:
        return sum(kept.get(account, 0) for account in accounts)

    return Balances(
        unallocated=of(UNALLOCATED),
        allocated=of(*ALLOCATED),
        quota=of(QUOTA),
        committed=of(*OPEN_COMMITMENTS),
        retention=of(RETENTION),
        in_transit=of(IN_TRANSIT),
        paid=of(*PAID),
        surplus=of(SURPLUS),
    )

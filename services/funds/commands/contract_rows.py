"""Loads contracts under lock and writes their money back; spreads amounts over the sources that bear them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from uuid import UUID

from sqlalchemy.orm.attributes import set_committed_value

from services.funds.domain.contracts import ContractMoney
from services.funds.domain.settlement import ACCEPTED
from services.funds.tables.contracts import Contract
from shared.commands.command import Write
from shared.contracts.parts import IndicatorAmount
from shared.db.rows import hold
from shared.kernel.errors import not_found
from shared.kernel.money import Fen, split_remaining
from shared.ledger.balances import Held
from shared.ledger.model import Amount

_PROJECT = "SELECT area_code, state FROM case_file WHERE workflow = 'funds.project' AND subject_id = $1 FOR "
_CASE = "SELECT state FROM case_file WHERE workflow = $1 AND subject_id = $2"
_DOCUMENTS = "SELECT id, document_no FROM indicator WHERE id = ANY($1::uuid[]) ORDER BY id"
_ACCEPTED = "SELECT accepted_on FROM acceptance WHERE project_id = $1 AND passed ORDER BY seq DESC LIMIT 1"

_COLUMNS = {
    each.name: {"variations": "variation_fen"}.get(each.name, f"{each.name}_fen") for each in fields(ContractMoney)
}


async def project_state(tx: Write, project_id: UUID, *, moves: bool = False) -> str:
    """The state of a project, which stays until the transaction ends; raises NotFound.

    With `moves` the command is going to move the project itself. Projects are locked before contracts.
    """
    row = await tx.raw.fetchrow(_PROJECT + ("UPDATE" if moves else "SHARE"), project_id)
    if row is None:
        raise not_found("项目", "project")
    return str(row["state"])


async def case_state(tx: Write, workflow: str, subject_id: UUID) -> str:
    """The state of a subject's case; raises NotFound."""
    state: str | None = await tx.raw.fetchval(_CASE, workflow, subject_id)
    if state is None:
        raise not_found("办件", "case")
    return state


async def accepted_on(tx: Write, project_id: UUID, state: str) -> date | None:
    """The day of the acceptance of a project that is behind it."""
    if state not in ACCEPTED:
        return None
    day: date | None = await tx.raw.fetchval(_ACCEPTED, project_id)
    return day


async def contract_row(tx: Write, contract_id: UUID) -> Contract:
    """The contract, locked until the transaction ends; raises NotFound."""
    row = await hold(tx, Contract, contract_id)
    if row is None:
        raise not_found("合同", "contract")
    return row


def money_of(row: Contract) -> ContractMoney:
    """How the contract stands."""
    return ContractMoney(**{name: getattr(row, column) for name, column in _COLUMNS.items()})


async def add_money(tx: Write, row: Contract, moved: Mapping[str, Fen]) -> None:
    """Add to fields of ContractMoney where they stand; the database refuses what breaks its own rules."""
    columns = {_COLUMNS[name]: fen for name, fen in moved.items() if fen}
    if not columns:
        return
    # Added in the database, not written over: its CHECKs hold even if somebody forgot the lock.
    added = ", ".join(f"{column} = {column} + ${place}" for place, column in enumerate(columns, 2))
    stands = await tx.raw.fetchrow(
        f"UPDATE contract SET {added} WHERE id = $1 RETURNING {', '.join(columns)}",  # noqa: S608  names of columns
        row.id,
        *columns.values(),
    )
    assert stands is not None, "the row is locked"
    for column, fen in stands.items():
        set_committed_value(row, column, fen)


def spread(amount: Fen, held: Sequence[Held], dimensions: Mapping[str, UUID]) -> list[Amount]:
    """`amount` over the sources in proportion to what each still holds (§3.8); raises ValueError for too little."""
    parts = split_remaining(amount, [each.fen for each in held])
    return [Amount(fen, each.group, dimensions, each.fiscal_year) for each, fen in zip(held, parts, strict=True) if fen]


def less(held: Sequence[Held], taken: Sequence[Amount]) -> list[Held]:
    """What the sources hold when `taken` is gone."""
    gone = {(amount.group, amount.fiscal_year): amount.fen for amount in taken}
    return [Held(each.group, each.fiscal_year, each.fen - gone.get(each[:2], 0)) for each in held]


def by_indicator(amounts: Sequence[Amount]) -> dict[UUID, Fen]:
    """Sums over the fiscal years of each indicator."""
    sums: dict[UUID, Fen] = {}
    for amount in amounts:
        sums[amount.group] = sums.get(amount.group, 0) + amount.fen
    return sums


async def split_of(tx: Write, sums: Mapping[UUID, Fen]) -> tuple[IndicatorAmount, ...]:
    """What each indicator document bears, as events tell it."""
    rows = await tx.raw.fetch(_DOCUMENTS, list(sums))
    return tuple(IndicatorAmount(indicator_id=key, document_no=number, amount=sums[key]) for key, number in rows)

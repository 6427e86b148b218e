"""Progress of an area's counties from the facts of the night (进度日结): amounts, counts, rates and ranks, and their total."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from services.funds.bulk.progress_facts import Standing, standings
from shared.contracts.wire import Area, Yuan
from shared.db.sessions import ReadSession
from shared.kernel.areas import AreaCode
from shared.kernel.errors import not_found

_SUMMED = (
    *("received_fen", "linked_fen", "spent_fen", "linkage_linked_fen", "linkage_spent_fen", "industry_spent_fen"),
    *("projects", "started", "completed", "accepted", "alerts_open", "alerts_due", "alerts_handled"),
)


class Progress(BaseModel):
    """Amounts and counts; a rate is in per cent with two decimals, half up, empty without linked money."""

    model_config = ConfigDict(frozen=True)

    received: Yuan
    linked: Yuan
    spent: Yuan
    progress: str | None
    linkage_linked: Yuan
    linkage_spent: Yuan
    linkage_progress: str | None
    industry_spent: Yuan
    projects: int
    started: int
    completed: int
    accepted: int
    alerts_open: int
    alerts_due: int
    alerts_handled: int


class UnitProgress(Progress):
    """One unit; equal rates share a rank and the next is skipped, a unit without linked money is last (§4.4)."""

    area_code: Area
    name: str
    planned: Yuan | None
    rank: int


class AreaProgress(BaseModel):
    """All units of an area at the end of a day; the total's rates follow from its sums."""

    model_config = ConfigDict(frozen=True)

    as_of: date
    fiscal_year: int
    units: list[UnitProgress]
    total: Progress


async def progress_of(session: ReadSession, area: AreaCode, fiscal_year: int, as_of: date | None) -> AreaProgress:
    """The newest facts not after `as_of`; raises NotFound before the first night. One statement."""
    found = await standings(session.raw, area, fiscal_year, as_of)
    if not found:
        raise not_found("进度日结数据", "progress facts")
    units = [
        UnitProgress(
            area_code=AreaCode(one.area_code),
            name=one.name,
            planned=one.planned_fen,
            rank=one.rank,
            **_figures({name: getattr(one, name) for name in _SUMMED}, one.progress, one.linkage_progress),
        )
        for one in found
    ]
    return AreaProgress(as_of=found[0].as_of, fiscal_year=fiscal_year, units=units, total=_total(found))


def _total(found: Sequence[Standing]) -> Progress:
    """Amounts are added up; rates are made of the sums, never averaged."""
    sums = {name: sum(getattr(one, name) for one in found) for name in _SUMMED}
    rates = (_rate(sums[f"{kind}spent_fen"], sums[f"{kind}linked_fen"]) for kind in ("", "linkage_"))
    return Progress(**_figures(sums, *rates))


def _rate(spent: int, linked: int) -> int | None:
    """Hundredths of a per cent, half up, on whole numbers."""
    return (spent * 20_000 + linked) // (2 * linked) if linked else None


def _figures(sums: dict[str, int], progress: int | None, linkage_progress: int | None) -> dict[str, object]:
    return {
        **{name.removesuffix("_fen"): value for name, value in sums.items()},
        "progress": _percent(progress),
        "linkage_progress": _percent(linkage_progress),
    }


def _percent(hundredths: int | None) -> str | None:
    if hundredths is None:
        return None
    whole, part = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{part:02}"

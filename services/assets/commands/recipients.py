"""What is known of the households of a plan: who may not receive any more, and whom nobody has told us of."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from services.assets.domain.recipients import Household, is_eligible
from services.assets.tables.ref import RefHousehold
from shared.commands.command import Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Violation


async def known_households(tx: Write, households: Collection[UUID]) -> dict[UUID, Household]:
    """Those of `households` that monitoring has told of, as far as the actor may see them."""
    query = select(RefHousehold.household_id, RefHousehold.area_code, RefHousehold.ended_on).where(
        RefHousehold.household_id.in_(households),
    )
    return {row[0]: Household(*row) for row in await tx.session.execute(query)}


async def ineligible(tx: Write, households: Collection[UUID], owner: AreaCode, period: str) -> set[UUID]:
    """The households that may not receive for `period` (AR14)."""
    known = await known_households(tx, households)
    return {each.household_id for each in known.values() if not is_eligible(each, owner, period)}


async def warn_unknown(tx: Write, households: Collection[UUID]) -> None:
    """Tell that some recipients are not known here; the village committee answers for them."""
    unknown = set(households) - (await known_households(tx, households)).keys()
    if unknown:
        tx.warn(
            Violation(
                "RECIPIENT_UNKNOWN",
                f"未核实：{len(unknown)} 户尚无监测系统信息，由村两委核对",
                f"not verified: monitoring has not told of {len(unknown)} households; the village checks them",
                rule="AR14",
                field="/recipients",
                remedy_zh="核对农户编号",
                remedy_en="check the household ids",
                facts={"households": sorted(str(household) for household in unknown)},
            ),
        )

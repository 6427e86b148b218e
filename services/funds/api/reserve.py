"""Routes of the reserve (项目储备): roll-over, fresh looks, planning envelopes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.funds.commands.reserve import (
    ConfirmFreshness,
    EnvelopeSet,
    FreshnessFields,
    RolledOver,
    RollOver,
    SetEnvelope,
    Waiting,
)
from shared.http.running import Answer, Run, gives

router = APIRouter(tags=["项目储备 / reserve"])


@router.post("/reserve-rollovers", status_code=201, summary="结转储备 / roll the reserve over")
async def roll_over(body: RollOver, run: Annotated[Run, gives(RollOver)]) -> Answer[RolledOver]:
    """Each project that stayed without money has waited one year more; the same year twice counts once."""
    return await run(body)


@router.post("/projects/{project_id}/freshness", status_code=201, summary="储备项目复核 / confirm a project")
async def confirm_freshness(
    project_id: UUID, body: FreshnessFields, run: Annotated[Run, gives(ConfirmFreshness)]
) -> Answer[Waiting]:
    """Without it no plan lists a project that was rolled over."""
    return await run(ConfirmFreshness(project_id=project_id, **body.model_dump()))


@router.post("/planning-envelopes", status_code=201, summary="填报资金盘子 / set a planning envelope")
async def set_envelope(body: SetEnvelope, run: Annotated[Run, gives(SetEnvelope)]) -> Answer[EnvelopeSet]:
    """A key village's, or what the county expects in all; the report `reserve-coverage` measures against it."""
    return await run(body)

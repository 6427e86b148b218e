"""Routes that every service has for its policy values: one person proposes, another adopts."""

from typing import Annotated

from fastapi import APIRouter

from shared.commands.policy import AdoptParameter, PolicyValue, ProposeParameter
from shared.http.running import Answer, Run, gives

router = APIRouter(tags=["政策参数 / policy values"])


@router.post("/parameters", status_code=201, summary="提出参数值 / propose a value")
async def propose_parameter(
    body: ProposeParameter,
    run: Annotated[Run, gives(ProposeParameter)],
) -> Answer[PolicyValue]:
    """Propose a value with the number of its document; it holds for nobody until it is adopted."""
    return await run(body)


@router.post("/parameters/adopt", summary="采用参数值 / adopt a value")
async def adopt_parameter(
    body: AdoptParameter,
    run: Annotated[Run, gives(AdoptParameter)],
) -> Answer[PolicyValue]:
    """Adopt what another person proposed."""
    return await run(body)

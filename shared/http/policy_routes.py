"""Routes that every service has for its policy values: one person proposes, another adopts."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from shared.commands.policy import AdoptParameter, PolicyValue, ProposeParameter
from shared.contracts.wire import Area
from shared.http.auth import Reading
from shared.http.edge import edge_of
from shared.http.running import Answer, Run, gives
from shared.parameters.lookup import values_on
from shared.parameters.profiles_load import in_force

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


class ValueShown(BaseModel):
    """One parameter in force; the value is empty where policy has not stated it."""

    name: str
    zh: str
    unit: str
    value: str | None


class PolicyShown(BaseModel):
    """The policy of an area on a day: its profile and every value."""

    profile: str | None
    on: date
    area_code: Area
    values: list[ValueShown]


@router.get("/policy", summary="当日政策口径 / the policy in force")
async def show_policy(
    request: Request,
    session: Reading,
    area_code: Annotated[Area, Query(description="区划代码 / area code")],
    on: Annotated[date, Query(description="日期 / day")],
) -> PolicyShown:
    """Profile and values by the nearest area and the newest row in force on that day."""
    declared = edge_of(request).pipeline.resources.parameters
    values = await values_on(session.raw, declared, area_code, on)
    return PolicyShown(
        profile=await in_force(session.raw, on),
        on=on,
        area_code=area_code,
        values=[
            ValueShown(name=name, zh=declared[name].zh, unit=declared[name].unit, value=value)
            for name, value in values.items()
        ],
    )

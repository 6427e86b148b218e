"""Deny by default: an app with a route that does not say who may use it does not start."""

from typing import Annotated, ClassVar

import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.commands.command import Command
from shared.db.sessions import ReadSession
from shared.http.app import bare_app, verify
from shared.http.auth import Reading, read_roles
from shared.http.edge import Limits
from shared.http.policy import Policy, PolicyMissing, policies_by_route, public
from shared.http.running import Answer, Run, gives
from shared.kernel.roles import Role


class Pay(Command):
    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.TREASURY})


async def pay(body: Pay, run: Annotated[Run, gives(Pay)]) -> Answer[int]:
    return await run(body)


async def read_some(session: Annotated[ReadSession, read_roles(Role.AUDITOR)]) -> int:
    raise NotImplementedError


async def read_any(session: Reading) -> int:
    raise NotImplementedError


async def open_door() -> int:
    raise NotImplementedError


@pytest.fixture
def app() -> FastAPI:
    return bare_app("toy", "toy", version="1", limits=Limits())


def test_each_route_states_its_policy(app: FastAPI) -> None:
    router = APIRouter(prefix="/v1")
    router.add_api_route("/pay", pay, methods=["POST"])
    router.add_api_route("/some", read_some)
    router.add_api_route("/any", read_any)
    router.add_api_route("/open", open_door, dependencies=[public()])
    app.include_router(router)
    stated = {name: policies for name, (_, policies) in policies_by_route(app).items()}
    assert stated["pay"] == (Policy(login=True, roles=Pay.ROLES, commands=(Pay,)),)
    assert stated["read_some"] == (Policy(login=True, roles=frozenset({Role.AUDITOR})),)
    assert stated["read_any"] == (Policy(login=True),)
    assert stated["open_door"] == (Policy(login=False),)
    operations = app.openapi()["paths"]
    assert operations["/v1/pay"]["post"]["x-policy"] == [{"login": True, "roles": ["treasury"], "commands": ["Pay"]}]
    assert operations["/v1/open"]["get"]["x-policy"] == [{"login": False, "roles": []}]


def test_a_route_without_policy_does_not_start_the_server(app: FastAPI) -> None:
    router = APIRouter()
    router.add_api_route("/open", open_door)
    app.include_router(router, prefix="/v1")
    with pytest.raises(PolicyMissing, match="/v1/open"):
        verify(app, {})


def test_nothing_is_served_beside_the_declared_routes(app: FastAPI) -> None:
    app.router.routes.append(Route("/door", lambda _: PlainTextResponse("in")))
    with pytest.raises(PolicyMissing, match="/door"):
        verify(app, {})


def test_a_command_without_handler_does_not_start_the_server(app: FastAPI) -> None:
    app.add_api_route("/pay", pay, methods=["POST"])
    with pytest.raises(PolicyMissing, match="Pay"):
        verify(app, {})


def test_operation_ids_are_unique(app: FastAPI) -> None:
    app.add_api_route("/one", open_door, dependencies=[public()])
    app.add_api_route("/two", open_door, dependencies=[public()])
    with pytest.raises(ValueError, match="open_door"):
        verify(app, {})


def test_the_description_names_headers_and_problems(app: FastAPI) -> None:
    app.add_api_route("/pay/{id}", pay, methods=["POST"])
    operation = app.openapi()["paths"]["/pay/{id}"]["post"]
    headers = {parameter["name"]: parameter["required"] for parameter in operation["parameters"]}
    assert headers["Idempotency-Key"] is True
    assert headers["dry_run"] is False
    assert {"400", "401", "403", "404", "409", "422", "500", "503"} <= operation["responses"].keys()
    told = operation["responses"]["422"]["content"]["application/problem+json"]["schema"]["$ref"]
    assert app.openapi()["openapi"] == "3.1.0"
    assert told.rpartition("/")[2] in app.openapi()["components"]["schemas"]
    assert "HTTPValidationError" not in app.openapi()["components"]["schemas"]

"""One service as an HTTP application, alone or mounted under a prefix beside others in one process."""

from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from shared.cases.binding import Binding
from shared.commands.command import Command, Handler
from shared.http import docs, evidence_routes, health, notice_routes, policy_routes
from shared.http.case_routes import add_case_routes
from shared.http.describe import describe
from shared.http.edge import Edge, Limits
from shared.http.faults import tell_problems
from shared.http.guard import Guard
from shared.http.policy import PolicyMissing, policies_by_route
from shared.http.queries import refuse_loose_parameters
from shared.http.report_routes import report_router
from shared.http.tracing import Tracing
from shared.reports.report import Report

PREFIX = "/v1"


class Declared(Protocol):
    """What the edge reads of a service's declaration."""

    @property
    def name(self) -> str: ...

    @property
    def zh(self) -> str: ...

    @property
    def all_handlers(self) -> Mapping[type[Command], Handler]: ...

    @property
    def bindings(self) -> tuple[Binding, ...]: ...

    @property
    def routers(self) -> tuple[APIRouter, ...]: ...

    @property
    def reports(self) -> tuple[Report, ...]: ...


class ServiceApp(FastAPI):
    """A FastAPI application that describes itself our way."""

    def openapi(self) -> dict[str, Any]:
        """The API description; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(service: Declared, edge: Edge) -> FastAPI:
    """The application of `service`; raises PolicyMissing when a route does not say who may use it."""
    title = f"守望 · {service.zh} / Shouwang {service.name}"
    app = bare_app(service.name, title, version=edge.version, limits=edge.limits)
    app.state.edge = edge
    app.include_router(health.router)
    add_case_routes(app.router, service.bindings, PREFIX)
    own = (*service.routers, report_router(service.reports))
    for router in (*own, evidence_routes.router, notice_routes.router, policy_routes.router):
        app.include_router(router, prefix=PREFIX)
    verify(app, service.all_handlers)
    return app


def bare_app(name: str, title: str, *, version: str, limits: Limits) -> FastAPI:
    """An application with problems, docs, tracing and guards, and no routes of its own yet."""
    app = ServiceApp(
        title=title,
        version=version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        dependencies=[Depends(refuse_loose_parameters)],
    )
    app.state.service = name
    app.add_middleware(Guard, limits=limits)
    app.add_middleware(Tracing, service=name)
    tell_problems(app)
    app.include_router(docs.router)
    return app


def verify(app: FastAPI, handlers: Mapping[type[Command], Handler]) -> None:
    """Raise PolicyMissing unless every route states its policy and every command it gives has a handler."""
    for route, policies in policies_by_route(app).values():
        unknown = [command.__name__ for policy in policies for command in policy.commands if command not in handlers]
        if unknown:
            raise PolicyMissing(f"{route.path}: nobody handles {', '.join(unknown)}")


def _operation_id(route: APIRoute) -> str:
    return route.name

"""What a service says of itself; a process is a list of these and a transport."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import asyncpg
from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.bulletins.findings import Report as BulletinAnswer
from shared.cases.binding import Binding
from shared.cases.commands import case_handlers
from shared.checks.commands import FollowUp, check_handlers
from shared.checks.model import Check
from shared.commands.command import Handlers
from shared.commands.pipeline import Pipeline
from shared.commands.policy import policy_handlers
from shared.delivery.reactions import Reactions
from shared.parameters.floor import FLOOR_PARAMETERS
from shared.parameters.model import Parameter
from shared.reports.commands import report_handlers
from shared.reports.report import Report
from shared.workflow.verify import verify

Seed: TypeAlias = Callable[[asyncpg.Connection], Awaitable[None]]
"""Loads the reference data that a service ships (taxonomies, code lists); repeatable."""


Sweep: TypeAlias = Callable[[Pipeline, date], Awaitable[int]]
"""Looks for what a passed day brings about and gives each its own command; gives how many. Repeatable."""


Checkers: TypeAlias = Mapping[str, Callable[[bytes], BulletinAnswer]]
"""By kind of bulletin: the check of a file by the service's own figures and by discovery; raises Invalid."""


@dataclass(frozen=True, slots=True)
class Service:
    """The declaration of one service (服务)."""

    name: str
    zh: str
    metadata: MetaData
    handlers: Handlers
    bindings: tuple[Binding, ...]
    parameters: tuple[Parameter, ...]
    routers: tuple[APIRouter, ...]
    reactions: Reactions = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    follow_up: FollowUp | None = None
    reports: tuple[Report, ...] = ()
    bulletins: Checkers = field(default_factory=dict)
    seed: Seed | None = None
    sweeps: tuple[Sweep, ...] = ()

    @property
    def declared_parameters(self) -> dict[str, Parameter]:
        """Parameters by name, the floor's among them."""
        return {parameter.name: parameter for parameter in (*FLOOR_PARAMETERS, *self.parameters)}

    @property
    def all_handlers(self) -> Handlers:
        """The service's own commands and those that the floor gives to each service."""
        return {
            **case_handlers(self.bindings),
            **policy_handlers(self.declared_parameters),
            **check_handlers(self.checks, self.declared_parameters, self.follow_up),
            **report_handlers(self.reports),
            **self.handlers,
        }

    def defects(self) -> list[str]:
        """What is wrong with the declarations; a service with defects does not start."""
        kinds = {name: str(parameter.kind) for name, parameter in self.declared_parameters.items()}
        found = [
            f"{binding.workflow.name}: {defect}"
            for binding in self.bindings
            for defect in verify(binding.workflow, guards=binding.guards, parameters=kinds)
        ]
        for binding in self.bindings:
            steps = {step.name for step in binding.workflow.steps}
            found += [
                f"{binding.workflow.name}: binds unknown step {name}" for name in binding.steps if name not in steps
            ]
        return [*found, *(defect for report in self.reports for defect in report.defects())]

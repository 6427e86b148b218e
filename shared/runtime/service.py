"""What a service says of itself; a process is a list of these and a transport."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fastapi import APIRouter
from sqlalchemy import MetaData

from shared.cases.binding import Binding
from shared.checks.model import Check
from shared.commands.command import Command, Handlers
from shared.contracts.event import Event
from shared.parameters.model import Parameter

Reaction: TypeAlias = Callable[[Any], Command | None]
"""Event to command, a one-liner; None when this event asks nothing of us."""

Reactions: TypeAlias = Mapping[type[Event], tuple[Reaction, ...]]


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

    @property
    def declared_parameters(self) -> dict[str, Parameter]:
        """Parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

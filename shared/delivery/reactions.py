"""What a service does about events, as data: event class to functions that make commands of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from shared.commands.command import Command
from shared.contracts.event import Event

Reaction: TypeAlias = Callable[[Any], Command | None]
"""Event to command, a named one-liner; None when this event asks nothing of us. Its name is part of the key."""

Reactions: TypeAlias = Mapping[type[Event], tuple[Reaction, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """Reactions (响应) by wire type, and the topics that must be read for them."""

    by_type: Mapping[str, tuple[Reaction, ...]]
    topics: frozenset[str]

    @classmethod
    def of(cls, reactions: Reactions) -> "Known":
        """Raises ValueError when two reactions to one event have the same name: they would share one key."""
        for event, answers in reactions.items():
            names = [answer.__name__ for answer in answers]
            if len(set(names)) < len(names) or "<lambda>" in names:
                raise ValueError(f"reactions to {event.wire_type()} need names of their own: {names}")
        return cls(
            by_type={event.wire_type(): answers for event, answers in reactions.items() if answers},
            topics=frozenset(event.TOPIC for event in reactions),
        )

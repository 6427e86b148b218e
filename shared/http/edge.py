"""What the edge of one service works with; it lies in the app's state."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request

from shared.commands.pipeline import Pipeline
from shared.db.paging import Cursors
from shared.db.sessions import Database
from shared.http.tokens import Verifier
from shared.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes beyond which a request is refused unread."""

    json_body: int = 2 * 1024 * 1024
    upload: int = 128 * 1024 * 1024
    evidence: int = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Edge:
    """Everything a request may need. `heads` are the migrations this build expects, `version` is the build's own."""

    pipeline: Pipeline
    database: Database
    verifier: Verifier
    cursors: Cursors
    evidence_dir: Path
    heads: frozenset[str]
    version: str = "0.1.0"
    limits: Limits = Limits()

    @property
    def clock(self) -> Clock:
        """The clock of the service's decisions; a demo may turn it."""
        return self.pipeline.resources.clock


def edge_of(request: Request) -> Edge:
    """The edge of the app that serves `request`."""
    edge = request.app.state.edge
    assert isinstance(edge, Edge)
    return edge

"""How a route gives a command: key and dry run from the request, one answer form, and the version as ETag."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Header, Query, Request, Response
from pydantic import BaseModel

from shared.commands.command import Command
from shared.db.paging import DEFAULT_LIMIT, MAX_LIMIT, PageRequest
from shared.http.auth import Caller
from shared.http.bodies import refuse_loose_values
from shared.http.concurrency import etag
from shared.http.edge import edge_of
from shared.http.policy import Policy
from shared.http.problems import BrokenRule, MissingHeader, Words
from shared.http.tracing import request_id
from shared.kernel.actors import Actor
from shared.kernel.errors import Invalid, Violation
from shared.kernel.roles import Role

T = TypeVar("T")

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Answer(BaseModel, Generic[T]):
    """What a command answers: its result, and what it let pass with a warning (未核实)."""

    result: T
    warnings: list[BrokenRule]


@dataclass(frozen=True, slots=True)
class Run:
    """Gives commands for one request: `return await run(command)`. The router says which ones by `gives`."""

    request: Request
    response: Response
    actor: Actor
    key: str
    dry_run: bool
    commands: tuple[type[Command], ...]

    async def __call__(self, command: Command) -> Answer[Any]:
        """Carry out `command`; raises kernel.errors.Problem."""
        if not isinstance(command, self.commands):
            raise TypeError(f"the route does not declare {type(command).__name__}")
        outcome = await edge_of(self.request).pipeline.run(
            command,
            actor=self.actor,
            key=self.key,
            correlation=request_id(self.request.scope),
            dry_run=self.dry_run,
        )
        if outcome.replayed:
            self.response.headers["idempotency-replayed"] = "true"
        version = outcome.result.get("version")
        if isinstance(version, int) and not self.dry_run:
            self.response.headers["etag"] = etag(version)
        return Answer(result=outcome.result, warnings=[_told(warning) for warning in outcome.warnings])


@dataclass(frozen=True, slots=True)
class Giver:
    """The dependency behind `Run`."""

    policy: Policy

    async def __call__(
        self,
        request: Request,
        response: Response,
        actor: Caller,
        key: Annotated[
            str | None,
            Header(
                alias="Idempotency-Key",
                description="幂等键，1–200 个可见字符；重发同一请求时不变 / the same for every retry of one request",
            ),
        ] = None,
        *,
        dry_run: Annotated[
            bool,
            Query(description="试算：检查并作答，但不保存 / check and answer, keep nothing"),
        ] = False,
    ) -> Run:
        await refuse_loose_values(request)
        return Run(request, response, actor, idempotency_key(key), dry_run, self.policy.commands)


def gives(*commands: type[Command], roles: frozenset[Role] | None = None) -> Any:
    """Mark a route with the commands it gives; the dependency gives a Run.

    `roles` tells the description of a step's route more than its command does; the pipeline and the step decide.
    """
    if roles is None:
        roles = frozenset(role for command in commands for role in command.ROLES)
    return Depends(Giver(Policy(login=True, roles=roles, commands=commands)))


def idempotency_key(value: str | None) -> str:
    """The key of a request that changes something; raises MissingHeader or Invalid."""
    field, remedy = "/headers/Idempotency-Key", "重发同一请求时使用同一个键"
    remedy_en = "send the same key with every retry of one request"
    if value is None:
        zh, en = "缺少 Idempotency-Key 请求头", "the header Idempotency-Key is required"
        raise MissingHeader(Violation("IDEMPOTENCY_KEY_REQUIRED", zh, en, "G2", field, remedy, remedy_en))
    if not _KEY.fullmatch(value):
        zh, en = (
            "Idempotency-Key 须为 1–200 个可见 ASCII 字符",
            "Idempotency-Key takes 1 to 200 visible ASCII characters",
        )
        raise Invalid(Violation("IDEMPOTENCY_KEY_INVALID", zh, en, "G2", field, remedy, remedy_en))
    return value


def _told(warning: dict[str, Any]) -> BrokenRule:
    """A warning as the pipeline stored it, in the form of a problem's errors."""
    return BrokenRule(
        code=warning["code"],
        zh=warning["zh"],
        en=warning["en"],
        pointer=warning["field"],
        rule=warning["rule"],
        remedy=Words(zh=warning["remedy_zh"], en=warning["remedy_en"]),
        facts=warning["facts"],
    )


async def paging(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每页条数 / rows per page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1000, description="上一页的 next_cursor")] = None,
) -> PageRequest:
    """Which page is asked for."""
    return PageRequest(edge_of(request).cursors, limit, cursor)


Paging = Annotated[PageRequest, Depends(paging)]
"""The page that a list route hands to `fetch_page`."""

"""The demo's only way in: HTTP, as anybody else would use it. Keys are fixed, so a second run finds its own answers."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import httpx2

from shared.kernel.days import SHANGHAI

_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005"
    "fe02fe0def46b80000000049454e44ae426082"
)
"""One white pixel, which stands for every photo and paper of the story."""
_PATIENCE_SECONDS = 30.0


class StoryBroken(Exception):
    """A step of the story did not do what it should."""


@dataclass(slots=True)
class Counts:
    """What was done so far."""

    commands: int = 0
    refusals: int = 0
    replayed: int = 0


@dataclass(slots=True)
class Client:
    """Speaks to a running system as one persona or another."""

    http: httpx2.AsyncClient
    counts: Counts = field(default_factory=Counts)
    _tokens: dict[str, str] = field(default_factory=dict)
    _today: date | None = None

    async def login(self, persona: str) -> dict[str, str]:
        """The header of `persona`."""
        if persona not in self._tokens:
            answer = await self.http.post("/dev/token", json={"persona": persona})
            _expect(answer, 200)
            self._tokens[persona] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[persona]}"}

    async def turn_clock(self, day: date, hour: int = 9) -> None:
        """Make it `hour` o'clock of `day` in Shanghai."""
        now = datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)
        _expect(await self.http.post("/dev/clock", json={"now": now.isoformat()}), 200)
        self._today = day

    @property
    def today(self) -> date:
        """The story's day."""
        assert self._today is not None
        return self._today

    async def get(self, persona: str, path: str, **query: Any) -> Any:
        """Read; raises StoryBroken unless the answer is 200."""
        answer = await self.http.get(path, params=query, headers=await self.login(persona))
        _expect(answer, 200)
        return answer.json()

    async def until(self, persona: str, path: str, holds: Callable[[Any], Any], **query: Any) -> Any:
        """Read again and again until `holds` of the answer; for what events bring about in another service."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE_SECONDS
        while True:
            answer = await self.http.get(path, params=query, headers=await self.login(persona))
            if answer.status_code == httpx2.codes.OK and holds(body := answer.json()):
                return body
            if loop.time() > end:
                raise StoryBroken(f"{path}: still {answer.status_code} {answer.text[:300]}")
            await asyncio.sleep(0.05)

    async def post(self, persona: str, path: str, body: Mapping[str, Any], **query: Any) -> dict[str, Any]:
        """Give a command; its result, or StoryBroken."""
        answer = await self._send(persona, path, json=dict(body), params=query)
        _expect(answer, 200, 201, 202)
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def refused(
        self, persona: str, path: str, body: Mapping[str, Any], *codes: str, **headers: str
    ) -> dict[str, Any]:
        """Give a command that must be refused with one of `codes` or rules; the problem that came back.

        In a second run the case has moved on, and whatever is said of it will do.
        """
        answer = await self._send(persona, path, json=dict(body), extra=headers)
        problem: dict[str, Any] = answer.json()
        told = {error[part] for error in problem.get("errors", ()) for part in ("code", "rule")}
        if not told & set(codes) and not self.counts.replayed:
            raise StoryBroken(f"{path}: expected {codes}, got {answer.status_code} {answer.text[:500]}")
        self.counts.refusals += 1
        return problem

    async def step(
        self,
        persona: str,
        plural: str,
        subject: str,
        step: str,
        form: Mapping[str, Any] | None = None,
        *,
        evidence: Sequence[str] = (),
        reason: str = "",
    ) -> dict[str, Any]:
        """Take a step of a case; `plural` with its service, such as `funds/v1/projects`."""
        path, headers, body = await self._step(persona, plural, subject, step, form, evidence, reason)
        answer = await self._send(persona, path, json=body, extra=headers)
        _expect(answer, 200, 201)
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def step_refused(
        self,
        persona: str,
        plural: str,
        subject: str,
        step: str,
        *codes: str,
        form: Mapping[str, Any] | None = None,
        evidence: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Take a step that must be refused."""
        path, headers, body = await self._step(persona, plural, subject, step, form, evidence, "")
        return await self.refused(persona, path, body, *codes, **headers)

    async def _step(
        self,
        persona: str,
        plural: str,
        subject: str,
        step: str,
        form: Mapping[str, Any] | None,
        evidence: Sequence[str],
        reason: str,
    ) -> tuple[str, dict[str, str], dict[str, Any]]:
        case = await self.http.get(f"/{plural}/{subject}/case", headers=await self.login(persona))
        _expect(case, 200)
        body = {**(form or {}), "evidence": list(evidence), "reason": reason}
        return f"/{plural}/{subject}/{step.replace('_', '-')}", {"If-Match": case.headers["etag"]}, body

    async def evidence(self, persona: str, service: str, area: str, *kinds: str) -> list[str]:
        """Upload one document of each kind, photographed today; their ids."""
        made = []
        for kind in kinds:
            query = {"area_code": area, "kind": kind, "taken_on": self.today.isoformat()}
            answer = await self._send(
                persona, f"/{service}/v1/evidence", content=_PNG, params=query, extra={"Content-Type": "image/png"}
            )
            _expect(answer, 200, 201)
            made.append(answer.json()["result"]["id"])
        return made

    async def prove_notice(self, persona: str, service: str, case_id: str, area: str) -> None:
        """Attach a photo of today to the running notice of a case."""
        (photo,) = await self.evidence(persona, service, area, "notice_photo")
        await self.post(persona, f"/{service}/v1/cases/{case_id}/notice/proofs", {"evidence_id": photo})

    async def upload(self, persona: str, path: str, content: bytes, media_type: str, **query: Any) -> dict[str, Any]:
        """Send a file; the command's result."""
        answer = await self._send(persona, path, content=content, params=query, extra={"Content-Type": media_type})
        _expect(answer, 200, 201, 202)
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def check(self, persona: str, path: str, content: bytes, media_type: str) -> Any:
        """Ask what is to be said of a file that is not kept; no command, so nothing is counted."""
        headers = {**await self.login(persona), "Content-Type": media_type}
        answer = await self.http.post(path, content=content, headers=headers)
        _expect(answer, 200)
        return answer.json()

    async def _send(
        self,
        persona: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        extra: Mapping[str, str] | None = None,
        **body: Any,
    ) -> httpx2.Response:
        self.counts.commands += 1
        key = f"story-{self.counts.commands:04d}"
        headers = {**await self.login(persona), "Idempotency-Key": key, **(extra or {})}
        answer = await self.http.post(path, params=params, headers=headers, **body)
        self.counts.replayed += answer.headers.get("idempotency-replayed") == "true"
        return answer


def _expect(answer: httpx2.Response, *codes: int) -> None:
    if answer.status_code not in codes:
        raise StoryBroken(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:800]}"
        )

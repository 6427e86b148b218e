"""What the chapters of the story share: client, teller, and the ids that one chapter leaves for the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.suite.demo.client import Client
from services.suite.demo.teller import Teller
from services.suite.people import COUNTY, PERSONAS

_AREAS = {persona.name: str(persona.grants[0].area) for persona in PERSONAS}


@dataclass(slots=True)
class Cast:
    """The people of the story at work."""

    client: Client
    teller: Teller
    ids: dict[str, str] = field(default_factory=dict)

    async def on(self, year: int, month: int, day: int, hour: int = 9) -> None:
        """Turn to a day."""
        await self.client.turn_clock(date(year, month, day), hour)

    async def later(self, days: int) -> None:
        """Let days pass."""
        await self.client.turn_clock(self.client.today + timedelta(days=days))

    async def take(
        self,
        persona: str,
        plural: str,
        subject: str,
        step: str,
        *evidence: str,
        form: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> dict[str, Any]:
        """One step, with a paper of each kind of evidence; `plural` with its service, such as `funds/projects`."""
        service, noun = plural.split("/")
        files = await self.client.evidence(persona, service, _AREAS[persona], *evidence)
        return await self.client.step(
            persona, f"{service}/v1/{noun}", subject, step, form, evidence=files, reason=reason
        )

    async def photograph(self, persona: str, service: str, case_ids: Sequence[str]) -> None:
        """Prove running notices with a photo of today."""
        for case_id in case_ids:
            await self.client.prove_notice(persona, service, case_id, _AREAS[persona])

    async def hang(self, persona: str, service: str, case_ids: Sequence[str], days: int) -> None:
        """Let notices run their days: a photo on the first and on the last, then the day after."""
        await self.photograph(persona, service, case_ids)
        await self.later(days)
        await self.photograph(persona, service, case_ids)
        await self.later(1)

    async def adopt(self, service: str, values: Mapping[str, str], document: str, since: str) -> None:
        """The county adopts policy values, by two persons."""
        for name, value in values.items():
            body = {"name": name, "area_code": str(COUNTY), "effective_from": since}
            proposal = {**body, "value": value, "document": document}
            await self.client.post("bureau_clerk", f"/{service}/v1/parameters", proposal)
            await self.client.post("bureau_leader", f"/{service}/v1/parameters/adopt", body)

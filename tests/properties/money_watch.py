"""A bench that watches money: every invariant after every command that changed something, every balance at every refusal."""

from collections import Counter
from dataclasses import dataclass, field

from shared.commands.command import Command, Outcome
from shared.kernel.actors import SYSTEM, Actor
from shared.testing.services import Bench
from tests.service.funds.invariants import found

_STANDING = """
SELECT md5(string_agg(part, '/' ORDER BY part)) FROM (
  SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) AS part FROM ledger_balance AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM contract AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM payment AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM refund_claim AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM refund AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM household_line AS row
  UNION ALL SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM case_file AS row
  UNION ALL SELECT 'entries ' || count(*) FROM ledger_entry
) AS parts"""


@dataclass(frozen=True)
class Watched(Bench):
    """Holds every invariant against every command that changed something, and every balance against every refusal."""

    last: dict[str, str] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, bench: Bench) -> "Watched":
        return cls(bench.assembled, bench.clock, bench.names)

    async def run(self, command: Command, actor: Actor, key: str = "") -> Outcome:
        before = self.last.get("standing") or await self.standing()
        try:
            outcome = await super().run(command, actor, key)
        except Exception:
            self.counted["refused"] += 1
            assert await self.standing() == before, f"refused, and something moved: {command}"
            self.last["standing"] = before
            raise
        after = self.last["standing"] = await self.standing()
        if after != before:
            self.counted["changed"] += 1
            async with self.database.write(SYSTEM) as tx:
                resources = self.assembled.pipeline.resources
                assert await found(tx.raw, resources, self.clock.now()) == {}, f"after {command}"
        return outcome

    async def standing(self) -> str:
        """All balances and all rows that count money, as one digest."""
        async with self.database.read(SYSTEM) as session:
            digest: str = await session.raw.fetchval(_STANDING)
            return digest

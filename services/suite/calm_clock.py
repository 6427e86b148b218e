"""The demo's clock (演示时钟) as `/dev/clock` turns it: only once every event has been handled on its own day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.suite.stillness import NeverStill, until_still
from shared.kernel.errors import Unavailable, Violation
from shared.runtime.assemble import Assembled
from shared.runtime.clock import OffsetClock


@dataclass(frozen=True, slots=True)
class CalmClock:
    """Without it, whether an asset is registered today or a month later depends on how busy the machine is."""

    clock: OffsetClock
    services: Mapping[str, Assembled]
    patience: float = 20.0
    """Seconds to wait for events that are on their way."""

    @property
    def seconds(self) -> int:
        """How far it runs ahead."""
        return self.clock.seconds

    def now(self) -> datetime:
        """The instant of the demo."""
        return self.clock.now()

    async def turn(self, seconds: int) -> None:
        """Wait until nothing is on its way, then turn. Raises Unavailable when that does not come."""
        try:
            await until_still(self.services, self.patience)
        except NeverStill as still_moving:
            raise Unavailable(
                Violation(
                    "EVENTS_ON_THEIR_WAY",
                    "仍有事件在途，时钟未调整",
                    "events are still on their way; the clock was not turned",
                    rule="D21",
                    remedy_zh="确认各服务与 Kafka 正常后重试",
                    remedy_en="see that services and Kafka are up, then try again",
                ),
            ) from still_moving
        await self.clock.turn(seconds)

"""The demo's story (演示故事), told through HTTP: one fen from its document to a household, one household from risk to safety."""

from services.suite.demo import bulletin, crossing, custody, library, safety, subsidy, works
from services.suite.demo.cast import Cast
from services.suite.demo.client import Client
from services.suite.demo.teller import Teller


async def tell(client: Client, teller: Teller) -> None:
    """Play all chapters."""
    cast = Cast(client, teller)
    await library.tell(cast)
    await works.tell(cast)
    await custody.tell_asset(cast)
    way = await safety.tell_risk(cast)
    await subsidy.tell(cast)
    await custody.tell_rent(cast)
    await safety.tell_safe(cast, way)
    await crossing.tell(cast)
    await bulletin.tell(cast)

"""The demo's story (演示故事), told through HTTP: one fen from its document to a household, one household from risk to safety."""

from services.suite.demo import library
from services.suite.demo.cast import Cast
from services.suite.demo.client import Client
from services.suite.demo.teller import Teller


async def tell(client: Client, teller: Teller) -> None:
    """Play all chapters."""
    cast = Cast(client, teller)
    await library.tell(cast)

"""Payees that nobody registered (未登记): of a payment made elsewhere they are whom the treasury's file names."""

from uuid import UUID

import orjson

from services.funds.bulk.treasury import PAYEE
from shared.vault.keys import KeyRing
from shared.vault.seal import unseal


def named(ring: KeyRing, line_id: UUID, sealed: bytes) -> str:
    """The payee as the file has it; raises MissingKey or Tampered."""
    name: str = orjson.loads(unseal(ring, PAYEE, line_id, sealed))["name"]
    return name

"""The blind index (盲索引): finds and tells apart sealed values by a keyed hash, without opening them."""

from collections.abc import Iterable
from functools import lru_cache
from unicodedata import normalize

from cryptography.hazmat.primitives.hmac import HMAC

from shared.vault.ciphers import index_hash
from shared.vault.keys import IndexKey, KeyRing

INDEX_BYTES = 16


def blind_index(ring: KeyRing, field: str, value: str) -> bytes:
    """16 bytes, the same for the same value of `field`, spelled `table.column`; full width and case do not count.

    A short field such as a phone number can be guessed by whoever may ask often: such lookups need a rate limit.
    """
    return blind_index_many(ring, field, [value])[0]


def blind_index_many(ring: KeyRing, field: str, values: Iterable[str]) -> list[bytes]:
    """Indexes in the order of `values`."""
    begin = _begun(ring.index, field).copy
    found = []
    for value in values:
        mac = begin()
        mac.update((value.upper() if value.isascii() else _folded(value)).encode())
        found.append(mac.finalize()[:INDEX_BYTES])
    return found


@lru_cache(maxsize=64)
def _begun(key: IndexKey, field: str) -> HMAC:
    """The HMAC under the field's own key, fed with the field's name."""
    derived = HMAC(key.secret, index_hash(key.algorithm))
    derived.update(b"blind index key\0" + field.encode())
    mac = HMAC(derived.finalize(), index_hash(key.algorithm))
    mac.update(field.encode() + b"\0")
    return mac


def _folded(value: str) -> str:
    return normalize("NFKC", value).upper()

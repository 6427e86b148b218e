"""Sealed values: personal fields encrypted for one place, so that a copy in another row or column does not open.

A sealed value is: version (1 byte), key id (2), nonce (12), ciphertext with tag (16 more than the text in UTF-8).
"""

import os
from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.vault.ciphers import NONCE_BYTES, TAG_BYTES, Unopened
from shared.vault.keys import KeyRing, VaultError

_VERSION = b"\x01"
_NONCE_AT = 3
_TEXT_AT = _NONCE_AT + NONCE_BYTES
_SHORTEST = _TEXT_AT + TAG_BYTES


class Tampered(VaultError):
    """The value was changed, or it was sealed for another row or field."""


def seal(ring: KeyRing, field: str, row_id: UUID, value: str) -> bytes:
    """`value` sealed for the row `row_id` of `field`, which is spelled `table.column`."""
    return seal_bytes(ring, field, row_id, value.encode())


def seal_many(ring: KeyRing, field: str, rows: Sequence[tuple[UUID, str]]) -> list[bytes]:
    """Sealed values in the order of `rows`; each row is its id and the value."""
    return seal_column(ring, field, [row_id.bytes for row_id, _ in rows], (value for _, value in rows))


def seal_column(ring: KeyRing, field: str, row_ids: Sequence[bytes], values: Iterable[str]) -> list[bytes]:
    """The same for a large set, whose row ids are given as their 16 bytes."""
    return _sealed(ring, field, row_ids, (value.encode() for value in values))


def seal_bytes(ring: KeyRing, field: str, row_id: UUID, content: bytes) -> bytes:
    """`content` that is no text, such as a part of a file, sealed for the row `row_id` of `field`."""
    return _sealed(ring, field, [row_id.bytes], [content])[0]


def _sealed(ring: KeyRing, field: str, row_ids: Sequence[bytes], contents: Iterable[bytes]) -> list[bytes]:
    header, place = _header(ring.active.id), _place(field)
    encrypt = ring.active.aead.encrypt
    random = os.urandom(NONCE_BYTES * len(row_ids))
    nonces = (random[at : at + NONCE_BYTES] for at in range(0, len(random), NONCE_BYTES))
    return [
        header + nonce + encrypt(nonce, content, place + row_id)
        for nonce, row_id, content in zip(nonces, row_ids, contents, strict=True)
    ]


def unseal(ring: KeyRing, field: str, row_id: UUID, sealed: bytes) -> str:
    """The value. Raises MissingKey or Tampered."""
    return unseal_bytes(ring, field, row_id, sealed).decode()


def unseal_bytes(ring: KeyRing, field: str, row_id: UUID, sealed: bytes) -> bytes:
    """What `seal_bytes` sealed. Raises MissingKey or Tampered."""
    if len(sealed) < _SHORTEST or sealed[:1] != _VERSION:
        raise Tampered(f"{field} of row {row_id} holds no sealed value")
    key = ring.key(key_id_of(sealed))
    try:
        return key.aead.decrypt(sealed[_NONCE_AT:_TEXT_AT], sealed[_TEXT_AT:], _place(field) + row_id.bytes)
    except Unopened:
        raise Tampered(f"{field} of row {row_id} does not open with key {key.id}") from None


def unseal_many(ring: KeyRing, field: str, rows: Iterable[tuple[UUID, bytes]]) -> list[str]:
    """Values in the order of `rows`; each row is its id and the sealed value. Raises MissingKey or Tampered."""
    return [unseal(ring, field, row_id, sealed) for row_id, sealed in rows]


def key_id_of(sealed: bytes) -> int:
    """The key that sealed it; a value whose key is not the active one is due for sealing anew."""
    return int.from_bytes(sealed[1:_NONCE_AT])


def _header(key_id: int) -> bytes:
    return _VERSION + key_id.to_bytes(2)


def _place(field: str) -> bytes:
    return field.encode() + b":"

"""The key ring: which key seals, which only open, and the secret behind the blind index. One ring per deployment."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from shared.vault.ciphers import Aead, IndexAlgorithm, SealAlgorithm, aead, secret_bytes

MAX_KEY_ID = 0xFFFF
INDEX_SECRET_BYTES = 32


class VaultError(Exception):
    """A fault of keys or of stored values, never of the person who asks."""


class MissingKey(VaultError):
    """The value names a key that the ring does not hold."""


class BrokenRing(VaultError):
    """What should be a key ring is none."""


class KeyState(StrEnum):
    """One key seals; a retired key stays as long as a value names it."""

    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt-only"


class Profile(StrEnum):
    """The family of algorithms for new keys; NATIONAL is the commercial cryptography suite (国密)."""

    STANDARD = "standard"
    NATIONAL = "national"

    @property
    def seals(self) -> SealAlgorithm:
        return SealAlgorithm.AES_256_GCM if self is Profile.STANDARD else SealAlgorithm.SM4_GCM

    @property
    def indexes(self) -> IndexAlgorithm:
        return IndexAlgorithm.HMAC_SHA_256 if self is Profile.STANDARD else IndexAlgorithm.HMAC_SM3


@dataclass(frozen=True)
class SealKey:
    """A sealing key and its number in stored values."""

    id: int
    state: KeyState
    algorithm: SealAlgorithm
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.id <= MAX_KEY_ID:
            raise BrokenRing(f"key id {self.id} is not within 1…{MAX_KEY_ID}")
        if len(self.secret) != secret_bytes(self.algorithm):
            raise BrokenRing(f"the secret of key {self.id} has the wrong length")

    @cached_property
    def aead(self) -> Aead:
        """The ready cipher of this key."""
        return aead(self.algorithm, self.secret)

    @classmethod
    def fresh(cls, key_id: int, profile: Profile) -> "SealKey":
        """A new active key."""
        return cls(key_id, KeyState.ACTIVE, profile.seals, secrets.token_bytes(secret_bytes(profile.seals)))


@dataclass(frozen=True)
class IndexKey:
    """The secret from which each field's own index key is derived, so that a new field needs no new entry."""

    algorithm: IndexAlgorithm
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != INDEX_SECRET_BYTES:
            raise BrokenRing("the index secret has the wrong length")


@dataclass(frozen=True)
class KeyRing:
    """All keys of a deployment, exactly one of them active."""

    keys: Mapping[int, SealKey]
    index: IndexKey
    active: SealKey

    @classmethod
    def of(cls, keys: Iterable[SealKey], index: IndexKey) -> "KeyRing":
        """Raises BrokenRing unless the ids differ and exactly one key is active."""
        held = tuple(keys)
        by_id = {key.id: key for key in held}
        active = [key for key in held if key.state is KeyState.ACTIVE]
        if len(by_id) != len(held) or len(active) != 1:
            raise BrokenRing("a ring needs distinct key ids and exactly one active key")
        return cls(MappingProxyType(by_id), index, active[0])

    @classmethod
    def fresh(cls, profile: Profile = Profile.STANDARD) -> "KeyRing":
        """A new ring with one active key."""
        index = IndexKey(profile.indexes, secrets.token_bytes(INDEX_SECRET_BYTES))
        return cls.of([SealKey.fresh(1, profile)], index)

    def key(self, key_id: int) -> SealKey:
        """Raises MissingKey."""
        found = self.keys.get(key_id)
        if found is None:
            raise MissingKey(f"the ring holds no key {key_id}")
        return found

    def rotated(self, profile: Profile) -> "KeyRing":
        """The same ring with a new active key; the former one only opens from now on. The index stays."""
        retired = [replace(key, state=KeyState.DECRYPT_ONLY) for key in self.keys.values()]
        return self.of([*retired, SealKey.fresh(max(self.keys) + 1, profile)], self.index)

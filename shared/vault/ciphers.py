"""The algorithms the vault may use: AES with SHA-2, or the national suite (国密) SM4 with SM3."""

from enum import StrEnum
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
TAG_BYTES = 16


class SealAlgorithm(StrEnum):
    """How values are sealed."""

    AES_256_GCM = "AES-256-GCM"
    SM4_GCM = "SM4-GCM"


class IndexAlgorithm(StrEnum):
    """How the blind index is made."""

    HMAC_SHA_256 = "HMAC-SHA-256"
    HMAC_SM3 = "HMAC-SM3"


class Unopened(Exception):
    """The tag does not fit: another key, another place, or a changed byte."""


class Aead(Protocol):
    """Authenticated encryption under one key; the tag stands at the end of the ciphertext."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes: ...


class _Aes:
    def __init__(self, secret: bytes) -> None:
        self._gcm = AESGCM(secret)
        self.encrypt = self._gcm.encrypt

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        try:
            return self._gcm.decrypt(nonce, data, associated_data)
        except InvalidTag:
            raise Unopened from None


class _Sm4:
    """The library offers SM4-GCM only as a stream, so the tag is joined and split here."""

    def __init__(self, secret: bytes) -> None:
        self._algorithm = algorithms.SM4(secret)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        stream = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        stream.authenticate_additional_data(associated_data)
        return stream.update(data) + stream.finalize() + stream.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        stream = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        stream.authenticate_additional_data(associated_data)
        try:
            return stream.update(data[:-TAG_BYTES]) + stream.finalize()
        except InvalidTag:
            raise Unopened from None


def secret_bytes(algorithm: SealAlgorithm) -> int:
    """Length of a sealing secret in bytes."""
    return 32 if algorithm is SealAlgorithm.AES_256_GCM else 16


def aead(algorithm: SealAlgorithm, secret: bytes) -> Aead:
    """The ready cipher of one key."""
    return _Aes(secret) if algorithm is SealAlgorithm.AES_256_GCM else _Sm4(secret)


def index_hash(algorithm: IndexAlgorithm) -> hashes.HashAlgorithm:
    """The hash inside the index HMAC."""
    return hashes.SHA256() if algorithm is IndexAlgorithm.HMAC_SHA_256 else hashes.SM3()

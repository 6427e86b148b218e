"""The key ring as a JSON file outside the database, mode 0600, written whole or not at all."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.vault.ciphers import IndexAlgorithm, SealAlgorithm
from shared.vault.keys import BrokenRing, IndexKey, KeyRing, KeyState, Profile, SealKey

FORMAT = 1


def load_ring(path: Path) -> KeyRing:
    """Raises BrokenRing, also when there is no file."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return _ring(stored)
    except OSError as error:
        raise BrokenRing(f"the key ring {path} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError) as error:
        # Without the cause: a parser's message may quote the text, and the text holds the keys.
        raise BrokenRing(f"the key ring {path} is damaged ({type(error).__name__})") from None


def save_ring(path: Path, ring: KeyRing) -> None:
    """Replace the file; a reader sees the old ring or the new one. A lost ring loses every sealed value."""
    _draft(path, ring).replace(path)
    _flush_directory(path.parent)


def load_or_create_ring(path: Path, profile: Profile = Profile.STANDARD) -> KeyRing:
    """The ring, made on the first run; of two first runs at once, both get the same ring."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, KeyRing.fresh(profile))
        try:
            # A link, unlike a rename, never replaces the ring that another process has just made.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _flush_directory(path.parent)
    return load_ring(path)


def _ring(stored: Mapping[str, Any]) -> KeyRing:
    if stored["format"] != FORMAT:
        raise BrokenRing(f"key ring format {stored['format']} is unknown")
    index = stored["index"]
    return KeyRing.of(
        [_key(entry) for entry in stored["keys"]],
        IndexKey(IndexAlgorithm(index["algorithm"]), _unpacked(index["secret"])),
    )


def _key(entry: Mapping[str, Any]) -> SealKey:
    return SealKey(entry["id"], KeyState(entry["state"]), SealAlgorithm(entry["algorithm"]), _unpacked(entry["secret"]))


def _stored(ring: KeyRing) -> dict[str, Any]:
    keys = [
        {"id": key.id, "state": key.state, "algorithm": key.algorithm, "secret": _packed(key.secret)}
        for key in ring.keys.values()
    ]
    index = {"algorithm": ring.index.algorithm, "secret": _packed(ring.index.secret)}
    return {"format": FORMAT, "keys": keys, "index": index}


def _draft(path: Path, ring: KeyRing) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(_stored(ring), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _packed(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")


def _unpacked(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _flush_directory(directory: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Uploaded files (佐证材料), kept under the SHA-256 of their content; written beside the event loop, whole or not at all."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.exceptions import HTTPException

from shared.kernel.errors import Invalid, Violation
from shared.kernel.ids import new_id

_BATCH = 1024 * 1024
_ZIP = (b"PK\x03\x04",)
_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
    "application/ofd": _ZIP,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _ZIP,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _ZIP,
}
"""How a file of each accepted type begins."""

MEDIA_TYPES = tuple(_SIGNATURES)


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the store; `size` in bytes."""

    sha256: str
    size: int


def file_path(directory: Path, sha256: str) -> Path:
    """Where the content with this hash lies."""
    return directory / sha256[:2] / sha256[2:4] / sha256


def accept_media_type(content_type: str) -> str:
    """The media type without parameters; raises HTTPException 415 for one that is not accepted."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in _SIGNATURES:
        raise HTTPException(415)
    return media_type


async def store(chunks: AsyncIterator[bytes], media_type: str, directory: Path, limit: int) -> Stored:
    """Keep the content of `chunks`; raises Invalid when it is not of `media_type`, HTTPException 413 beyond `limit`."""
    draft = directory / "incoming" / str(new_id())
    file = await asyncio.to_thread(_open, draft)
    try:
        stored = await _receive(file, chunks, media_type, limit)
        await asyncio.to_thread(_settle, file, draft, file_path(directory, stored.sha256))
    finally:
        await asyncio.to_thread(_discard, file, draft)
    return stored


async def _receive(file: BinaryIO, chunks: AsyncIterator[bytes], media_type: str, limit: int) -> Stored:
    digest, size, batch, known = hashlib.sha256(), 0, bytearray(), False
    async for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if size > limit:
            raise HTTPException(413)
        batch += chunk
        known = known or _begins_as(media_type, batch)
        if len(batch) >= _BATCH:
            if not known:
                raise _strange_content(media_type)
            await asyncio.to_thread(file.write, bytes(batch))
            batch.clear()
    if not known:
        raise _strange_content(media_type)
    await asyncio.to_thread(file.write, bytes(batch))
    return Stored(digest.hexdigest(), size)


def _begins_as(media_type: str, head: bytearray) -> bool:
    return bytes(head[:16]).startswith(_SIGNATURES[media_type])


def _open(draft: Path) -> BinaryIO:
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(file: BinaryIO, draft: Path, target: Path) -> None:
    """Make the draft the file of its hash; the same content twice is the same file."""
    file.flush()
    os.fsync(file.fileno())
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _discard(file: BinaryIO, draft: Path) -> None:
    file.close()
    draft.unlink(missing_ok=True)


def _strange_content(media_type: str) -> Invalid:
    return Invalid(
        Violation(
            "CONTENT_MISMATCH",
            "文件内容与声明的类型不符",
            "the content is not of the announced type",
            field="/headers/Content-Type",
            remedy_zh="按文件的实际类型上传",
            remedy_en="upload the file with its real type",
            facts={"media_type": media_type},
        ),
    )

"""Asks one node, in Kafka's own protocol, how many brokers of its cluster serve."""

import asyncio
import struct

_METADATA, _VERSION = 3, 1  # a version old enough that the answer begins with the brokers
_NO_TOPICS = 0
_PATIENCE = 5


async def brokers_seen(host: str, port: int) -> int:
    """How many brokers the node at this address knows alive; 0 while it does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE):
            return await _ask(host, port)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return 0


async def _ask(host: str, port: int) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        client = b"probe"
        request = struct.pack(f">hhih{len(client)}si", _METADATA, _VERSION, 1, len(client), client, _NO_TOPICS)
        writer.write(struct.pack(">i", len(request)) + request)
        _, _, brokers = struct.unpack(">iii", await reader.readexactly(12))  # length, correlation, brokers
        return int(brokers)
    finally:
        writer.close()

"""A load generator for HTTP/1.1 on its own process: keep-alive connections that send prepared requests one after another.

`python -m tests.bench.http_load <port> <connections> <file>`: the file holds JSON lines of request texts. Tells JSON.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
import uvloop

_HEADER_END = b"\r\n\r\n"


class Line(asyncio.Protocol):
    """One connection: the next request goes out when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[int], seconds: list[float]) -> None:
        """`statuses` and `seconds` are shared by all connections."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.first_fault = ""
        self._requests = requests
        self._statuses = statuses
        self._seconds = seconds
        self._buffer = b""
        self._transport: Any = None
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def send(self) -> None:
        """The next request, or the end."""
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._sent = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(_HEADER_END)
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        start = head.index(b"content-length:") + len(b"content-length:")
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self._buffer) < head_end + len(_HEADER_END) + length:
            return
        self._seconds.append(perf_counter() - self._sent)
        status = int(head[9:12])
        self._statuses[status] += 1
        if status >= 400 and not self.first_fault:
            self.first_fault = self._buffer[head_end:].decode(errors="replace").strip()
        self._buffer = b""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


async def load(port: int, connections: int, requests: list[bytes]) -> dict[str, Any]:
    """Send everything; the seconds count from the first request on open connections to the last answer."""
    statuses: Counter[int] = Counter()
    seconds: list[float] = []
    queue = iter(requests)
    loop = asyncio.get_running_loop()
    lines = [
        (await loop.create_connection(lambda: Line(queue, statuses, seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    started = perf_counter()
    for line in lines:
        line.send()
    await asyncio.gather(*(line.done for line in lines))
    elapsed = perf_counter() - started
    seconds.sort()
    return {
        "seconds": elapsed,
        "statuses": {str(status): count for status, count in statuses.items()},
        "p50_ms": seconds[len(seconds) // 2] * 1000,
        "p99_ms": seconds[int(len(seconds) * 0.99)] * 1000,
        "fault": next((line.first_fault for line in lines if line.first_fault), ""),
    }


if __name__ == "__main__":
    texts = [orjson.loads(line) for line in Path(sys.argv[3]).read_bytes().splitlines()]
    told = uvloop.run(load(int(sys.argv[1]), int(sys.argv[2]), [text.encode() for text in texts]))
    sys.stdout.buffer.write(orjson.dumps(told))

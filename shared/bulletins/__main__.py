"""`python -m shared.bulletins`: one table in by standard input, the report out as JSON; a process that may be ended.

Checking is work for the processor, and the file comes from anybody: the door over HTTP gives it a process of its own.
"""

import sys

import orjson

from shared.bulletins.check import check_bytes
from shared.kernel.errors import Invalid

DONE, UNREADABLE = 0, 2
_MEMORY_BYTES = 1 << 30
_PROCESSOR_SECONDS = 20
"""Of the processor, so that a busy machine takes longer and answers the same."""


def main() -> int:
    """0 with the report, or 2 with what keeps the file from being read."""
    _limit()
    try:
        told, code = orjson.dumps(check_bytes(sys.stdin.buffer.read()).as_json()), DONE
    except Invalid as problem:
        told, code = orjson.dumps([[each.code, each.zh, each.en] for each in problem.violations]), UNREADABLE
    sys.stdout.buffer.write(told)
    return code


def _limit() -> None:
    """Where the system can, let the process end rather than fill the machine."""
    try:
        import resource  # noqa: PLC0415  not there on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_SECONDS, _PROCESSOR_SECONDS))


if __name__ == "__main__":
    sys.exit(main())

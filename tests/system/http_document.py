"""Runs the ```http blocks of a document in their order, as an editor's HTTP client does: named answers, variables, files.

A ```json block right behind a request says what the answer holds at least.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from shared.kernel.ids import new_id

_BLOCK = re.compile(r"^```(http|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^# @name (\w+)$", re.MULTILINE)
_VARIABLE = re.compile(r"^@(\w+) = (.*)$", re.MULTILINE)
_REFERENCE = re.compile(r"\{\{([^{}]+)\}\}")
_ANSWER = re.compile(r"(\w+)\.response\.(body\.\$\.|headers\.)(.+)")


@dataclass(frozen=True)
class Step:
    """One request as written, and what its answer has to hold."""

    text: str
    expected: str


@dataclass
class Reader:
    """Somebody who follows a document; `paper` is sent wherever a file is attached."""

    http: httpx2.AsyncClient
    paper: bytes
    host: str
    answers: dict[str, httpx2.Response] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    async def follow(self, document: str) -> int:
        """Send everything; raises AssertionError at the first answer that is refused or other than told."""
        steps = list(steps_of(document))
        for step in steps:
            await self._take(step)
        return len(steps)

    async def _take(self, step: Step) -> None:
        text = step.text
        for name, value in _VARIABLE.findall(text):
            self.variables[name] = value
        named = _NAME.search(text)
        request = "\n".join(line for line in text.splitlines() if not line.startswith(("#", "@"))).strip()
        if not request:
            return
        head, _, body = request.partition("\n\n")
        first, *rest = head.splitlines()
        method, address = self._filled(first).split(" ", 1)
        headers = dict(self._filled(line).split(": ", 1) for line in rest)
        content = self.paper if body.startswith("<") else self._filled(body).encode()
        answer = await self.http.request(method, address, headers=headers, content=content or None)
        assert answer.status_code < 300, (
            f"{first}\n{self._filled(body)[:2000]}\n{answer.status_code} {answer.text[:3000]}"
        )
        if named:
            self.answers[named[1]] = answer
        if step.expected:
            expected = json.loads(self._filled(step.expected))
            assert holds(answer.json(), expected), f"{first}\n{answer.text[:3000]}\nshould hold {step.expected}"

    def _filled(self, text: str) -> str:
        while found := _REFERENCE.search(text):
            text = text[: found.start()] + self._value(found[1].strip()) + text[found.end() :]
        return text

    def _value(self, reference: str) -> str:
        if reference == "$guid":
            return str(new_id())
        if reference == "host":
            return self.host
        if reference in self.variables:
            return self.variables[reference]
        asked = _ANSWER.fullmatch(reference)
        assert asked, f"unknown: {reference}"
        answer = self.answers[asked[1]]
        if asked[2] == "headers.":
            return str(answer.headers[asked[3]])
        return str(at(answer.json(), asked[3]))


def steps_of(document: str) -> Iterator[Step]:
    """The requests of a document; `###` parts those that share a block."""
    blocks = _BLOCK.findall(document)
    for place, (kind, text) in enumerate(blocks):
        if kind == "json":
            continue
        requests = re.split(r"^###.*\n", text, flags=re.MULTILINE)
        following = blocks[place + 1] if place + 1 < len(blocks) else ("", "")
        for number, request in enumerate(requests, 1):
            is_last = number == len(requests)
            yield Step(request, following[1] if is_last and following[0] == "json" else "")


def at(answer: Any, path: str) -> Any:
    """The value at `a.b[0].c`."""
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        answer = answer[key] if key else answer[int(index)]
    return answer


def holds(answer: Any, expected: Any) -> bool:
    """Whether an answer has at least what is expected: objects by key, some row of a list for each one told."""
    if isinstance(expected, Mapping):
        return isinstance(answer, Mapping) and all(
            key in answer and holds(answer[key], value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(answer, list) and all(any(holds(each, value) for each in answer) for value in expected)
    return bool(answer == expected)


async def follow(document: str, base: str, paper: bytes) -> int:
    """Follow a document against the system at `base`; how many requests it has."""
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as http:
        return await Reader(http, paper, base).follow(document)

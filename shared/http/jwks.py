"""The issuer's public keys: given in process, or fetched and kept so that an issuer's outage does not log everybody out."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx2
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Unavailable, Violation

_FRESH = timedelta(minutes=5)
_USABLE = timedelta(hours=24)
_PAUSE = timedelta(seconds=10)
"""Between two questions: tokens with invented key ids must not make us a flood for the issuer."""
_TIMEOUT_SECONDS = 5
_SYMMETRIC = "oct"
_log = structlog.get_logger("security")


class KeySource(Protocol):
    """Where the verifier gets the issuer's keys."""

    async def keys(self) -> KeySet:
        """The keys to verify with; raises Unavailable when there are none."""
        ...

    async def renewed(self) -> KeySet:
        """The keys after asking again, for a key id that is new to us."""
        ...


def public_keys(published: Any) -> KeySet:
    """The asymmetric keys of a JWKS document; raises ValueError or JoseError when there is none.

    A shared secret among them is left out: it would let the public document sign.
    """
    if not isinstance(published, dict) or not isinstance(published.get("keys"), list):
        raise ValueError("not a JWKS document")  # noqa: TRY004  one kind of fault for one bad document
    usable = [key for key in published["keys"] if isinstance(key, dict) and key.get("kty") != _SYMMETRIC]
    return KeySet.import_key_set({"keys": usable})


@dataclass(frozen=True, slots=True)
class FixedKeys:
    """Keys of an issuer in this very process."""

    fixed: KeySet

    async def keys(self) -> KeySet:
        return self.fixed

    async def renewed(self) -> KeySet:
        return self.fixed


class RemoteKeys:
    """Keys behind a URL: fresh for five minutes; then the old ones serve, for a day, while new ones are fetched."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport`: for issuers reached in another way than by network."""
        self._url = url
        self._clock = clock or SystemClock()
        self._transport = transport
        self._held: KeySet | None = None
        self._held_at = self._asked_at = datetime.min.replace(tzinfo=self._clock.now().tzinfo)
        self._asking: asyncio.Task[None] | None = None

    async def keys(self) -> KeySet:
        """The keys held, renewed in the background when they are no longer fresh; raises Unavailable."""
        age = self._clock.now() - self._held_at
        if self._held is not None and age < _USABLE:
            if age >= _FRESH:
                self._ask()
            return self._held
        await self._ask()
        return self._usable()

    async def renewed(self) -> KeySet:
        """The keys after asking the issuer again, unless that was done a moment ago; raises Unavailable."""
        await self._ask()
        return self._usable()

    def _usable(self) -> KeySet:
        if self._held is None or self._clock.now() - self._held_at >= _USABLE:
            raise _no_keys()
        return self._held

    def _ask(self) -> "asyncio.Future[None]":
        """One question at a time, shared by all who wait; it never fails, the outcome is what is held afterwards."""
        if self._asking is None or self._asking.done():
            if self._clock.now() - self._asked_at < _PAUSE:
                done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                done.set_result(None)
                return done
            self._asked_at = self._clock.now()
            self._asking = asyncio.create_task(self._fetch())
        return asyncio.shield(self._asking)

    async def _fetch(self) -> None:
        try:
            async with httpx2.AsyncClient(transport=self._transport, timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
                self._held = public_keys(answer.json())
                self._held_at = self._clock.now()
        except (httpx2.HTTPError, JoseError, ValueError) as fault:
            _log.warning("issuer keys not fetched", kind=type(fault).__name__)


def _no_keys() -> Unavailable:
    return Unavailable(
        Violation(
            "ISSUER_UNAVAILABLE",
            "统一身份认证暂时无法访问，不能核验登录",
            "the identity provider does not answer, so the login cannot be checked",
            remedy_zh="稍后重试",
            remedy_en="retry later",
        ),
    )

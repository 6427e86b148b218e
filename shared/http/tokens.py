"""From a bearer token to an Actor: signature, issuer, audience and time are checked, then grants are read."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from shared.http.jwks import KeySource
from shared.http.problems import Unauthenticated
from shared.kernel.actors import Actor, Grant
from shared.kernel.areas import AreaCode
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import Violation
from shared.kernel.ids import derived_id
from shared.kernel.roles import Role

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Asymmetric only: `none` and HMAC, which would turn the public key into a secret, are not among them."""
LEEWAY = timedelta(seconds=60)
_REMEMBERED_FOR = timedelta(seconds=60)
_REMEMBERED = 4096
_MAX_TOKEN = 8192
_ROLES = {role.value: role for role in Role if role is not Role.SYSTEM}
_PEOPLE = UUID("3d6ac1e3-44b5-5a2f-8d8b-0d7b9f3c2a11")
_log = structlog.get_logger("security")


class _Signatures(JWSRegistry):
    """Knows the algorithms above and no other; EdDSA is the name that issuers in the field still write."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(f"Algorithm of '{name}' is not allowed")
        return self.algorithms[name]


_SIGNATURES = _Signatures(strict_check_header=False)


class Verifier:
    """Verifies tokens of one issuer for one audience; a verified token is remembered for a minute at most."""

    def __init__(self, issuer: str, audience: str, keys: KeySource, clock: Clock | None = None) -> None:
        """`clock`: the real time, also while a demo's clock is turned."""
        self._issuer = issuer
        self._keys = keys
        self._clock = clock or SystemClock()
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._seen: OrderedDict[bytes, tuple[Actor, float]] = OrderedDict()

    async def verify(self, token: str) -> Actor:
        """The actor whom `token` names; raises Unauthenticated, or Unavailable while the issuer's keys are unknown."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._seen.get(digest)
        if known is not None and known[1] > self._clock.now().timestamp():
            self._seen.move_to_end(digest)
            return known[0]
        try:
            claims = await self._verified(token)
            actor = self._actor(claims)
        except (JoseError, ValueError, TypeError, KeyError) as fault:
            _log.warning("token refused", kind=type(fault).__name__)
            raise refused_token() from fault
        self._remember(digest, actor, claims["exp"])
        return actor

    async def _verified(self, token: str) -> Mapping[str, Any]:
        if len(token) > _MAX_TOKEN:
            raise ValueError("the token is too long")
        try:
            decoded = jwt.decode(token, await self._keys.keys(), registry=_SIGNATURES)
        except InvalidKeyIdError:
            decoded = jwt.decode(token, await self._keys.renewed(), registry=_SIGNATURES)
        self._claims.validate(decoded.claims)
        return decoded.claims

    def _actor(self, claims: Mapping[str, Any]) -> Actor:
        subject = claims["sub"]
        try:
            identity = UUID(subject)
        except ValueError:
            identity = derived_id(_PEOPLE, f"{self._issuer}\0{subject}")
        if not identity.int:
            raise ValueError("the system is nobody's login")
        return Actor(identity, tuple(filter(None, map(_grant, claims.get("grants", ())))))

    def _remember(self, digest: bytes, actor: Actor, expires: float) -> None:
        now = self._clock.now()
        until = min(expires + LEEWAY.total_seconds(), (now + _REMEMBERED_FOR).timestamp())
        self._seen[digest] = (actor, until)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)


def _grant(claimed: Mapping[str, Any]) -> Grant | None:
    """One grant; a role that we do not know, or that belongs to no person, grants nothing."""
    role = _ROLES.get(claimed["role"])
    return None if role is None else Grant(role, AreaCode.parse(claimed["area"]))


def refused_token() -> Unauthenticated:
    """The one answer to every bad token: which check failed is for the log only."""
    return Unauthenticated(
        Violation(
            "TOKEN_REFUSED",
            "登录凭证无效或已过期",
            "the token is not valid or has expired",
            remedy_zh="重新登录",
            remedy_en="log in again",
        ),
    )

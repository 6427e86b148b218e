"""The issuer of the demo (演示身份): gives out tokens of known personas without a password, in the demo's modes only."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, KeySetSerialization

from shared.http.jwks import FixedKeys
from shared.kernel.actors import Grant
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import not_found
from shared.kernel.ids import new_id

MODES = ("embedded", "demo")
LIFETIME = timedelta(hours=12)
_ALGORITHM = "ES256"


class NotForProduction(Exception):
    """Whoever can ask the dev issuer can be anybody; outside the demo it does not come into being."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A made-up person to log in as (演示角色)."""

    name: str
    zh: str
    en: str
    id: UUID
    grants: tuple[Grant, ...]


class DevIssuer:
    """Signs tokens for personas with a key of its own."""

    def __init__(
        self,
        mode: str,
        issuer: str,
        audience: str,
        personas: Sequence[Persona],
        *,
        key_file: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`key_file` keeps the key over a restart. Raises NotForProduction in any but the demo's modes."""
        if mode not in MODES:
            raise NotForProduction(f"the dev issuer runs in modes {' and '.join(MODES)} only, not in {mode!r}")
        self.issuer = issuer
        self.audience = audience
        self.personas: Mapping[str, Persona] = {persona.name: persona for persona in personas}
        self._key = _new_key() if key_file is None else _kept_key(key_file)
        self._clock = clock or SystemClock()

    @property
    def keys(self) -> FixedKeys:
        """The public keys for a verifier in this process."""
        return FixedKeys(KeySet.import_key_set(self.published()))

    def published(self) -> KeySetSerialization:
        """The JWKS document."""
        return {"keys": [self._key.as_dict(private=False)]}

    def token(self, name: str) -> str:
        """A token of the persona `name`; raises NotFound."""
        persona = self.personas.get(name)
        if persona is None:
            raise not_found("演示角色", "persona")
        now = self._clock.now()
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(persona.id),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": str(new_id()),
            "grants": [{"role": grant.role.value, "area": str(grant.area)} for grant in persona.grants],
        }
        return jwt.encode({"alg": _ALGORITHM, "kid": self._key.kid}, claims, self._key, algorithms=[_ALGORITHM])


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)


def _kept_key(path: Path) -> ECKey:
    """The key in `path`, made on the first run and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{new_id()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(_new_key().as_dict(private=True)))
        draft.replace(path)
    return ECKey.import_key(orjson.loads(path.read_bytes()))

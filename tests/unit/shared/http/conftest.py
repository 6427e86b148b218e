"""An issuer with one key, and a clock that the tests set."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.http.jwks import FixedKeys
from shared.http.tokens import Verifier
from shared.testing.clocks import SetClock

ISSUER = "https://login.example"
AUDIENCE = "shouwang"

Sign = Callable[..., str]


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture
def key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)


@pytest.fixture
def claims(clock: SetClock) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    grants = [{"role": "township_clerk", "area": "230606101000"}]
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "clerk-7", "iat": now, "exp": now + 600, "grants": grants}


@pytest.fixture
def sign(key: ECKey) -> Sign:
    def make(claims: dict[str, Any], with_key: Any = None, alg: str = "ES256", **header: Any) -> str:
        signer = with_key or key
        return jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, signer, algorithms=[alg])

    return make


@pytest.fixture
def verifier(key: ECKey, clock: SetClock) -> Verifier:
    public = KeySet.import_key_set({"keys": [key.as_dict(private=False)]})
    return Verifier(ISSUER, AUDIENCE, FixedKeys(public), clock)

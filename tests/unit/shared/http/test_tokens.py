"""Which tokens are taken, which are refused (T32), and whom a taken one names."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from shared.http.jwks import FixedKeys
from shared.http.problems import Unauthenticated
from shared.http.tokens import Verifier
from shared.kernel.actors import Grant
from shared.kernel.areas import AreaCode
from shared.kernel.clock import SystemClock
from shared.kernel.roles import Role
from shared.testing.clocks import SetClock

pytestmark = pytest.mark.asyncio
Sign = Callable[..., str]
Claims = dict[str, Any]


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def refused(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_a_valid_token_names_the_actor(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    actor = await verifier.verify(sign(claims))
    assert actor.grants == (Grant(Role.TOWNSHIP_CLERK, AreaCode(230606101000)),)
    assert actor.id == (await verifier.verify(sign({**claims, "jti": "2"}))).id


async def test_a_subject_that_is_a_uuid_is_the_actors_id(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    subject = "0195a1b2-0000-7000-8000-000000000001"
    assert (await verifier.verify(sign({**claims, "sub": subject}))).id == UUID(subject)


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "sub"])
async def test_t32_every_claim_is_needed(verifier: Verifier, sign: Sign, claims: Claims, missing: str) -> None:
    del claims[missing]
    assert await refused(verifier, sign(claims)) == "TOKEN_REFUSED"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"iss": "https://login.example/"},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"sub": 7},
        {"sub": str(UUID(int=0))},
        {"grants": [{"role": "township_clerk"}]},
        {"grants": [{"role": "township_clerk", "area": "everywhere"}]},
        {"grants": "all"},
    ],
    ids=str,
)
async def test_t32_wrong_claims_are_refused(verifier: Verifier, sign: Sign, claims: Claims, changed: Claims) -> None:
    assert await refused(verifier, sign({**claims, **changed})) == "TOKEN_REFUSED"


async def test_t32_time_counts_with_a_minute_of_leeway(
    verifier: Verifier,
    sign: Sign,
    claims: Claims,
    clock: SetClock,
) -> None:
    token = sign(claims)
    clock.forward(seconds=600 + 59)
    assert (await verifier.verify(token)).grants
    clock.forward(seconds=2)
    assert await refused(verifier, token) == "TOKEN_REFUSED"
    early = sign({**claims, "nbf": claims["exp"] + 300, "exp": claims["exp"] + 900})
    assert await refused(verifier, early) == "TOKEN_REFUSED"


async def test_t32_no_signature_is_no_token(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    _, body, signature = sign(claims).split(".")
    for algorithm in ("none", "None", "NONE", ""):
        assert await refused(verifier, f"{segment({'alg': algorithm})}.{body}.") == "TOKEN_REFUSED"
        assert await refused(verifier, f"{segment({'alg': algorithm})}.{body}.{signature}") == "TOKEN_REFUSED"


async def test_t32_the_public_key_is_no_shared_secret(
    verifier: Verifier,
    key: ECKey,
    claims: Claims,
) -> None:
    """HS/RS confusion: a token signed by HMAC with the published key as its secret."""
    signed = f"{segment({'alg': 'HS256', 'kid': key.kid})}.{segment(claims)}"
    for secret in (
        key.as_pem(private=False),
        key.as_der(private=False),
        json.dumps(key.as_dict(private=False)).encode(),
    ):
        mac = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), "sha256")).decode().rstrip("=")
        assert await refused(verifier, f"{signed}.{mac}") == "TOKEN_REFUSED"


async def test_t32_foreign_keys_do_not_count(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    foreign = ECKey.generate_key("P-256", auto_kid=True)
    assert await refused(verifier, sign(claims, with_key=foreign)) == "TOKEN_REFUSED"
    assert await refused(verifier, sign(claims, with_key=foreign, kid="../../etc/passwd")) == "TOKEN_REFUSED"
    own = foreign.as_dict(private=False)
    assert await refused(verifier, sign(claims, with_key=foreign, jwk=own)) == "TOKEN_REFUSED"
    assert await refused(verifier, sign(claims, with_key=foreign, jku="https://evil.example/jwks")) == "TOKEN_REFUSED"


async def test_t32_an_algorithm_must_fit_its_key(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    rsa = RSAKey.generate_key(2048, auto_kid=True)
    assert await refused(verifier, sign(claims, with_key=rsa, alg="RS256")) == "TOKEN_REFUSED"
    assert await refused(verifier, sign(claims, with_key=rsa, alg="PS256")) == "TOKEN_REFUSED"


@pytest.mark.parametrize(
    ("alg", "signer"),
    [
        ("RS256", RSAKey.generate_key(2048, auto_kid=True)),
        ("Ed25519", OKPKey.generate_key("Ed25519", auto_kid=True)),
    ],
)
async def test_other_asymmetric_algorithms_are_taken(
    sign: Sign,
    claims: Claims,
    clock: SetClock,
    alg: str,
    signer: Any,
) -> None:
    verifier = Verifier(claims["iss"], claims["aud"], FixedKeys(KeySet([signer])), clock)
    assert (await verifier.verify(sign(claims, with_key=signer, alg=alg, kid=signer.kid))).grants


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_eddsa_under_its_old_name_is_taken_without_a_warning(
    sign: Sign,
    claims: Claims,
    clock: SetClock,
    recwarn: pytest.WarningsRecorder,
) -> None:
    signer = OKPKey.generate_key("Ed25519", auto_kid=True)
    token = sign(claims, with_key=signer, alg="EdDSA", kid=signer.kid)
    recwarn.clear()
    verifier = Verifier(claims["iss"], claims["aud"], FixedKeys(KeySet([signer])), clock)
    assert (await verifier.verify(token)).grants
    assert not recwarn.list


async def test_no_token_makes_anybody_the_system(verifier: Verifier, sign: Sign, claims: Claims) -> None:
    grants = [{"role": "system", "area": "0" * 12}, {"role": "emperor", "area": "0" * 12}, *claims["grants"]]
    actor = await verifier.verify(sign({**claims, "grants": grants}))
    assert [grant.role for grant in actor.grants] == [Role.TOWNSHIP_CLERK]


async def test_a_token_is_remembered_for_a_minute_only(
    sign: Sign,
    claims: Claims,
    clock: SetClock,
    key: ECKey,
) -> None:
    class Counting(FixedKeys):
        asked = 0

        async def keys(self) -> KeySet:
            Counting.asked += 1
            return self.fixed

    verifier = Verifier(claims["iss"], claims["aud"], Counting(KeySet([key])), clock)
    token = sign(claims)
    for seconds in (0, 30, 31, 5):
        clock.forward(seconds=seconds)
        await verifier.verify(token)
    assert Counting.asked == 2


@given(st.one_of(st.text(), st.lists(st.text(alphabet="eyJhbGciOi.-_=", max_size=60), max_size=4).map(".".join)))
async def test_t32_no_rubbish_gets_through(rubbish: str) -> None:
    key = _KEY
    verifier = Verifier("i", "a", FixedKeys(KeySet([key])), SystemClock())
    assert await refused(verifier, rubbish) == "TOKEN_REFUSED"


_KEY = ECKey.generate_key("P-256", auto_kid=True)

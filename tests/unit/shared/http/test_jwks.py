"""The issuer's keys: fetched once, kept over an outage, asked for again when a new key id turns up (T32)."""

from datetime import UTC, datetime

import httpx2
import pytest
from joserfc.jwk import ECKey, KeySet, OctKey

from shared.http.jwks import RemoteKeys, public_keys
from shared.kernel.errors import Unavailable
from shared.testing.clocks import SetClock

pytestmark = pytest.mark.asyncio


class Issuer(httpx2.AsyncBaseTransport):
    """Publishes keys, unless it is down."""

    def __init__(self) -> None:
        self.published = [ECKey.generate_key("P-256", auto_kid=True)]
        self.is_down = False
        self.questions = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.questions += 1
        if self.is_down:
            raise httpx2.ConnectError("down", request=request)
        return httpx2.Response(200, json={"keys": [key.as_dict(private=False) for key in self.published]})


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def remote(issuer: Issuer, clock: SetClock) -> RemoteKeys:
    return RemoteKeys("https://login.example/jwks", clock=clock, transport=issuer)


def ids(keys: KeySet) -> list[str | None]:
    return [key.kid for key in keys]


async def settled(remote: RemoteKeys) -> None:
    if remote._asking is not None:
        await remote._asking


async def test_keys_are_fetched_once_and_renewed_behind_the_back(
    remote: RemoteKeys,
    issuer: Issuer,
    clock: SetClock,
) -> None:
    first = ids(await remote.keys())
    assert ids(await remote.keys()) == first
    assert issuer.questions == 1
    issuer.published = [ECKey.generate_key("P-256", auto_kid=True)]
    clock.forward(seconds=301)
    assert ids(await remote.keys()) == first
    await settled(remote)
    assert ids(await remote.keys()) != first
    assert issuer.questions == 2


async def test_an_outage_of_an_hour_logs_nobody_out(remote: RemoteKeys, issuer: Issuer, clock: SetClock) -> None:
    before = ids(await remote.keys())
    issuer.is_down = True
    for _ in range(6):
        clock.forward(seconds=600)
        assert ids(await remote.keys()) == before
        await settled(remote)
    assert issuer.questions == 7
    clock.forward(days=1)
    with pytest.raises(Unavailable):
        await remote.keys()


async def test_without_any_key_nothing_is_verified(remote: RemoteKeys, issuer: Issuer) -> None:
    issuer.is_down = True
    with pytest.raises(Unavailable) as caught:
        await remote.keys()
    assert caught.value.code == "ISSUER_UNAVAILABLE"


async def test_a_new_key_id_asks_again_but_not_at_every_rubbish(
    remote: RemoteKeys,
    issuer: Issuer,
    clock: SetClock,
) -> None:
    await remote.keys()
    clock.forward(seconds=11)
    issuer.published.append(ECKey.generate_key("P-256", auto_kid=True))
    assert len(ids(await remote.renewed())) == 2
    for _ in range(20):
        await remote.renewed()
    assert issuer.questions == 2


async def test_a_shared_secret_among_the_published_keys_is_left_out() -> None:
    secret, good = OctKey.generate_key(256, auto_kid=True), ECKey.generate_key("P-256", auto_kid=True)
    keys = public_keys({"keys": [secret.as_dict(private=True), good.as_dict(private=False)]})
    assert ids(keys) == [good.kid]
    with pytest.raises(ValueError, match="JWKS"):
        public_keys(["not", "a", "document"])

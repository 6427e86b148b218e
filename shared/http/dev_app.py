"""What stands under `/dev` in the demo: logging in as a persona, and turning the demo's clock."""

from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from fastapi import APIRouter, FastAPI
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.http.app import bare_app
from shared.http.dev_issuer import LIFETIME, DevIssuer
from shared.http.edge import Limits
from shared.http.policy import policies_by_route, public


class Turnable(Protocol):
    """A clock that runs `seconds` ahead of the real one, and can be turned for all processes."""

    @property
    def seconds(self) -> int: ...

    def now(self) -> datetime: ...

    async def turn(self, seconds: int) -> None: ...


class Login(BaseModel):
    """Whom to log in as."""

    model_config = ConfigDict(extra="forbid")

    persona: str = Field(max_length=60)


class Token(BaseModel):
    """A token as OAuth 2 gives it."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  a word of the protocol
    expires_in: int = int(LIFETIME.total_seconds())


class PersonaShown(BaseModel):
    """A persona with its grants, such as `bureau_clerk@230606000000`."""

    name: str
    zh: str
    en: str
    grants: list[str]


class Turn(BaseModel):
    """Where to turn the clock: to an instant, or some days on."""

    model_config = ConfigDict(extra="forbid")

    now: AwareDatetime | None = None
    advance_days: int | None = Field(default=None, ge=-3650, le=3650)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.now is None) == (self.advance_days is None):
            raise ValueError("either now or advance_days")
        return self


class ClockShown(BaseModel):
    """The demo's time and how far it is from the real one."""

    now: datetime
    offset_seconds: int


def dev_app(issuer: DevIssuer, clock: Turnable) -> FastAPI:
    """The application to mount at the issuer's address."""
    app = bare_app("dev", "守望 · 演示登录与时钟 / Shouwang demo login and clock", version="0.1.0", limits=Limits())
    app.include_router(_login_router(issuer))
    app.include_router(_clock_router(clock))
    policies_by_route(app)
    return app


def _login_router(issuer: DevIssuer) -> APIRouter:
    router = APIRouter(tags=["演示登录 / demo login"], dependencies=[public()])

    @router.get("/.well-known/openid-configuration", summary="OIDC")
    async def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer.issuer,
            "jwks_uri": f"{issuer.issuer}/jwks",
            "token_endpoint": f"{issuer.issuer}/token",
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    @router.get("/jwks", summary="公钥 / public keys")
    async def jwks() -> dict[str, Any]:
        return dict(issuer.published())

    @router.get("/personas", summary="演示角色 / personas")
    async def personas() -> list[PersonaShown]:
        return [
            PersonaShown(
                name=each.name,
                zh=each.zh,
                en=each.en,
                grants=[f"{grant.role}@{grant.area}" for grant in each.grants],
            )
            for each in issuer.personas.values()
        ]

    @router.post("/token", summary="以演示角色登录 / log in as a persona")
    async def token(body: Login) -> Token:
        return Token(access_token=issuer.token(body.persona))

    return router


def _clock_router(clock: Turnable) -> APIRouter:
    router = APIRouter(tags=["演示时钟 / demo clock"], dependencies=[public()])

    def shown() -> ClockShown:
        return ClockShown(now=clock.now(), offset_seconds=clock.seconds)

    @router.get("/clock", summary="演示时间 / the demo's time")
    async def read_clock() -> ClockShown:
        return shown()

    @router.post("/clock", summary="调整演示时间 / turn the demo's clock")
    async def turn_clock(body: Turn) -> ClockShown:
        by = timedelta(days=body.advance_days or 0) if body.now is None else body.now - clock.now()
        await clock.turn(clock.seconds + round(by.total_seconds()))
        return shown()

    return router

"""Settings (配置) of a process, from environment variables `SHOUWANG_…` and nowhere else; wrong ones stop the start."""

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "SHOUWANG_"
_OF_TESTS = "SHOUWANG_TEST_"


class BadSettings(Exception):
    """What is wrong with the settings, one line each, without their values."""


class Mode(StrEnum):
    """How the system runs."""

    EMBEDDED = "embedded"
    DISTRIBUTED = "distributed"


class Part(BaseModel):
    """Base of a group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Part):
    """The database of this service; embedded mode makes its own."""

    app_dsn: SecretStr = Field(SecretStr(""), description="业务账号的连接串 / the app role's postgresql:// address")
    owner_dsn: SecretStr = Field(
        SecretStr(""), description="迁移账号的连接串 / the owner's address, for migrations only"
    )
    pool_size: int = Field(8, ge=2, le=50, description="连接池大小 / connections per process")


class OidcSettings(Part):
    """Who logs people in; embedded mode has an issuer of its own."""

    issuer: str = Field("", description="统一身份认证的签发者 / the issuer, exactly as in its tokens")
    audience: str = Field("shouwang", description="令牌受众 / the audience that tokens must name")
    jwks_url: str = Field("", description="公钥地址，须 https / where its public keys are published, https")


class HttpSettings(Part):
    """The door for requests."""

    host: str = Field("127.0.0.1", description="监听地址 / address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="监听端口 / port to listen on")
    upload_mb: int = Field(64, ge=1, le=1024, description="上传文件上限（MB） / largest upload in MB")
    evidence_mb: int = Field(20, ge=1, le=1024, description="佐证材料上限（MB） / largest evidence file in MB")


class Settings(BaseSettings):
    """All settings of a process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, frozen=True)

    mode: Mode = Field(
        Mode.EMBEDDED,
        description="embedded 单机演示，distributed 分布部署 / one machine for the demo, or one process per service",
    )
    state_dir: Path = Field(
        Path(".state"),
        description="密钥、佐证材料、内嵌数据库所在目录 / keys, evidence files, the embedded database",
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="日志级别 / DEBUG, INFO, WARNING or ERROR",
    )
    http: HttpSettings = HttpSettings()
    database: DatabaseSettings = DatabaseSettings()
    oidc: OidcSettings = OidcSettings()

    @property
    def key_ring(self) -> Path:
        """The file of the key ring."""
        return self.state_dir / "keys.json"

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files lie."""
        return self.state_dir / "evidence"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """A distributed process needs what the embedded mode makes for itself."""
        if self.mode is Mode.DISTRIBUTED:
            needed = {
                "DATABASE__APP_DSN": self.database.app_dsn.get_secret_value(),
                "OIDC__ISSUER": self.oidc.issuer,
                "OIDC__JWKS_URL": self.oidc.jwks_url,
            }
            if missing := [PREFIX + name for name, value in needed.items() if not value]:
                raise ValueError(f"缺少配置 / missing: {', '.join(missing)}")
            if not _is_trusted(self.oidc.jwks_url):
                raise ValueError(f"{PREFIX}OIDC__JWKS_URL 须为 https / must be https")
        return self

    @classmethod
    def load(cls) -> Self:
        """The settings of this process; raises BadSettings, also for a variable that means nothing here."""
        known = {name for name, _ in _entries(cls)}
        given = {name for name in os.environ if name.startswith(PREFIX) and not name.startswith(_OF_TESTS)}
        if strange := sorted(given - known):
            raise BadSettings(f"未知的配置项 / unknown settings: {', '.join(strange)}")
        try:
            return cls()
        except ValidationError as error:
            raise BadSettings("\n".join(_told(problem) for problem in error.errors(include_input=False))) from None


def _is_trusted(url: str) -> bool:
    """Keys come over https; plain http only from this machine or a name that exists inside one network only."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        return parts.scheme == "http" and bool(host) and "." not in host


def _told(problem: Mapping[str, Any]) -> str:
    name = PREFIX + "__".join(str(part) for part in problem["loc"]).upper() if problem["loc"] else ""
    return f"{name} {problem['msg']}".strip()


def _entries(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[tuple[str, tuple[str, str, bool]]]:
    """Each variable with its meaning, its default, and whether it is secret."""
    for name, field in model.model_fields.items():
        variable = prefix + name.upper()
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Part):
            yield from _entries(kind, f"{variable}__")
        else:
            secret = kind is SecretStr
            default = "" if secret else str(field.default)
            yield variable, (field.description or "", default, secret)


def env_example() -> str:
    """The text of `.env.example`: every variable with its meaning and default."""
    lines = [
        "# 守望配置样例：复制为 .env 后修改；空值表示默认。 / Settings: copy to .env and change; empty means default."
    ]
    for name, (meaning, default, secret) in _entries(Settings):
        mark = "（机密 / secret）" if secret else ""
        lines += ["", f"# {meaning}{mark}", f"{name}={default}"]
    return "\n".join(lines) + "\n"

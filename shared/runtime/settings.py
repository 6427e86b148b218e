"""Settings (配置) of a process, from environment variables `SHOUWANG_…` and nowhere else; wrong ones stop the start."""

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.settings_parts import DatabaseSettings, HttpSettings, KafkaSettings, OidcSettings, Part

PREFIX = "SHOUWANG_"
_OF_TESTS = "SHOUWANG_TEST_"


class BadSettings(Exception):
    """What is wrong with the settings, one line each, without their values."""


class Mode(StrEnum):
    """How the system runs."""

    EMBEDDED = "embedded"
    DISTRIBUTED = "distributed"
    DEMO = "demo"
    """Like distributed, with the issuer and the clock of the demo: whoever reaches it can be anybody."""


class Settings(BaseSettings):
    """All settings of a process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, frozen=True)

    mode: Mode = Field(
        Mode.EMBEDDED,
        description="embedded 单机演示，distributed 分布部署，demo 分布演示（演示身份与时钟）"
        " / one process for the demo, processes per service, or those with the demo's logins and clock",
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
    checks_hour: int = Field(
        2, ge=0, le=23, description="夜间检查钟点（北京时间） / hour of the nightly checks, Shanghai time"
    )
    divisions: str = Field(
        "", description="区划代码文件，migrate 时导入 / file of division codes that migrate loads; empty: none"
    )
    http: HttpSettings = HttpSettings()
    database: DatabaseSettings = DatabaseSettings()
    oidc: OidcSettings = OidcSettings()
    kafka: KafkaSettings = KafkaSettings()

    @property
    def key_ring(self) -> Path:
        """The file of the key ring."""
        return self.state_dir / "keys.json"

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files lie."""
        return self.state_dir / "evidence"

    @model_validator(mode="after")
    def _trusted(self) -> Self:
        """Whoever can change the keys on their way can be anybody."""
        if self.oidc.jwks_url and not _is_trusted(self.oidc.jwks_url):
            raise ValueError(f"{PREFIX}OIDC__JWKS_URL 须为 https / must be https")
        return self

    def need(self, *names: str) -> None:
        """Raise BadSettings with all of `names` that are not set, such as `DATABASE__APP_DSN`.

        Each process of a distributed system needs what the embedded mode makes for itself, and no more than its own.
        """
        if self.mode is Mode.EMBEDDED:
            raise BadSettings(f"{PREFIX}MODE 须为 distributed 或 demo / must be distributed or demo")
        if missing := [PREFIX + name for name in names if not self._given(name)]:
            raise BadSettings(f"缺少配置 / missing: {', '.join(missing)}")

    def _given(self, name: str) -> str:
        value: Any = self
        for part in name.lower().split("__"):
            value = getattr(value, part)
        return str(value.get_secret_value() if isinstance(value, SecretStr) else value)

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


def env_example(kind: type[Settings] = Settings) -> str:
    """The text of `.env.example`: every variable with its meaning and default."""
    lines = [
        "# 守望配置样例：复制为 .env 后修改；空值表示默认。 / Settings: copy to .env and change; empty means default."
    ]
    for name, (meaning, default, secret) in _entries(kind):
        mark = "（机密 / secret）" if secret else ""
        lines += ["", f"# {meaning}{mark}", f"{name}={default}"]
    return "\n".join(lines) + "\n"

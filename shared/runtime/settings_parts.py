"""The groups of settings (配置分组): database, login, door for requests, event log."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Part(BaseModel):
    """Base of a group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Part):
    """The database of this service; embedded mode makes its own."""

    app_dsn: SecretStr = Field(SecretStr(""), description="业务账号的连接串 / the app role's postgresql:// address")
    owner_dsn: SecretStr = Field(
        SecretStr(""), description="迁移账号的连接串 / the owner's address, for migrations only"
    )
    admin_dsn: SecretStr = Field(
        SecretStr(""),
        description="超级用户的连接串，供 migrate 建库建账号；已有则留空"
        " / a superuser's address, with which migrate makes database and roles; empty when they are there",
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
    port: int = Field(8000, ge=1, le=65535, description="监听端口；worker 在此只回答健康检查 / port; a worker's health")
    upload_mb: int = Field(128, ge=1, le=1024, description="上传文件上限（MB） / largest upload in MB")
    evidence_mb: int = Field(20, ge=1, le=1024, description="佐证材料上限（MB） / largest evidence file in MB")


class Security(StrEnum):
    """How the event log is reached (安全协议), in Kafka's words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class KafkaSettings(Part):
    """The event log of the distributed system."""

    bootstrap: str = Field("", description="Kafka 地址，逗号分隔 / brokers to begin with, host:port,host:port")
    namespace: str = Field(
        "shouwang",
        pattern=r"^[a-z0-9][a-z0-9_.-]{0,60}$",
        description="主题名前缀 / first part of topic and group names",
    )
    instance: str = Field(
        "",
        description="消费成员编号，每个 worker 不同；默认主机名加服务名"
        " / name of this member, its own for each worker; default host name and service",
    )
    security: Security = Field(Security.PLAINTEXT, description="安全协议 / PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL")
    username: str = Field("", description="SASL 用户名 / SASL user name")
    password: SecretStr = Field(SecretStr(""), description="SASL 口令 / SASL password")
    ca_file: str = Field("", description="CA 证书文件 / file of the certificate authority")
    replication: int = Field(
        1, ge=1, le=7, description="新主题副本数，生产为 3 / copies of a new topic; 3 in production"
    )

    @model_validator(mode="after")
    def _logs_in(self) -> Self:
        """SASL without a name or a password is a mistake, and a password without SASL would never be sent."""
        has_sasl = self.security in {Security.SASL_PLAINTEXT, Security.SASL_SSL}
        if has_sasl != bool(self.username) or has_sasl != bool(self.password.get_secret_value()):
            raise ValueError(
                "SASL 须同时给出 USERNAME 与 PASSWORD，其他协议不给"
                " / SASL needs USERNAME and PASSWORD, other protocols take neither"
            )
        return self

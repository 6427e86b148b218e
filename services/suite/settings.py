"""Settings (配置) that only the room which knows all three services has: where they are."""

from collections.abc import Mapping

from pydantic import Field, SecretStr

from services.suite.services import SERVICES
from shared.runtime.settings import Settings
from shared.runtime.settings_parts import Part

_DEV = "/dev"


class ServiceAddress(Part):
    """One service as the front reaches it."""

    url: str = Field("", description="服务地址 / where the service answers, http://host:port")
    app_dsn: SecretStr = Field(SecretStr(""), description="业务账号的连接串 / the app role's postgresql:// address")


class Addresses(Part):
    """The services of a demo in processes of their own."""

    funds: ServiceAddress = ServiceAddress()
    monitoring: ServiceAddress = ServiceAddress()
    assets: ServiceAddress = ServiceAddress()


class SuiteSettings(Settings):
    """What the suite's processes are told."""

    services: Addresses = Addresses()

    @property
    def urls(self) -> Mapping[str, str]:
        """Where each service answers."""
        return {service.name: getattr(self.services, service.name).url.rstrip("/") for service in SERVICES}

    @property
    def app_dsns(self) -> Mapping[str, str]:
        """The address of each service's database."""
        return {service.name: getattr(self.services, service.name).app_dsn.get_secret_value() for service in SERVICES}

    @property
    def public_address(self) -> str:
        """Where people reach the front; its issuer stands below."""
        return self.oidc.issuer.removesuffix(_DEV)

    def need_databases(self) -> None:
        """Raise BadSettings unless the three databases are named."""
        self.need("OIDC__ISSUER", *(f"SERVICES__{service.name.upper()}__APP_DSN" for service in SERVICES))

    def need_front(self) -> None:
        """Raise BadSettings unless all is there that the front needs."""
        self.need_databases()
        self.need(*(f"SERVICES__{service.name.upper()}__URL" for service in SERVICES))

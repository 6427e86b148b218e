"""Fingerprint (数据指纹) of the three databases: equal for the same business done with other ids, times and transports."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256

from services.suite.embedded import state_dir
from services.suite.fingerprint_names import Row, digest, names_of
from services.suite.fingerprint_rows import counted, reading, rows_of, tables_of
from services.suite.people import PERSONAS
from services.suite.services import SERVICES
from services.suite.settings import SuiteSettings
from shared.kernel.actors import SYSTEM
from shared.runtime.postgres import EmbeddedPostgres
from shared.runtime.postgres_server import service_database
from shared.runtime.settings import Mode

_SHOWN = 16
_FIXED = {str(each): str(each).encode() for each in (SYSTEM.id, *(persona.id for persona in PERSONAS))}
"""Ids that are the same everywhere: the system, which is also nobody, and the personas."""


@dataclass(frozen=True, slots=True)
class Print:
    """Of one table: how many rows are compared, and their digest."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """By service and table."""

    tables: Mapping[str, Mapping[str, Print]]

    @property
    def services(self) -> Mapping[str, str]:
        """One digest for each service."""
        return {
            service: _told(f"{name} {made.rows} {made.digest}".encode() for name, made in sorted(tables.items()))
            for service, tables in self.tables.items()
        }

    @property
    def total(self) -> str:
        """One digest for everything."""
        return _told(f"{name} {made}".encode() for name, made in sorted(self.services.items()))

    def as_json(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "total": self.total,
            "services": {
                service: {
                    "digest": self.services[service],
                    "tables": {name: {"rows": made.rows, "digest": made.digest} for name, made in tables.items()},
                }
                for service, tables in self.tables.items()
            },
        }

    def as_lines(self) -> list[str]:
        """One line a table, one a service, one in total."""
        lines = []
        for service, tables in self.tables.items():
            lines += [f"{service:<10} {name:<26} {made.rows:>8} {made.digest}" for name, made in tables.items()]
            lines.append(
                f"{service:<10} {'=':<26} {sum(made.rows for made in tables.values()):>8} {self.services[service]}"
            )
        return [*lines, f"fingerprint {self.total}"]


@asynccontextmanager
async def addresses(settings: SuiteSettings) -> AsyncIterator[Mapping[str, str]]:
    """The app roles' addresses by service: as configured, or on the embedded server, which is started or adopted.

    Raises BadSettings, PostgresUnavailable.
    """
    if settings.mode is not Mode.EMBEDDED:
        settings.need_databases()
        yield settings.app_dsns
        return
    async with EmbeddedPostgres(state_dir(settings)) as server:
        yield {each.name: (await service_database(server, each.name)).app_dsn for each in SERVICES}


async def fingerprint(dsns: Mapping[str, str]) -> Fingerprint:
    """The fingerprint of the services' databases, each reached as its app role; each is seen at one moment."""
    prints: dict[tuple[str, str], Print] = {}
    rows: dict[tuple[str, str], list[Row]] = {}
    for service, dsn in dsns.items():
        async with reading(dsn) as connection:
            for table in await tables_of(connection):
                if table.refers:
                    rows[service, table.name] = [row async for row in rows_of(connection, service, table)]
                else:
                    prints[service, table.name] = Print(*await counted(connection, table))
    names = names_of([row for found in rows.values() for row in found], _FIXED)
    prints |= {
        at: Print(len(found), _told(sorted(digest(row.form, names) for row in found))) for at, found in rows.items()
    }
    return Fingerprint(
        {
            service: {name: made for (owner, name), made in sorted(prints.items()) if owner == service}
            for service in dsns
        }
    )


def _told(parts: Iterable[bytes]) -> str:
    return sha256(b"".join(part + b"\n" for part in parts)).hexdigest()[:_SHOWN]

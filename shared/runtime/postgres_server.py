"""A running PostgreSQL server, embedded or given, and the database and roles that each service gets on it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import asyncpg

from shared.runtime.postgres_account import PostgresUnavailable
from shared.runtime.postgres_binaries import OLDEST
from shared.runtime.postgres_state import StateFile

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ONE_AT_A_TIME = 0x73686F77  # advisory lock: roles of one cluster are changed by one process


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens and who may administer it."""

    host: str
    port: int
    socket_dir: Path | None
    superuser: str
    password: str = field(repr=False)
    data_dir: Path | None
    state_file: Path
    maintenance: str = "postgres"

    @property
    def is_embedded(self) -> bool:
        """Whether the whole cluster is ours."""
        return self.data_dir is not None

    def dsn(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """The address of `database` for `user`, by default for the superuser."""
        name, word = (self.superuser, self.password) if user is None else (user, password or "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            f"postgresql://{quote(name, safe='')}:{quote(word, safe='')}@{host}:{self.port}/{quote(database, safe='')}"
        )

    @asynccontextmanager
    async def admin(self, database: str | None = None) -> AsyncIterator[asyncpg.Connection]:
        """A superuser's connection, by default to the maintenance database."""
        connection = await asyncpg.connect(self.dsn(database or self.maintenance), timeout=20)
        try:
            yield connection
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """One service's database, its three roles and their addresses; the owner migrates and never serves."""

    name: str
    owner: str
    app: str
    log_reader: str
    owner_dsn: str = field(repr=False)
    app_dsn: str = field(repr=False)
    log_reader_dsn: str = field(repr=False)


async def external(database_url: str, state_file: Path, *, given_as: str = "DATABASE_URL") -> Server:
    """A given server, reached as superuser; `state_file` keeps the passwords of the roles that we make there.

    Raises PostgresUnavailable, which names the setting `given_as`, when it cannot be used.
    """
    parts = urlsplit(database_url)
    server = Server(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5432,
        socket_dir=None,
        superuser=unquote(parts.username or "postgres"),
        password=unquote(parts.password or ""),
        data_dir=None,
        state_file=state_file,
        maintenance=unquote(parts.path.lstrip("/")) or "postgres",
    )
    where = f"{server.host}:{server.port}"
    try:
        async with server.admin() as connection:
            is_super = await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            major = connection.get_server_version().major
    except (OSError, asyncpg.PostgresError, TimeoutError) as problem:
        raise PostgresUnavailable(
            f"无法连接 {given_as} 的服务器 {where}：{problem} / Cannot reach {given_as}'s server {where}: {problem}",
        ) from problem
    if major < OLDEST or not is_super:
        raise PostgresUnavailable(
            f"服务器 {where} 须为 {OLDEST} 及以上版本（现为 {major}），且用户须为超级用户。 / "
            f"The server {where} must have version {OLDEST} or later (it has {major}) and its user be a superuser.",
        )
    return server


async def ensure_database(
    server: Server,
    service: str,
    *,
    prefix: str = "shouwang",
    name: str | None = None,
) -> ServiceDatabase:
    """The database of `service` (called `<prefix>_<service>` or `name`) with its roles, made where missing.

    The owner owns database and schema; the app role may connect and use the schema, nothing else until migrations
    grant it. No role can connect to another service's database. `<prefix>_log_reader` may connect to each of them.
    """
    names = await service_database(server, service, prefix=prefix, name=name)
    await make_database(server, names)
    return names


async def make_database(server: Server, names: ServiceDatabase) -> None:
    """Make what `names` names where it is missing, with the passwords of its addresses.

    Raises PostgresUnavailable for a name that we would have to quote.
    """
    addresses = {names.owner: names.owner_dsn, names.app: names.app_dsn, names.log_reader: names.log_reader_dsn}
    roles = {role: unquote(urlsplit(dsn).password or "") for role, dsn in addresses.items() if role}
    for word in (names.name, *roles):
        if not _NAME.fullmatch(word):
            raise PostgresUnavailable(
                f"库名和账号只能用小写字母、数字和下划线：{word!r} / A database or role is lower case, digits and _: {word!r}",
            )
    users = ", ".join(role for role in roles if role != names.owner)
    async with server.admin() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        for role, password in roles.items():
            await _ensure_role(connection, role, password)
        if server.is_embedded:
            await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", names.name):
            await connection.execute(
                f"CREATE DATABASE {names.name} OWNER {names.owner} TEMPLATE template0 ENCODING 'UTF8'",
            )
        await close_to_others(connection, names)
        # Still under the lock: two starts must not change one catalogue row at the same time.
        async with server.admin(names.name) as inside:
            await inside.execute(
                f"ALTER SCHEMA public OWNER TO {names.owner}; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
                f" GRANT USAGE ON SCHEMA public TO {users}",
            )


async def service_database(
    server: Server,
    service: str,
    *,
    prefix: str = "shouwang",
    name: str | None = None,
) -> ServiceDatabase:
    """Names and addresses of a service's database, or of its copy `name`; nothing is made on the server."""
    base = f"{prefix}_{service}"
    owner, app, log_reader = f"{base}_owner", f"{base}_app", f"{prefix}_log_reader"
    database = name or base
    for word in (database, owner, app, log_reader):
        if not _NAME.fullmatch(word):
            raise ValueError(f"not a database name: {word!r}")
    return ServiceDatabase(
        database,
        owner,
        app,
        log_reader,
        *[server.dsn(database, role, await _password(server, role)) for role in (owner, app, log_reader)],
    )


async def close_to_others(connection: asyncpg.Connection, names: ServiceDatabase) -> None:
    """Let only the service's own roles and the log reader connect; a copied database starts open to all."""
    users = ", ".join(filter(None, (names.app, names.log_reader)))
    await connection.execute(
        f"REVOKE ALL ON DATABASE {names.name} FROM PUBLIC; GRANT CONNECT ON DATABASE {names.name} TO {users}",
    )


async def _password(server: Server, role: str) -> str:
    return await asyncio.to_thread(StateFile(server.state_file).password, role)


async def _ensure_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    secret = password.replace("'", "''")
    verb = "ALTER" if await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role) else "CREATE"
    await connection.execute(
        f"{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{secret}';"
        f" ALTER ROLE {role} SET timezone TO 'UTC'",
    )

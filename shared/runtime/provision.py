"""`migrate` and `topics`: what a service needs on the database server and on the event log before it starts."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.db.migrate import applied
from shared.messaging.kafka import create_topics
from shared.messaging.topics import produced_by
from shared.runtime.postgres_server import ServiceDatabase, external, make_database
from shared.runtime.prepare import prepare
from shared.runtime.service import Service
from shared.runtime.settings import PREFIX, BadSettings, Settings
from shared.runtime.worker import broker_of
from shared.vault.ring_file import load_or_create_ring, load_ring

MIGRATE_NEEDS = ("DATABASE__OWNER_DSN", "DATABASE__APP_DSN")
TOPICS_NEEDS = ("KAFKA__BOOTSTRAP",)


async def migrate_service(service: Service, settings: Settings) -> None:
    """Make the database where missing, bring it up to date, load reference data; a new one gets its key ring.

    Raises BadSettings, PostgresUnavailable, NewerDatabase, BrokenRing.
    """
    owner_dsn = settings.database.owner_dsn.get_secret_value()
    names = named_in(owner_dsn, settings.database.app_dsn.get_secret_value())
    if admin := settings.database.admin_dsn.get_secret_value():
        # The passwords are in the addresses: none is kept in a file.
        no_file = settings.state_dir / "no-passwords.json"
        await make_database(await external(admin, no_file, given_as=f"{PREFIX}DATABASE__ADMIN_DSN"), names)
    if await applied(owner_dsn):
        load_ring(settings.key_ring)  # another ring than the one that sealed the data must not be made
    else:
        load_or_create_ring(settings.key_ring)
    await prepare(owner_dsn, service, divisions=[Path(settings.divisions)] if settings.divisions else [])


async def make_topics(service: Service, settings: Settings) -> None:
    """Create the topics that `service` alone writes; repeatable. Raises TopicsFault."""
    await create_topics(broker_of(settings.kafka), produced_by(service.name), replication=settings.kafka.replication)


def named_in(owner_dsn: str, app_dsn: str) -> ServiceDatabase:
    """The database and its two roles as two addresses name them; raises BadSettings when they do not fit."""
    owner, app = urlsplit(owner_dsn), urlsplit(app_dsn)
    names = (owner.path.lstrip("/"), owner.username or "", app.username or "")
    database, owner_role, app_role = (unquote(name) for name in names)
    base = owner_role.removesuffix("_owner")
    if owner.path != app.path or (owner_role, app_role) != (f"{base}_owner", f"{base}_app"):
        raise BadSettings(
            f"{PREFIX}DATABASE__OWNER_DSN, __APP_DSN 须为同一数据库的账号 ×_owner 与 ×_app"
            " / must name one database and its roles …_owner and …_app",
        )
    return ServiceDatabase(database, owner_role, app_role, "", owner_dsn, app_dsn, "")

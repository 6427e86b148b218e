"""Alembic's entry: one transaction on the connection that shared.db.migrate opened."""

from alembic import context

config = context.config
connection = config.attributes["connection"]
metadata = config.attributes.get("target_metadata")


def _is_mapped(name: str | None, kind: str, _parents: object) -> bool:
    """Only mapped tables are compared; the floor's own are plain SQL and have no mapping."""
    return kind != "table" or metadata is None or name in metadata.tables


context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=_is_mapped,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()

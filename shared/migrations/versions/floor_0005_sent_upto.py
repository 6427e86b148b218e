"""How far the log has everything, kept once: an index of what is not sent made noting it four times as dear."""

from alembic import op

revision = "floor_0005"
down_revision = "floor_0004"
branch_labels = None
depends_on = None

_UP = (
    "ALTER TABLE outbox_counter ADD COLUMN sent_upto bigint NOT NULL DEFAULT 0",
    """UPDATE outbox_counter SET sent_upto =
         coalesce((SELECT min(pos) - 1 FROM outbox WHERE published_at IS NULL AND pos IS NOT NULL), last_pos)""",
    "DROP INDEX outbox_unpublished",
    # No index names published_at any more: with room on its page, a row is noted as sent where it stands.
    "ALTER TABLE outbox SET (fillfactor = 80)",
)
_DOWN = (
    "ALTER TABLE outbox RESET (fillfactor)",
    "CREATE INDEX outbox_unpublished ON outbox(pos) WHERE published_at IS NULL",
    "ALTER TABLE outbox_counter DROP COLUMN sent_upto",
)


def upgrade() -> None:
    """Apply."""
    for statement in ("SET lock_timeout = '5s'", *_UP):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for statement in ("SET lock_timeout = '5s'", *_DOWN):
        op.execute(statement)

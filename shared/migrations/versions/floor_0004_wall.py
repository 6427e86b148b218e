"""The wall reads a session's scope once for a statement: to read it for each row was most of what the wall cost."""

from alembic import op

revision = "floor_0004"
down_revision = "floor_0003"
branch_labels = None
depends_on = None

ONCE, EACH = "(SELECT floor_scope())", "floor_scope()"
"""How the scope is read. The bounds stay as they are: from them the planner knows how many rows a session sees."""

_RULE = "area_code BETWEEN floor_low() AND floor_high() AND area_code <@ {scope}"
_WALLS = (
    ("floor_protect", ""),
    ("floor_reference", "EXECUTE format('CREATE POLICY reading ON %s FOR SELECT USING (true)', target);"),
)
_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}(target regclass, rights text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM floor_grant(target, rights);
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  {reading}
  EXECUTE format('CREATE POLICY area_scope ON %s USING ({rule})', target);
END $$"""
_STANDING = """
DO $$ DECLARE walled regclass;
BEGIN
  FOR walled IN SELECT polrelid::regclass FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
                 WHERE polname = 'area_scope' AND relnamespace = 'public'::regnamespace ORDER BY relname LOOP
    EXECUTE format('ALTER POLICY area_scope ON %s USING ({rule})', walled);
  END LOOP;
END $$"""


def upgrade() -> None:
    """Apply."""
    _build(ONCE)


def downgrade() -> None:
    """Take back."""
    _build(EACH)


def _build(scope: str) -> None:
    op.execute("SET lock_timeout = '5s'")
    rule = _RULE.format(scope=scope)
    for name, reading in _WALLS:
        op.execute(_FUNCTION.format(name=name, reading=reading, rule=rule))
    op.execute(_STANDING.format(rule=rule))

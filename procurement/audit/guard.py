"""Triggers that keep the trail as it was written, through every door.

A purge is let through for what is older than the row in `audit_purge` says; the row
is there within the purge's own transaction alone. On PostgreSQL whoever owns the table
can take triggers away, so an installation that must not trust its own administrators
sends the log on to somebody else (docs/audit.md).
"""

from typing import Any

SQLITE = (
    """
CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'The audit trail is only ever added to.'); END
""",
    """
CREATE TRIGGER audit_no_deletion BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM audit_purge WHERE OLD.at < audit_purge.before)
BEGIN SELECT RAISE(ABORT, 'The audit trail is only ever added to.'); END
""",
)
POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM audit_purge WHERE OLD.at < audit_purge.before) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'The audit trail is only ever added to.';
END
$$
""",
    """
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION audit_keep()
""",
    """
CREATE TRIGGER audit_no_truncation BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_keep()
""",
)
_NAMES = {
    "sqlite": ("audit_no_change", "audit_no_deletion"),
    "postgresql": ("audit_no_change", "audit_no_truncation"),
}


def set_up(connection: Any) -> None:
    statements = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def take_away(connection: Any) -> None:
    """For a downgrade, and for test databases that are emptied between tests."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for name in _NAMES[connection.vendor]:
            of_table = "" if is_sqlite else " ON audit_entry"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{of_table}")

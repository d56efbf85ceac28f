"""Indexes on tables that people go on writing to while a migration runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations.operations import AddIndex


class AddIndexOnline(AddIndexConcurrently):
    """`CREATE INDEX CONCURRENTLY` on PostgreSQL; elsewhere an ordinary index.

    A migration that has it is not atomic. If it is broken off, PostgreSQL keeps an
    invalid index of that name: drop it and migrate again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if not _is_online(schema_editor):
            ordinary = self._ordinary()
            ordinary.database_forwards(app_label, schema_editor, from_state, to_state)
            return
        # It waits for others without making anybody wait; broken off while it does,
        # it would leave an invalid index.
        with waiting_for_locks(schema_editor.connection):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        operation: Any = super() if _is_online(schema_editor) else self._ordinary()
        operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def _ordinary(self) -> AddIndex:
        return AddIndex(self.model_name, self.index)


def limit_lock_waits(connection: Any, seconds: int) -> None:
    """Have statements of a connection fail that wait for a lock so long; 0: never."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])


@contextmanager
def waiting_for_locks(connection: Any) -> Iterator[None]:
    """Wait for locks as long as it takes, for the block."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()[0]
        cursor.execute("SET lock_timeout = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _is_online(schema_editor: Any) -> bool:
    """Within a transaction, such as a test's, nobody else waits for the table."""
    connection = schema_editor.connection
    return connection.vendor == "postgresql" and not connection.in_atomic_block

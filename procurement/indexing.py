"""Indexes on tables that people go on writing to while a migration runs."""

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
        operation: Any = super() if _is_online(schema_editor) else self._ordinary()
        operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        operation: Any = super() if _is_online(schema_editor) else self._ordinary()
        operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def _ordinary(self) -> AddIndex:
        return AddIndex(self.model_name, self.index)


def _is_online(schema_editor: Any) -> bool:
    """Within a transaction, such as a test's, nobody else waits for the table."""
    connection = schema_editor.connection
    return connection.vendor == "postgresql" and not connection.in_atomic_block

"""Writing many rows that each change in another way, in few round trips.

`bulk_update` spells every value out as a CASE of one statement, which costs more than
the single updates it saves; a prepared statement that is run for each row does not.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection, models


class HeldChanges:
    """Changes of rows of one model, held back until `save`.

    For rows under lock, in the transaction that saves them. Signals are not sent.
    """

    def __init__(self, model: type[models.Model]) -> None:
        self._model = model
        self._rows: dict[Any, dict[str, Any]] = defaultdict(dict)

    def add(self, pk: Any, changes: Mapping[str, Any]) -> None:
        """Remember new values by the names of their fields."""
        self._rows[pk].update(changes)

    def save(self) -> None:
        alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for pk, changes in sorted(self._rows.items()):
            names = tuple(sorted(changes))
            values = (self._stored(name, changes[name]) for name in names)
            alike[names].append((*values, pk))
        self._rows.clear()
        with connection.cursor() as cursor:
            for names, rows in alike.items():
                cursor.executemany(self._statement(names), rows)

    def _stored(self, name: str, value: Any) -> Any:
        field: Any = self._model._meta.get_field(name)
        return field.get_db_prep_save(value, connection)

    def _statement(self, names: tuple[str, ...]) -> str:
        quote = connection.ops.quote_name
        columns = (self._column(name) for name in names)
        changes = ", ".join(f"{quote(column)} = %s" for column in columns)
        table = quote(self._model._meta.db_table)
        primary: Any = self._model._meta.pk
        key = quote(primary.column)
        return f"UPDATE {table} SET {changes} WHERE {key} = %s"  # noqa: S608

    def _column(self, name: str) -> str:
        field: Any = self._model._meta.get_field(name)
        return str(field.column)

"""Reads that are compiled once: for the few that every request makes.

Django compiles a query each time it is run, which costs more than the database needs to
answer one by a key. It is worth the words only where a measurement says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Converters = Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    fixed: Sequence[Any]
    slots: Sequence[tuple[int, int]]
    """Places in the parameters, each with the value that goes there."""
    converters: Converters


class PreparedRead:
    """Rows of a `values_list` query, which is compiled once for a kind of database.

    Args:
        build: makes the query from its values, which go into it as they are.
        examples: values of the right types that stand nowhere else in the query;
            integers stand for integers, texts for texts.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], *examples: int | str
    ) -> None:
        self._build, self._examples = build, examples
        self._compiled: dict[str, _Compiled] = {}

    def __call__(self, *values: int | str) -> list[tuple[Any, ...]]:
        """The rows for other values, one for each example and of its type."""
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = self._compile()
        parameters = list(compiled.fixed)
        for place, index in compiled.slots:
            parameters[place] = values[index]
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return [_converted(row, compiled.converters) for row in rows]

    def _compile(self) -> _Compiled:
        compiler: Any = self._build(*self._examples).query.get_compiler(
            connection=connection
        )
        sql, parameters = compiler.as_sql()
        slots = [
            (place, self._examples.index(value))
            for place, value in enumerate(parameters)
            if value in self._examples
        ]
        missing = set(range(len(self._examples))) - {index for _, index in slots}
        if missing:
            raise ValueError(f"Values {sorted(missing)} are not in the query as given.")
        found = compiler.get_converters([column[0] for column in compiler.select])
        converters = [(place, each, what) for place, (each, what) in found.items()]
        return _Compiled(sql, tuple(parameters), slots, converters)


class PreparedObjects(Generic[Row]):
    """The same for whole objects of one model, with all their columns.

    Args:
        build: makes a queryset of the model from its values.
    """

    def __init__(
        self,
        model: type[Row],
        build: Callable[..., QuerySet[Any, Any]],
        *examples: int | str,
    ) -> None:
        self._model = model
        fields: Any = model._meta.concrete_fields
        self._names = [field.attname for field in fields]
        names = self._names
        self._read = PreparedRead(
            lambda *values: build(*values).values_list(*names), *examples
        )

    def __call__(self, *values: int | str) -> list[Row]:
        alias = connection.alias
        return [
            self._model.from_db(alias, self._names, row) for row in self._read(*values)
        ]


def _converted(row: tuple[Any, ...], converters: Converters) -> tuple[Any, ...]:
    if not converters:
        return row
    values = list(row)
    for place, each, what in converters:
        value = values[place]
        for convert in each:
            value = convert(value, what, connection)
        values[place] = value
    return tuple(values)

"""The tables of a database: which there are, and what kind of value each column has.

Taken from the migrations the database has had, not from the models of today, so that
a database that waits to be migrated can be read, and an older backup be filled in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.migrations.loader import MigrationLoader

from procurement.errors import OperationNotAllowed
from procurement.secrets import EncryptedTextField

LEFT_OUT: Mapping[str, str] = {
    "django_migrations": "the database that is filled has its own; the manifest says "
    "which the backup had",
    "django_session": "who was logged in logs in again",
    "django_q_ormq": "messages only hint at work that stands in other tables",
    "django_q_task": "what the queue noted of tasks that are over",
    "coordination_heartbeat": "workers that were alive then",
    "coordination_lease": "what processes of then were at",
    "suppliers_suppliertoken": "a login at a supplier is had again by logging in",
    "cache": "what may be forgotten at any time",
}
"""Tables that are no part of the books, with the reason."""

_KINDS: Mapping[str, str] = {
    "AutoField": "integer",
    "BigAutoField": "integer",
    "BigIntegerField": "integer",
    "IntegerField": "integer",
    "SmallIntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "PositiveBigIntegerField": "integer",
    "BooleanField": "boolean",
    "CharField": "text",
    "SlugField": "text",
    "EmailField": "text",
    "URLField": "text",
    "FileField": "text",
    "TextField": "text",
    "DecimalField": "decimal",
    "DateTimeField": "moment",
    "DateField": "day",
    "UUIDField": "uuid",
    "BinaryField": "bytes",
    "JSONField": "json",
    "GenericIPAddressField": "address",
}
_NUMBERED = ("AutoField", "BigAutoField", "SmallAutoField")


@dataclass(frozen=True)
class Column:
    """`places` are those of a decimal; `is_secret` says that it is encrypted."""

    name: str
    kind: str
    places: int = 0
    is_secret: bool = False


@dataclass(frozen=True)
class Table:
    """One table; its rows are read in the order of `key`.

    Attributes:
        is_numbered: the database hands out its keys.
    """

    name: str
    key: str
    is_numbered: bool
    columns: tuple[Column, ...]

    @cached_property
    def key_index(self) -> int:
        return [column.name for column in self.columns].index(self.key)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def table_from_json(data: Mapping[str, Any]) -> Table:
    columns = tuple(Column(**column) for column in data["columns"])
    return Table(data["name"], data["key"], data["is_numbered"], columns)


def tables_at(loader: MigrationLoader, applied: Iterable[str]) -> list[Table]:
    """The tables of the books after some migrations, by name.

    Args:
        applied: as `applied_names` gives them; all of them known to the loader.

    Raises:
        OperationNotAllowed: a column is of a kind nobody has thought of here.
    """
    nodes = [node for node in map(_node, applied) if node in loader.graph.nodes]
    state = loader.project_state(nodes).apps
    found: dict[str, Table] = {}
    for model in state.get_models(include_auto_created=True):
        meta = model._meta
        if not meta.proxy and meta.managed and meta.db_table not in LEFT_OUT:
            found[meta.db_table] = _table(model)
    return [found[name] for name in sorted(found)]


def applied_names(loader: MigrationLoader) -> list[str]:
    """`app.name` of each migration the database has had."""
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations)


def unknown_names(loader: MigrationLoader, applied: Iterable[str]) -> list[str]:
    """Migrations that this version of the program does not have."""
    return [name for name in applied if _node(name) not in loader.graph.nodes]


def leaves(loader: MigrationLoader, applied: Iterable[str]) -> list[tuple[str, str]]:
    """The last of the migrations of each app: having those is having all."""
    nodes = {_node(name) for name in applied}
    return sorted(
        node
        for node in nodes
        if not any(
            child.key in nodes and child.key[0] == node[0]
            for child in loader.graph.node_map[node].children
        )
    )


def _node(name: str) -> tuple[str, str]:
    app, _, migration = name.partition(".")
    return app, migration


def _table(model: type[models.Model]) -> Table:
    meta: Any = model._meta
    columns = tuple(
        _column(field) for field in meta.concrete_fields if not _is_generated(field)
    )
    return Table(
        name=meta.db_table,
        key=meta.pk.column,
        is_numbered=meta.pk.get_internal_type() in _NUMBERED,
        columns=columns,
    )


def _is_generated(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def _column(field: Any) -> Column:
    kept = field
    while kept.remote_field:
        kept = kept.target_field
    kind = _KINDS.get(kept.get_internal_type())
    if kind is None:
        raise OperationNotAllowed(
            f"{field.model._meta.db_table}.{field.column} is a "
            f"{kept.get_internal_type()}, which backups cannot write yet. Add it to "
            "procurement/backups/shape.py and canonical.py."
        )
    return Column(
        name=field.column,
        kind=kind,
        places=kept.decimal_places if kind == "decimal" else 0,
        is_secret=isinstance(kept, EncryptedTextField),
    )

"""Every place in the database where something is kept encrypted.

Columns are found by their type, in whatever model they stand. What an app encrypts
inside something else, such as a member of a JSON column, it says in its `ready`:

    secretplaces.register(MemberPlace("mfa.Authenticator", "data", ("secret", "seed")))

Texts are handled here as they are stored; nothing of this module opens one.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from django.apps import apps
from django.db import connections
from django.db.models import F, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast

from procurement.secrets import EncryptedTextField


class Stored(NamedTuple):
    """One encrypted text and where it is: the row, and the member within it if any."""

    pk: Any
    text: str
    member: str = ""


class Place(Protocol):
    """A place that rotation goes through."""

    @property
    def name(self) -> str:
        """What operators read: `suppliers.Supplier.credentials`."""

    def is_there(self) -> bool:
        """Whether its table has been made."""

    def page(self, after: Any, size: int) -> list[Any]:
        """The keys of the next rows after one, in their order; at most so many."""

    def texts(self, pks: Sequence[Any]) -> list[Stored]:
        """What these rows hold now; rows that hold nothing have no entry."""

    def swap(self, old: Stored, new: str) -> bool:
        """Put a text in the place of an old one; False if that is not there any more.

        To be called within a transaction.
        """

    def discard(self, pk: Any) -> bool:
        """Delete a row that no key opens, if what it holds is had again by itself."""

    def title(self, pk: Any) -> str:
        """A row by a name people know."""


class _Rows:
    """What places in a table have in common."""

    def __init__(self, label: str, column: str) -> None:
        self.label, self.column = label, column

    @property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._base_manager.order_by("pk")

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.column}"

    def is_there(self) -> bool:
        tables = connections[self.rows.db].introspection.table_names()
        return self.model._meta.db_table in tables

    def page(self, after: Any, size: int) -> list[Any]:
        rows = self.rows if after is None else self.rows.filter(pk__gt=after)
        return list(rows.values_list("pk", flat=True)[:size])

    def discard(self, pk: Any) -> bool:
        if not getattr(self.model, "is_had_again", False):
            return False
        self.rows.filter(pk=pk).delete()
        return True

    def title(self, pk: Any) -> str:
        names = {field.name for field in self.model._meta.concrete_fields}
        if "slug" in names:
            slug = self.rows.filter(pk=pk).values_list("slug", flat=True).first()
            pk = slug or pk
        return f"{self.model._meta.verbose_name} {pk}"


class ColumnPlace(_Rows):
    """A column of encrypted texts."""

    def texts(self, pks: Sequence[Any]) -> list[Stored]:
        rows = self._as_stored().filter(pk__in=pks).exclude(as_stored="")
        return [
            Stored(pk, text)
            for pk, text in rows.values_list("pk", "as_stored")
            if text is not None
        ]

    def swap(self, old: Stored, new: str) -> bool:
        rows = self._as_stored().order_by().filter(pk=old.pk, as_stored=old.text)
        # As it is: the field would encrypt it once more.
        return bool(rows.update(**{self.column: Value(new, TextField())}))

    def _as_stored(self) -> QuerySet[Any]:
        as_stored = Cast(F(self.column), TextField())
        rows: QuerySet[Any] = self.rows.annotate(as_stored=as_stored)
        return rows


class MemberPlace(_Rows):
    """Encrypted members of a JSON column that holds an object.

    Args:
        label: the model, as `app.Model`; it may be of an app that is not installed.
        members: their names; what a row lacks, or holds as no text, is passed over.
    """

    def __init__(self, label: str, column: str, members: Sequence[str]) -> None:
        super().__init__(label, column)
        self.members = tuple(members)

    def is_installed(self) -> bool:
        return self.label.partition(".")[0] in apps.app_configs

    def texts(self, pks: Sequence[Any]) -> list[Stored]:
        rows = self.rows.filter(pk__in=pks).values_list("pk", self.column)
        return [
            Stored(pk, data[member], member)
            for pk, data in rows
            for member in self.members
            if isinstance(data, dict)
            and isinstance(data.get(member), str)
            and data[member]
        ]

    def swap(self, old: Stored, new: str) -> bool:
        rows = self.rows.select_for_update().filter(pk=old.pk)
        data = rows.values_list(self.column, flat=True).first()
        if not isinstance(data, dict) or data.get(old.member) != old.text:
            return False
        changed = {**data, old.member: new}
        return bool(self.rows.filter(pk=old.pk).update(**{self.column: changed}))


_registered: dict[tuple[str, str], MemberPlace] = {}


def register(place: MemberPlace) -> None:
    """Add a place that no column's type tells of."""
    _registered[place.label, place.column] = place


def all_places() -> Iterator[Place]:
    """Every place of the apps that are installed, by name."""
    yield from sorted([*_columns(), *member_places()], key=lambda place: place.name)


def member_places() -> list[MemberPlace]:
    """Those that no column's type tells of."""
    return [place for place in _registered.values() if place.is_installed()]


def _columns() -> Iterator[Place]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.local_concrete_fields:
            if isinstance(column, EncryptedTextField):
                yield ColumnPlace(model._meta.label, column.name)

"""Everything that is kept about one person, as plain JSON values and as text."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, QuerySet
from django.utils import timezone

from procurement.access.fields import utc_text
from procurement.customers.models import Customer
from procurement.persons.belonging import About, models_about, rows_about
from procurement.persons.cleaning import far_fields, naming
from procurement.persons.fields import Holds, all_models, class_of
from procurement.persons.naming import names_of

MOST_OF_A_KIND = 10_000
"""Rows that name a member of staff; the newest are told."""

Export = dict[str, Any]
"""`about`, `made_at`, `records` (table to rows) and, of a customer, `named_in`."""


def export_customer(customer: Customer) -> Export:
    """What is kept about a customer: its rows, and where else it is named.

    Secrets are left out, and so are files that people brought, whose names are told.
    """
    about = About(customer.pk)
    records = {}
    for model in sorted(models_about(), key=_table):
        found: dict[Any, Any] = {}
        for rows in rows_about(model, about):
            found |= {row.pk: _told(row) for row in rows.order_by("pk")}
        if found:
            records[_table(model)] = [found[key] for key in sorted(found)]
    return {
        "about": {"customer": customer.pk, "name": customer.name},
        "made_at": utc_text(timezone.now()),
        "records": records,
        "named_in": _named_in(customer, records),
    }


def _named_in(customer: Customer, records: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows about something else in which it is named, with the texts that do."""
    words, found = names_of(customer).far, []
    for model in sorted(all_models(), key=_table) if words.words else ():
        fields, own = far_fields(model), records.get(_table(model), ())
        if not fields:
            continue
        seen = {row["id"] for row in own}
        for row in naming(model._base_manager.order_by("pk"), fields, words):
            texts = {
                field.name: getattr(row, field.attname)
                for field in fields
                if words.are_in(str(getattr(row, field.attname)))
            }
            if texts and row.pk not in seen:
                found.append({"table": _table(model), "id": row.pk, **texts})
    return found


def export_user(user: User) -> Export:
    """What is kept about a member of staff: the account, and what names it."""
    records: dict[str, Any] = {_table(User): [_told(user)]}
    for model in sorted(all_models(), key=_table):
        for field in model._meta.local_concrete_fields:
            is_user = isinstance(field, ForeignKey) and field.related_model is User
            if not is_user:
                continue
            rows = model._base_manager.filter(**{field.name: user})
            told = [_in_short(row) for row in _newest(rows)]
            if told:
                records[f"{_table(model)}.{field.name}"] = told
    return {
        "about": {"user": user.pk, "name": user.get_username()},
        "made_at": utc_text(timezone.now()),
        "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
        "records": records,
    }


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("-pk")[:MOST_OF_A_KIND]


def _in_short(row: Model) -> dict[str, Any]:
    """Which row it is, and when; what it is about may be of others."""
    times = {
        field.name: _plain(getattr(row, field.name))
        for field in row._meta.concrete_fields
        if isinstance(getattr(row, field.attname), datetime)
    }
    return {"id": _plain(row.pk), **times}


def _told(row: Model) -> dict[str, Any]:
    told = {}
    for field in row._meta.concrete_fields:
        if class_of(type(row), field.name) not in (Holds.SECRET, Holds.FILE):
            told[field.attname] = _plain(getattr(row, field.attname))
    return {"id": _plain(row.pk), **told}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc_text(value)
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return str(value)


def _table(model: type[Model]) -> str:
    return model._meta.db_table


# --- for people to read -----------------------------------------------------------


def as_text(export: Mapping[str, Any]) -> Iterator[str]:
    """The same line by line, each with its end."""
    about = export["about"]
    yield f"What is kept about {about['name']}, on {export['made_at']}\n"
    if export.get("groups"):
        yield f"Groups: {', '.join(export['groups'])}\n"
    for table, rows in export["records"].items():
        yield f"\n{table}: {len(rows)}\n"
        for row in rows:
            yield from _lines(row)
    if export.get("named_in"):
        yield "\nNamed in:\n"
        for row in export["named_in"]:
            yield from _lines(row)


def _lines(row: Mapping[str, Any]) -> Iterable[str]:
    yield "-\n"
    for name, value in row.items():
        if value not in (None, "", [], {}):
            yield f"  {name}: {value}\n"

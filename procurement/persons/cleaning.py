"""Taking a customer out of rows: some at a time, each time locked and committed."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from django.db import models, transaction
from django.db.models import Max, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from procurement.coordination.tasks import sign_of_life
from procurement.persons.belonging import About, rows_about
from procurement.persons.fields import Holds, fields_holding
from procurement.persons.naming import Names
from procurement.persons.words import ERASED, Words

ROWS_AT_ONCE = 500
KEYS_AT_ONCE = 20_000
Change = Callable[[Any], dict[str, Any]]
"""From a row to the columns that become different."""


def clean_own(model: type[Model], about: About, names: Names) -> int:
    """Clean the rows that are about the customer; return how many were changed."""
    texts = fields_holding(model, Holds.FREE)
    contents = fields_holding(model, Holds.CONTENT)
    bodies = fields_holding(model, Holds.BODY)

    def change(row: Any) -> dict[str, Any]:
        filled = [field.attname for field in bodies if getattr(row, field.attname)]
        return {
            **_without(row, texts, names.own),
            **_without(row, contents, names.content),
            **{name: ERASED for name in filled if getattr(row, name) != ERASED},
        }

    fields = [*texts, *contents, *bodies]
    if not fields:
        return 0
    return sum(_change_all(rows, fields, change) for rows in rows_about(model, about))


def far_fields(model: type[Model]) -> list[Any]:
    return fields_holding(model, Holds.FREE, Holds.BODY)


def clean_far(
    model: type[Model], words: Words, *, after: int
) -> tuple[int, int | None]:
    """Clean some rows of others, those after a key.

    Returns how many were changed, and after which key to go on; None for no more.
    """
    fields = far_fields(model)
    rows = model._base_manager.order_by("pk")
    if not fields or not words.words:
        return 0, None
    if not isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
        return _clean_far(rows, fields, words), None
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    end = after + KEYS_AT_ONCE
    found = rows.filter(pk__gt=after, pk__lte=end)
    return _clean_far(found, fields, words), end if end < last else None


def _clean_far(rows: QuerySet[Any], fields: list[Any], words: Words) -> int:
    hits = naming(rows, fields, words)
    return _change_all(hits, fields, lambda row: _without(row, fields, words))


def naming(rows: QuerySet[Any], fields: Iterable[Any], words: Words) -> QuerySet[Any]:
    """Of these rows, those in which one of the words may stand; the database looks."""
    condition = Q(pk__in=[])
    for field in fields:
        column = field.name
        if isinstance(field, models.JSONField):
            column = f"{field.name}_as_text"
            rows = rows.annotate(**{column: Cast(field.name, TextField())})
        for word in words.variants:
            condition |= Q(**{f"{column}__icontains": word})
    return rows.filter(condition)


def _without(row: Any, fields: Iterable[Any], words: Words) -> dict[str, Any]:
    changes = {}
    for field in fields:
        value = getattr(row, field.attname)
        without = words.out_of(value)
        if without != value:
            longest = getattr(field, "max_length", None)
            is_cut = longest and isinstance(without, str)
            changes[field.attname] = without[:longest] if is_cut else without
    return changes


def _change_all(rows: QuerySet[Any], fields: list[Any], change: Change) -> int:
    changed = 0
    for keys in _keys(rows):
        changed += _change(rows.model, keys, fields, change)
    return changed


def _keys(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Keys of all rows, some at a time; a row may come to be among them only once."""
    keys = list(dict.fromkeys(rows.order_by("pk").values_list("pk", flat=True)))
    for at in range(0, len(keys), ROWS_AT_ONCE):
        yield keys[at : at + ROWS_AT_ONCE]
        sign_of_life()


@transaction.atomic
def _change(
    model: type[Model], keys: list[Any], fields: list[Any], change: Change
) -> int:
    names = [field.attname for field in fields]
    rows = model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys)
    changed = 0
    for row in rows.order_by("pk").only(*names):
        if changes := change(row):
            model._base_manager.filter(pk=row.pk).update(**changes)
            changed += 1
    return changed


# --- files ------------------------------------------------------------------------


def clean_files(model: type[Model], about: About, words: Words) -> int:
    """Empty files that somebody brought and that name the customer."""
    fields = fields_holding(model, Holds.FILE)
    own: set[Any] = set()
    for rows in rows_about(model, about):
        own.update(rows.values_list("pk", flat=True))
    changed = 0
    for pk in list(model._base_manager.order_by("pk").values_list("pk", flat=True)):
        changed += _clean_file(model, pk, fields, words, is_own=pk in own)
    return changed


@transaction.atomic
def _clean_file(
    model: type[Model], pk: Any, fields: list[Any], words: Words, *, is_own: bool
) -> int:
    row = model._base_manager.select_for_update(of=("self",)).filter(pk=pk).first()
    changes: Mapping[str, bytes] = {
        field.attname: b""
        for field in fields
        if row and _is_named_in(bytes(getattr(row, field.attname)), words, is_own)
    }
    if changes:
        model._base_manager.filter(pk=pk).update(**changes)
    return len(changes)


def _is_named_in(content: bytes, words: Words, is_own: bool) -> bool:
    if not content:
        return False
    return is_own or any(words.are_in(text) for text in _texts_of(content))


def _texts_of(content: bytes) -> Iterator[str]:
    """The text of a file, or of each part of a workbook."""
    if not content.startswith(b"PK"):
        yield from _decoded(content)
        return
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            for name in parts.namelist():
                yield from _decoded(parts.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return


def _decoded(content: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "cp1252", "utf-16"):
        try:
            yield content.decode(encoding)
        except UnicodeDecodeError:
            continue

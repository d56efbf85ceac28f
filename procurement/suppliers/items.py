"""What people write of suppliers' items; what suppliers tell comes another way."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput
from procurement.money import plain
from procurement.suppliers.models import SupplierEvent, SupplierItem

TEXTS = ("item_number", "brand", "mpn", "gtin", "description", "unit")
QUANTITIES = ("pack_quantity", "min_order_quantity")
FIELDS = ("supplier", *TEXTS, *QUANTITIES)
AT_ONCE = 500
TAKEN = "This supplier has that item already."


@transaction.atomic
def create_item(*, actor: User | None, data: Mapping[str, Any]) -> SupplierItem:
    """Enter an item of a supplier by hand.

    Args:
        data: some of `FIELDS`; the supplier and the item number at least.

    Raises:
        InvalidInput: a value won't do, or the supplier has the item already.
    """
    item = new_item(data)
    _save(item)
    _note(item, "item_created", actor, {})
    return item


def new_item(data: Mapping[str, Any]) -> SupplierItem:
    """An item with these values that is not kept yet.

    Raises:
        InvalidInput: a value won't do; every such field is named.
    """
    item = SupplierItem()
    _fill(item, data)
    return item


@transaction.atomic
def change_item(
    *, item_id: int, actor: User | None, data: Mapping[str, Any]
) -> SupplierItem:
    """Change the given fields; an item stays with its supplier.

    Raises:
        InvalidInput: a value won't do; nothing was changed.
    """
    item = SupplierItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    if "supplier" in data and data["supplier"] != item.supplier:
        raise InvalidInput(
            {"supplier": _("An item keeps its supplier; create another item.")}
        )
    before = _visible(item)
    _fill(item, data)
    _save(item)
    changes = _changes(before, _visible(item))
    _note(item, "item_changed", actor, {"changes": changes})
    return item


@transaction.atomic
def create_items(
    *, actor: User | None, data: Sequence[Mapping[str, Any]]
) -> list[SupplierItem]:
    """Enter many items in few statements, each with its event.

    Raises:
        InvalidInput: a value won't do, or one of them is there already.
    """
    items = [new_item(each) for each in data]
    try:
        with transaction.atomic():
            SupplierItem.objects.bulk_create(items, batch_size=AT_ONCE)
    except IntegrityError:
        raise InvalidInput({"item_number": TAKEN}) from None
    _note_all("item_created", actor, [(item, {}) for item in items])
    return items


@transaction.atomic
def change_items(
    *, actor: User | None, data: Mapping[int, Mapping[str, Any]]
) -> dict[int, SupplierItem]:
    """Change many items in few statements, each with its event; return them by key.

    Args:
        data: by the key of an item, its new values; without the supplier.

    Raises:
        InvalidInput: a value won't do, or one of the items is gone.
    """
    keys = sorted(data)
    items: dict[int, SupplierItem] = {}
    for start in range(0, len(keys), AT_ONCE):
        locked = SupplierItem.objects.select_for_update(of=("self",))
        batch = locked.filter(pk__in=keys[start : start + AT_ONCE]).order_by("pk")
        items |= {item.pk: item for item in batch.prefetch_related("supplier")}
    if len(items) < len(keys):
        raise InvalidInput({"item_number": "An item was removed meanwhile."})
    notes = []
    for pk, item in items.items():
        before = _visible(item)
        _fill(item, data[pk])
        notes.append((item, {"changes": _changes(before, _visible(item))}))
    columns = [*TEXTS, *QUANTITIES]
    try:
        with transaction.atomic():
            SupplierItem.objects.bulk_update(items.values(), columns, batch_size=200)
    except IntegrityError:
        raise InvalidInput({"item_number": TAKEN}) from None
    _note_all("item_changed", actor, notes)
    return items


@transaction.atomic
def remove_item(*, item_id: int, actor: User | None) -> None:
    """Delete an item that was entered by mistake, with whatever was told of it."""
    item = SupplierItem.objects.select_for_update(of=("self",)).get(pk=item_id)
    _note(item, "item_removed", actor, {"item": _visible(item)})
    item.delete()


def _fill(item: SupplierItem, data: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {}
    for name, value in data.items():
        if name not in FIELDS:
            errors[name] = f"There is no such field; there are {', '.join(FIELDS)}."
        elif isinstance(value, float):
            errors[name] = "Give the number as text: a float is not exact."
        else:
            setattr(item, name, value.strip() if isinstance(value, str) else value)
    if item.supplier_id is None:
        errors["supplier"] = "Choose a supplier."
    for name in QUANTITIES:
        number = getattr(item, name)
        if name not in errors and isinstance(number, Decimal) and number <= 0:
            errors[name] = "Give a quantity above 0."
    try:
        # What was handed over as an object was read from the database a moment ago.
        is_read = item._state.fields_cache.get("supplier") is not None
        item.clean_fields(exclude={*errors, *(["supplier"] if is_read else [])})
    except ValidationError as invalid:
        for name, messages in invalid.message_dict.items():
            errors.setdefault(name, " ".join(messages))
    if errors:
        raise InvalidInput(errors)


def _save(item: SupplierItem) -> None:
    try:
        with transaction.atomic():
            item.validate_constraints()
            item.save()
    except IntegrityError:
        raise InvalidInput({"item_number": TAKEN}) from None
    except ValidationError as invalid:
        texts = invalid.message_dict.get(NON_FIELD_ERRORS, [TAKEN])
        raise InvalidInput({"item_number": " ".join(texts)}) from None


def _visible(item: SupplierItem) -> dict[str, str]:
    shown = {name: str(getattr(item, name)) for name in TEXTS}
    return shown | {name: plain(Decimal(getattr(item, name))) for name in QUANTITIES}


def _changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, list[str]]:
    return {
        name: [before[name], after[name]]
        for name in after
        if before[name] != after[name]
    }


def _note(
    item: SupplierItem, kind: str, actor: User | None, data: dict[str, Any]
) -> None:
    _note_all(kind, actor, [(item, data)])


def _note_all(
    kind: str,
    actor: User | None,
    about: Iterable[tuple[SupplierItem, dict[str, Any]]],
) -> None:
    SupplierEvent.objects.bulk_create(
        (
            SupplierEvent(
                supplier=item.supplier,
                kind=kind,
                actor=actor,
                text=str(item),
                data=data,
            )
            for item, data in about
        ),
        batch_size=AT_ONCE,
    )

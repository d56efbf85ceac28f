"""A world in which no table is empty, with values that are hard to carry over."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils import timezone

from procurement.backups.shape import LEFT_OUT
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.runs.models import RunFilePart
from procurement.suppliers.models import Supplier
from tests.access.world import ROLES, make_world
from tests.bulk import copy_order
from tests.factories import line, make_approved_order, make_order

HARD_TEXT = (
    "Tab\tnew\nline\r\\N back\\slash \x0b \x7f «Å» e\u0301 🚚 'quoted' \"double\""
)
HARD_JSON = {
    "longer": [1, 1.5, 1e20, 1e-7, -0.0, 2**60, True, None, {}],
    "a": {"ø": HARD_TEXT, "z": "", "aa": [[]]},
    "": 0.1,
}
MICROSECONDS = datetime(2031, 2, 28, 23, 59, 59, 120, tzinfo=UTC)


def fill_world(*, orders: int = 3, lines: int = 1) -> None:
    """Rows in every table of the books, and so many approved orders beside."""
    # Tests that commit leave a database without what migrations put in.
    for roles in ROLES.values():
        for role in roles:
            group, is_new = Group.objects.get_or_create(name=role)
            if is_new:
                group.permissions.set(Permission.objects.all())
    world = make_world()
    supplier = Supplier.objects.get(pk=world.supplier.pk)
    hard = make_order(supplier, note=HARD_TEXT, external_reference="Å-1")
    PurchaseOrder.objects.filter(pk=hard.pk).update(
        total=Decimal("99999999999.99"), created_at=MICROSECONDS
    )
    OrderEvent.objects.create(
        order=hard, kind="noted", actor_name="erp", text=HARD_TEXT, data=HARD_JSON
    )
    template = make_approved_order(
        supplier, lines=[line(f"SKU-{number}") for number in range(lines)]
    )
    copy_order(template, orders, {"number": "'PO-2031-' || CAST(1000000 + i AS text)"})
    _fill_what_is_empty()
    parts = RunFilePart.objects.get()
    parts.content = bytes(range(256))
    parts.save()


def tables_of_the_books() -> Iterator[type[models.Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table not in LEFT_OUT and not model._meta.proxy:
            yield model


def empty_tables() -> list[str]:
    return [
        model._meta.label
        for model in tables_of_the_books()
        if not model._base_manager.exists()
    ]


def _fill_what_is_empty() -> None:
    """One row each, once the rows it points to are there."""
    while empty := empty_tables():
        before = len(empty)
        for label in empty:
            _fill(apps.get_model(label))
        assert len(empty_tables()) < before, empty


def _fill(model: type[models.Model]) -> None:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        given = SPECIAL.get(f"{model._meta.label}.{field.name}")
        if given is not None:
            values[field.attname] = given
        elif field.remote_field:
            row = field.related_model._base_manager.order_by("pk").first()
            if row is None and not field.null:
                return
            values[field.attname] = row and row.pk
        elif not (field.auto_created or field.generated):
            values[field.name] = _value(field)
    model._base_manager.bulk_create([model(**values)])


SPECIAL: dict[str, Any] = {
    "customers.CustomerLink.number": "",
    "shops.ShopRegistration.vendor_id": "",
}
"""What a check demands: the label of a field to its value."""


def _value(field: Any) -> Any:
    if field.choices:
        return next(value for value, _ in field.flatchoices)
    kind = field.get_internal_type()
    if kind in ("CharField", "SlugField", "TextField"):
        return "x" if field.max_length == 1 else "å1"[: field.max_length]
    return {
        "BooleanField": False,
        "DateTimeField": timezone.now(),
        "DateField": date(2031, 4, 9),
        "DecimalField": Decimal("1.5"),
        "JSONField": HARD_JSON,
        "UUIDField": uuid.UUID(int=7),
        "BinaryField": b"\x00\\\xff",
        "GenericIPAddressField": "2001:db8::1",
    }.get(kind, 1)

"""A customer who is named wherever a name may stand, and how to look for that."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from procurement.customers.models import Customer
from procurement.customers.operations import change_customer
from procurement.orders.models import PurchaseOrder
from procurement.persons.belonging import About, models_about, rows_about
from procurement.persons.fields import Holds, all_models, class_of, text_fields
from procurement.transmissions.models import Transmission
from tests.access.world import World, make_world
from tests.factories import make_user

TOKEN = "zqxyna"
"""Stands in everything the customer is called by."""
NAME = "Zqxyna Kvillfjäder"
EMAIL = "zqxyna.k@mail.example"
PHONE = "+46 70 999 88 77"
SAID = f"Call {NAME.upper()} ({EMAIL}) on 070-999 88 77 tomorrow"
SAID_ELSEWHERE = f"Also for {NAME.title()}, {EMAIL}, {PHONE}"
HELD = {
    "said": SAID,
    "delivery_address": {"name": NAME, "street": "Zqxyna street", "city": "Zqxynaby"},
    "changes": {"address.street": ["Zqxyna street", "Zqxyna road"], "note": ["", NAME]},
    "quantity": "6",
}
FILLED: dict[str, str] = {
    "name": NAME,
    "email": EMAIL,
    "phone": PHONE,
    "organization_number": "199001029805",
    "external_reference": "zqxyna-7",
    "street": "Zqxyna street",
    "street_number": "zqxyna4",
    "entrance": "zqxynaB",
    "zip_code": "zqxyna90",
    "city": "Zqxynaby",
}
HOLDS_NAMES = (Holds.FREE, Holds.BODY, Holds.CONTENT)


def make_named_customer() -> tuple[World, Customer]:
    """One of the world's, whose orders have ended, named in all it has and beyond."""
    world = make_world()
    customer = Customer.objects.get(pk=world.ours["customers.customer"])
    address = {name: FILLED[name] for name in FILLED if hasattr(ADDRESS, name)}
    data = {name: value for name, value in FILLED.items() if name not in address}
    change_customer(
        customer_id=customer.pk,
        actor=make_user("buyer"),
        data={**data, "address": address},
    )
    end_orders(customer)
    plant(customer)
    customer.refresh_from_db()
    return world, customer


class ADDRESS:
    street = street_number = entrance = zip_code = city = ""


def end_orders(customer: Customer) -> None:
    orders = PurchaseOrder.objects.filter(customer=customer)
    numbers = list(orders.values_list("number", flat=True))
    Transmission.objects.filter(subject__in=numbers).update(state="sent")
    orders.update(
        approval="approved",
        approved_hash="a" * 64,
        transmission="sent",
        fulfilment="delivered",
        attention="",
        delivery_name=NAME,
        delivery_street="Zqxyna street",
        delivery_street_number="zqxyna4",
        delivery_entrance="zqxynaB",
        delivery_zip_code="zqxyna90",
        delivery_city="Zqxynaby",
        note=SAID,
    )


def plant(customer: Customer) -> None:
    """Write who it is into every text that may hold it, of each row there is."""
    about = About(customer.pk)
    for model in all_models():
        own: set[Any] = set()
        for rows in rows_about(model, about):
            own.update(rows.values_list("pk", flat=True))
        for row in model._base_manager.all():
            changes = dict(_planted(model, is_own=row.pk in own))
            if changes:
                model._base_manager.filter(pk=row.pk).update(**changes)


def _planted(model: type[models.Model], *, is_own: bool) -> Iterator[tuple[str, Any]]:
    said, held = (SAID, HELD) if is_own else (SAID_ELSEWHERE, {"a": [SAID_ELSEWHERE]})
    for field in text_fields(model):
        holds, longest = class_of(model, field.name), field.max_length or 500
        if holds == Holds.FILE:
            yield field.name, f"name;{NAME}".encode()
        elif field.name == "attention" or holds not in HOLDS_NAMES:
            continue
        elif holds == Holds.CONTENT and not is_own:
            # An approval may be bound to it.
            continue
        elif isinstance(field, models.JSONField):
            yield field.name, held
        else:
            yield field.name, said if len(said) <= longest else NAME[:longest]


def where_it_stands(token: str = TOKEN) -> list[str]:
    """Every column of every table in which a word stands, in whatever case."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [
                    f"{table}.{name}"
                    for name, value in zip(names, row, strict=True)
                    if token in _text(value).lower()
                ]
    return sorted(set(found))


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def models_with_rows() -> set[str]:
    return {
        model._meta.label for model in models_about() if model._base_manager.exists()
    }

"""Shops and customers with good defaults."""

from typing import Any

from django.contrib.auth.models import Permission, User

from procurement.customers.models import Customer
from procurement.customers.operations import create_customer
from procurement.shops.models import Shop, ShopRegistration
from procurement.shops.operations import create_shop, register_shop
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.factories import make_supplier, make_user
from tests.sending import transmit

WAREHOUSE = {
    "street": "Storgata",
    "street_number": "12",
    "zip_code": "0181",
    "city": "Oslo",
    "country_code": "NO",
}
ORGANIZATION = "918 273 645"


def allow(user: User, *permissions: str) -> User:
    """Give permissions, as `app.codename`; returns the user with a fresh cache."""
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return User.objects.get(pk=user.pk)


def make_shop(slug: str = "fjell", **changes: Any) -> Shop:
    data = {
        "slug": slug,
        "name": "Fjellbutikken",
        "organization_number": ORGANIZATION,
        "email": "lager@fjell.example",
        "phone": "90000001",
        "address": WAREHOUSE,
        **changes,
    }
    return create_shop(actor=make_user("buyer"), data=data)


def make_customer(name: str = "Verkstad Nord", **changes: Any) -> Customer:
    data = {
        "name": name,
        "organization_number": "556000-0000",
        "email": "verkstad@nord.example",
        "address": {"street": "Provgatan", "city": "Umea", "country_code": "SE"},
        **changes,
    }
    return create_customer(actor=make_user("buyer"), data=data)


def asked_for(
    shop: Shop, supplier: Supplier, **details: Any
) -> tuple[ShopRegistration, Transmission]:
    """A shop whose creation was asked for, with its transmission."""
    registration = register_shop(
        shop_id=shop.pk,
        supplier_id=supplier.pk,
        actor=make_user("buyer"),
        details={"owner": "nordlys", **details},
    )
    return registration, Transmission.objects.latest("pk")


def created_shop(supplier: Supplier | None = None) -> ShopRegistration:
    """A shop that the supplier has, with the id 20431."""
    registration, asked = asked_for(make_shop(), supplier or make_supplier())
    transmit(transmission_id=asked.pk)
    registration.refresh_from_db()
    return registration


def kinds(party: Any) -> list[str]:
    return list(party.events.values_list("kind", flat=True))

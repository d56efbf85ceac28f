"""What orders belong to: users, suppliers, shops, customers, a key and a login.

Runs in a process of its own with the product's settings and prints JSON:
`key` (of a buyer), `approver_key`, `session` and `floor_session` (cookies), `eet` and
`extend` (suppliers).
"""

import json
import os

import django


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.contrib.auth import (
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )
    from django.contrib.auth.models import Group, User
    from django.contrib.sessions.backends.db import SessionStore

    from procurement.access.models import SCOPES, ApiKey
    from procurement.customers.models import Customer
    from procurement.shops.models import Shop

    suppliers = [_supplier(vendor, place) for vendor, place in _ACCOUNTS]
    admin = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    approver = User.objects.create(username="approver", is_staff=True)
    approver.groups.add(Group.objects.get(name="Approver"))
    buyers = [
        User.objects.create(username=f"buyer{index}", is_staff=True)
        for index in range(20)
    ]
    for buyer in buyers:
        buyer.groups.add(Group.objects.get(name="Buyer"))
    for index in range(50):
        Shop.objects.create(name=f"Shop {index}", slug=f"shop-{index}")
    for index in range(500):
        Customer.objects.create(name=f"Customer {index}")
    # A limit nobody reaches, so that counting the calls is part of what is measured.
    of_both = {"scopes": list(SCOPES), "calls_per_minute": 1_000_000}
    _, key = ApiKey.make(name="web shop", user=buyers[0], **of_both)
    _, approver_key = ApiKey.make(name="erp", user=approver, **of_both)

    def session(backend: str) -> str | None:
        made = SessionStore()
        made[SESSION_KEY] = str(admin.pk)
        made[BACKEND_SESSION_KEY] = backend
        made[HASH_SESSION_KEY] = admin.get_session_auth_hash()
        made.save()
        return made.session_key

    facts = {
        "key": key,
        "approver_key": approver_key,
        "session": session(settings.AUTHENTICATION_BACKENDS[0]),
        "floor_session": session("django.contrib.auth.backends.ModelBackend"),
        "approver": approver.pk,
        "buyer": buyers[0].pk,
        "eet": {"id": suppliers[0].pk, "slug": suppliers[0].slug},
        "extend": {"id": suppliers[1].pk, "slug": suppliers[1].slug},
    }
    print(json.dumps(facts))


_ACCOUNTS = (("eet", "nord"), ("extend", "nord"), ("kvik", "nord"), ("eet", "syd"))


def _supplier(vendor: str, place: str) -> "object":
    from tests.factories import make_supplier

    return make_supplier(
        vendor,
        slug=f"{vendor}-{place}",
        name=f"{vendor.title()} {place.title()}",
        base_url=os.environ["VENDOR_URL"],
        credentials=_CREDENTIALS.get(vendor, _LOGIN),
    )


_LOGIN = {"username": "buyer", "password": "a-password-for-tests"}
_CREDENTIALS = {"kvik": {"client_id": "buyer", "client_secret": "a-secret-for-tests"}}


if __name__ == "__main__":
    main()

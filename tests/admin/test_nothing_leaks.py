"""No page shows a secret in any spelling, and none runs what a stranger wrote."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procurement.access.models import ApiKey
from procurement.adminbase import ModelAdmin
from procurement.orders.admin_actions import all_actions
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Exchange, Supplier
from procurement.suppliers.operations import change_supplier
from tests.admin.pages import ORDERS, action_page, text_of
from tests.factories import line, make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, OutcomeUnknown

SECRET = 'Pa55/"wörd"&<s>+token'
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}"


def spellings(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    json_text = json.dumps(secret)[1:-1]
    forms = {secret, encoded, json_text, quote(secret), quote_plus(secret)}
    return forms | {html.escape(form) for form in forms} | {repr(secret)[1:-1]}


def every_page() -> list[str]:
    """Each list, each form, and each object there is, with the pages of actions."""
    pages = [reverse("admin:index"), f"{ORDERS}?q=nothing"]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        for key in model._default_manager.values_list("pk", flat=True):
            pages += [
                reverse(f"{name}_{page}", args=[key]) for page in ("change", "history")
            ]
    for order in PurchaseOrder.objects.all():
        pages += [action_page(order, action.name) for action in all_actions()]
    pages += [
        reverse("admin:suppliers_exchange_conversation", args=[talk])
        for talk in Exchange.objects.values_list("conversation", flat=True)
    ]
    pages += [reverse("admin:suppliers_supplier_add") + "?vendor=extend"]
    return pages


@pytest.fixture
def world(db: None, fake_vendor: FakeVendor) -> Supplier:
    """A supplier with secrets, and one order whose every text is hostile."""
    supplier = make_supplier(
        name=HOSTILE, credentials={"username": SECRET, "password": SECRET[::-1]}
    )
    change_supplier(
        supplier_id=supplier.pk,
        actor=make_user("admina"),
        data={"credentials": {"password": SECRET}},
    )
    fake_vendor.answers = [
        OutcomeUnknown(HOSTILE, kind=Kind.UNREADABLE, vendor_text=HOSTILE)
    ]
    order, asked = make_queued_order(
        supplier,
        note=HOSTILE,
        external_reference=HOSTILE[:60],
        lines=[line(HOSTILE[:70], description=HOSTILE, brand=HOSTILE[:60])],
    )
    transmit(transmission_id=asked.pk)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        attention=HOSTILE,
        supplier_status=HOSTILE,
        supplier_order_number=HOSTILE[:70],
        promised_date=timezone.localdate(),
    )
    Exchange.objects.update(
        request_body=json.dumps({"text": HOSTILE}),
        response_body=HOSTILE,
        response_headers={HOSTILE: HOSTILE},
        error=HOSTILE,
        url=f"https://vendor.test/{HOSTILE}",
        purpose=HOSTILE[:50],
    )
    ApiKey.make(name=HOSTILE[:60], user=make_user("robot"), scopes=["orders:read"])
    return supplier


def test_no_page_shows_a_secret_or_runs_a_strangers_text(
    world: Supplier, superuser: Client
) -> None:
    key_hash = ApiKey.objects.get().secret_hash
    stored = {*spellings(SECRET), *spellings(SECRET[::-1]), key_hash}

    for address in every_page():
        answer = superuser.get(address, follow=True)
        assert answer.status_code in (200, 403), address
        page = text_of(answer)
        assert not [form for form in stored if form in page], address
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address


def test_hostile_text_is_shown_as_it_is(world: Supplier, superuser: Client) -> None:
    order = PurchaseOrder.objects.get()

    page = text_of(superuser.get(f"{ORDERS}{order.pk}/change/"))

    assert html.escape(HOSTILE) in page


def test_every_screen_stands_on_the_common_base() -> None:
    foreign = [
        model.__name__
        for model, screen in admin.site._registry.items()
        if not isinstance(screen, ModelAdmin)
    ]

    assert foreign == []


@pytest.mark.parametrize(
    "label",
    [
        "orders.orderevent",
        "suppliers.supplierevent",
        "suppliers.exchange",
        "transmissions.transmission",
    ],
)
def test_what_happened_is_read_only(
    world: Supplier, superuser: Client, label: str
) -> None:
    app, name = label.split(".")
    model: type[Model] = next(
        each for each in admin.site._registry if each._meta.label_lower == label
    )
    row = model._default_manager.first()
    assert row is not None
    before = model._default_manager.values().get(pk=row.pk)

    assert superuser.get(reverse(f"admin:{app}_{name}_add")).status_code == 403
    for page in ("change", "delete"):
        address = reverse(f"admin:{app}_{name}_{page}", args=[row.pk])
        superuser.post(address, {"post": "yes", "text": "another story"})

    assert model._default_manager.values().get(pk=row.pk) == before

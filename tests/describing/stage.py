"""A world where every call of the API has something it can be done to.

Of each kind of thing there are several, in different states: whoever wants a call to
succeed tries them one after the other. Whatever a call does is taken back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

import vendors
from procurement.access.models import SCOPES, ApiKey
from procurement.approvals.models import ApprovalRule
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.customers.operations import link_customer
from procurement.fulfilment.actions import CONFIRM, INVOICE, SHIP
from procurement.orders.action_api import input_serializer
from procurement.orders.actions import get_action
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.shops.models import Shop
from procurement.shops.operations import register_shop
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from procurement.webhooks.models import Delivery, DeliveryState
from procurement.webhooks.operations import create_endpoint, send_test
from tests.approvals.people import approver, level, make_rule
from tests.catalogue.fakes import FakeRange, offer
from tests.factories import (
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.parties import make_customer, make_shop
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted, Fulfilment, VendorCustomer, VendorOrder
from vendors.errors import Kind, OutcomeUnknown, Refused

DONE = {"confirmed": (CONFIRM,), "shipped": (CONFIRM, SHIP, INVOICE)}
"""What was recorded by hand of an order on the stage."""


@dataclass
class FakeAll(FakeRange, FakeParties):
    """A vendor that can do everything, from memory."""


@dataclass
class Stage:
    """Names of things by what stands for them in an address."""

    key: str
    bound_key: str
    supplier: Supplier
    orders: dict[str, str] = field(default_factory=dict)
    shops: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    items: list[int] = field(default_factory=list)
    endpoint: int = 0
    delivery: int = 0

    def names_for(self, path: str) -> list[dict[str, Any]]:
        """All that may stand in the place of the parameters of a path."""
        if "{number}" in path:
            return [{"number": number} for number in self.orders.values()]
        if "{item_id}" in path:
            return [{"slug": self.supplier.slug, "item_id": pk} for pk in self.items]
        if "/webhook-endpoints/{" in path:
            names = {"id": self.endpoint, "delivery_id": self.delivery}
            return [{n: pk for n, pk in names.items() if f"{{{n}}}" in path}]
        if "{slug}" in path:
            return [{"slug": self.supplier.slug}]
        if "{" not in path:
            return [{}]
        of = self.shops if "/shops/" in path else self.customers
        return [{"id": pk} for pk in of.values()]


def use_everywhere(fake: FakeAll) -> None:
    """Put a fake in the place of every vendor, so that no call leaves the machine."""
    made = {}
    for code in vendors.CODES:
        fake.code = code
        # Examples of bodies have what the vendor itself asks for.
        shop_fields = vendors.get(code).shop_fields
        made[code] = replace(fake.vendor(), shop_fields=shop_fields)
    fake.code = "extend"
    vendors.get = made.__getitem__


def fake_vendor() -> FakeAll:
    known = VendorCustomer(
        number="K200731", name="Verkstad Nord", organization_number="556000-0000"
    )
    return FakeAll(offers={"SKU-4410": offer()}, register=[known])


def make_stage(fake: FakeAll) -> Stage:
    supplier = make_supplier()
    root = User.objects.create_superuser("root", password="a-password-for-tests")
    people(supplier)
    north = make_shop("north", name="North Shop")
    _, key = ApiKey.make(name="fuzz", user=root, scopes=list(SCOPES))
    _, bound = ApiKey.make(name="shop", user=root, scopes=list(SCOPES), shop=north)
    stage = Stage(key, bound, supplier)
    _orders(stage, fake)
    _shops(stage, fake, north)
    _customers(stage, fake)
    told = [Told.of(offer(mpn="M-1", gtin="7312345678901"))]
    record_offers(supplier=supplier, told=told, source="live")  # type: ignore[arg-type]
    stage.items = list(supplier.items.values_list("pk", flat=True))
    _webhooks(stage, root)
    return stage


def _webhooks(stage: Stage, owner: User) -> None:
    """An endpoint of the key's user, and a message it did not take."""
    endpoint = create_endpoint(
        actor=owner,
        system="fuzz",
        data={"url": "https://shop.example/hooks/purchasing"},
    )
    delivery = send_test(endpoint_id=endpoint.pk, actor=owner)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.FAILED)
    stage.endpoint, stage.delivery = endpoint.pk, delivery.pk


def people(supplier: Supplier) -> None:
    """Whom the examples name."""
    for name, role in (("anna", "Approver"), ("bea.buyer", "Buyer")):
        make_user(name).groups.set(Group.objects.filter(name=role))


def _orders(stage: Stage, fake: FakeAll) -> None:
    supplier, keep = stage.supplier, stage.orders
    buyer = make_user("buyer")
    keep["draft"] = make_order(supplier, external_reference="WEB-1").number
    pending = make_order(supplier)
    submit_order(order_id=pending.pk, actor=buyer)
    keep["pending"] = pending.number
    keep["levels"] = _with_levels(supplier).number
    keep["approved"] = make_approved_order(supplier).number
    waiting, asked = make_queued_order(supplier)
    later = timezone.now() + timedelta(hours=1)
    Transmission.objects.filter(pk=asked.pk).update(
        kind=Kind.CONNECTION, next_attempt_at=later
    )
    keep["queued"] = waiting.number
    fake.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    unknown = _sent(supplier)
    asked_about = Transmission.objects.filter(subject=unknown.number)
    asked_about.update(next_look_up_at=later)
    keep["unknown"] = unknown.number
    fake.answers = [Refused("There is no such item.", kind=Kind.DATA)]
    keep["refused"] = _sent(supplier).number
    for name in ("sent", "confirmed", "shipped"):
        number = f"SO-{80000 + len(keep)}"
        fake.answers = [Accepted(number=number)]
        order = _sent(supplier)
        fake.orders[number] = VendorOrder(
            number=number,
            reference=order.number,
            raw_status="Confirmed",
            fulfilment=Fulfilment.CONFIRMED,
        )
        keep[name] = order.number
        if name == "sent":
            PurchaseOrder.objects.filter(pk=order.pk).update(attention="Look at it.")
        for action in DONE.get(name, ()):
            _do(order, action.name, buyer)
    checked = make_order(supplier)
    fake.offers["SKU-4410"] = offer(price="43.00")
    _do(checked, "check_lines", buyer)
    fake.offers["SKU-4410"] = offer()
    keep["checked"] = checked.number


def _do(order: PurchaseOrder, name: str, actor: User) -> None:
    """An action with the example of its documentation, but for what is unique."""
    action = get_action(name)
    example = {
        name: value
        for name, value in (action.example or {}).items()
        if name != "supplier_order_number"
    }
    if "invoice_number" in example:
        example["invoice_number"] = "F-20990"
    given = input_serializer(action)(data=example)
    given.is_valid(raise_exception=True)
    action.run(order_id=order.pk, actor=actor, **given.validated_data)


def _with_levels(supplier: Supplier) -> PurchaseOrder:
    make_rule(level("Lead", User.objects.get(username="root"), approver("lead")))
    order = make_order(supplier)
    submit_order(order_id=order.pk, actor=order.buyer)
    ApprovalRule.objects.update(is_active=False)
    return order


def _sent(supplier: Supplier) -> PurchaseOrder:
    order, asked = make_queued_order(supplier)
    transmit(transmission_id=asked.pk)
    return order


def _shops(stage: Stage, fake: FakeAll, north: Shop) -> None:
    stage.shops["nowhere"] = north.pk
    di = make_supplier("di", slug="di-norge")
    for name, answer in (
        ("there", Accepted(number="20431")),
        ("without id", Accepted(number=None)),
        ("unknown", OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)),
    ):
        fake.shop_answers = [answer]
        shop = make_shop(name.replace(" ", "-"), name=name.title())
        register_shop(
            shop_id=shop.pk,
            supplier_id=di.pk,
            actor=make_user("buyer"),
            details={
                "owner_party_key": "nordlys-pakker",
                "transport_solution_ids": "4, 17",
            },
        )
        transmit(transmission_id=Transmission.objects.latest("pk").pk)
        Shop.objects.filter(pk=shop.pk).update(phone="90000002")
        stage.shops[name] = shop.pk


def _customers(stage: Stage, fake: FakeAll) -> None:
    simutek = make_supplier("simutek", slug="simutek-syd")
    stage.customers["nowhere"] = make_customer().pk
    stage.customers["new"] = make_customer("New", organization_number="55-new").pk
    for name, answer in (
        ("linked", Accepted(number="K-901")),
        ("without number", Accepted(number=None)),
        ("unknown", OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)),
    ):
        customer = make_customer(f"Customer {name}", organization_number=f"55-{name}")
        fake.make_answers, fake.makes_slowly = [answer], True
        link_customer(
            customer_id=customer.pk,
            supplier_id=simutek.pk,
            actor=make_user("buyer"),
            create=True,
        )
        transmit(transmission_id=Transmission.objects.latest("pk").pk)
        stage.customers[name] = customer.pk
    fake.makes_slowly = False


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written within is gone afterwards.

    A bare savepoint: within a block of its own no supplier could be called.
    """
    here = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(here)

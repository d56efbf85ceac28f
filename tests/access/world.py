"""Two of everything, ours and somebody else's, and a person of every kind."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from procurement.access.models import ApiKey
from procurement.alarms.models import Alarm, AlarmRule, Kind
from procurement.catalogue.file_models import PriceFile
from procurement.catalogue.models import ItemOffer, Source
from procurement.coordination.models import Heartbeat
from procurement.customers.models import Customer
from procurement.fulfilment.models import StepImport
from procurement.inbound.models import WebhookDelivery
from procurement.logins.models import CustomerLoginToken, LoginAttempt
from procurement.notices.kinds import Kind as NoticeKind
from procurement.notices.models import Notice
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.reach.models import Orders, Reach
from procurement.runs.models import Run
from procurement.shops.models import Shop
from procurement.suppliers.models import (
    Exchange,
    Supplier,
    SupplierEvent,
    SupplierItem,
)
from procurement.transmissions.models import Attempt, Transmission
from tests.factories import make_order, make_queued_order, make_supplier, make_user
from tests.parties import make_customer, make_shop

ROLES = {
    "none": (),
    "buyer": ("Buyer",),
    "own": ("Buyer",),
    "shop": ("Buyer",),
    "appr": ("Approver",),
    "oper": ("Operator",),
    "admi": ("Administrator",),
    "audi": ("Auditor",),
}
"""The people: one of each role, one without any, and two buyers of limited reach.

`own` sees their own orders, `shop` those of one shop.
"""
SECRET = "SECRETNUMBER77"
"""Stands in everything of the other side that has a text of its own."""
Side = dict[str, Any]


@dataclass(frozen=True)
class World:
    """`ours` and `theirs` give the key of an object by its model's label."""

    people: dict[str, User]
    supplier: Supplier
    ours: Side
    theirs: Side
    words_of_theirs: tuple[str, ...]


def make_world() -> World:
    supplier = make_supplier()
    north = make_shop("north", name="North Shop")
    south = make_shop("south", name=f"South {SECRET}")
    people = {name: _person(name, *roles) for name, roles in ROLES.items()}
    Reach.objects.create(user=people["own"], orders=Orders.OWN)
    bound = Reach.objects.create(user=people["shop"], is_bound_to_shops=True)
    bound.shops.set([north])
    shared = _shared(supplier, people["oper"])
    ours, _ = _side(supplier, people["own"], north, "Nordic Garage")
    theirs, words = _side(supplier, make_user("stranger"), south, f"South {SECRET}")
    return World(people, supplier, shared | ours, shared | theirs, (SECRET, *words))


def _person(name: str, *roles: str) -> User:
    user = make_user(name)
    user.groups.set(Group.objects.filter(name__in=roles))
    return User.objects.get(pk=user.pk)


def _shared(supplier: Supplier, person: User) -> Side:
    """What no reach divides."""
    now = timezone.now()
    item = SupplierItem.objects.create(supplier=supplier, item_number="SKU-1")
    offer = ItemOffer.objects.create(
        item=item, source=Source.LIVE, as_of=now, last_seen_at=now
    )
    file = PriceFile.objects.create(
        supplier=supplier, name="prices.csv", sha256="a" * 64, uploaded_by=person
    )
    alarm = Alarm.objects.create(
        kind=Kind.NOBODY_SENDS,
        supplier=supplier,
        since=now,
        text="Silent.",
        raised_at=now,
        seen_at=now,
    )
    rule = AlarmRule.objects.create(kind=Kind.NOBODY_SENDS, supplier=supplier)
    key, _ = ApiKey.make(name="erp", user=make_user("robot"), scopes=["orders:read"])
    return {
        "coordination.heartbeat": Heartbeat.objects.create(worker="w", at=now).pk,
        "auth.group": Group.objects.get(name="Buyer").pk,
        "auth.user": make_user("somebody").pk,
        "access.apikey": key.pk,
        "suppliers.supplier": supplier.pk,
        "suppliers.supplierevent": SupplierEvent.objects.latest("pk").pk,
        "suppliers.supplieritem": item.pk,
        "catalogue.itemoffer": offer.pk,
        "catalogue.pricefile": file.pk,
        "alarms.alarm": alarm.pk,
        "alarms.alarmrule": rule.pk,
    }


def _side(
    supplier: Supplier, buyer: User, shop: Shop, customer_name: str
) -> tuple[Side, tuple[str, ...]]:
    """One side's objects, and the words by which they would be given away."""
    customer = make_customer(customer_name)
    names = {
        "actor": buyer,
        "shop": shop,
        "customer": customer,
        "note": f"For {customer_name}",
    }
    pending = make_order(supplier, external_reference=f"{shop.slug}-1", **names)
    submit_order(order_id=pending.pk, actor=buyer)
    queued, transmission = make_queued_order(supplier, **names)
    talk = _said(supplier, queued, transmission)
    side = {
        "orders.purchaseorder": pending.pk,
        "orders.number": pending.number,
        "orders.orderevent": pending.events.latest("pk").pk,
        "transmissions.transmission": transmission.pk,
        "suppliers.exchange": Exchange.objects.get(conversation=talk).pk,
        "suppliers.talk": talk,
        "shops.shop": shop.pk,
        "customers.customer": customer.pk,
        **_login(supplier, customer, buyer),
        "fulfilment.stepimport": StepImport.objects.create(
            name=f"{customer_name}.csv",
            sha256=shop.slug.ljust(64, "0"),
            content=f"step;order;evidence\nconfirmation;{pending};A mail".encode(),
            uploaded_by=buyer,
        ).pk,
        "runs.run": Run.objects.create(
            kind="orders", title=f"Of {customer_name}", asked_by=buyer
        ).pk,
        "notices.notice": Notice.objects.create(
            recipient=buyer,
            kind=NoticeKind.RETURNED,
            occasion=f"of {customer_name}",
            order=pending,
            detail=f"Of {customer_name}",
            is_shown=True,
            created_at=timezone.now(),
        ).pk,
        "inbound.webhookdelivery": WebhookDelivery.objects.create(
            supplier=supplier, delivery_id=f"{customer_name}"
        ).pk,
    }
    return side, (pending.number, queued.number)


def _said(supplier: Supplier, order: PurchaseOrder, asked: Transmission) -> uuid.UUID:
    """One try of sending, with what was said to the supplier."""
    attempt = Attempt.objects.create(
        transmission=asked,
        number=1,
        reference=order.number,
        is_test=order.is_test,
        request=asked.request,
        worker="w",
        started_at=timezone.now(),
    )
    Exchange.objects.create(
        conversation=attempt.conversation,
        supplier=supplier,
        subject=order.number,
        purpose="place_order",
        method="POST",
        url="https://vendor.test/",
        request_body=order.number,
        started_at=timezone.now(),
        duration_ms=1,
    )
    talk: uuid.UUID = attempt.conversation
    return talk


def _login(supplier: Supplier, customer: Customer, person: User) -> Side:
    now = timezone.now()
    token = CustomerLoginToken.objects.create(
        customer=customer,
        supplier=supplier,
        state="connected",
        address="https://shop.test/",
        connected_by=person,
        connected_at=now,
    )
    attempt = LoginAttempt.objects.create(
        customer=customer,
        supplier=supplier,
        started_by=person,
        state_hash=f"{customer.pk}".ljust(64, "0"),
        session_hash="b" * 64,
        redirect_uri="https://us.test/",
        address="https://shop.test/",
        expires_at=now + timedelta(minutes=10),
    )
    return {"logins.customerlogintoken": token.pk, "logins.loginattempt": attempt.pk}

"""Two of everything, ours and somebody else's, and a person of every kind."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone
from django.utils.text import slugify

from procurement.access.models import ApiKey
from procurement.accounts.models import BreakGlassUse
from procurement.alarms.models import Alarm, AlarmRule
from procurement.alarms.models import Kind as Trouble
from procurement.approvals.links import make_link
from procurement.approvals.models import ApprovalRule, AutoApproval, StandIn
from procurement.audit.models import Door, Entry
from procurement.catalogue.file_models import PriceFile
from procurement.catalogue.models import ItemOffer, Source
from procurement.coordination.models import Heartbeat
from procurement.customers.models import Customer
from procurement.documents.models import CalendarFeed, ExportFetch
from procurement.fulfilment.models import StepImport
from procurement.imports.models import ItemImport, OrderImport
from procurement.inbound.models import WebhookDelivery
from procurement.lists.models import SavedView
from procurement.logins.models import CustomerLoginToken, LoginAttempt
from procurement.notices.kinds import Kind as NoticeKind
from procurement.notices.models import Notice
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import submit_order
from procurement.orders.states import Sending
from procurement.persons.models import Erasure
from procurement.reach.models import Orders, Reach
from procurement.runs.models import Run
from procurement.shops.models import Shop
from procurement.suppliers.models import (
    Exchange,
    Supplier,
    SupplierEvent,
    SupplierItem,
)
from procurement.transmissions.models import Attempt, State, Transmission
from procurement.webhooks.models import Delivery, Endpoint
from tests.factories import make_order, make_queued_order, make_supplier, make_user
from tests.parties import make_customer, make_shop
from vendors.errors import Kind

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
    _person("boss", "Approver")
    shared = _shared(supplier, people["oper"])
    appr, stranger = people["appr"], make_user("stranger")
    ours, _ = _side(supplier, people["own"], appr, north, "Nordic Garage")
    theirs, words = _side(supplier, stranger, appr, south, f"South {SECRET}")
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
        kind=Trouble.NOBODY_SENDS,
        supplier=supplier,
        since=now,
        text="Silent.",
        raised_at=now,
        seen_at=now,
    )
    rule = AlarmRule.objects.create(kind=Trouble.NOBODY_SENDS, supplier=supplier)
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today}
    absent, instead = make_user("absent"), make_user("instead")
    key, _ = ApiKey.make(name="erp", user=make_user("robot"), scopes=["orders:read"])
    return {
        "coordination.heartbeat": Heartbeat.objects.create(worker="w", at=now).pk,
        "auth.group": Group.objects.get(name="Buyer").pk,
        "auth.user": make_user("somebody").pk,
        "access.apikey": key.pk,
        "accounts.breakglassuse": BreakGlassUse.objects.create(
            user=make_user("somebody"), at=now
        ).pk,
        "suppliers.supplier": supplier.pk,
        "suppliers.supplierevent": SupplierEvent.objects.latest("pk").pk,
        "suppliers.supplieritem": item.pk,
        "catalogue.itemoffer": offer.pk,
        "catalogue.pricefile": file.pk,
        "alarms.alarm": alarm.pk,
        "alarms.alarmrule": rule.pk,
        "approvals.approvalrule": _rule("Dear", least_amount=10_000_000).pk,
        "approvals.autoapproval": AutoApproval.objects.create(
            name="Cheap", currency="SEK", below=1
        ).pk,
        "approvals.standin": StandIn.objects.create(
            absent=absent, stand_in=instead, created_by=absent, reason="Away", **days
        ).pk,
    }


def _rule(name: str, **criteria: Any) -> ApprovalRule:
    """One no order of the world is dear enough for."""
    rule: ApprovalRule = ApprovalRule.objects.create(
        name=name, currency="SEK", position=1, **criteria
    )
    rule.levels.create(name="Board", position=1)
    return rule


def _side(
    supplier: Supplier, buyer: User, approver: User, shop: Shop, customer_name: str
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
    Transmission.objects.filter(pk=transmission.pk).update(
        kind=Kind.CONNECTION, next_attempt_at=timezone.now() + timedelta(hours=1)
    )
    lost, unknown = _lost(supplier, **names)
    view = SavedView.objects.create(
        owner=buyer,
        list_name="orders.purchaseorder",
        name=f"Of {customer_name}",
        query="supplier=1",
    )
    run = Run.objects.create(kind="orders", title=f"Of {customer_name}", asked_by=buyer)
    side = {
        "orders.purchaseorder": pending.pk,
        "orders.number": pending.number,
        "orders.orderevent": pending.events.latest("pk").pk,
        "orders.orderline": pending.lines.get().pk,
        "troubles.waiting": transmission.pk,
        "troubles.unknown": unknown.pk,
        "lists.savedview": view.pk,
        "audit.entry": Entry.objects.create(kind="login.done", door=Door.SCREEN).pk,
        "documents.exportfetch": ExportFetch.objects.create(
            run=run, user=buyer, file_name=f"{customer_name}.csv", rows=1
        ).pk,
        "calendar": CalendarFeed.make(user=buyer, narrowing={})[1],
        "link": make_link(pending.pk, approver),
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
        **{
            label: model.objects.create(
                name=f"{customer_name}.csv",
                sha256=shop.slug.ljust(64, "0"),
                size=1,
                content=b"x",
                uploaded_by=buyer,
            ).pk
            for label, model in (
                ("imports.orderimport", OrderImport),
                ("imports.itemimport", ItemImport),
            )
        },
        "persons.erasure": Erasure.objects.create(
            customer=customer,
            reason=f"Asked by {customer_name}",
            asked_by=buyer,
            asked_by_name=buyer.username,
            sought={},
            ended_at=timezone.now(),
        ).pk,
        "runs.run": run.pk,
        "notices.notice": Notice.objects.create(
            recipient=buyer,
            kind=NoticeKind.RETURNED,
            occasion=f"of {customer_name}",
            order=pending,
            detail=f"Of {customer_name}",
            is_shown=True,
            created_at=timezone.now(),
        ).pk,
        **_endpoint(buyer, customer_name),
        "inbound.webhookdelivery": WebhookDelivery.objects.create(
            supplier=supplier, delivery_id=f"{customer_name}"
        ).pk,
    }
    return side, (pending.number, queued.number, lost.number)


def _endpoint(owner: User, name: str) -> Side:
    """Somebody who is told by webhook, and what they were told."""
    endpoint = Endpoint.objects.create(
        owner=owner,
        url=f"https://{slugify(name)}.example/hooks",
        secret="whsec_",
        cursor="o0",
    )
    delivery = Delivery.objects.create(
        endpoint=endpoint,
        message_id="test-1",
        type="webhook.test",
        event_at=timezone.now(),
        body=f'{{"of": "{name}"}}',
        state="failed",
    )
    return {"webhooks.endpoint": endpoint.pk, "webhooks.delivery": delivery.pk}


def _lost(supplier: Supplier, **names: Any) -> tuple[PurchaseOrder, Transmission]:
    """An order whose answer never came, and whose look-ups are used up."""
    order, asked = make_queued_order(supplier, **names)
    Transmission.objects.filter(pk=asked.pk).update(
        state=State.UNKNOWN, kind=Kind.TIMEOUT, next_look_up_at=None
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission=Sending.UNKNOWN, promised_date=timezone.localdate()
    )
    return order, asked


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

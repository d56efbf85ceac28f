"""A month of work for the pictures of the documentation.

    python -m tests.browser.workplace SANDBOX_URL

Runs with the settings of a demo that has told its story: its people, suppliers, shops
and workers are there. What no supplier has to be asked for is written straight into
the past.
"""

import json
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.contrib.auth.models import Group, User
from django.db.models import F
from django.utils import timezone

from procurement import clock
from procurement.approvals.operations import approve_order, return_order
from procurement.catalogue.models import ItemOffer
from procurement.customers.models import Customer
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.operations import create_order, send_order, submit_order
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import State, Transmission

NAMES = {
    "bea.buyer": ("Bea", "Lindqvist", "Buyer"),
    "carl.berg": ("Carl", "Berg", "Buyer"),
    "anna.approver": ("Anna", "Holm", "Approver"),
    "olle.operator": ("Olle", "Nyman", "Operator"),
}
ADDRESS = {
    "name": "Lager Syd",
    "street": "Hamngatan",
    "street_number": "12",
    "zip_code": "21122",
    "city": "Malmö",
    "country_code": "SE",
}
WAYS = {
    "oil": ("SKU-4410", "Oil filter 76 mm", "41.50"),
    "air": ("SKU-4411", "Air filter, panel", "88.20"),
    "battery": ("MSPP73112", "Notebook battery 57 Wh", "488.75"),
    "cable": ("KAB20417", "Patch cable Cat6 U/UTP 2 m grey", "129.50"),
    "cable-5": ("KAB20420", "Patch cable Cat6 U/UTP 5 m grey", "18.95"),
    "dock": ("1204577", "Docking station USB-C, 11 ports", "1149.00"),
    "headset": ("HDS-440", "Headset stereo USB with microphone", "245.00"),
    "memory": ("RAM-16-D5", "Memory 16 GB DDR5 SO-DIMM", "402.10"),
    "rack": ("RACK-42U", "Server rack 42U 800 x 1000 mm", "8990.00"),
    "ssd": ("SSD-1TB-M2", "SSD M.2 NVMe 1 TB", "579.00"),
    "pads": ("100-20", "Brake pads, front", "46.90"),
    "flyer": ("FLY-A5", "Flyer A5, 135 g, four colours", "0.62"),
    "gone": ("SKU-9999", "Wiper blade 60 cm", "37.00"),
}


@dataclass(frozen=True)
class Work:
    """One order: at which vendor, by whom, what, how far it is, days old.

    Those `followed` are really sent, and go the way the supplier takes with them.

    Args:
        lines: names out of `WAYS` with quantities.
        due: days from today to the promised or the requested day.
        dearer: how much more the order pays than the price above, in percent.
    """

    supplier: str
    buyer: str
    lines: tuple[tuple[str, int], ...]
    state: str
    days: float
    due: int | None = None
    reference: str = ""
    shop: int | None = None
    customer: int | None = None
    dearer: int = 0
    note: str = ""


BEA, CARL = "bea.buyer", "carl.berg"
MONTH = (
    Work("eet", BEA, (("cable", 40), ("dock", 4)), "delivered", 24, -16, "WEB-9871"),
    Work("extend", CARL, (("oil", 48), ("air", 24)), "followed", 21, shop=0),
    Work("eet", CARL, (("memory", 20),), "shipped", 12, 1, "WEB-9894", shop=1),
    Work("eet", BEA, (("battery", 6), ("ssd", 6)), "confirmed", 11, -3, "WEB-9899"),
    Work("eet", BEA, (("cable", 60),), "partially_shipped", 9, -1, "Workshop 7"),
    Work("kvik", CARL, (("pads", 20),), "followed", 8, 2, "TX 88 104", customer=0),
    Work("eet", BEA, (("rack", 2), ("cable-5", 50)), "confirmed", 7, 5, "Hall 3"),
    Work("extend", CARL, (("oil", 96),), "followed", 6, 6, shop=1),
    Work("simutek", BEA, (("flyer", 5000),), "sent", 6, 9, "Spring campaign"),
    Work("eet", CARL, (("headset", 25),), "confirmed", 5, 3, "WEB-9921", shop=0),
    Work("eet", BEA, (("dock", 10),), "sent", 4, None, "WEB-9925", shop=0),
    Work("eet", BEA, (("ssd", 12), ("memory", 4)), "confirmed", 4, 12, customer=0),
    Work("eet", CARL, (("ssd", 12),), "approved", 2, 8, "WEB-9931", shop=1),
    Work("extend", BEA, (("oil", 24),), "approved", 1, 9, "Workshop 14"),
    Work("eet", BEA, (("dock", 12), ("headset", 12)), "to_approve", 3, 14,
         "Office move", dearer=18, note="Deliver before noon, dock 4."),
    Work("extend", CARL, (("oil", 48), ("air", 18)), "to_approve", 2, 11, shop=0),
    Work("eet", CARL, (("rack", 1),), "to_approve", 1, 20, "Hall 4"),
    Work("kvik", BEA, (("pads", 40),), "to_approve", 0.2, 7, customer=0),
    Work("eet", CARL, (("cable", 200),), "returned", 2, 10, "WEB-9930"),
    Work("extend", BEA, (("gone", 10),), "refused", 0.1, 6, "Workshop 3"),
    Work("eet", CARL, (("memory", 8),), "unknown", 0.1, 6, "WEB-9934", shop=1),
    Work("eet", BEA, (("headset", 4),), "draft", 0.05, 15),
)  # fmt: skip


def main(sandbox_url: str) -> None:
    people = {name: _person(name) for name in NAMES}
    for work in MONTH:
        order = _order(work, people[work.buyer])
        _bring(order, work, people["anna.approver"], sandbox_url)
        if work.state != "followed":
            _put_into_the_past(order, timedelta(days=work.days))
        if work.state == "to_approve":
            _know_what_it_costs(order)


def _person(username: str) -> User:
    first, last, role = NAMES[username]
    person, _ = User.objects.get_or_create(
        username=username, defaults={"is_staff": True}
    )
    person.first_name, person.last_name = first, last
    person.save()
    person.groups.add(Group.objects.get(name=role))
    return person


def _order(work: Work, buyer: User) -> PurchaseOrder:
    supplier = Supplier.objects.get(slug=f"{work.supplier}-demo")
    shops, customers = Shop.objects.order_by("pk"), Customer.objects.order_by("pk")
    data: dict[str, Any] = {
        "supplier": supplier,
        "currency": supplier.currency,
        "external_reference": work.reference,
        "shop": None if work.shop is None else shops[work.shop],
        "customer": None if work.customer is None else customers[work.customer],
        "requested_date": None if work.due is None else _day(max(work.due, 0)),
        "note": work.note,
        "delivery_address": ADDRESS,
        "lines": [_line(*line, work.dearer) for line in work.lines],
    }
    return create_order(actor=buyer, data=data, source="")


def _line(name: str, quantity: int, dearer: int) -> dict[str, Any]:
    item_number, description, price = WAYS[name]
    return {
        "item_number": item_number,
        "description": description,
        "quantity": Decimal(quantity),
        "unit": "ST",
        "unit_price": (Decimal(price) * (100 + dearer) / 100).quantize(Decimal("0.01")),
        "vat_percent": Decimal(25),
    }


def _bring(order: PurchaseOrder, work: Work, approver: User, sandbox_url: str) -> None:
    """Take an order as far as its state says."""
    if work.state == "draft":
        return
    submit_order(order_id=order.pk, actor=order.buyer)
    if work.state == "to_approve":
        return
    if work.state == "returned":
        text = "200 is a year's need. Take 50 and ask for a price on the rest."
        return_order(order_id=order.pk, actor=approver, comment=text)
        return
    approve_order(order_id=order.pk, actor=approver)
    if work.state in ("refused", "unknown"):
        _send(order, work.state, sandbox_url)
    elif work.state == "followed":
        send_order(order_id=order.pk, actor=order.buyer)
    elif work.state != "approved":
        _was_sent(order, work)


def _send(order: PurchaseOrder, state: str, sandbox_url: str) -> None:
    """Send it for good, into a supplier that refuses it or whose answer is lost.

    Raises:
        SystemExit: it did not come to that.
    """
    if state == "unknown":
        fault = {"vendor": "eet", "endpoint": "place_order", "fault": "lost_answer"}
        request = urllib.request.Request(  # noqa: S310 - the sandbox of this machine
            f"{sandbox_url}/_sandbox/faults",
            data=json.dumps({**fault, "times": 1}).encode(),
            headers={"Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()  # noqa: S310
    asked = send_order(order_id=order.pk, actor=order.buyer)
    for _ in range(120):
        if Transmission.objects.filter(pk=asked.pk, state=State(state)).exists():
            return
        time.sleep(0.5)
    sys.exit(f"{order} did not become {state}.")


def _was_sent(order: PurchaseOrder, work: Work) -> None:
    """Write what the supplier would have told by now."""
    is_moving = work.state not in ("sent", "confirmed")
    day = None if work.due is None or work.state == "sent" else _day(work.due)
    orders = PurchaseOrder.objects.filter(pk=order.pk)
    orders.update(
        transmission="sent",
        sent_at=F("approved_at"),
        fulfilment="none" if work.state == "sent" else work.state,
        supplier_order_number=f"{order.pk + 4500100}",
        promised_date=day,
    )
    lines = OrderLine.objects.filter(order=order)
    lines.update(
        is_confirmed=work.state != "sent",
        fulfilment="none" if work.state == "sent" else work.state,
        promised_date=day,
    )
    if is_moving:
        part = Decimal("0.5") if work.state == "partially_shipped" else 1
        lines.update(quantity_shipped=F("quantity") * part)
    if work.state == "delivered":
        lines.update(quantity_received=F("quantity"))


def _put_into_the_past(order: PurchaseOrder, by: timedelta) -> None:
    names = ("created_at", "submitted_at", "approved_at", "sent_at", "state_since")
    PurchaseOrder.objects.filter(pk=order.pk).update(
        **{name: F(name) - by for name in names}
    )
    OrderEvent.objects.filter(order=order).update(at=F("at") - by)


def _know_what_it_costs(order: PurchaseOrder) -> None:
    """What the suppliers told of its items was told just now."""
    items = order.lines.values_list("item_number", flat=True)
    offers = ItemOffer.objects.filter(
        item__supplier=order.supplier, item__item_number__in=list(items)
    )
    offers.update(last_seen_at=timezone.now())


def _day(days: int) -> Any:
    return clock.today() + timedelta(days=days)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])

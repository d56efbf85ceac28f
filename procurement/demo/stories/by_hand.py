"""What people record where a vendor's API is silent, each time on evidence."""

import re
from typing import Any

from procurement.demo.browser import first
from procurement.demo.desk import Desk, require


def follow(desk: Desk, order: dict[str, Any], supplier: str) -> str:
    """Confirmation, shipment, goods and invoice of a sent order of one line."""
    number, quantity = order["number"], order["lines"][0]["quantity"]
    desk.do(
        order,
        "confirm",
        evidence=f"Order confirmation by mail from {supplier}.",
        document=f"OC-{number[-4:]}",
    )
    desk.do(
        order,
        "ship",
        number=f"DN-{number[-4:]}",
        carrier="PostNord",
        parcels=[f"PN{number[-6:]}SE"],
        evidence="Despatch mail.",
    )
    desk.do(order, "receive", quantities={"1": quantity}, document=f"DN-{number[-4:]}")
    order = desk.do(
        order,
        "invoice",
        invoice_number=f"F-{number}",
        invoice_date=order["created_at"][:10],
        amount=order["total"],
        evidence="Invoice by mail.",
    )
    require(
        order["status"] == "delivered" and order["invoiced"],
        f"Not delivered and invoiced: {order}",
    )
    return (
        f"{number}: confirmed, shipped, received and invoiced by hand, each on evidence"
    )


def record_cancellation(desk: Desk, order: dict[str, Any], supplier: str) -> str:
    order = desk.do(
        order,
        "record_cancellation",
        evidence=f"Eva at {supplier} on the phone: nothing will be sent.",
    )
    require(order["status"] == "cancelled", f"Not cancelled: {order}")
    return f"{order['number']}: cancelled by phone, recorded by hand"


def settle_as_there(desk: Desk, order: dict[str, Any], vendor: str) -> dict[str, Any]:
    """What a person does who asked the supplier and heard that it has the order."""
    booked = desk.require_one(vendor, order)
    desk.do(
        order,
        "resolve",
        outcome="placed",
        supplier_order_number=booked["number"],
        evidence="Asked by phone, quoting our number: they have it once.",
    )
    settled = desk.wait(order, "sent")
    desk.require_one(vendor, settled)
    return settled


def bring_file(desk: Desk, orders: list[dict[str, Any]]) -> int:
    """Confirmations and deliveries in a file: looked at first, then recorded whole."""
    rows = ["step;order;date;number;evidence"]
    for order in orders:
        note = f"DN-{order['number'][-4:]}"
        rows += [
            f"confirmation;{order['number']};;;Order confirmation by mail",
            f"shipment;{order['number']};;{note};Despatch mail",
        ]
    browser, page = desk.browser(), "/admin/fulfilment/stepimport/add/"
    name, content = f"steps-{desk.run}.csv", "\r\n".join(rows)
    looked_at = browser.send(page, page, files={"file": (name, content)})
    preview = looked_at.url
    browser.send(
        preview,
        first(r'action="([^"]+/record/)"', looked_at.text, "button to record it"),
        **_hidden(looked_at.text),
    )
    for order in orders:
        desk.wait(order, "shipped")
    return len(rows) - 1


def _hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}

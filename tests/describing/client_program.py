"""A web shop's program, written with the client that was generated."""

import json
import os
import time
import uuid

from httpx import Timeout
from procurement_api import AuthenticatedClient
from procurement_api.api.events import events_list
from procurement_api.api.orders import (
    orders_approve,
    orders_create,
    orders_list,
    orders_send,
    orders_submit,
)
from procurement_api.models import (
    ApproveInput,
    EventFeed,
    LineInput,
    Order,
    OrderInput,
    OrderPage,
    OrderStatus,
    Problem,
)

TIMEOUT = Timeout(30)
ROOT = os.environ["API"].removesuffix("/api/v1")
shop = AuthenticatedClient(base_url=ROOT, token=os.environ["SHOP_KEY"], timeout=TIMEOUT)
approver = AuthenticatedClient(
    base_url=ROOT, token=os.environ["APPROVER_KEY"], timeout=TIMEOUT
)
ENDS = {OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED}


def order_of(answer: Order | Problem | None) -> Order:
    if isinstance(answer, Order):
        return answer
    raise SystemExit(answer.detail if answer else "There was no answer.")


def entered(quantity: str) -> Order | Problem | None:
    reference = f"WEB-{uuid.uuid4().hex[:12]}"
    return orders_create.sync(
        client=shop,
        idempotency_key=reference,
        body=OrderInput(
            external_reference=reference,
            supplier="extend-demo",
            currency="SEK",
            lines=[
                LineInput(
                    item_number="SKU-4410",
                    quantity=quantity,
                    unit="ST",
                    unit_price="41.50",
                )
            ],
        ),
    )


refused = entered("-1")
assert isinstance(refused, Problem)
order = order_of(entered("6"))
assert order.status is OrderStatus.DRAFT
assert order.shop is None
order = order_of(orders_submit.sync(order.number, client=shop))
assert order.status is OrderStatus.PENDING_APPROVAL
order = order_of(
    orders_approve.sync(
        order.number,
        client=approver,
        body=ApproveInput(comment="Fine."),
        if_match=f'"{order.version}"',
    )
)
order = order_of(orders_send.sync(order.number, client=shop))
page = orders_list.sync(client=shop, status=[OrderStatus.SENDING, OrderStatus.SENT])
assert isinstance(page, OrderPage)

cursor, status = "", ""
until = time.monotonic() + 120
while status not in ENDS and time.monotonic() < until:
    feed = events_list.sync(client=shop, after=cursor)
    assert isinstance(feed, EventFeed)
    cursor = feed.cursor
    for event in feed.results:
        if event.order == order.number:
            status = str(event.status)
    if feed.next_ is None:
        time.sleep(1)
print(json.dumps({"total": order.total, "status": status, "refused": refused.code}))

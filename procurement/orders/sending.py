"""What orders have to say about their transmissions: placing and cancelling."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from procurement.orders import ledger, queries
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import void_approval
from procurement.orders.states import Approval, Fulfilment, Sending
from procurement.transmissions.handlers import News
from procurement.transmissions.models import Operation, Transmission
from vendors.contracts import (
    Accepted,
    Capability,
    OrderRequest,
    VendorOrder,
)
from vendors.contracts import (
    Fulfilment as VendorFulfilment,
)
from vendors.http import VendorClient


def _locked(number: str) -> PurchaseOrder:
    return (
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .get(number=number)
    )


class PlaceOrder:
    """Placing an order: the transmission axis follows every step."""

    operation: str = Operation.PLACE_ORDER

    def lock(self, subject: str) -> None:
        _locked(subject)

    def objection(self, transmission: Transmission) -> str:
        order = _locked(transmission.subject)
        if order.approval != Approval.APPROVED:
            return f"It is not approved any more: {order.get_approval_display()}."
        if queries.content_hash(order) != transmission.content_hash:
            return "It was changed after its approval."
        return ""

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        place: Callable[[VendorClient, OrderRequest], Accepted]
        place = transmission.supplier.api.place_order  # type: ignore[assignment]
        return place(client, OrderRequest.from_json(transmission.request))

    def can_look_up(self, transmission: Transmission) -> bool:
        return transmission.supplier.api.offers(Capability.FIND_ORDERS)

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[VendorOrder, ...]:
        first_try = transmission.attempts.order_by("number").first()
        sent_at = first_try.started_at if first_try else transmission.created_at
        find: Callable[..., tuple[VendorOrder, ...]]
        find = transmission.supplier.api.find_orders  # type: ignore[assignment]
        return find(client, transmission.reference, sent_at)

    def tell(self, transmission: Transmission, news: News) -> None:
        order = _locked(transmission.subject)
        changes: dict[str, Any] = {}
        if news.kind in _AXIS:
            changes["transmission"] = _AXIS[news.kind]
        if news.kind in ("sent", "released", "not_sent"):
            changes["attention"] = ""
        if news.accepted and news.kind == "sent":
            changes["sent_at"] = timezone.now()
            changes["supplier_order_number"] = news.accepted.number or ""
        if news.needs_person:
            changes["attention"] = news.text
        attempt = transmission.attempts.last()
        ledger.write(
            order,
            news.kind,
            actor=transmission.settled_by,
            text=news.text,
            data={"vendor_text": transmission.vendor_text}
            if news.kind in ("refused", "not_sent", "failed", "unknown")
            else {},
            carrier=transmission,
            conversation=attempt.conversation if attempt else None,
            **changes,
        )
        if news.kind == "withdrawn" and order.approval == Approval.APPROVED:
            void_approval(
                order,
                actor=None,
                text="The content is not what was approved any more.",
            )


_AXIS = {
    "sending": Sending.SENDING,
    "not_sent": Sending.QUEUED,
    "sent": Sending.SENT,
    "refused": Sending.REFUSED,
    "failed": Sending.FAILED,
    "unknown": Sending.UNKNOWN,
    "withdrawn": Sending.NONE,
    "released": Sending.NONE,
}


class CancelOrder:
    """Cancelling what the supplier has; the order is cancelled once it agrees."""

    operation: str = Operation.CANCEL_ORDER

    def lock(self, subject: str) -> None:
        _locked(subject)

    def objection(self, transmission: Transmission) -> str:
        order = _locked(transmission.subject)
        if order.fulfilment == Fulfilment.CANCELLED:
            return "The order is cancelled already."
        return ""

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        cancel: Callable[[VendorClient, str], Accepted]
        cancel = transmission.supplier.api.cancel_order  # type: ignore[assignment]
        return cancel(client, transmission.request["number"])

    def can_look_up(self, transmission: Transmission) -> bool:
        return transmission.supplier.api.offers(Capability.READ_ORDER)

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[VendorOrder, ...]:
        """The order, if it is cancelled there by now."""
        read: Callable[[VendorClient, str], VendorOrder]
        read = transmission.supplier.api.read_order  # type: ignore[assignment]
        order = read(client, transmission.request["number"])
        return (order,) if order.fulfilment == VendorFulfilment.CANCELLED else ()

    def tell(self, transmission: Transmission, news: News) -> None:
        order = _locked(transmission.subject)
        attempt = transmission.attempts.last()
        changes: dict[str, Any] = {}
        kind = f"cancelling_{news.kind}"
        if news.kind == "sent":
            kind = "cancelled"
            changes = {"fulfilment": Fulfilment.CANCELLED, "attention": ""}
            order.lines.update(fulfilment=Fulfilment.CANCELLED)
        elif news.needs_person and order.fulfilment != Fulfilment.CANCELLED:
            changes["attention"] = f"Not cancelled: {news.text}"
        ledger.write(
            order,
            kind,
            actor=transmission.settled_by,
            text=news.text,
            carrier=transmission,
            conversation=attempt.conversation if attempt else None,
            **changes,
        )

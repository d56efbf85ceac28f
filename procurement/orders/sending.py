"""What orders have to say about their transmissions: placing and cancelling."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from procurement.orders import ledger, queries
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import void_approval
from procurement.orders.states import Approval, Fulfilment, Sending
from procurement.transmissions.handlers import Found, News
from procurement.transmissions.models import Operation, Transmission
from vendors.contracts import (
    Accepted,
    Capability,
    LookUp,
    OrderRequest,
    VendorOrder,
)
from vendors.contracts import (
    Fulfilment as VendorFulfilment,
)
from vendors.http import VendorClient

_SEEN_BEFORE = timedelta(days=2)
"""Orders older than this can't be taken for one that has just been sent."""


def _numbers_of_others(transmission: Transmission, sent_at: datetime) -> frozenset[str]:
    """Numbers at the supplier that belong to other orders of ours."""
    others = PurchaseOrder.objects.filter(
        supplier=transmission.supplier, sent_at__gte=sent_at - _SEEN_BEFORE
    ).exclude(number=transmission.subject)
    return frozenset(others.values_list("supplier_order_number", flat=True)) - {""}


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

    def prepare(
        self, client: VendorClient, transmission: Transmission
    ) -> Mapping[str, Any] | None:
        note = transmission.supplier.api.note_before_placing
        if note is None:
            return None
        return note(client, OrderRequest.from_json(transmission.request))

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        place: Callable[[VendorClient, OrderRequest], Accepted]
        place = transmission.supplier.api.place_order  # type: ignore[assignment]
        return place(client, OrderRequest.from_json(transmission.request))

    def can_look_up(self, transmission: Transmission) -> bool:
        return transmission.supplier.api.offers(Capability.FIND_ORDERS)

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[Found, ...]:
        tries = transmission.attempts.order_by("number")
        first, last = tries.first(), tries.last()
        sent_at = first.started_at if first else transmission.created_at
        find: Callable[[VendorClient, LookUp], tuple[VendorOrder, ...]]
        find = transmission.supplier.api.find_orders  # type: ignore[assignment]
        taken = _numbers_of_others(transmission, sent_at)
        sought = LookUp(
            reference=transmission.reference,
            sent_at=sent_at,
            order=OrderRequest.from_json(transmission.request),
            # Every try before the last is proven not to have landed.
            before=last.before if last else None,
            taken_numbers=taken,
        )
        return tuple(
            Found(order.number, order.found_by, order)
            for order in find(client, sought)
            # What is ours already can't be this one merely because it looks alike.
            if not (order.found_by and order.number in taken)
        )

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

    def prepare(
        self, client: VendorClient, transmission: Transmission
    ) -> Mapping[str, Any] | None:
        return None

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        cancel: Callable[[VendorClient, str], Accepted]
        cancel = transmission.supplier.api.cancel_order  # type: ignore[assignment]
        return cancel(client, transmission.request["number"])

    def can_look_up(self, transmission: Transmission) -> bool:
        return transmission.supplier.api.offers(Capability.READ_ORDER)

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[Found, ...]:
        """The order, if it is cancelled there by now."""
        read: Callable[[VendorClient, str], VendorOrder]
        read = transmission.supplier.api.read_order  # type: ignore[assignment]
        order = read(client, transmission.request["number"])
        is_cancelled = order.fulfilment == VendorFulfilment.CANCELLED
        return (Found(order.number, order=order),) if is_cancelled else ()

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

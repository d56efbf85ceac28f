"""What orders have to say about their transmissions: placing and cancelling."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils import timezone

from procurement.orders import ledger, queries
from procurement.orders.ledger import Together
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import void_approval
from procurement.orders.states import Approval, Fulfilment, Sending, forward
from procurement.transmissions import handlers
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

CAME_AND_CANCELLED = (
    "The supplier has cancelled it, and goods of it had come in. Call the supplier."
)
_SEEN_BEFORE = timedelta(days=2)
"""Orders older than this can't be taken for one that has just been sent."""


def _numbers_of_others(transmission: Transmission, sent_at: datetime) -> frozenset[str]:
    """Numbers at the supplier that belong to other orders of ours."""
    others = PurchaseOrder.objects.filter(
        supplier=transmission.supplier, sent_at__gte=sent_at - _SEEN_BEFORE
    ).exclude(number=transmission.subject)
    return frozenset(others.values_list("supplier_order_number", flat=True)) - {""}


def _locked(
    numbers: Collection[str], *, skip_locked: bool = False
) -> dict[str, PurchaseOrder]:
    """Orders under lock, by number; in the order of their ids, as everybody locks."""
    skips = skip_locked and connection.features.has_select_for_update_skip_locked
    rows = (
        PurchaseOrder.objects.select_for_update(of=("self",), skip_locked=skips)
        .filter(number__in=numbers)
        .order_by("pk")
    )
    return {order.number: order for order in rows}


class OfOrder:
    """What placing and cancelling have in common: the order, and its timeline."""

    operation: str

    def __init__(
        self,
        orders: Mapping[str, PurchaseOrder] | None = None,
        conversations: Mapping[int, UUID] | None = None,
        ledger: Together | None = None,
    ) -> None:
        self._orders = orders or {}
        self._conversations = conversations or {}
        self._together = ledger

    def lock(self, subject: str) -> None:
        self._order(subject)

    @contextmanager
    def together(
        self,
        subjects: Collection[str],
        conversations: Mapping[int, UUID],
        *,
        skip_locked: bool = False,
    ) -> Iterator[handlers.Together]:
        orders = _locked(subjects, skip_locked=skip_locked)
        ledger = Together()
        handler = type(self)(orders, conversations, ledger)
        yield handlers.Together(orders.keys(), handler)  # type: ignore[arg-type]
        ledger.save()

    def _order(self, subject: str) -> PurchaseOrder:
        return self._orders.get(subject) or _locked([subject])[subject]

    def _conversation(self, transmission: Transmission) -> UUID | None:
        """The exchanges of the try it is at."""
        if known := self._conversations.get(transmission.pk):
            return known
        attempt = transmission.attempts.last()
        return attempt.conversation if attempt else None

    def _with_lines(self, subject: str) -> PurchaseOrder:
        """The order with its lines, read for all orders of the group at once."""
        order = self._order(subject)
        if self._orders and "lines" not in getattr(
            order, "_prefetched_objects_cache", {}
        ):
            prefetch_related_objects(list(self._orders.values()), "lines")
        return order


class PlaceOrder(OfOrder):
    """Placing an order: the transmission axis follows every step."""

    operation: str = Operation.PLACE_ORDER

    def objection(self, transmission: Transmission) -> str:
        order = self._with_lines(transmission.subject)
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
        order = self._order(transmission.subject)
        changes: dict[str, Any] = {}
        if news.kind in _AXIS:
            changes["transmission"] = _AXIS[news.kind]
        if news.kind in ("sent", "released", "not_sent"):
            changes["attention"] = ""
        if news.accepted and news.kind == "sent":
            changes["sent_at"] = (
                self._together.now if self._together else timezone.now()
            )
            changes["supplier_order_number"] = news.accepted.number or ""
        if news.needs_person:
            changes["attention"] = news.text
        # What takes the approval away as well is written at once, step by step.
        is_withdrawn = news.kind == "withdrawn"
        ledger.write(
            order,
            news.kind,
            actor=news.actor or transmission.settled_by,
            text=news.text,
            data={"vendor_text": transmission.vendor_text}
            if news.kind in ("refused", "not_sent", "failed", "unknown")
            else {},
            carrier=transmission,
            conversation=self._conversation(transmission),
            together=None if is_withdrawn else self._together,
            **changes,
        )
        if is_withdrawn and order.approval == Approval.APPROVED:
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


class CancelOrder(OfOrder):
    """Cancelling what the supplier has; the order is cancelled once it agrees."""

    operation: str = Operation.CANCEL_ORDER

    def objection(self, transmission: Transmission) -> str:
        order = self._order(transmission.subject)
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
        order = self._order(transmission.subject)
        changes: dict[str, Any] = {}
        kind = f"cancelling_{news.kind}"
        if news.kind == "sent":
            kind = "cancelled"
            changes = _cancelled(order)
        elif news.needs_person and order.fulfilment != Fulfilment.CANCELLED:
            changes["attention"] = f"Not cancelled: {news.text}"
        ledger.write(
            order,
            kind,
            actor=news.actor or transmission.settled_by,
            text=news.text,
            carrier=transmission,
            conversation=self._conversation(transmission),
            together=self._together,
            **changes,
        )


def _cancelled(order: PurchaseOrder) -> dict[str, Any]:
    """What becomes of a locked order whose supplier agreed to cancel it.

    Goods may have been counted in while the asking was on its way: what is delivered
    stays so, and a person has to look at what the supplier agreed to.
    """
    order.lines.exclude(fulfilment=Fulfilment.DELIVERED).update(
        fulfilment=Fulfilment.CANCELLED
    )
    has_come = order.lines.filter(quantity_received__gt=0).exists()
    return {
        "fulfilment": forward(order.fulfilment, Fulfilment.CANCELLED),
        "attention": CAME_AND_CANCELLED if has_come else "",
    }

"""When a matter is over: its notices say so, and no mail goes out any more."""

from collections.abc import Iterable
from datetime import datetime

from procurement import clock
from procurement.approvals.queries import approvers_of
from procurement.notices.kinds import Kind, MailState
from procurement.notices.models import Notice
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending
from procurement.transmissions.models import State, Transmission


def clear_orders(*, order_ids: Iterable[int], now: datetime) -> int:
    """End the notices of these orders whose matter is over; return how many."""
    going_on = Notice.objects.filter(order__in=set(order_ids), over_at=None)
    rows = list(going_on.exclude(kind=Kind.APPROVED).select_related("order"))
    return end([*is_over_of(rows), *_asked_before(rows)], now)


def _asked_before(notices: Iterable[Notice]) -> list[int]:
    """What asks a person for an approval that a newer one of them asks for as well."""
    asked = [each for each in notices if each.kind == Kind.APPROVAL_ASKED]
    newest = {
        (each.recipient_id, each.order_id): each.pk
        for each in sorted(asked, key=lambda each: each.pk)
        if not each.is_reminder
    }
    return [
        each.pk
        for each in asked
        if each.pk < newest.get((each.recipient_id, each.order_id), 0)
    ]


def end(keys: Iterable[int], now: datetime) -> int:
    """Mark notices as over; what has not been mailed yet is not mailed."""
    rows = Notice.objects.filter(pk__in=list(keys), over_at=None)
    rows.filter(mail=MailState.DUE).update(mail=MailState.MOOT)
    ended: int = rows.update(over_at=now, is_unread=False)
    return ended


def is_over_of(notices: Iterable[Notice]) -> list[int]:
    """The keys of those whose matter is over."""
    turns: dict[int, set[int]] = {}
    return [notice.pk for notice in notices if _is_over(notice, turns)]


def _is_over(notice: Notice, turns: dict[int, set[int]]) -> bool:
    """Whether it is over.

    Args:
        turns: whose turn it is, by order; filled as it is asked for.
    """
    order = notice.order
    if notice.kind == Kind.STAND_IN:
        return bool(notice.data.get("last_day", "") < clock.today().isoformat())
    if order is None:
        return False
    match notice.kind:
        case Kind.APPROVAL_ASKED:
            if order.pk not in turns:
                turns[order.pk] = {person.pk for person in approvers_of(order)}
            return notice.recipient_id not in turns[order.pk]
        case Kind.RETURNED:
            return order.approval != Approval.RETURNED or _is_cancelled(order)
        case Kind.REJECTED:
            return order.approval != Approval.REJECTED
        case Kind.UNKNOWN:
            asked = Transmission.objects.filter(pk=notice.data.get("transmission"))
            return not asked.filter(state=State.UNKNOWN).exists()
        case Kind.NOT_TAKEN if notice.data.get("event", "").startswith("cancelling"):
            return _is_cancelled(order)
        case Kind.NOT_TAKEN:
            stands = order.transmission in (Sending.REFUSED, Sending.FAILED)
            return not stands or _is_cancelled(order)
        case Kind.DEVIATION if notice.data.get("event", "").startswith("attention"):
            return not order.attention
        case Kind.DEVIATION:
            return order.fulfilment in (Fulfilment.DELIVERED, Fulfilment.CANCELLED)
        case Kind.LATE:
            return not order.is_late
    return False


def _is_cancelled(order: PurchaseOrder) -> bool:
    return order.fulfilment == Fulfilment.CANCELLED

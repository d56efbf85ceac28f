"""Why something can't be done to an order now; empty texts mean that it can."""

from procurement.orders.models import PurchaseOrder
from procurement.orders.states import CHANGEABLE, Approval, Fulfilment, Sending
from vendors.contracts import Capability


def why_not_submit(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return f"{order} is cancelled."
    if order.approval not in (Approval.DRAFT, Approval.RETURNED):
        return f"{order} is not a draft: {order.get_approval_display().lower()}."
    return ""


def why_not_send(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return f"{order} is cancelled."
    if order.transmission not in CHANGEABLE:
        return f"{order} can't be sent again: {where_it_is(order)}."
    if order.approval != Approval.APPROVED:
        return f"{order} is not approved."
    if order.transmission == Sending.REFUSED:
        return (
            f"{order} was refused by the supplier. Change what it objects to, and "
            "have it approved again."
        )
    if order.supplier.api.why_not(Capability.PLACE_ORDER):
        return order.supplier.api.why_not(Capability.PLACE_ORDER)
    return _why_not_in_this_mode(order)


def _why_not_in_this_mode(order: PurchaseOrder) -> str:
    supplier = order.supplier
    if not order.is_test and not supplier.is_live:
        return (
            f"{order} is a real purchase, and {supplier} is in test mode. Switch the "
            "supplier to live, or make the order a test."
        )
    if order.is_test and supplier.is_live and not supplier.api.has_test_flag:
        return (
            f"{order} is a test, and {supplier} is live and knows no test orders. "
            "Sending it would be a real purchase."
        )
    return ""


def send_refusal_code(order: PurchaseOrder) -> str:
    if order.transmission not in CHANGEABLE:
        return "already_sent"
    return "not_approved" if order.approval != Approval.APPROVED else "not_allowed"


def where_it_is(order: PurchaseOrder) -> str:
    if order.fulfilment != Fulfilment.NONE:
        return order.get_fulfilment_display().lower()
    if order.transmission not in CHANGEABLE:
        return order.get_transmission_display().lower()
    return order.get_approval_display().lower()


def why_not_cancel(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return f"{order} is cancelled already."
    if order.transmission in (Sending.SENDING, Sending.UNKNOWN):
        return (
            f"{order} may be at the supplier: "
            f"{order.get_transmission_display().lower()}. Settle that first."
        )
    if order.transmission != Sending.SENT:
        return ""
    if order.fulfilment not in (Fulfilment.NONE, Fulfilment.CONFIRMED):
        return (
            f"{order} is too far for that: {order.get_fulfilment_display().lower()}. "
            "Ask the supplier for a return."
        )
    if reason := order.supplier.api.why_not(Capability.CANCEL_ORDER):
        return f"{reason} Call the supplier."
    if not order.supplier_order_number:
        return f"{order} has no number at the supplier to cancel it by."
    return ""

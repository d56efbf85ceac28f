"""Why something can't be done to an order now; empty texts mean that it can."""

from django.utils.translation import gettext as _

from procurement.orders.models import PurchaseOrder
from procurement.orders.states import CHANGEABLE, Approval, Fulfilment, Sending
from vendors.contracts import Capability


def why_not_submit(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled.") % {"order": order}
    if order.approval not in (Approval.DRAFT, Approval.RETURNED):
        return _("%(order)s is not a draft: %(get_approval_display)s.") % {
            "order": order,
            "get_approval_display": order.get_approval_display().lower(),
        }
    return ""


def why_not_send(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled.") % {"order": order}
    if order.transmission not in CHANGEABLE:
        return _("%(order)s can't be sent again: %(order_2)s.") % {
            "order": order,
            "order_2": where_it_is(order),
        }
    if order.approval != Approval.APPROVED:
        return _("%(order)s is not approved.") % {"order": order}
    if order.transmission == Sending.REFUSED:
        return _(
            "%(order)s was refused by the supplier. Change what it objects "
            "to, and have it approved again."
        ) % {"order": order}
    if order.supplier.api.why_not(Capability.PLACE_ORDER):
        return order.supplier.api.why_not(Capability.PLACE_ORDER)
    return _why_not_in_this_mode(order)


def _why_not_in_this_mode(order: PurchaseOrder) -> str:
    supplier = order.supplier
    if not order.is_test and not supplier.is_live:
        return _(
            "%(order)s is a real purchase, and %(supplier)s is in test "
            "mode. Switch the supplier to live, or make the order a test."
        ) % {"order": order, "supplier": supplier}
    if order.is_test and supplier.is_live and not supplier.api.has_test_flag:
        return _(
            "%(order)s is a test, and %(supplier)s is live and knows no "
            "test orders. Sending it would be a real purchase."
        ) % {"order": order, "supplier": supplier}
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
        return _("%(order)s is cancelled already.") % {"order": order}
    if order.transmission in (Sending.SENDING, Sending.UNKNOWN):
        return _(
            "%(order)s may be at the supplier: "
            "%(get_transmission_display)s. Settle that first."
        ) % {
            "order": order,
            "get_transmission_display": order.get_transmission_display().lower(),
        }
    if order.transmission != Sending.SENT:
        return ""
    if order.fulfilment not in (Fulfilment.NONE, Fulfilment.CONFIRMED):
        return _(
            "%(order)s is too far for that: %(get_fulfilment_display)s. "
            "Ask the supplier for a return."
        ) % {
            "order": order,
            "get_fulfilment_display": order.get_fulfilment_display().lower(),
        }
    if reason := order.supplier.api.why_not(Capability.CANCEL_ORDER):
        return _("%(reason)s Call the supplier.") % {"reason": reason}
    if not order.supplier_order_number:
        return _("%(order)s has no number at the supplier to cancel it by.") % {
            "order": order
        }
    return ""

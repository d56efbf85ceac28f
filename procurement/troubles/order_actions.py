"""What may be asked of an order's trouble, as actions of the order.

The list of troubles and REST call the same operations.
"""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.errors import OperationNotAllowed
from procurement.orders.actions import OrderAction
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import within_reach
from procurement.orders.states import Sending
from procurement.transmissions import operations as transmissions
from procurement.transmissions.models import State, Transmission
from procurement.troubles.buttons import HANDLE
from procurement.troubles.queries import OF_ORDERS


def look_up(*, order_id: int, actor: User) -> Transmission:
    """Have the supplier asked soon whether it has an order of unknown outcome.

    Raises:
        OperationNotAllowed: the outcome is known, the supplier can't be asked by
            program, or a look-up is due already.
    """
    order = within_reach(order_id, actor, PurchaseOrder.objects.all())
    found = _live(order, State.UNKNOWN)
    if found is None:
        raise OperationNotAllowed(_not_unknown(order), code="not_unknown")
    return transmissions.ask_for_look_up(transmission_id=found.pk, actor=actor)


def try_now(*, order_id: int, actor: User) -> Transmission:
    """End the wait before the next try of what was proven not to have been sent.

    Raises:
        OperationNotAllowed: nothing of it waits, or the wait may not be ended.
    """
    order = within_reach(order_id, actor, PurchaseOrder.objects.all())
    found = _live(order, State.QUEUED)
    if found is None:
        raise OperationNotAllowed(_not_waiting(order), code="not_now")
    return transmissions.try_now(transmission_id=found.pk, actor=actor)


def _why_not_look_up(order: PurchaseOrder, user: User) -> str:
    found = _live(order, State.UNKNOWN)
    if found is None:
        return _not_unknown(order)
    return transmissions.why_not_look_up(found)


def _why_not_try(order: PurchaseOrder, user: User) -> str:
    found = _live(order, State.QUEUED)
    return _not_waiting(order) if found is None else transmissions.why_not_now(found)


def _live(order: PurchaseOrder, state: State) -> Transmission | None:
    """What is on its way about an order, placing or cancelling it, in this state."""
    if order.transmission == Sending.NONE:
        return None
    rows = Transmission.objects.filter(subject=order.number, operation__in=OF_ORDERS)
    with_supplier = rows.select_related("supplier__health")
    return with_supplier.defer("supplier__credentials").filter(state=state).first()


def _not_unknown(order: PurchaseOrder) -> str:
    return _("The outcome of %(order)s is not unknown.") % {"order": order}


def _not_waiting(order: PurchaseOrder) -> str:
    return _("%(order)s does not wait for a try.") % {"order": order}


ACTIONS = (
    OrderAction(
        name="look_up",
        label=gettext_lazy("Look up now"),
        summary=gettext_lazy(
            "Have the supplier asked whether it has the order; nothing is sent again."
        ),
        permission=HANDLE,
        scope="orders:write",
        run=look_up,
        why_not=_why_not_look_up,
    ),
    OrderAction(
        name="try_now",
        label=gettext_lazy("Try now"),
        summary=gettext_lazy(
            "End the wait before the next try; the order never reached the supplier."
        ),
        permission=HANDLE,
        scope="orders:write",
        run=try_now,
        why_not=_why_not_try,
    ),
)

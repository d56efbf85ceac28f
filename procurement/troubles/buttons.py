"""The buttons of a trouble: only those that are safe for its class, and permitted.

They lead to operations there are, which check again; none sends what may have landed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.orders.actions import get_action
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import ShopRegistration
from procurement.transmissions.handlers import handler_of
from procurement.transmissions.models import Operation, State
from procurement.transmissions.operations import why_not_now
from procurement.troubles.rows import Row

HANDLE = "troubles.handle_trouble"


@dataclass(frozen=True)
class Button:
    """`is_post`: it acts at once; else it leads to a page that asks first."""

    label: str
    url: str
    is_post: bool = False
    tone: str = ""
    title: str = ""


def buttons(row: Row, user: User) -> list[Button]:
    """What the person may do about it now, the best first; no queries."""
    found = list(_first_aid(row, user))
    if row.order is not None:
        found += _of_order(row, row.order, user)
    elif row.party is not None:
        found += _of_party(row, user)
    evidence = reverse("troubles:evidence", args=[row.transmission.pk])
    found.append(
        Button(
            _("Evidence"),
            evidence,
            title=_("What was sent and answered, to copy for a help desk"),
        )
    )
    return found


def _first_aid(row: Row, user: User) -> Iterator[Button]:
    """What only brings forward what the system does by itself."""
    each = row.transmission
    if not user.has_perm(HANDLE):
        return
    if each.state == State.UNKNOWN and handler_of(each).can_look_up(each):
        yield Button(
            _("Look up now"),
            reverse("troubles:look_up", args=[each.pk]),
            is_post=True,
            tone="button-primary",
            title=_("Ask the supplier whether it has it; nothing is sent again"),
        )
    if each.state == State.QUEUED and not why_not_now(each):
        yield Button(
            _("Try now"),
            reverse("troubles:try_now", args=[each.pk]),
            is_post=True,
            title=_("It never reached the supplier, so a try is safe"),
        )


def _of_order(row: Row, order: PurchaseOrder, user: User) -> Iterator[Button]:
    each = row.transmission
    if each.state == State.UNKNOWN:
        yield from _action(order, user, "resolve", _("Settle…"), _SETTLE, knows=True)
        return
    if each.state == State.QUEUED:
        return
    if each.operation == Operation.CANCEL_ORDER:
        yield from _action(order, user, "cancel", _("Cancel again…"))
        yield from _action(order, user, "dismiss", _("It stays ordered…"))
        return
    if each.state == State.FAILED:
        yield from _action(order, user, "send", _("Send again…"), "button-primary")
    if order.is_changeable and user.has_perm("orders.change_purchaseorder"):
        tone = "button-primary" if each.state == State.REFUSED else ""
        yield Button(
            _("Edit the order"),
            f"{row.url}?edit=1",
            tone=tone,
            title=_("A change needs approval again before it is sent"),
        )
    yield from _action(order, user, "cancel", _("Abandon…"), "button-grave")


_SETTLE = "button-primary"


def _action(
    order: PurchaseOrder,
    user: User,
    name: str,
    label: str,
    tone: str = "",
    *,
    knows: bool = False,
) -> Iterator[Button]:
    """An action of the order, unless its state forbids it.

    Args:
        knows: the row itself says that it can be done, so nothing is asked for it.
    """
    action = get_action(name)
    if action.may(user) and (knows or not action.why_not(order, user)):
        address = reverse("admin:orders_purchaseorder_action", args=[order.pk, name])
        yield Button(label, address, tone=tone, title=str(action.summary))


def _of_party(row: Row, user: User) -> Iterator[Button]:
    """The steps of a shop or a customer; all but settling begin on its page."""
    is_shop = isinstance(row.party, ShopRegistration)
    kind = "shop" if is_shop else "customer"
    app = f"{kind}s"
    if row.transmission.state == State.UNKNOWN and user.has_perm(
        f"{app}.resolve_{kind}"
    ):
        party_id = row.party.shop_id if is_shop else row.party.customer_id
        address = reverse(
            f"admin:{app}_{kind}_step",
            args=[party_id, row.transmission.supplier.slug, "settle"],
        )
        yield Button(_("Settle…"), address, tone=_SETTLE)
    if row.transmission.state in (State.REFUSED, State.FAILED):
        label = _("Open the shop") if is_shop else _("Open the customer")
        yield Button(label, row.url, tone="button-primary")

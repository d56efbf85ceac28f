"""Asking about the lines of an order and taking prices over, as actions on it."""

from typing import Any

from procurement.catalogue.checks import (
    check_lines,
    last_check,
    take_prices,
    why_not_check,
    why_not_take,
)
from procurement.catalogue.representation import OrderCheckSerializer
from procurement.money import price_text, round_amount
from procurement.orders.actions import OrderAction
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval
from procurement.texts import gettext_lazy


def _shown_check(order_id: int) -> dict[str, Any]:
    check = last_check(PurchaseOrder.objects.get(pk=order_id))
    return dict(OrderCheckSerializer(check).data)


def _what_it_takes(order: PurchaseOrder) -> str:
    """What taking the prices would do, in words."""
    check = last_check(order)
    if check is None or why_not_take(order):
        return ""
    currency = order.currency
    lines = [
        f"Line {each['position']}, {each['item_number']}: {each['ordered_price']} → "
        f"{each['price']}."
        for each in check.takeable
    ]
    totals = [
        price_text(round_amount(total, currency), currency)
        for total in (check.total_ordered, check.total_now)
    ]
    lines.append(f"The total goes from {totals[0]} to {totals[1]} {currency}.")
    if order.approval in (Approval.APPROVED, Approval.PENDING):
        lines.append("It needs approval again afterwards.")
    return " ".join(lines)


ACTIONS = (
    OrderAction(
        name="check_lines",
        label=gettext_lazy("Check prices and stock"),
        summary=gettext_lazy(
            "Ask the supplier for price and stock of the lines now; the "
            "order stays as it is."
        ),
        permission="refresh_purchaseorder",
        scope="orders:write",
        run=check_lines,
        why_not=lambda order, user: why_not_check(order),
        answer=_shown_check,
        answer_serializer=OrderCheckSerializer,
    ),
    OrderAction(
        name="take_prices",
        label=gettext_lazy("Take the supplier's prices"),
        summary=gettext_lazy("Put the prices of the last check into the order."),
        permission="change_purchaseorder",
        scope="orders:write",
        run=take_prices,
        why_not=lambda order, user: why_not_take(order),
        takes_version=True,
        note=_what_it_takes,
    ),
)
